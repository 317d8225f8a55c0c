//! Rows as they were, to be read forever.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use updraft_kernel::UnixMillis;

use super::checksum::{Algorithm, Checksum};
use super::row::{About, Body, Encryption, Lock, Object, Part, Sum, Upload, Version, WrappedKey};
use super::version_id::VersionId;

/// Before objects had ACLs.
#[derive(Deserialize)]
struct Version2 {
    id: VersionId,
    sequencer: u64,
    at: UnixMillis,
    object: Option<Object2>,
}

#[derive(Deserialize)]
struct Object2 {
    size: u64,
    etag: String,
    body: Body,
    checksum: Option<Checksum>,
    about: About2,
    encryption: Encryption,
    key: Option<WrappedKey>,
    lock: Lock,
}

#[derive(Deserialize)]
struct Upload2 {
    at: UnixMillis,
    about: About2,
    checksum: Option<(Algorithm, Sum)>,
    encryption: Encryption,
    lock: Lock,
}

#[derive(Deserialize)]
struct About2 {
    cache_control: Option<String>,
    content_disposition: Option<String>,
    content_encoding: Option<String>,
    content_language: Option<String>,
    content_type: Option<String>,
    expires: Option<String>,
    redirect: Option<String>,
    storage_class: Option<String>,
    metadata: Vec<(String, String)>,
    tags: Vec<(String, String)>,
}

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
    about: About2,
}

#[derive(Deserialize)]
struct Upload1 {
    at: UnixMillis,
    about: About2,
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
    match version {
        1 => {
            let Version1 { id, sequencer, at, object } = read(body)?;
            Some(Version { id, sequencer, at, object: object.map(plain) })
        }
        2 => {
            let Version2 { id, sequencer, at, object } = read(body)?;
            Some(Version { id, sequencer, at, object: object.map(without_acl) })
        }
        _ => None,
    }
}

fn plain(Object1 { size, etag, body, checksum, about }: Object1) -> Object {
    let (encryption, lock) = (Encryption::None, Lock::default());
    Object { size, etag, body, checksum, about: about.into(), encryption, key: None, lock }
}

fn without_acl(object: Object2) -> Object {
    let Object2 { size, etag, body, checksum, about, encryption, key, lock } = object;
    Object { size, etag, body, checksum, about: about.into(), encryption, key, lock }
}

impl From<About2> for About {
    fn from(about: About2) -> Self {
        Self {
            cache_control: about.cache_control,
            content_disposition: about.content_disposition,
            content_encoding: about.content_encoding,
            content_language: about.content_language,
            content_type: about.content_type,
            expires: about.expires,
            redirect: about.redirect,
            storage_class: about.storage_class,
            metadata: about.metadata,
            tags: about.tags,
            acl: None,
        }
    }
}

/// Of the first: parts that come from now on are encrypted; those that are there stay as they are.
pub(crate) fn upload(version: u8, body: &[u8]) -> Option<Upload> {
    match version {
        1 => {
            let Upload1 { at, about, checksum } = read(body)?;
            let (encryption, lock) = (Encryption::Installation, Lock::default());
            Some(Upload { at, about: about.into(), checksum, encryption, lock })
        }
        2 => {
            let Upload2 { at, about, checksum, encryption, lock } = read(body)?;
            Some(Upload { at, about: about.into(), checksum, encryption, lock })
        }
        _ => None,
    }
}

pub(crate) fn part(version: u8, body: &[u8]) -> Option<Part> {
    let Part1 { size, at, md5, checksum, crc64, blob } = (version == 1).then(|| read(body))??;
    Some(Part { size, at, md5, checksum, crc64, blob, key: None })
}
