//! Instances that are started ahead: what is to be is in the store, and every node sees to its part of it, from its start
//! on and whenever that changes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use updraft_kernel::ports::FunctionSpec;
use updraft_kernel::{AwsError, BoxFuture, Shutdown, Tasks};
use updraft_nodes::Nodes;
use updraft_store::{StoreExt, Topic, Tx};

use crate::keys::{AheadKey, AheadRow, AliasKey, FunctionKey, ProvisionedKey};
use crate::model::name::{FunctionId, Target, Version};
use crate::model::provisioned::{added_up, parts};
use crate::table::second_name;
use crate::{Lambda, table};

/// How long (in real time) to leave a store that fails.
const BROKEN_PAUSE: Duration = Duration::from_secs(1);

/// Touched by every transaction that changes what is to be started ahead; also to be touched by whoever deletes
/// functions' rows without this crate.
#[must_use]
pub fn topic() -> Topic {
    Topic::of(&[b"lambda", b"ahead"])
}

/// Works out anew what the function's provisioned concurrency comes to, after anything that it depends on was changed
/// in this transaction: a configuration, or what an alias stands for.
///
/// # Errors
/// If the store fails.
pub(crate) async fn work_out(tx: &mut Tx, id: &FunctionId) -> Result<(), AwsError> {
    let Some(mut function) = tx.row(&FunctionKey(id)).await? else { return Ok(()) };
    let mut all = Vec::new();
    for (key, provisioning) in table::all::<ProvisionedKey<'_>>(tx, ProvisionedKey::of(id)).await? {
        all.extend(versions_of(tx, id, (&second_name(&key)?, provisioning.count)).await?);
    }
    let ahead = added_up(all);
    if function.ahead == ahead {
        return Ok(());
    }
    let key = AheadKey(id);
    if ahead.is_empty() {
        tx.delete_row(&key);
    } else {
        tx.put_row(&key, &AheadRow)?;
    }
    function.ahead = ahead;
    tx.put_row(&FunctionKey(id), &function)?;
    tx.touch(topic());
    Ok(())
}

/// Of which versions how many of `count` instances are, by a version's number or an alias's name.
///
/// # Errors
/// If the store fails.
pub(crate) async fn versions_of(
    tx: &mut Tx,
    id: &FunctionId,
    (qualifier, count): (&str, u32),
) -> Result<Vec<(Version, u32)>, AwsError> {
    if let Some(version) = Version::parse(Some(qualifier)) {
        return Ok(vec![(version, count)]);
    }
    let alias = tx.row(&AliasKey(id, qualifier)).await?;
    Ok(alias.map(|alias| parts(&alias, count)).unwrap_or_default())
}

/// Goes with its function.
pub(crate) fn forget(tx: &mut Tx, id: &FunctionId) {
    tx.delete_row(&AheadKey(id));
    tx.touch(topic());
}

/// What was asked of this node's runner: by function and version, which instances and how many.
type Asked = BTreeMap<(String, Version), (Arc<FunctionSpec>, u32)>;

impl Lambda {
    /// Sees to the instances that are started ahead, on this node. To be called once.
    pub fn keep_ahead(self: &Arc<Self>, nodes: &Nodes, tasks: &Tasks) {
        let watched = (self.store.watch(topic()), nodes.crew_size());
        tasks.spawn("instances started ahead", run(Arc::clone(self), watched, tasks.shutdown()));
    }

    /// Ends the idle instances of a function after an update or a deletion: some are of what was there before. Where
    /// some are started ahead all are left to their idle time, for those have to stay.
    pub(crate) async fn retire(&self, id: &FunctionId) {
        if self.has_ahead(id).await.unwrap_or(false) {
            return;
        }
        self.runner.retire(&id.account, &id.region, &id.name).await;
        // Of a function that was made anew meanwhile.
        self.again.notify_one();
    }

    /// After a deployment, once it is committed. What is wrong with the function is told to whoever calls it.
    pub(crate) async fn expect(&self, id: &FunctionId) {
        let target = Target { id: id.clone(), qualifier: None };
        let Ok(mut tx) = self.store.read().await else { return };
        if let Ok(prepared) = self.prepare(&mut tx, &target).await {
            self.runner.expect(&prepared.spec);
        }
    }

    async fn has_ahead(&self, id: &FunctionId) -> Result<bool, AwsError> {
        let function = self.store.read().await?.row(&FunctionKey(id)).await?;
        Ok(function.is_some_and(|function| !function.ahead.is_empty()))
    }

    /// Asks for all that is to be, and takes back what is not.
    async fn keep(&self, asked: &mut Asked) -> Result<(), AwsError> {
        let wanted = self.wanted().await?;
        for (key, (spec, _)) in asked.iter().filter(|(key, _)| !wanted.contains_key(*key)) {
            tracing::debug!(function = key.0, version = %key.1, "no instances are started ahead any more");
            self.runner.provision(spec, 0);
        }
        for (spec, count) in wanted.values() {
            self.runner.provision(spec, *count);
        }
        *asked = wanted;
        Ok(())
    }

    async fn wanted(&self) -> Result<Asked, AwsError> {
        let mut tx = self.store.read().await?;
        let mut wanted = Asked::new();
        for (key, _) in table::all::<AheadKey<'_>>(&mut tx, AheadKey::all()).await? {
            // An account that was emptied leaves these keys behind, for they don't begin with it.
            let id = AheadKey::read(&key)?;
            let Some(function) = tx.row(&FunctionKey(&id)).await? else { continue };
            for (version, count) in function.ahead {
                let target = Target { id: id.clone(), qualifier: Some(version.to_string()) };
                let prepared = match self.prepare(&mut tx, &target).await {
                    Ok(prepared) => prepared,
                    Err(err) if err.code().status >= 500 => return Err(err),
                    // One function's trouble is not the others'.
                    Err(err) => {
                        tracing::error!(function = %target.arn(), source = ?err, "its instances can't be started ahead");
                        continue;
                    }
                };
                wanted.insert((id.arn().to_string(), version), (Arc::clone(&prepared.spec), count));
            }
        }
        Ok(wanted)
    }
}

async fn run(
    service: Arc<Lambda>,
    (mut touched, mut crew): (updraft_store::Watch, watch::Receiver<usize>),
    mut shutdown: Shutdown,
) {
    let mut asked = Asked::new();
    loop {
        let pause: BoxFuture<'static, ()> = match service.keep(&mut asked).await {
            Ok(()) => Box::pin(std::future::pending()),
            Err(err) => {
                tracing::error!(source = ?err, "which instances are to be started ahead can't be read; trying again");
                service.clock.pause(BROKEN_PAUSE)
            }
        };
        tokio::select! {
            () = shutdown.requested() => return,
            () = touched.changed() => {}
            Ok(()) = crew.changed() => {}
            () = service.again.notified() => {}
            () = pause => {}
        }
    }
}
