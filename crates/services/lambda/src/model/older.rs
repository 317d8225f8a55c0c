//! What older versions of [`FunctionRow`] and [`VersionRow`] were.

use std::collections::BTreeMap;

use serde::Deserialize;
use updraft_kernel::UnixMillis;

use super::config::{Code, Config, Logging};
use crate::keys::{FunctionRow, VersionRow};

#[derive(Deserialize)]
struct FunctionV1 {
    last_version: u64,
    tags: BTreeMap<String, String>,
    reserved: Option<u32>,
}

pub(crate) fn function(body: &[u8]) -> Option<FunctionRow> {
    let FunctionV1 { last_version, tags, reserved } = postcard::from_bytes(body).ok()?;
    Some(FunctionRow { last_version, tags, reserved, ahead: BTreeMap::new() })
}

#[derive(Deserialize)]
struct VersionV1 {
    revision: String,
    deployment: String,
    modified: UnixMillis,
    config: ConfigV1,
}

#[derive(Deserialize)]
struct ConfigV1 {
    runtime: String,
    handler: String,
    role: String,
    description: String,
    timeout_secs: u32,
    memory_mb: u32,
    ephemeral_mb: u32,
    environment: Option<BTreeMap<String, String>>,
    tracing_active: bool,
    architecture: String,
    logging: Logging,
    snap_start: bool,
    kms_key: Option<String>,
    code: Code,
}

/// What came after a row of version 1, in version 2.
#[derive(Deserialize)]
struct VersionV2 {
    version_1: VersionV1,
    dead_letter: Option<String>,
}

/// `None`: no such version was ever written, or `body` isn't of it.
pub(crate) fn version(version: u8, body: &[u8]) -> Option<VersionRow> {
    let (old, dead_letter) = match version {
        1 => (postcard::from_bytes(body).ok()?, None),
        2 => {
            let VersionV2 { version_1, dead_letter } = postcard::from_bytes(body).ok()?;
            (version_1, dead_letter)
        }
        _ => return None,
    };
    let VersionV1 { revision, deployment, modified, config } = old;
    Some(VersionRow { revision, deployment, modified, config: Config { dead_letter, ..upgraded(config) } })
}

fn upgraded(old: ConfigV1) -> Config {
    Config {
        runtime: old.runtime,
        handler: old.handler,
        role: old.role,
        description: old.description,
        timeout_secs: old.timeout_secs,
        memory_mb: old.memory_mb,
        ephemeral_mb: old.ephemeral_mb,
        environment: old.environment,
        tracing_active: old.tracing_active,
        architecture: old.architecture,
        logging: old.logging,
        snap_start: old.snap_start,
        kms_key: old.kms_key,
        code: old.code,
        dead_letter: None,
        durable: None,
    }
}
