//! 1 KiB append + fdatasync; many callers share one sync, as every good log does.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use crate::load::Took;

const RECORD: [u8; 1024] = [7; 1024];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    /// The file grows with each append, so that its length is synced too.
    Growing,
    /// Written before, so that only data is synced.
    Preallocated,
}

/// # Errors
/// If the disk refuses.
pub(crate) fn append(folder: &Path, callers: usize, each: usize, space: Space) -> Result<Took> {
    let path = folder.join("log");
    let mut file = File::create(&path)?;
    if space == Space::Preallocated {
        file.write_all(&vec![0; RECORD.len() * callers * each])?;
        file.sync_all()?;
        file.seek(SeekFrom::Start(0))?;
    }
    let took = if callers == 1 { alone(file, each) } else { together(file, callers, each) };
    std::fs::remove_file(&path)?;
    took
}

fn alone(mut file: File, count: usize) -> Result<Took> {
    let begun = Instant::now();
    let mut each = Vec::with_capacity(count);
    for _ in 0..count {
        let started = Instant::now();
        file.write_all(&RECORD)?;
        file.sync_data()?;
        each.push(started.elapsed());
    }
    Ok(Took { each, wall: begun.elapsed() })
}

/// One committer syncs for whoever waits; callers are threads that wait for their own append.
fn together(file: File, callers: usize, count: usize) -> Result<Took> {
    let (requests, waiting) = channel::<Sender<()>>();
    let committer = thread::spawn(move || commit(file, &waiting));
    let begun = Instant::now();
    let threads: Vec<_> = (0..callers)
        .map(|_| {
            let requests = requests.clone();
            thread::spawn(move || caller(&requests, count))
        })
        .collect();
    drop(requests);
    let mut each = Vec::new();
    for thread in threads {
        each.extend(thread.join().map_err(|_| anyhow!("a caller panicked"))??);
    }
    let wall = begun.elapsed();
    committer.join().map_err(|_| anyhow!("the committer panicked"))??;
    Ok(Took { each, wall })
}

fn caller(requests: &Sender<Sender<()>>, count: usize) -> Result<Vec<Duration>> {
    let (done, answer) = channel();
    (0..count)
        .map(|_| {
            let started = Instant::now();
            requests.send(done.clone())?;
            answer.recv()?;
            Ok(started.elapsed())
        })
        .collect()
}

fn commit(mut file: File, waiting: &Receiver<Sender<()>>) -> Result<()> {
    while let Ok(first) = waiting.recv() {
        let batch: Vec<_> = std::iter::once(first).chain(waiting.try_iter()).collect();
        file.write_all(&RECORD.repeat(batch.len()))?;
        file.sync_data()?;
        for caller in batch {
            caller.send(())?;
        }
    }
    Ok(())
}
