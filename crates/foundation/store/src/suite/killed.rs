//! Killed at any moment, a store that keeps data has all that it acknowledged, and no half of anything.
//!
//! What is killed is the test's own program in a second process, told to run the test that [`work`]s.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use updraft_kernel::{RngExt, SeededRng};

use super::*;
use crate::row::{Key, Row};
use crate::tx::StoreExt;

const CALLERS: u64 = 8;
const CYCLES: u64 = 6;
const FOLDER: &str = "UPDRAFT_TEST_CRASH_FOLDER";

/// Two rows that are written together, each with the other's value.
struct Twin {
    id: u64,
    side: u8,
}

#[derive(PartialEq, serde::Serialize, serde::Deserialize)]
struct Value(u64, Vec<u8>);

impl Row for Value {
    const VERSION: u8 = 1;
}

impl Key for Twin {
    type Row = Value;
    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::TEST).u8(self.side).u64(self.id).build()
    }
}

/// Writes until it is killed. Each id goes to standard output once its commit has answered.
pub async fn work(open: impl AsyncFn(&Path) -> Result<Subject>) {
    #[expect(clippy::disallowed_methods, reason = "a test's process has no other way to be told")]
    let folder = std::env::var(FOLDER).unwrap();
    let store = open(Path::new(&folder)).await.unwrap();
    let last = last_id(&*store).await;
    let callers = (0..CALLERS).map(|caller| load(&*store, last + 1 + caller));
    futures_util::future::join_all(callers).await;
}

async fn load(store: &dyn Store, first: u64) {
    for id in (first..).step_by(usize::try_from(CALLERS).unwrap()) {
        let mut tx = store.write().await.unwrap();
        for side in [0, 1] {
            let padding = vec![7; usize::try_from(id % 900).unwrap()];
            tx.put_row(&Twin { id, side }, &Value(id, padding)).unwrap();
        }
        tx.commit().await.unwrap();
        let mut out = std::io::stdout();
        writeln!(out, "ack {id}").unwrap();
    }
}

async fn last_id(store: &dyn Store) -> u64 {
    let range = KeyBuilder::new(tags::TEST).u8(1).prefix_range();
    let mut tx = store.read().await.unwrap();
    let page = tx.rows::<Twin>(range, ScanOptions::limit(1).reversed()).await.unwrap();
    page.rows.first().map_or(0, |(_, value)| value.0)
}

fn spawn(test: &str, folder: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]).env(FOLDER, folder);
    command.stdout(Stdio::piped()).spawn().unwrap()
}

/// Lets a process work until it has acknowledged `enough`, kills it, and gives all that it acknowledged.
fn acknowledged_until_killed(test: &str, folder: &Path, enough: u64) -> Vec<u64> {
    let mut child = spawn(test, folder);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(std::io::Result::ok);
    let mut acknowledged = Vec::new();
    let mut left = enough;
    for line in lines {
        acknowledged.extend(line.strip_prefix("ack ").and_then(|id| id.parse::<u64>().ok()));
        left = left.saturating_sub(1);
        if left == 0 {
            child.kill().unwrap();
            left = u64::MAX;
        }
    }
    child.wait().unwrap();
    acknowledged
}

/// `test` is the name of the one that works.
pub async fn what_was_acknowledged_survives_being_killed(
    test: &str,
    folder: &Path,
    open: impl AsyncFn(&Path) -> Result<Subject>,
) {
    let rng = SeededRng::new(5);
    let mut acknowledged = Vec::new();
    for cycle in 0..CYCLES {
        let enough = 20 + rng.below(400);
        let more = acknowledged_until_killed(test, folder, enough);
        assert!(!more.is_empty(), "cycle {cycle} did nothing");
        acknowledged.extend(more);
        check(&open(folder).await.unwrap(), &acknowledged).await;
    }
}

async fn check(store: &Subject, acknowledged: &[u64]) {
    let mut tx = store.read().await.unwrap();
    for id in acknowledged {
        assert!(tx.row(&Twin { id: *id, side: 0 }).await.unwrap().is_some(), "{id} was acknowledged and lost");
    }
    for id in 1..=last_id(&**store).await + CALLERS {
        let twins = [tx.row(&Twin { id, side: 0 }).await.unwrap(), tx.row(&Twin { id, side: 1 }).await.unwrap()];
        assert!(twins[0] == twins[1], "half of {id} is there");
    }
    store.close().await.unwrap();
}
