//! What the clients of the store workload do: a pure function of (client, step), so that whoever looks at the store
//! later knows what should be there.

use std::collections::BTreeMap;

use bytes::Bytes;
use updraft_kernel::{Rng, RngExt, SeededRng};
use updraft_store::{Durability, KeyRange};

/// How many clients work at once, and how many steps each does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Script {
    pub(crate) clients: usize,
    pub(crate) steps: usize,
}

/// One transaction. All of it happens, or nothing.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) changes: Vec<Change>,
    /// Moves an amount between two accounts, reading both.
    pub(crate) transfer: Transfer,
    /// Added to a counter without reading it.
    pub(crate) counted: i64,
    /// Appended to the log that is ordered by commit versions.
    pub(crate) appends: bool,
    pub(crate) durability: Durability,
}

#[derive(Clone, Debug)]
pub(crate) enum Change {
    Put(Bytes, Bytes),
    Delete(Bytes),
    Clear(KeyRange),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Transfer {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) amount: i64,
}

/// Keys a client uses, so that most are written several times.
const KEYS: u64 = 24;
pub(crate) const ACCOUNTS: u64 = 5;

/// Every key of the workload begins so.
const ALL: u8 = 0xe0;

impl Script {
    /// What the client does at this step, counted from 1.
    pub(crate) fn step(client: usize, step: usize) -> Step {
        let rng = SeededRng::new((client as u64) << 32 | step as u64);
        let mut changes = vec![Change::Put(step_key(client), Bytes::from(step.to_string()))];
        for _ in 0..=rng.below(3) {
            changes.push(change(client, &rng));
        }
        let from = rng.below(ACCOUNTS);
        let to = (from + 1 + rng.below(ACCOUNTS - 1)) % ACCOUNTS;
        let amount = i64::try_from(rng.below(100)).unwrap_or(0);
        let durability = if rng.below(4) == 0 { Durability::Relaxed } else { Durability::Durable };
        let appends = rng.below(3) == 0;
        Step { changes, transfer: Transfer { from, to, amount }, counted: amount - 40, appends, durability }
    }

    /// The client's own rows after each number of steps, beginning with none.
    pub(crate) fn history(client: usize, steps: usize) -> Vec<Rows> {
        let mut history = vec![Rows::new()];
        for step in 1..=steps {
            let mut rows = history.last().cloned().unwrap_or_default();
            Self::step(client, step).changes.into_iter().for_each(|change| change.apply(&mut rows));
            history.push(rows);
        }
        history
    }
}

pub(crate) type Rows = BTreeMap<Bytes, Bytes>;

impl Change {
    fn apply(self, rows: &mut Rows) {
        match self {
            Self::Put(key, value) => drop(rows.insert(key, value)),
            Self::Delete(key) => drop(rows.remove(&key)),
            Self::Clear(range) => rows.retain(|key, _| !range.contains(key)),
        }
    }
}

fn change(client: usize, rng: &SeededRng) -> Change {
    let number = rng.below(KEYS);
    match rng.below(10) {
        0 => Change::Clear(KeyRange::new(row_key(client, number), row_key(client, number + 4))),
        1 | 2 => Change::Delete(row_key(client, number)),
        _ => Change::Put(row_key(client, number), value(rng)),
    }
}

/// Mostly small; some of several pages. Not to be compressed.
fn value(rng: &SeededRng) -> Bytes {
    let len = if rng.below(8) == 0 { 4_000 + rng.below(9_000) } else { 40 + rng.below(500) };
    let mut bytes = vec![0; usize::try_from(len).unwrap_or(0)];
    rng.fill(&mut bytes);
    bytes.into()
}

fn key(name: &str) -> Bytes {
    [&[ALL], name.as_bytes()].concat().into()
}

pub(crate) fn all() -> KeyRange {
    KeyRange::new(key(""), vec![ALL + 1])
}

pub(crate) fn rows_of(client: usize) -> KeyRange {
    KeyRange::new(key(&format!("client/{client}/")), key(&format!("client/{client}0")))
}

fn row_key(client: usize, number: u64) -> Bytes {
    key(&format!("client/{client}/{number:03}"))
}

/// How far the client is, kept with each step.
pub(crate) fn step_key(client: usize) -> Bytes {
    key(&format!("client/{client}/step"))
}

pub(crate) fn account_key(number: u64) -> Bytes {
    key(&format!("account/{number}"))
}

pub(crate) fn counter_key() -> Bytes {
    key("counter")
}

/// Written by whoever opens the store after a power cut, to see that it still can be.
pub(crate) fn again_key() -> Bytes {
    key("opened/")
}

/// Followed by the version and the name of who appended.
pub(crate) fn log_key() -> Bytes {
    key("log/")
}

pub(crate) fn log_suffix(client: usize, step: usize) -> Bytes {
    Bytes::from(format!("{client}/{step}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_does_everything_a_store_can() {
        let steps: Vec<_> = (1..60).map(|step| Script::step(0, step)).collect();
        let some = |test: fn(&Change) -> bool| steps.iter().flat_map(|step| &step.changes).any(test);
        assert!(some(|change| matches!(change, Change::Delete(_))));
        assert!(some(|change| matches!(change, Change::Clear(_))));
        assert!(steps.iter().any(|step| step.appends));
        assert!(steps.iter().any(|step| step.durability == Durability::Relaxed));
        assert!(steps.iter().all(|step| step.transfer.from != step.transfer.to));
    }

    #[test]
    fn a_client_never_touches_anothers_rows() {
        for client in 0..12 {
            let rows = Script::history(client, 40).pop().unwrap();
            assert!(rows.keys().all(|key| rows_of(client).contains(key) && all().contains(key)));
        }
        assert!(!rows_of(1).contains(&step_key(11)));
    }
}
