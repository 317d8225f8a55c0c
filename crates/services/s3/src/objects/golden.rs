//! What lies on disks, byte by byte: may never change.

use std::fmt::Debug;

use updraft_kernel::UnixMillis;
use updraft_store::{Row, decode_row};

use super::acl::{Acl, Granted, To, What};
use super::checksum::{Algorithm, Checksum};
use super::row::{
    About, Body, Bytes, Encryption, Lock, Mode, Named, NamedBy, Object, Part, Parts, Retention, Sum, Upload, Version,
    WrappedKey,
};
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
    let (encryption, lock) = (Encryption::None, Lock::default());
    Object { size: 300, etag: "e".into(), body, checksum: Some(checksum), about, encryption, key: None, lock }
}

fn wrapped(master: Option<u32>) -> WrappedKey {
    WrappedKey { master, salt: [3; 16], key: [4; 32], tag: [5; 16] }
}

fn encrypted(body: Body) -> Object {
    let retention = Some(Retention { mode: Mode::Compliance, until: UnixMillis(2) });
    let lock = Lock { retention, hold: Some(true) };
    Object { encryption: Encryption::Customer([6; 16]), key: Some(wrapped(Some(1))), lock, ..object(body) }
}

/// What an older version wrote.
fn older<R: Row + PartialEq + Debug>(row: &R, bytes: &[u8]) {
    assert_eq!(decode_row::<R>(b"", bytes).unwrap(), *row);
}

#[test]
fn golden_versions() {
    let version = |id, object| Version { id, sequencer: 300, at: UnixMillis(1), object };
    golden(&version(VersionId::Null, None), r"\x03\x00\xac\x02\x02\x00");
    golden(
        &version(VersionId::Foreign { order: 300, chance: [7; 16] }, None),
        r"\x03\x02\xac\x02\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\xac\x02\x02\x00",
    );
    golden(
        &version(VersionId::Chance([7; 16]), Some(encrypted(Body::Inline))),
        r"\x03\x01\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\xac\x02\x02\x01\xac\x02\x01e\x00\x01\x02\x08\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x00\x00\x00\x00\x01\x01t\x00\x00\x00\x01\x01a\x01b\x01\x01k\x01v\x00\x02\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x01\x01\x01\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x01\x01\x04\x01\x01",
    );
    let plain = |body| version(VersionId::Null, Some(object(body)));
    golden(
        &plain(Body::Blob("b".into())),
        r"\x03\x00\xac\x02\x02\x01\xac\x02\x01e\x01\x01b\x01\x02\x08\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x00\x00\x00\x00\x01\x01t\x00\x00\x00\x01\x01a\x01b\x01\x01k\x01v\x00\x00\x00\x00\x00",
    );
    let parts = Parts { upload: "u".into(), count: 2, stride: Some(300) };
    let of_parts = Object { encryption: Encryption::Installation, ..object(Body::Parts(parts)) };
    golden(
        &version(VersionId::Null, Some(of_parts)),
        r"\x03\x00\xac\x02\x02\x01\xac\x02\x01e\x02\x01u\x02\x01\xac\x02\x01\x02\x08\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x00\x00\x00\x00\x01\x01t\x00\x00\x00\x01\x01a\x01b\x01\x01k\x01v\x00\x01\x00\x00\x00",
    );
    let granted = |to, what| Granted { to, what };
    let grants = vec![granted(To::User("u".into()), What::FullControl), granted(To::Group("g".into()), What::WriteAcp)];
    let mut shared = object(Body::Inline);
    shared.about.acl = Some(Acl { owner: Some("1".into()), grants: Some(grants) });
    golden(
        &version(VersionId::Null, Some(shared)),
        r"\x03\x00\xac\x02\x02\x01\xac\x02\x01e\x00\x01\x02\x08\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x00\x00\x00\x00\x01\x01t\x00\x00\x00\x01\x01a\x01b\x01\x01k\x01v\x01\x01\x011\x01\x02\x00\x01u\x00\x01\x01g\x04\x00\x00\x00\x00",
    );
}

#[test]
fn versions_before_they_had_acls() {
    let version = |id, object| Version { id, sequencer: 300, at: UnixMillis(1), object };
    older(&version(VersionId::Null, None), b"\x02\x00\xac\x02\x02\x00");
    older(
        &version(VersionId::Foreign { order: 300, chance: [7; 16] }, None),
        b"\x02\x02\xac\x02\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\xac\x02\x02\x00",
    );
    older(
        &version(VersionId::Chance([7; 16]), Some(encrypted(Body::Inline))),
        b"\x02\x01\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\xac\x02\x02\x01\xac\x02\x01e\x00\x01\x02\x08\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x00\x00\x00\x00\x01\x01t\x00\x00\x00\x01\x01a\x01b\x01\x01k\x01v\x02\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x01\x01\x01\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x01\x01\x04\x01\x01",
    );
    let plain = |body| version(VersionId::Null, Some(object(body)));
    older(
        &plain(Body::Blob("b".into())),
        b"\x02\x00\xac\x02\x02\x01\xac\x02\x01e\x01\x01b\x01\x02\x08\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x00\x00\x00\x00\x01\x01t\x00\x00\x00\x01\x01a\x01b\x01\x01k\x01v\x00\x00\x00\x00",
    );
    let parts = Parts { upload: "u".into(), count: 2, stride: Some(300) };
    let of_parts = Object { encryption: Encryption::Installation, ..object(Body::Parts(parts)) };
    older(
        &version(VersionId::Null, Some(of_parts)),
        b"\x02\x00\xac\x02\x02\x01\xac\x02\x01e\x02\x01u\x02\x01\xac\x02\x01\x02\x08\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x00\x00\x00\x00\x01\x01t\x00\x00\x00\x01\x01a\x01b\x01\x01k\x01v\x01\x00\x00\x00",
    );
}

#[test]
fn versions_as_they_were() {
    let version = |id, object| Version { id, sequencer: 300, at: UnixMillis(1), object };
    older(&version(VersionId::Null, None), b"\x01\x00\xac\x02\x02\x00");
    older(
        &version(VersionId::Chance([7; 16]), Some(object(Body::Inline))),
        b"\x01\x01\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\xac\x02\x02\x01\xac\x02\x01e\x00\x01\x02\x08\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x00\x00\x00\x00\x01\x01t\x00\x00\x00\x01\x01a\x01b\x01\x01k\x01v",
    );
    older(
        &version(VersionId::Null, Some(object(Body::Blob("b".into())))),
        b"\x01\x00\xac\x02\x02\x01\xac\x02\x01e\x01\x01b\x01\x02\x08\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x00\x00\x00\x00\x01\x01t\x00\x00\x00\x01\x01a\x01b\x01\x01k\x01v",
    );
    let parts = Parts { upload: "u".into(), count: 2, stride: Some(300) };
    older(
        &version(VersionId::Null, Some(object(Body::Parts(parts)))),
        b"\x01\x00\xac\x02\x02\x01\xac\x02\x01e\x02\x01u\x02\x01\xac\x02\x01\x02\x08\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x00\x00\x00\x00\x01\x01t\x00\x00\x00\x01\x01a\x01b\x01\x01k\x01v",
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
    let upload = |encryption, lock| {
        let checksum = Some((Algorithm::Sha256, Sum::Parts));
        Upload { at: UnixMillis(1), about: About::default(), checksum, encryption, lock }
    };
    golden(
        &upload(Encryption::Installation, Lock::default()),
        r"\x03\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x04\x01\x01\x00\x00",
    );
    let until = UnixMillis(2);
    let lock = Lock { retention: Some(Retention { mode: Mode::Governance, until }), hold: Some(false) };
    golden(
        &upload(Encryption::Customer([6; 16]), lock),
        r"\x03\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x04\x01\x02\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x01\x00\x04\x01\x00",
    );
    let part = Part {
        size: 300,
        at: UnixMillis(1),
        md5: [3; 16],
        checksum: Checksum::new(Algorithm::Crc32, vec![1; 4]),
        crc64: [2; 8],
        blob: "b".into(),
        key: Some(wrapped(None)),
    };
    golden(
        &part,
        r"\x02\xac\x02\x02\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x00\x04\x01\x01\x01\x01\x00\x02\x02\x02\x02\x02\x02\x02\x02\x01b\x01\x00\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05",
    );
}

#[test]
fn uploads_before_they_had_acls() {
    let upload = |encryption, lock| {
        let checksum = Some((Algorithm::Sha256, Sum::Parts));
        Upload { at: UnixMillis(1), about: About::default(), checksum, encryption, lock }
    };
    older(
        &upload(Encryption::Installation, Lock::default()),
        b"\x02\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x04\x01\x01\x00\x00",
    );
    let until = UnixMillis(2);
    let lock = Lock { retention: Some(Retention { mode: Mode::Governance, until }), hold: Some(false) };
    older(
        &upload(Encryption::Customer([6; 16]), lock),
        b"\x02\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x04\x01\x02\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x01\x00\x04\x01\x00",
    );
}

#[test]
fn uploads_as_they_were() {
    let upload = |checksum| {
        let (encryption, lock) = (Encryption::Installation, Lock::default());
        Upload { at: UnixMillis(1), about: About::default(), checksum, encryption, lock }
    };
    older(&upload(None), b"\x01\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00");
    older(
        &upload(Some((Algorithm::Sha256, Sum::Parts))),
        b"\x01\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x04\x01",
    );
    let part = Part {
        size: 300,
        at: UnixMillis(1),
        md5: [3; 16],
        checksum: Checksum::new(Algorithm::Crc32, vec![1; 4]),
        crc64: [2; 8],
        blob: "b".into(),
        key: None,
    };
    older(
        &part,
        b"\x01\xac\x02\x02\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x00\x04\x01\x01\x01\x01\x00\x02\x02\x02\x02\x02\x02\x02\x02\x01b",
    );
}
