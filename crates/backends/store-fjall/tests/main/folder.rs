//! Folders that can't be opened say why.

use updraft_store::embedded::{EmbeddedStore, Engine};
use updraft_store::{KeyBuilder, StoreError, tags};
use updraft_store_fjall::{FjallEngine, FjallOptions, open};

#[test]
fn a_newer_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let engine = FjallEngine::open(folder.path(), FjallOptions::default()).unwrap();
    let key = KeyBuilder::new(tags::META).str("format").build();
    engine.apply(vec![(key, Some(b"\x01\x63\x03new"[..].into()))], true).unwrap();
    drop(engine);
    let err = open(folder.path(), FjallOptions::default()).unwrap_err();
    assert!(matches!(err, StoreError::NewerFormat { found: 99, known: 1 }), "{err}");
}

#[test]
fn damaged_files_are_called_corrupt() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path(), FjallOptions::default()).unwrap());
    std::fs::OpenOptions::new().write(true).truncate(true).open(folder.path().join("version")).unwrap();
    let err = open(folder.path(), FjallOptions::default()).unwrap_err();
    assert!(matches!(err, StoreError::Corrupt { .. }), "{err:?}");
}

#[test]
fn a_folder_that_cant_be_made_is_an_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let err = open(&file.path().join("below"), FjallOptions::default()).unwrap_err();
    assert!(matches!(err, StoreError::Engine(_)), "{err:?}");
}

#[test]
fn the_engine_is_let_go_when_the_store_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..5 {
        let engine = FjallEngine::open(folder.path(), FjallOptions::default()).unwrap();
        drop(EmbeddedStore::open(engine).unwrap());
    }
}
