//! What a body costs without a server: its hashes and the disk.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use md5::Md5;
use sha2::{Digest, Sha256};

/// Each written to a file of its own and synced, with the hashes that S3 must have computed.
pub(super) fn writes(folder: &Path, bytes: usize, count: usize) -> Result<Vec<Duration>> {
    let body = vec![b'x'; bytes];
    (0..count)
        .map(|n| {
            let started = Instant::now();
            std::hint::black_box((Md5::digest(&body), Sha256::digest(&body)));
            let mut file = File::create(folder.join(format!("body-{n}")))?;
            file.write_all(&body)?;
            file.sync_all()?;
            Ok(started.elapsed())
        })
        .collect()
}

/// What [`writes`] wrote last, from the page cache, with the hash by which a reader knows that it is what was written: ours
/// are told by their cipher.
pub(super) fn reads(folder: &Path, bytes: usize, count: usize) -> Result<Vec<Duration>> {
    (0..count)
        .map(|n| {
            let started = Instant::now();
            let body = fs::read(folder.join(format!("body-{n}")))?;
            std::hint::black_box(Md5::digest(&body));
            anyhow::ensure!(body.len() == bytes, "a file isn't whole");
            Ok(started.elapsed())
        })
        .collect()
}
