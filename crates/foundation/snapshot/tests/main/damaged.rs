//! Files that aren't what was written.

use updraft_snapshot::SnapshotError;

use crate::support::{Place, row, verified};

/// Small, with every kind of frame.
async fn small() -> Vec<u8> {
    let place = Place::mem();
    place.put(&[row("a", "1"), row("b", "2")]).await;
    place.keep("blob").await;
    place.keep("").await;
    place.snapshot().await
}

/// Where each frame begins, and the end of the last.
fn frames(file: &[u8]) -> Vec<usize> {
    let mut starts = vec![16];
    while let Some(head) = starts.last().and_then(|at| file.get(at + 9..at + 13)) {
        let stored = u32::from_be_bytes(head.try_into().unwrap());
        starts.push(starts.last().unwrap() + 17 + usize::try_from(stored).unwrap());
    }
    assert_eq!(starts.last(), Some(&file.len()));
    starts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_flipped_bit_is_found() {
    let file = small().await;
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut bad = file.clone();
            bad[at] ^= 1 << bit;
            assert!(verified(&bad).await.is_err(), "bit {bit} of byte {at}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_other_byte_is_found() {
    let file = small().await;
    for at in 0..file.len() {
        for other in [0x00, 0x01, 0x7F, 0xFF] {
            let mut bad = file.clone();
            bad[at] = other;
            assert!(bad == file || verified(&bad).await.is_err(), "byte {at} as {other}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_cut_off_anywhere_is_refused_as_cut_off() {
    let file = small().await;
    for len in 0..file.len() {
        let err = verified(&file[..len]).await.unwrap_err();
        assert!(matches!(err, SnapshotError::Truncated { at } if at <= u64::try_from(len).unwrap()), "{len}: {err}");
    }
    let err = verified(&file[..file.len() - 1]).await.unwrap_err();
    assert!(err.to_string().contains("cut off"), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_changed_places_repeat_or_lack_are_refused() {
    let file = small().await;
    let starts = frames(&file);
    let frame = |n: usize| &file[starts[n]..starts[n + 1]];
    let count = starts.len() - 1;
    let build = |order: &[usize]| {
        let mut out = file[..16].to_vec();
        order.iter().for_each(|n| out.extend_from_slice(frame(*n)));
        out
    };
    let whole: Vec<usize> = (0..count).collect();
    assert_eq!(build(&whole), file);
    for n in 0..count - 1 {
        let (mut swapped, mut lacking, mut twice) = (whole.clone(), whole.clone(), whole.clone());
        swapped.swap(n, n + 1);
        lacking.remove(n);
        twice.insert(n, n);
        for order in [swapped, lacking, twice] {
            let err = verified(&build(&order)).await.unwrap_err();
            assert!(err.to_string().contains("stands where frame"), "{order:?}: {err}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_follows_the_end_is_refused() {
    let mut file = small().await;
    file.push(0);
    let err = verified(&file).await.unwrap_err();
    assert!(err.to_string().contains("follows its end"), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_format_is_refused_by_its_number() {
    let mut file = small().await;
    file[13] = 2;
    let err = verified(&file).await.unwrap_err();
    assert_eq!(err.to_string(), "the snapshot is of format 2, and this updraft reads up to 1; use the newer one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_kind_of_file_is_no_snapshot() {
    for file in [&b"#!/bin/sh\n"[..], b"PK\x03\x04 and so on, longer than a preamble", &[0; 64]] {
        assert!(matches!(verified(file).await, Err(SnapshotError::Foreign)), "{file:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_file_changes_nothing_where_it_was_to_go() {
    let mut file = small().await;
    let last = file.len() - 1;
    file[last] ^= 1;
    let there = Place::mem();
    there.restore(&file).await.unwrap_err();
    assert_eq!(there.listing().await, (Vec::new(), Vec::new()));
    there.restore(&small().await).await.unwrap();
}
