//! Looks after all mappings, on each node: those that are enabled are polled, the others not; and what was asked for
//! comes to rest.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::{AwsError, BoxFuture, Shutdown};
use updraft_store::{StoreExt, run};

use super::{delete, put, source_of, topic};
use crate::Lambda;
use crate::keys::{MappingKey, MappingRow, OwnerKey, OwnerRow};
use crate::model::mapping::Phase;
use crate::table;

/// How long (in real time) to leave a store that fails.
const BROKEN_PAUSE: Duration = Duration::from_secs(1);

/// What is polled here.
#[derive(Debug)]
struct Begun {
    revision: u64,
    /// The source's ARN.
    source: String,
}

#[derive(Debug)]
pub(crate) struct Keeper {
    lambda: Arc<Lambda>,
    /// By UUID.
    begun: HashMap<String, Begun>,
}

impl Keeper {
    pub(crate) fn new(lambda: Arc<Lambda>) -> Self {
        Self { lambda, begun: HashMap::new() }
    }

    /// Works until shutdown.
    pub(crate) async fn run(mut self, mut shutdown: Shutdown) {
        let mut touched = self.lambda.store.watch(topic());
        loop {
            let looked = tokio::select! {
                () = shutdown.requested() => return,
                looked = self.round() => looked,
            };
            let pause: BoxFuture<'static, ()> = match looked {
                Ok(()) => Box::pin(std::future::pending()),
                Err(err) => {
                    tracing::error!(error = ?err, "event source mappings can't be looked after; trying again");
                    self.lambda.clock.pause(BROKEN_PAUSE)
                }
            };
            tokio::select! {
                () = shutdown.requested() => return,
                () = touched.changed() => {}
                () = pause => {}
            }
        }
    }

    /// A look at every mapping.
    async fn round(&mut self) -> Result<(), AwsError> {
        let mut tx = self.lambda.store.read().await?;
        let owners = table::all::<OwnerKey<'_>>(&mut tx, OwnerKey::all()).await?;
        let mut known = Vec::with_capacity(owners.len());
        for (key, owner) in owners {
            let uuid = OwnerKey::uuid(&key)?;
            // An account that was emptied leaves the owners' rows behind, for they don't begin with it.
            let row = tx.row(&MappingKey(&owner.account, &owner.region, &uuid)).await?;
            known.extend(row.map(|row| (uuid, owner, row)));
        }
        drop(tx);
        let gone = |uuid: &String| !known.iter().any(|(other, ..)| other == uuid);
        let gone: Vec<String> = self.begun.keys().filter(|uuid| gone(uuid)).cloned().collect();
        for uuid in gone {
            self.stop(&uuid).await;
        }
        for (uuid, owner, row) in known {
            self.look_after(&uuid, &owner, &row).await?;
        }
        Ok(())
    }

    async fn look_after(&mut self, uuid: &str, owner: &OwnerRow, row: &MappingRow) -> Result<(), AwsError> {
        let mut problem = None;
        if row.enabled && row.phase != Phase::Deleting {
            if self.begun.get(uuid).is_none_or(|begun| begun.revision != row.revision) {
                problem = self.begin(uuid, owner, row).await?.err();
            }
        } else {
            self.stop(uuid).await;
        }
        if row.phase.is_settled() { Ok(()) } else { self.settle(uuid, owner, row.revision, problem).await }
    }

    async fn begin(&mut self, uuid: &str, owner: &OwnerRow, row: &MappingRow) -> Result<Result<(), String>, AwsError> {
        let mapping = Arc::new(row.mapping(owner, uuid)?);
        let source = source_of(&row.config()?);
        let Some((_, port)) = self.lambda.sources.of(&source) else {
            return Ok(Err(format!("PROBLEM: nobody polls {source} here")));
        };
        let begun = port.begin(&mapping).await;
        self.begun.insert(uuid.to_owned(), Begun { revision: row.revision, source });
        Ok(begun)
    }

    async fn stop(&mut self, uuid: &str) {
        let Some(begun) = self.begun.remove(uuid) else { return };
        if let Some((_, port)) = self.lambda.sources.of(&begun.source) {
            port.stop(uuid).await;
        }
    }

    /// Unless it was changed meanwhile, or another node was first.
    async fn settle(
        &self,
        uuid: &str,
        owner: &OwnerRow,
        revision: u64,
        problem: Option<String>,
    ) -> Result<(), AwsError> {
        let (of, problem) = ((&owner.account, &owner.region), &problem);
        run(&*self.lambda.store, |mut tx| async move {
            let Some(mut row) = tx.row(&MappingKey(of.0, of.1, uuid)).await? else { return Ok(()) };
            if row.revision != revision || row.phase.is_settled() {
                return Ok(());
            }
            if row.phase == Phase::Deleting {
                delete(&mut tx, of, uuid, &row)?;
            } else {
                row.phase = if row.enabled { Phase::Enabled } else { Phase::Disabled };
                if problem.is_some() {
                    row.result.clone_from(problem);
                }
                put(&mut tx, of, uuid, &row)?;
            }
            tx.commit().await?;
            Ok(())
        })
        .await
    }
}
