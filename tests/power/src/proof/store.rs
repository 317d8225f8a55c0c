//! What must be true of the store workload's data after a power cut.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use updraft_store::{KeyRange, ScanOptions, Store, StoreExt};

use super::{Plan, Subject, block_on};
use crate::workload::{
    ACCOUNTS, Engine, Line, Rows, Script, account_key, again_key, all, counter_key, log_key, log_suffix, number,
    rows_of, step_key, store_folder,
};

pub(crate) struct StoreSubject {
    engine: Engine,
    /// What each client's rows should be after each number of steps.
    histories: Vec<Vec<Rows>>,
}

/// The version under which each client's step appended to the log.
type Log = BTreeMap<(usize, usize), u64>;

/// What each client was told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Promises {
    clients: BTreeMap<usize, Client>,
    /// Lines heard.
    now: usize,
    /// The highest version of what must survive. A relaxed commit's may be given again when it is lost.
    version: u64,
    /// Relaxed commits that nothing durable has followed yet: when they were told, by whom, which step.
    loose: Vec<(usize, usize, usize)>,
    /// The version of each step that was acknowledged.
    versions: BTreeMap<(usize, usize), u64>,
}

#[derive(Clone, Debug, Default)]
struct Client {
    /// The last step it began, and when.
    tried: (usize, usize),
    /// The last step that must survive.
    safe: usize,
}

impl Promises {
    fn hear(&mut self, line: &Line) {
        self.now += 1;
        match *line {
            Line::Try { client, step } => self.clients.entry(client).or_default().tried = (step, self.now),
            Line::Durable { client, step, version } => {
                self.versions.insert((client, step), version);
                let began = self.clients.get(&client).map_or(0, |client| client.tried.1);
                self.secure(began);
                self.is_safe(client, step);
            }
            Line::Relaxed { client, step, version } => {
                self.versions.insert((client, step), version);
                self.loose.push((self.now, client, step));
            }
            _ => {}
        }
    }

    fn is_safe(&mut self, client: usize, step: usize) {
        self.version = self.version.max(self.versions.get(&(client, step)).copied().unwrap_or(0));
        let client = self.clients.entry(client).or_default();
        client.safe = client.safe.max(step);
    }

    /// A commit that began at this moment is durable, and with it what was committed before.
    fn secure(&mut self, began: usize) {
        let (before, after): (Vec<_>, Vec<_>) = self.loose.drain(..).partition(|(at, ..)| *at < began);
        self.loose = after;
        before.into_iter().for_each(|(_, client, step)| self.is_safe(client, step));
    }
}

#[derive(Debug)]
pub(crate) struct Found {
    /// How many steps of each client are there.
    reached: Vec<usize>,
    /// The versions under which steps appended to the log.
    log: Log,
    /// The version of the first commit afterwards.
    next_version: u64,
}

impl StoreSubject {
    pub(crate) fn new(plan: Plan) -> Self {
        let histories = (0..plan.clients).map(|client| Script::history(client, plan.steps)).collect();
        Self { engine: plan.engine, histories }
    }

    async fn open_twice(&self, folder: &Path) -> Result<Found> {
        let store = self.engine.open(&store_folder(folder)).context("opening it")?;
        let rows = scan(&*store, all()).await?;
        let (reached, log) = self.check(&rows)?;
        let mut tx = store.write().await?;
        tx.raw().put_versioned(again_key(), Bytes::new(), Bytes::new());
        let next_version = tx.commit().await.context("writing after the power cut")?.0;
        store.close().await?;
        drop(store);
        let store = self.engine.open(&store_folder(folder)).context("opening it again")?;
        let mut again = scan(&*store, all()).await?;
        let key = Bytes::from([&again_key()[..], &next_version.to_be_bytes()].concat());
        ensure!(again.remove(&key).is_some(), "what was written after the power cut is lost");
        ensure!(again == rows, "opening it again changed it");
        store.close().await?;
        Ok(Found { reached, log, next_version })
    }

    /// Every row is as if exactly the first steps of each client had happened, whole.
    fn check(&self, rows: &Rows) -> Result<(Vec<usize>, Log)> {
        let mut left = rows.clone();
        let mut reached = Vec::new();
        for (client, history) in self.histories.iter().enumerate() {
            let steps = rows
                .get(&step_key(client))
                .map_or(Ok(0), |text| std::str::from_utf8(text)?.parse::<usize>().map_err(anyhow::Error::from))?;
            let expected = history.get(steps).context("a step that isn't in the script")?;
            let range = rows_of(client);
            let mine: Rows =
                rows.range(range.start.clone()..range.end.clone()).map(|(k, v)| (k.clone(), v.clone())).collect();
            ensure!(
                mine == *expected,
                "client {client}'s rows are not those of its step {steps}: {}",
                difference(&mine, expected)
            );
            left.retain(|key, _| !range.contains(key));
            reached.push(steps);
        }
        self.check_sums(&reached, &mut left)?;
        let log = self.check_log(&reached, &mut left)?;
        ensure!(left.is_empty(), "{} rows that nobody wrote: {:?}", left.len(), left.keys().next());
        Ok((reached, log))
    }

    /// The accounts and the counter hold what exactly these steps make of them.
    fn check_sums(&self, reached: &[usize], left: &mut Rows) -> Result<()> {
        let (mut accounts, mut counter) = (BTreeMap::new(), 0);
        for (client, steps) in reached.iter().enumerate() {
            for step in (1..=*steps).map(|step| Script::step(client, step)) {
                *accounts.entry(step.transfer.from).or_insert(0) -= step.transfer.amount;
                *accounts.entry(step.transfer.to).or_insert(0) += step.transfer.amount;
                counter += step.counted;
            }
        }
        for account in 0..ACCOUNTS {
            let held = left.remove(&account_key(account)).map_or(0, |bytes| number(&bytes));
            let expected = accounts.get(&account).copied().unwrap_or(0);
            ensure!(held == expected, "account {account} holds {held} instead of {expected}");
        }
        let counted = left.remove(&counter_key()).map_or(0, |bytes| number(&bytes));
        ensure!(counted == counter, "the counter is {counted} instead of {counter}");
        Ok(())
    }

    /// Each step that appends is in the log once, a client's in order.
    fn check_log(&self, reached: &[usize], left: &mut Rows) -> Result<Log> {
        let appended = left.extract_if(.., |key, _| key.starts_with(&log_key()));
        let mut by_name = BTreeMap::new();
        for (key, _) in appended {
            let Some((version, name)) = key.get(log_key().len()..).and_then(<[u8]>::split_first_chunk::<8>) else {
                bail!("a key of the log without a version: {key:?}")
            };
            ensure!(by_name.insert(name.to_vec(), u64::from_be_bytes(*version)).is_none(), "a step appended twice");
        }
        let mut log = BTreeMap::new();
        for (client, steps) in reached.iter().enumerate() {
            let mut last = 0;
            for step in (1..=*steps).filter(|step| Script::step(client, *step).appends) {
                let version = by_name.remove(&log_suffix(client, step)[..]);
                let version = version.with_context(|| format!("client {client}'s step {step} isn't in the log"))?;
                ensure!(version > last, "client {client}'s steps are not in order in the log");
                last = version;
                log.insert((client, step), version);
            }
        }
        ensure!(by_name.is_empty(), "the log holds steps that didn't happen");
        Ok(log)
    }
}

impl Subject for StoreSubject {
    type Promises = Promises;
    type Found = Found;

    fn promise(&self, promises: &mut Promises, line: &str) -> Result<()> {
        promises.hear(&line.parse()?);
        Ok(())
    }

    fn recover(&self, folder: &Path) -> Result<Found> {
        block_on(self.open_twice(folder))
    }

    fn judge(&self, found: &Found, promises: &Promises) -> Result<()> {
        for (client, reached) in found.reached.iter().enumerate() {
            let told = promises.clients.get(&client).cloned().unwrap_or_default();
            ensure!(*reached >= told.safe, "client {client}'s step {} was acknowledged, {reached} is there", told.safe);
            ensure!(*reached <= told.tried.0, "client {client}'s step {reached} is there before it was tried");
        }
        for (step, version) in &found.log {
            let told = promises.versions.get(step).unwrap_or(version);
            ensure!(version == told, "step {step:?} was told version {told} and has {version}");
        }
        let (next, last) = (found.next_version, promises.version);
        ensure!(next > last, "after version {last} was told, version {next} was given");
        Ok(())
    }
}

/// Every row of the range.
pub(crate) async fn scan(store: &dyn Store, range: KeyRange) -> Result<Rows> {
    let mut tx = store.read().await?;
    let options = ScanOptions::limit(1_000_000).max_bytes(1 << 30);
    Ok(tx.raw().scan(range, options).await.context("reading it")?.rows.into_iter().collect())
}

fn difference(found: &Rows, expected: &Rows) -> String {
    let missing = expected.iter().find(|(key, value)| found.get(*key) != Some(*value));
    let extra = found.keys().find(|key| !expected.contains_key(*key));
    format!("first missing or different {:?}, first extra {extra:?}", missing.map(|(key, _)| key))
}
