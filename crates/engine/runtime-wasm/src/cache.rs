//! Compiled code on disk, so that a component is compiled once and not by each process of the platform.
//!
//! Loading it is running it: so a file is believed only if it is whole, and the folder is the platform's own, which
//! functions don't see.
#![expect(clippy::disallowed_methods, reason = "the engine owns the folder of compiled code")]

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use wasmtime::component::Component;
use wasmtime::{Engine, Result};

/// Of what follows it, in bytes.
const SUM: usize = 32;

#[derive(Debug)]
pub(crate) struct Cache {
    /// Of this engine's: others can't load what is in it.
    folder: Option<PathBuf>,
}

impl Cache {
    /// Makes the folder, and removes what other versions have left.
    pub(crate) fn new(root: &Path, engine: &Engine) -> Self {
        let folder = root.join(compatibility(engine));
        let made = fs::create_dir_all(&folder).and_then(|()| sweep(root, &folder));
        let made = made.inspect_err(|error| tracing::warn!(%error, "compiled code can't be kept"));
        Self { folder: made.is_ok().then_some(folder) }
    }

    /// The component in this file, compiled now or before. Blocking.
    pub(crate) fn load(&self, engine: &Engine, file: &Path) -> Result<Component> {
        let bytes = fs::read(file)?;
        let Some(kept) = self.folder.as_ref().map(|folder| folder.join(name(&bytes))) else {
            return Component::from_binary(engine, &bytes);
        };
        if let Some(component) = read(engine, &kept) {
            return Ok(component);
        }
        let component = Component::from_binary(engine, &bytes)?;
        let written = component.serialize().and_then(|code| Ok(write(&kept, &code)?));
        if let Err(error) = written {
            tracing::warn!(%error, "compiled code couldn't be kept");
        }
        Ok(component)
    }
}

fn name(bytes: &[u8]) -> String {
    format!("{}.compiled", updraft_kernel::hex(&Sha256::digest(bytes)))
}

/// Of everything that compiled code depends on: the compiler, its settings, the processor.
fn compatibility(engine: &Engine) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn sweep(root: &Path, ours: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        if path != ours {
            fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}

/// `None`: it isn't there, or isn't whole, or isn't for this engine.
fn read(engine: &Engine, kept: &Path) -> Option<Component> {
    let bytes = fs::read(kept).ok()?;
    let (sum, code) = bytes.split_at_checked(SUM)?;
    if Sha256::digest(code).as_slice() != sum {
        tracing::warn!(file = %kept.display(), "compiled code is damaged, and is compiled again");
        return None;
    }
    #[expect(unsafe_code, reason = "compiled code can't be checked, only believed")]
    // SAFETY: the bytes are whole, as this program has written them, in a folder that only its user can write to; the
    // engine checks by itself that they are of its own version and settings.
    let loaded = unsafe { Component::deserialize(engine, code) };
    loaded.inspect_err(|error| tracing::warn!(%error, "compiled code is compiled again")).ok()
}

/// Whole or not there. Not synced: what a power cut damages isn't believed.
fn write(kept: &Path, code: &[u8]) -> io::Result<()> {
    let partial = kept.with_extension(format!("{}.partial", std::process::id()));
    fs::write(&partial, [Sha256::digest(code).as_slice(), code].concat())?;
    fs::rename(partial, kept)
}
