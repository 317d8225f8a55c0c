//! Any head as a request to be routed: never a panic.
#![no_main]

use http::{HeaderMap, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use updraft_gateway::route::{Head, Route};

fuzz_target!(|input: (&str, &str, &[u8], &[u8], &[u8])| {
    let (path, query, host, target, form) = input;
    let mut headers = HeaderMap::new();
    for (name, value) in [("host", host), ("x-amz-target", target), ("smithy-protocol", target)] {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    }
    for scope in [None, Some("s3"), Some("execute-api")] {
        let head = Head { method: &Method::POST, path, query, headers: &headers, scope };
        std::hint::black_box(Route::of(&head, Some(form)));
    }
});
