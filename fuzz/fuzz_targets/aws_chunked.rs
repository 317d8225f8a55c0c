//! Any bytes as an aws-chunked body, in pieces of any size: never a panic, and never more out than was declared.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use updraft_sigv4::{ChunkDecoder, PayloadMode};

fuzz_target!(|input: (u16, u8, &[u8])| {
    let (declared, piece, bytes) = input;
    let mode = PayloadMode::StreamingSigned { trailer: piece % 2 == 0 };
    let mut decoder = ChunkDecoder::new(mode, u64::from(declared), None);
    let mut out = BytesMut::new();
    for part in bytes.chunks(usize::from(piece).max(1)) {
        if decoder.push(part, &mut out).is_err() {
            return;
        }
        assert!(out.len() <= usize::from(declared), "more than was declared");
    }
    if decoder.finish().is_ok() {
        assert_eq!(out.len(), usize::from(declared), "another length than was declared");
    }
});
