//! Looks after all pipes, on each node: those that run are polled for, the others not; and what was asked for comes to
//! rest.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use updraft_api_pipes::types::{DescribePipeOutput, DynamoDBStreamStartPosition, PipeSourceDynamoDBStreamParameters};
use updraft_kernel::ports::{Mapping, Source, StartingPosition, StreamReading};
use updraft_kernel::{Arn, AwsError, BoxFuture, Ctx, Identity, RequestId, RngExt, Shutdown};
use updraft_store::{StoreExt, run};

use crate::keys::{Owner, OwnerKey};
use crate::model::check::patterns;
use crate::model::pipe::{Phase, Pipe, Wanted};
use crate::model::target::Kind;
use crate::run::SERVICE;
use crate::{Pipes, table, view};

/// How long (in real time) to leave a store that fails.
const BROKEN_PAUSE: Duration = Duration::from_secs(1);

/// AWS: records of a batch of a stream, where nothing was said.
const STREAM_BATCH: u32 = 100;

/// What is polled here.
#[derive(Debug)]
struct Begun {
    revision: u64,
    /// The service in the source's ARN.
    source: String,
}

#[derive(Debug)]
pub(crate) struct Keeper {
    pipes: Arc<Pipes>,
    /// By the pipe's id.
    begun: HashMap<String, Begun>,
}

impl Keeper {
    pub(crate) fn new(pipes: Arc<Pipes>) -> Self {
        Self { pipes, begun: HashMap::new() }
    }

    /// Works until shutdown.
    pub(crate) async fn run(mut self, mut shutdown: Shutdown) {
        let mut touched = self.pipes.parts.store.watch(table::topic());
        loop {
            let looked = tokio::select! {
                () = shutdown.requested() => return,
                looked = self.round() => looked,
            };
            let pause: BoxFuture<'static, ()> = match looked {
                Ok(()) => Box::pin(std::future::pending()),
                Err(err) => {
                    tracing::error!(error = ?err, "pipes can't be looked after; trying again");
                    self.pipes.parts.clock.pause(BROKEN_PAUSE)
                }
            };
            tokio::select! {
                () = shutdown.requested() => return,
                () = touched.changed() => {}
                () = pause => {}
            }
        }
    }

    /// A look at every pipe.
    async fn round(&mut self) -> Result<(), AwsError> {
        let mut tx = self.pipes.parts.store.read().await?;
        let mut known = Vec::new();
        for (_, owner) in table::all::<OwnerKey<'_>>(&mut tx, OwnerKey::all()).await? {
            // An account that was emptied leaves the owners' rows behind, for they don't begin with it.
            let pipe = tx.row(&owner.key()).await?;
            known.extend(pipe.map(|pipe| (owner, pipe)));
        }
        drop(tx);
        let gone = |id: &&String| !known.iter().any(|(_, pipe)| pipe.id == **id);
        let gone: Vec<String> = self.begun.keys().filter(gone).cloned().collect();
        for id in gone {
            self.stop(&id).await;
        }
        for (owner, pipe) in known {
            self.look_after(&owner, &pipe).await?;
        }
        Ok(())
    }

    async fn look_after(&mut self, owner: &Owner, pipe: &Pipe) -> Result<(), AwsError> {
        let mut problem = None;
        if pipe.runs() {
            if self.begun.get(&pipe.id).is_none_or(|begun| begun.revision != pipe.revision) {
                problem = self.begin(owner, pipe).await?.err();
            }
        } else {
            self.stop(&pipe.id).await;
        }
        if problem.is_some() {
            self.stop(&pipe.id).await;
        }
        if pipe.phase.is_settled() { Ok(()) } else { self.settle(owner, pipe, problem).await }
    }

    /// The inner error is what stands in the way, for `StateReason`.
    async fn begin(&mut self, owner: &Owner, pipe: &Pipe) -> Result<Result<(), String>, AwsError> {
        let mapping = match mapping(owner, pipe)? {
            Ok(mapping) => Arc::new(mapping),
            Err(reason) => return Ok(Err(reason)),
        };
        let Some(port) = self.pipes.source(&mapping.source.service) else {
            return Ok(Err(format!("updraft does not run pipes from {} yet", mapping.source)));
        };
        // A pipe that was settled has been checked, and waits for a source that is gone.
        if !pipe.phase.is_settled() {
            let source = Source { arn: &mapping.source, role: &mapping.function, timeout: Duration::ZERO };
            match port.check(&self.cx(owner), source).await {
                Err(err) if err.code().status >= 500 => return Err(err),
                Err(err) => return Ok(Err(err.message().to_owned())),
                Ok(()) => {}
            }
        }
        let begun = port.begin(&mapping).await;
        let source = mapping.source.service.clone();
        self.begun.insert(pipe.id.clone(), Begun { revision: pipe.revision, source });
        Ok(begun)
    }

    fn cx(&self, owner: &Owner) -> Ctx {
        let parts = &self.pipes.parts;
        Ctx {
            identity: Arc::new(Identity::service(owner.account.clone(), SERVICE)),
            account: owner.account.clone(),
            region: owner.region.clone(),
            request_id: RequestId::new(parts.rng.uuid()),
            clock: Arc::clone(&parts.clock),
            rng: Arc::clone(&parts.rng),
            endpoint: "".into(),
            trace: None,
            source_ip: None,
            via: None,
        }
    }

    async fn stop(&mut self, id: &str) {
        let Some(begun) = self.begun.remove(id) else { return };
        if let Some(port) = self.pipes.source(&begun.source) {
            port.stop(id).await;
        }
    }

    /// Unless it was changed meanwhile, or another node was first.
    async fn settle(&self, owner: &Owner, seen: &Pipe, problem: Option<String>) -> Result<(), AwsError> {
        let problem = &problem;
        run(&*self.pipes.parts.store, |mut tx| async move {
            let Some(mut pipe) = tx.row(&owner.key()).await? else { return Ok(()) };
            if (&pipe.id, pipe.revision) != (&seen.id, seen.revision) || pipe.phase.is_settled() {
                return Ok(());
            }
            if pipe.phase == Phase::Deleting {
                table::delete(&mut tx, owner, &pipe);
            } else {
                pipe.reason = problem.as_ref().map(|reason| told(reason));
                pipe.phase = match (problem, pipe.wanted) {
                    (Some(_), _) => pipe.phase.failed(),
                    (None, Wanted::Running) => Phase::Running,
                    (None, _) => Phase::Stopped,
                };
                table::put(&mut tx, owner, &pipe)?;
            }
            tx.commit().await?;
            Ok(())
        })
        .await
    }
}

/// AWS: 512 characters at most, behind these words.
fn told(reason: &str) -> String {
    format!("Input parameter is invalid from the request due to : {reason}").chars().take(512).collect()
}

/// A pipe as whoever polls knows it: as if it were a function. The inner error is why nobody can run it.
fn mapping(owner: &Owner, pipe: &Pipe) -> Result<Result<Mapping, String>, AwsError> {
    let config = pipe.config()?;
    let source = config.source.as_deref().unwrap_or_default();
    let Ok(source) = Arn::parse(source) else {
        return Ok(Err(format!("updraft does not run pipes from {source} yet")));
    };
    for (what, arn) in [("through", &config.enrichment), ("to", &config.target)] {
        let Some(Ok(arn)) = arn.as_deref().map(Arn::parse) else { continue };
        let kind = Kind::of(&arn);
        if kind == Kind::Other || (what == "through" && !kind.enriches()) {
            return Ok(Err(format!("updraft does not run pipes {what} {arn} yet")));
        }
    }
    let parameters = config.source_parameters.as_ref();
    let (batch, window) = batches(&config);
    let table = parameters.and_then(|given| given.dynamo_db_stream_parameters.as_ref());
    Ok(Ok(Mapping {
        uuid: pipe.id.clone(),
        revision: pipe.revision,
        account: owner.account.clone(),
        region: owner.region.clone(),
        source,
        function: view::arn_of(owner),
        batch,
        window,
        filters: patterns(parameters),
        reports_failures: true,
        max_concurrency: None,
        counts: false,
        stream: table.map(reading),
    }))
}

/// AWS: -1 is no limit.
fn number(value: Option<i32>) -> Option<u32> {
    value.and_then(|value| u32::try_from(value).ok())
}

/// How large batches are, and how long they are gathered.
fn batches(config: &DescribePipeOutput) -> (u32, Duration) {
    let parameters = config.source_parameters.as_ref();
    let queue = parameters.and_then(|given| given.sqs_queue_parameters.as_ref());
    let table = parameters.and_then(|given| given.dynamo_db_stream_parameters.as_ref());
    let (batch, window) = match table {
        Some(table) => {
            let most = config.enrichment.iter().chain(&config.target).filter_map(|arn| Arn::parse(arn).ok());
            let most = most.map(|arn| u32::try_from(Kind::of(&arn).most()).unwrap_or(u32::MAX)).min();
            let batch = number(table.batch_size).unwrap_or(STREAM_BATCH);
            (batch.min(most.unwrap_or(batch)), table.maximum_batching_window_in_seconds)
        }
        None => (
            number(queue.and_then(|queue| queue.batch_size)).unwrap_or(1),
            queue.and_then(|queue| queue.maximum_batching_window_in_seconds),
        ),
    };
    (batch, Duration::from_secs(number(window).unwrap_or_default().into()))
}

fn reading(table: &PipeSourceDynamoDBStreamParameters) -> StreamReading {
    let latest = table.starting_position == DynamoDBStreamStartPosition::Latest;
    StreamReading {
        from: if latest { StartingPosition::Latest } else { StartingPosition::TrimHorizon },
        parallel: number(table.parallelization_factor).unwrap_or(1),
        bisect: table.on_partial_batch_item_failure.is_some(),
        max_age: number(table.maximum_record_age_in_seconds).map(|seconds| Duration::from_secs(seconds.into())),
        max_retries: number(table.maximum_retry_attempts),
        tumbling: None,
        on_failure: table.dead_letter_config.as_ref().and_then(|to| to.arn.clone()),
    }
}
