//! Rows as they were, to be read forever.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use updraft_kernel::UnixMillis;

use super::checksum::{Algorithm, Checksum};
use super::row::{About, Body, Encryption, Lock, Object, Part, Sum, Upload, Version};
use super::version_id::VersionId;

/// Before anything was encrypted or locked.
#[derive(Deserialize)]
struct Version1 {
    id: VersionId,
    sequencer: u64,
    at: UnixMillis,
    object: Option<Object1>,
}

#[derive(Deserialize)]
struct Object1 {
    size: u64,
    etag: String,
    body: Body,
    checksum: Option<Checksum>,
    about: About,
}

#[derive(Deserialize)]
struct Upload1 {
    at: UnixMillis,
    about: About,
    checksum: Option<(Algorithm, Sum)>,
}

#[derive(Deserialize)]
struct Part1 {
    size: u64,
    at: UnixMillis,
    md5: [u8; 16],
    checksum: Checksum,
    crc64: [u8; 8],
    blob: String,
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    postcard::from_bytes(body).ok()
}

pub(crate) fn version(version: u8, body: &[u8]) -> Option<Version> {
    let Version1 { id, sequencer, at, object } = (version == 1).then(|| read(body))??;
    Some(Version { id, sequencer, at, object: object.map(plain) })
}

fn plain(Object1 { size, etag, body, checksum, about }: Object1) -> Object {
    Object { size, etag, body, checksum, about, encryption: Encryption::None, key: None, lock: Lock::default() }
}

/// Parts that come from now on are encrypted; those that are there stay as they are.
pub(crate) fn upload(version: u8, body: &[u8]) -> Option<Upload> {
    let Upload1 { at, about, checksum } = (version == 1).then(|| read(body))??;
    Some(Upload { at, about, checksum, encryption: Encryption::Installation, lock: Lock::default() })
}

pub(crate) fn part(version: u8, body: &[u8]) -> Option<Part> {
    let Part1 { size, at, md5, checksum, crc64, blob } = (version == 1).then(|| read(body))??;
    Some(Part { size, at, md5, checksum, crc64, blob, key: None })
}
