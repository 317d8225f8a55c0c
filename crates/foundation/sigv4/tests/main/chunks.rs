//! `aws-chunked` bodies: S3's published example, and what clients do without signatures.

use bytes::BytesMut;
use updraft_kernel::ports::SecretKey;
use updraft_sigv4::{Body, ChunkDecoder, ChunkError, PayloadMode, Verified, parse};

use crate::world::{Request, at};

type Decoded = Result<(Vec<u8>, Vec<(String, String)>), ChunkError>;

/// Feeds the body in pieces of `step` bytes.
fn decode(mut decoder: ChunkDecoder, body: &[u8], step: usize) -> Decoded {
    let mut out = BytesMut::new();
    for piece in body.chunks(step) {
        decoder.push(piece, &mut out)?;
    }
    Ok((out.to_vec(), decoder.finish()?))
}

/// The seed request of S3's example of a chunked upload: 65 KiB of `a` in two chunks.
fn published_seed() -> Verified {
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
        SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;\
        x-amz-decoded-content-length;x-amz-storage-class,\
        Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    let headers = [
        ("host", "s3.amazonaws.com"),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("authorization", authorization),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
        ("content-length", "66824"),
    ];
    seed(&headers)
}

fn seed(headers: &[(&str, &str)]) -> Verified {
    let request = Request::new("PUT", "/examplebucket/chunkObject.txt", "", headers);
    let secret = SecretKey("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into());
    let claim = parse(&request.parts()).unwrap();
    claim.verify(&secret, &request.parts(), Body::Streamed, at("20130524T000000Z")).unwrap()
}

fn published_body() -> Vec<u8> {
    let chunks = [
        (65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
        (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
        (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
    ];
    framed(&chunks)
}

fn framed(chunks: &[(usize, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for &(size, signature) in chunks {
        body.extend(format!("{size:x};chunk-signature={signature}\r\n").bytes());
        body.extend(vec![b'a'; size]);
        body.extend(b"\r\n");
    }
    body
}

fn signed() -> ChunkDecoder {
    ChunkDecoder::new(PayloadMode::StreamingSigned { trailer: false }, 66_560, published_seed().chunks)
}

#[test]
fn the_published_upload_is_decoded_however_it_arrives() {
    let body = published_body();
    assert_eq!(body.len(), 66_824);
    for step in [1, 7, 1000, body.len()] {
        let (out, trailers) = decode(signed(), &body, step).unwrap();
        assert_eq!(out, vec![b'a'; 66_560]);
        assert_eq!(trailers, []);
    }
}

#[test]
fn a_changed_byte_in_a_signed_chunk_is_noticed() {
    for position in [100, 65_536, 66_000] {
        let mut body = published_body();
        body[position] = b'b';
        let refused = decode(signed(), &body, 4096).unwrap_err();
        assert!(matches!(refused, ChunkError::Signature { .. }), "{position}: {refused}");
        assert_eq!(refused.to_aws().code().name, "SignatureDoesNotMatch");
    }
}

#[test]
fn every_chunk_has_to_be_signed() {
    let unsigned = decode(signed(), b"1\r\na\r\n0\r\n\r\n", 5).unwrap_err();
    assert_eq!(unsigned, ChunkError::Malformed("a chunk isn't signed"));
}

fn unsigned(length: u64) -> ChunkDecoder {
    ChunkDecoder::new(PayloadMode::StreamingUnsigned, length, None)
}

#[test]
fn trailers_are_given_back() {
    let body = b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\nX-Other: 1\r\n\r\n";
    for step in [1, 3, body.len()] {
        let (out, trailers) = decode(unsigned(11), body, step).unwrap();
        assert_eq!(out, b"hello world");
        let expected = [("x-amz-checksum-crc32", "DUoRhQ=="), ("x-other", "1")];
        assert_eq!(trailers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}

/// S3's published example of the same upload with a signed trailer.
fn published_trailer(chunk: usize) -> (ChunkDecoder, Vec<u8>) {
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
        SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;\
        x-amz-storage-class;x-amz-trailer,\
        Signature=106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
    let headers = [
        ("host", "s3.amazonaws.com"),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("authorization", authorization),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
        ("x-amz-trailer", "x-amz-checksum-crc32c"),
    ];
    let chunks = [
        (chunk, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"),
        (1024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"),
        (0, "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"),
    ];
    let mut body = framed(&chunks);
    body.truncate(body.len() - 2);
    body.extend(b"x-amz-checksum-crc32c:sOO8/Q==\r\n");
    body.extend(b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n");
    let mode = PayloadMode::StreamingSigned { trailer: true };
    (ChunkDecoder::new(mode, 66_560, seed(&headers).chunks), body)
}

#[test]
fn the_published_trailer_is_verified() {
    let (decoder, body) = published_trailer(65_536);
    let (out, trailers) = decode(decoder, &body, 1000).unwrap();
    assert_eq!(out.len(), 66_560);
    assert_eq!(trailers, [("x-amz-checksum-crc32c".to_owned(), "sOO8/Q==".to_owned())]);
}

#[test]
fn a_changed_or_missing_trailer_is_noticed() {
    let (decoder, body) = published_trailer(65_536);
    let changed = String::from_utf8(body.clone()).unwrap().replace("sOO8", "sOO9");
    assert!(matches!(decode(decoder, changed.as_bytes(), 1000), Err(ChunkError::Signature { .. })));

    let (decoder, _) = published_trailer(65_536);
    let signature = String::from_utf8(body).unwrap();
    let unsigned = format!("{}\r\n", signature.split("x-amz-trailer-signature").next().unwrap());
    assert_eq!(decode(decoder, unsigned.as_bytes(), 1000).unwrap_err(), ChunkError::Trailer);
}

#[test]
fn malformed_bodies_are_refused() {
    let cases: [&[u8]; 11] = [
        b"",
        b"5\r\nhel",
        b"5\r\nhello world\r\n0\r\n\r\n",
        b"-1\r\n",
        b"zz\r\n",
        b"ffffffffffffffffff\r\n",
        b"5\nhello",
        b"5\r\nhello\r\n0\r\nno colon\r\n\r\n",
        b"5\r\nhello\r\n0\r\n\r\nmore",
        b"5\r\nhello\r\n",
        b"ffffffffffffffff\r\n",
    ];
    for body in cases {
        for step in [1, 100] {
            assert!(decode(unsigned(5), body, step).is_err(), "{:?}", String::from_utf8_lossy(body));
        }
    }
    assert!(decode(unsigned(5), &vec![b'a'; 10_000], 100).is_err(), "an endless line");
}

#[test]
fn the_declared_length_holds() {
    let body = b"5\r\nhello\r\n0\r\n\r\n";
    assert!(decode(unsigned(5), body, 3).is_ok());
    assert_eq!(decode(unsigned(4), body, 3).unwrap_err(), ChunkError::Length { declared: 4, actual: 5 });
    assert_eq!(decode(unsigned(6), body, 3).unwrap_err(), ChunkError::Length { declared: 6, actual: 5 });
}
