//! Any Authorization header, date and query as a claim of a signature: never a panic.
#![no_main]

use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use updraft_sigv4::{Parts, parse};

fuzz_target!(|input: (&str, &str, &[u8], &[u8])| {
    let (path, query, authorization, date) = input;
    let mut headers = HeaderMap::new();
    for (name, value) in [("authorization", authorization), ("x-amz-date", date), ("host", b"localhost")] {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    }
    let parts = Parts { method: "GET", raw_path: path, raw_query: query, headers: &headers };
    if let Ok(claim) = parse(&parts) {
        drop(claim.check_scope("s3", None));
    }
});
