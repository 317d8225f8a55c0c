//! Objects: what was acknowledged to be there is there with its bytes, what was acknowledged to be gone is gone, every
//! version stays, and what nobody knows is one of the two.

mod calls;
mod known;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::Mutex;
use updraft_kernel::ports::SecretsPort;
use updraft_kernel::{AwsError, BoxFuture, RngExt, SeededRng};

use self::calls::{Calls, PLAIN, VERSIONED};
use self::known::{Place, answer};
use crate::model::{Model, Step};
use crate::node::Node;
use crate::world::World;

/// Few, so that they are written often.
const KEYS: u64 = 6;
/// One of each that lies in the store, and as a blob.
const LARGE: u64 = 3;

/// The keys of all nodes, which what they write is encrypted with.
#[derive(Debug, Default)]
pub(crate) struct Keys(Mutex<BTreeMap<String, Vec<u8>>>);

impl SecretsPort for Keys {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, AwsError>> {
        let kept = self.0.lock().get(name).cloned();
        Box::pin(std::future::ready(Ok(kept)))
    }

    fn keep<'a>(&'a self, name: &'a str, fresh: Vec<u8>) -> BoxFuture<'a, Result<Vec<u8>, AwsError>> {
        let kept = self.0.lock().entry(name.to_owned()).or_insert(fresh).clone();
        Box::pin(std::future::ready(Ok(kept)))
    }

    fn forget<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), AwsError>> {
        self.0.lock().remove(name);
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Puts, reads, lists and deletes.
#[derive(Default)]
pub(super) struct Objects {
    /// By bucket and key. Of what nobody has asked for there is nothing.
    places: Mutex<BTreeMap<(&'static str, String), Place>>,
    /// Keys that somebody is at work on: only one at a time, or else there were no telling what comes first.
    busy: Arc<Mutex<BTreeSet<(&'static str, String)>>>,
    /// Versions that were acknowledged, and what they hold.
    versions: Mutex<BTreeMap<(String, String), u64>>,
    next: Mutex<u64>,
}

/// A key that one client has for itself.
struct Held {
    busy: Arc<Mutex<BTreeSet<(&'static str, String)>>>,
    what: (&'static str, String),
}

impl Drop for Held {
    fn drop(&mut self) {
        self.busy.lock().remove(&self.what);
    }
}

impl Objects {
    fn hold(&self, rng: &SeededRng) -> Option<Held> {
        let bucket = if rng.below(2) == 0 { PLAIN } else { VERSIONED };
        let what = (bucket, format!("k{}", rng.below(KEYS)));
        let free = self.busy.lock().insert(what.clone());
        free.then(|| Held { busy: Arc::clone(&self.busy), what })
    }

    fn number(&self) -> u64 {
        let mut next = self.next.lock();
        *next += 1;
        *next
    }

    fn place<T>(&self, held: &Held, change: impl FnOnce(&mut Place) -> T) -> T {
        change(self.places.lock().entry(held.what.clone()).or_default())
    }

    /// Writes something new, in one go or in parts, wherever there may be something already, or only where there is nothing.
    async fn put(&self, calls: &Calls<'_>, held: &Held, rng: &SeededRng) -> Result<(), String> {
        let (number, large) = (self.number(), rng.below(LARGE) == 0);
        let (bucket, key) = (held.what.0, held.what.1.as_str());
        self.place(held, |place| place.may_become(Some(number)));
        let only_new = rng.below(4) == 0;
        let done = match rng.below(4) {
            0 if !only_new => calls.put_in_parts(bucket, key, number).await,
            _ => calls.put(bucket, key, (number, large, only_new)).await,
        };
        let told = answer(&done).map_err(|why| format!("putting {number} to {bucket}/{key}: {why}"))?;
        calls.note(format_args!("{number} to {bucket}/{key}: {told:?}"));
        self.place(held, |place| place.told(told, Some(number)))
            .map_err(|why| format!("putting {number} to {bucket}/{key}, only new: {only_new}: {why}"))?;
        if let (Ok(Some(version)), VERSIONED) = (done, bucket) {
            self.versions.lock().insert((key.to_owned(), version), number);
        }
        Ok(())
    }

    async fn delete(&self, calls: &Calls<'_>, held: &Held) -> Result<(), String> {
        let (bucket, key) = (held.what.0, held.what.1.as_str());
        self.place(held, |place| place.may_become(None));
        let told = answer(&calls.delete(bucket, key).await).map_err(|why| format!("deleting {bucket}/{key}: {why}"))?;
        calls.note(format_args!("{bucket}/{key} deleted: {told:?}"));
        self.place(held, |place| place.told(told, None))
    }

    async fn get(&self, calls: &Calls<'_>, held: &Held) -> Result<(), String> {
        let (bucket, key) = (held.what.0, held.what.1.as_str());
        let read = calls.get(bucket, key, None).await;
        calls.note(format_args!("{bucket}/{key} is {read:?}"));
        match read {
            Ok(found) => self.place(held, |place| place.is(found)).map_err(|why| format!("{bucket}/{key}: {why}")),
            Err(error) if error.is_conflict() || error.code().status == 503 => Ok(()),
            Err(error) => Err(format!("reading {bucket}/{key}: {error:?}")),
        }
    }

    /// Whether the listing has what must be there, and nothing that can't: of the keys that nobody is at work on.
    async fn list(&self, calls: &Calls<'_>, bucket: &'static str) -> Result<(), String> {
        let free = |(_, key): &(&str, String), busy: &BTreeSet<(&str, String)>| !busy.contains(&(bucket, key.clone()));
        let before: BTreeMap<String, Place> = {
            let (places, busy) = (self.places.lock(), self.busy.lock());
            let of = places.iter().filter(|(what, _)| what.0 == bucket && free(what, &busy));
            of.map(|((_, key), place)| (key.clone(), place.clone())).collect()
        };
        let Ok(listed) = calls.list(bucket).await else { return Ok(()) };
        let places = self.places.lock();
        for (key, place) in before {
            // Whoever has written it meanwhile may have done so before or after.
            if places.get(&(bucket, key.clone())) != Some(&place) {
                continue;
            }
            place.is_listed(listed.contains(&key)).map_err(|why| format!("the listing and {bucket}/{key}: {why}"))?;
        }
        Ok(())
    }

    async fn one(&self, Step { node, rng }: Step<'_>) -> Result<(), String> {
        let calls = Calls::by(node);
        if rng.below(8) == 0 {
            return self.list(&calls, if rng.below(2) == 0 { PLAIN } else { VERSIONED }).await;
        }
        let Some(held) = self.hold(rng) else { return Ok(()) };
        match rng.below(6) {
            0..=2 => self.put(&calls, &held, rng).await,
            3 => self.delete(&calls, &held).await,
            _ => self.get(&calls, &held).await,
        }
    }

    async fn all(&self, node: &Node) -> Result<(), String> {
        let calls = Calls::by(node);
        let places = self.places.lock().clone();
        for ((bucket, key), mut place) in places {
            let found = calls.get(bucket, &key, None).await.map_err(|error| format!("{bucket}/{key}: {error:?}"))?;
            place.is(found).map_err(|why| format!("in the end {bucket}/{key}: {why}"))?;
        }
        let versions = self.versions.lock().clone();
        for ((key, version), number) in versions {
            let found = calls.get(VERSIONED, &key, Some(version.clone())).await;
            if !matches!(found, Ok(Some(found)) if found == number) {
                return Err(format!("version {version} of {key} is {found:?} and not {number}"));
            }
        }
        for bucket in [PLAIN, VERSIONED] {
            self.list(&calls, bucket).await?;
        }
        Ok(())
    }
}

impl Model for Objects {
    fn name(&self) -> &'static str {
        "objects"
    }

    fn prepare<'a>(&'a self, node: &'a Node) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Err(error) = Calls::by(node).buckets().await {
                node.journal.wrong(format_args!("buckets can't be made: {error:?}"));
            }
        })
    }

    fn step<'a>(&'a self, step: Step<'a>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Err(why) = self.one(step).await {
                step.node.journal.wrong(format_args!("{why} (on {})", step.node.name));
            }
        })
    }

    fn settled<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let Some(node) = world.nodes().into_iter().next() else { return };
            if let Err(why) = self.all(&node).await {
                world.journal.wrong(why);
            }
        })
    }
}
