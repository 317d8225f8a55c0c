//! What lies on disks, byte by byte: may never change.

use updraft_kernel::UnixMillis;

use super::checksum::{Algorithm, Checksum};
use super::row::{About, Body, Bytes, Named, NamedBy, Object, Part, Parts, Sum, Upload, Version};
use super::version_id::VersionId;
use crate::golden::golden;

fn object(body: Body) -> Object {
    let checksum = Checksum { algorithm: Algorithm::Crc64Nvme, value: vec![1; 8], of_parts: Some(2) };
    let about = About {
        content_type: Some("t".into()),
        metadata: vec![("a".into(), "b".into())],
        tags: vec![("k".into(), "v".into())],
        ..About::default()
    };
    Object { size: 300, etag: "e".into(), body, checksum: Some(checksum), about }
}

#[test]
fn golden_versions() {
    let version = |id, object| Version { id, sequencer: 300, at: UnixMillis(1), object };
    golden(&version(VersionId::Null, None), r"\x01\x00\xac\x02\x02\x00");
    golden(
        &version(VersionId::Chance([7; 16]), Some(object(Body::Inline))),
        r"\x01\x01\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\xac\x02\x02\x01\xac\x02\x01e\x00\x01\x02\x08\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x00\x00\x00\x00\x01\x01t\x00\x00\x00\x01\x01a\x01b\x01\x01k\x01v",
    );
    golden(
        &version(VersionId::Null, Some(object(Body::Blob("b".into())))),
        r"\x01\x00\xac\x02\x02\x01\xac\x02\x01e\x01\x01b\x01\x02\x08\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x00\x00\x00\x00\x01\x01t\x00\x00\x00\x01\x01a\x01b\x01\x01k\x01v",
    );
    let parts = Parts { upload: "u".into(), count: 2, stride: Some(300) };
    golden(
        &version(VersionId::Null, Some(object(Body::Parts(parts)))),
        r"\x01\x00\xac\x02\x02\x01\xac\x02\x01e\x02\x01u\x02\x01\xac\x02\x01\x02\x08\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x00\x00\x00\x00\x01\x01t\x00\x00\x00\x01\x01a\x01b\x01\x01k\x01v",
    );
}

#[test]
fn golden_bytes() {
    golden(&Bytes { bytes: bytes::Bytes::from_static(b"ab") }, r"\x01\x02ab");
}

#[test]
fn golden_names_of_blobs() {
    let named = |what| Named { account: "000000000000".into(), number: 300, what };
    golden(&named(NamedBy::Version { key: "k".into(), order: 1 }), r"\x01\x0c000000000000\xac\x02\x00\x01k\x01");
    golden(&named(NamedBy::Part { upload: "u".into(), number: 2 }), r"\x01\x0c000000000000\xac\x02\x01\x01u\x02");
}

#[test]
fn golden_uploads() {
    let upload = |checksum| Upload { at: UnixMillis(1), about: About::default(), checksum };
    golden(&upload(None), r"\x01\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00");
    golden(
        &upload(Some((Algorithm::Sha256, Sum::Parts))),
        r"\x01\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x04\x01",
    );
    let part = Part {
        size: 300,
        at: UnixMillis(1),
        md5: [3; 16],
        checksum: Checksum::new(Algorithm::Crc32, vec![1; 4]),
        crc64: [2; 8],
        blob: "b".into(),
    };
    golden(
        &part,
        r"\x01\xac\x02\x02\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x00\x04\x01\x01\x01\x01\x00\x02\x02\x02\x02\x02\x02\x02\x02\x01b",
    );
}
