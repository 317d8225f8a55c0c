//! What the binary says to data that it can't serve from.

use std::path::Path;
use std::process::{Command, Output};

use bytes::Bytes;
use updraft_store::embedded::{Engine, Snapshot};
use updraft_store::format;
use updraft_store_fjall::{FjallEngine, FjallOptions};

fn engine(data: &Path) -> FjallEngine {
    FjallEngine::open(&data.join("store"), FjallOptions::default()).unwrap()
}

fn write(data: &Path, key: Bytes, value: Bytes) {
    engine(data).apply(vec![(key, Some(value))], true).unwrap();
}

fn start(data: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_updraft"));
    command.args(["start", "--listen", "127.0.0.1:0", "--data"]).arg(data).env_clear().output().unwrap()
}

/// Ends with 1 and one line that holds each of these.
fn refused(data: &Path, words: &[&str]) {
    let done = start(data);
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    for word in words {
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn data_of_a_newer_format_is_refused_with_a_sentence_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    // Version 1 of the row, major 2, created by 9.0.0.
    let newer = Bytes::from_static(b"\x01\x02\x059.0.0");
    write(folder.path(), format::key(), newer.clone());
    let shown = folder.path().canonicalize().unwrap();
    let words = [shown.to_str().unwrap(), "newer updraft", "format 2", "reads up to 1"];
    refused(folder.path(), &words);
    refused(folder.path(), &words);
    let row = engine(folder.path()).snapshot().get(&format::key()).unwrap();
    assert_eq!(row, Some(newer));
}

#[test]
fn data_that_half_a_restore_has_left_are_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), Bytes::from_static(b"\x04\x02restore\0"), Bytes::from_static(b"\x01\0"));
    refused(folder.path(), &["begun and not finished", "empty it, and restore again"]);
}

#[test]
fn damaged_data_are_refused_with_where_to_get_others() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), format::key(), Bytes::from_static(b"\xFF"));
    refused(folder.path(), &["damaged", "restore it from a snapshot"]);
}
