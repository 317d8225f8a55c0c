//! Folders that can't be opened say why; snapshots that outlive much don't hold the file up.

use std::io::Write;

use bytes::Bytes;
use updraft_store::embedded::{Engine, Snapshot};
use updraft_store::{StoreError, format};
use updraft_store_redb::{RedbEngine, RedbOptions, open};

#[test]
fn a_newer_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let engine = RedbEngine::open(folder.path(), RedbOptions::default()).unwrap();
    engine.apply(vec![(format::key(), Some(b"\x01\x63\x03new"[..].into()))], true).unwrap();
    drop(engine);
    let err = open(folder.path(), RedbOptions::default()).unwrap_err();
    assert!(matches!(err, StoreError::NewerFormat { found: 99, .. }), "{err}");
}

#[test]
fn a_file_of_something_else_is_called_corrupt() {
    let folder = tempfile::tempdir().unwrap();
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).open(folder.path().join("rows.redb")).unwrap();
    file.write_all(&[7; 9_000]).unwrap();
    let err = open(folder.path(), RedbOptions::default()).unwrap_err();
    assert!(matches!(err, StoreError::Corrupt { .. }), "{err:?}");
}

#[test]
fn a_folder_that_cant_be_made_is_an_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let err = open(&file.path().join("below"), RedbOptions::default()).unwrap_err();
    assert!(matches!(err, StoreError::Engine(_)), "{err:?}");
}

#[test]
fn an_unsynced_batch_is_seen_at_once_and_kept_by_the_next_sync() {
    let folder = tempfile::tempdir().unwrap();
    let engine = RedbEngine::open(folder.path(), RedbOptions::default()).unwrap();
    let before = engine.snapshot();
    engine.apply(vec![(Bytes::from("k"), Some(Bytes::from("v")))], false).unwrap();
    assert_eq!(before.get(b"k").unwrap(), None);
    assert_eq!(engine.snapshot().get(b"k").unwrap().as_deref(), Some(&b"v"[..]));
    engine.sync().unwrap();
    drop((before, engine));
    let again = RedbEngine::open(folder.path(), RedbOptions::default()).unwrap();
    assert_eq!(again.snapshot().get(b"k").unwrap().as_deref(), Some(&b"v"[..]));
}

#[test]
fn rewriting_one_row_doesnt_grow_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let engine = RedbEngine::open(folder.path(), RedbOptions::default()).unwrap();
    let size = || std::fs::metadata(folder.path().join("rows.redb")).unwrap().len();
    let write = || engine.apply(vec![(Bytes::from("k"), Some(vec![7; 4_000].into()))], true).unwrap();
    (0..50).for_each(|_| write());
    let settled = size();
    (0..500).for_each(|_| write());
    assert!(size() <= settled * 2, "{} bytes after {settled}", size());
}
