//! Any bytes as the body of each of S3's requests that has one in XML: never a panic, never a hang.
#![no_main]

use bytes::Bytes;
use http::{HeaderMap, Method};
use updraft_api_s3::MODEL;
use updraft_wire::codec;
use updraft_wire::http::Request;

/// What is configured of a bucket, by its name in the query.
const CONFIGURATIONS: &[&str] = &[
    "",
    "accelerate",
    "acl",
    "analytics&id=i",
    "cors",
    "encryption",
    "intelligent-tiering&id=i",
    "inventory&id=i",
    "lifecycle",
    "logging",
    "metrics&id=i",
    "notification",
    "object-lock",
    "ownershipControls",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "tagging",
    "versioning",
    "website",
];
const OF_OBJECTS: &[(&Method, &str, &str)] = &[
    (&Method::POST, "/bucket", "delete"),
    (&Method::POST, "/bucket/key", "uploadId=u"),
    (&Method::POST, "/bucket/key", "restore"),
    (&Method::POST, "/bucket/key", "select&select-type=2"),
    (&Method::PUT, "/bucket/key", "acl"),
    (&Method::PUT, "/bucket/key", "legal-hold"),
    (&Method::PUT, "/bucket/key", "retention"),
    (&Method::PUT, "/bucket/key", "tagging"),
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (headers, body) = (HeaderMap::new(), Bytes::copy_from_slice(bytes));
    let of_buckets = CONFIGURATIONS.iter().map(|query| (&Method::PUT, "/bucket", *query));
    for (method, path, query) in of_buckets.chain(OF_OBJECTS.iter().copied()) {
        let request = Request { method, path, query, headers: &headers, body: &body };
        let call = codec::find(&MODEL, &request).expect("each is an operation");
        drop(codec::decode(&call, &request));
    }
});
