//! Event source mappings: kept, found, and known to whoever polls.

mod given_up;
mod keeper;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;
use updraft_api_lambda::shapes;
use updraft_api_lambda::types::{EventSourceMappingConfiguration as Config, EventSourcePosition};
use updraft_kernel::ports::{EventSourcePort, GivenUp, Mapping, MappingsPort, Source, StartingPosition, StreamReading};
use updraft_kernel::{AccountId, Arn, AwsError, BoxFuture, Ctx, Region, Tasks};
use updraft_store::{Topic, Tx, run};
use updraft_wire::{FromValue, IntoValue, typed};

use crate::Lambda;
use crate::errors::not_found;
use crate::keys::{MappedKey, MappedRow, MappingKey, MappingRow, OwnerKey, OwnerRow};
use crate::mappings::keeper::Keeper;
use crate::model::mapping::Kind;
use crate::model::name::FunctionId;
use crate::table::Found;

/// Touched by every transaction that changes a mapping: whoever looks after them looks again.
#[must_use]
pub fn topic() -> Topic {
    Topic::of(&[b"lambda", b"mappings"])
}

/// Who polls what, by the service in the source's ARN.
#[derive(Debug, Default)]
pub(crate) struct Sources(RwLock<HashMap<&'static str, Arc<dyn EventSourcePort>>>);

impl Sources {
    fn of(&self, arn: &str) -> Option<(Arn, Arc<dyn EventSourcePort>)> {
        let arn = Arn::parse(arn).ok()?;
        let port = self.0.read().get(arn.service.as_str()).map(Arc::clone)?;
        Some((arn, port))
    }
}

impl Lambda {
    /// Sources whose ARN is of this service are polled by `port`. Before [`Self::start_polling`].
    pub fn poll_with(&self, service: &'static str, port: Arc<dyn EventSourcePort>) {
        self.sources.0.write().insert(service, port);
    }

    /// Looks after the mappings until shutdown: begins and ends to poll, and settles what was asked for. To be called
    /// once, on every node.
    pub fn start_polling(self: &Arc<Self>, tasks: &Tasks) {
        tasks.spawn("event source mappings", Keeper::new(Arc::clone(self)).run(tasks.shutdown()));
    }

    /// Whether the source of a mapping is there.
    ///
    /// # Errors
    /// In AWS's words, if not.
    pub(crate) async fn check_source(
        &self,
        cx: &Ctx,
        kind: Kind,
        config: &Config,
        function: &Found,
    ) -> Result<(), AwsError> {
        let arn = config.event_source_arn.as_deref().unwrap_or_default();
        let (arn, port) = self.sources.of(arn).ok_or_else(|| kind.missing(arn))?;
        let role = Arn::parse(&function.row.config.role).map_err(AwsError::internal)?;
        let timeout = Duration::from_secs(function.row.config.timeout_secs.into());
        port.check(cx, Source { arn: &arn, role: &role, timeout }).await
    }
}

/// The mapping.
///
/// # Errors
/// AWS's own words for nothing.
pub(crate) async fn find(cx: &Ctx, tx: &mut Tx, uuid: &str) -> Result<MappingRow, AwsError> {
    let missing = || not_found("The resource you requested does not exist.");
    tx.row(&MappingKey(&cx.account, &cx.region, uuid)).await?.ok_or_else(missing)
}

/// Writes a mapping; whoever looks after them is told at the commit.
///
/// # Errors
/// If it can't be encoded.
pub(crate) fn put(
    tx: &mut Tx,
    (account, region): (&AccountId, &Region),
    uuid: &str,
    row: &MappingRow,
) -> Result<(), AwsError> {
    let source = source_of(&row.config()?);
    tx.put_row(&MappingKey(account, region, uuid), row)?;
    let mapped = MappedKey { account, region, function: &row.function, source: &source };
    tx.put_row(&mapped, &MappedRow { uuid: uuid.to_owned() })?;
    tx.put_row(&OwnerKey(uuid), &OwnerRow { account: account.clone(), region: region.clone() })?;
    tx.touch(topic());
    Ok(())
}

/// Removes a mapping.
///
/// # Errors
/// If the row can't be read.
fn delete(tx: &mut Tx, (account, region): (&AccountId, &Region), uuid: &str, row: &MappingRow) -> Result<(), AwsError> {
    let source = source_of(&row.config()?);
    tx.delete_row(&MappedKey { account, region, function: &row.function, source: &source });
    tx.delete_row(&MappingKey(account, region, uuid));
    tx.delete_row(&OwnerKey(uuid));
    Ok(())
}

/// What tells sources apart: the ARN, or where a cluster of one's own is and what is read of it.
pub(crate) fn source_of(config: &Config) -> String {
    config.event_source_arn.clone().unwrap_or_else(|| {
        let endpoints = config.self_managed_event_source.iter().filter_map(|source| source.endpoints.as_ref());
        let endpoints = endpoints.flat_map(|by_type| by_type.values().flatten());
        let all = endpoints.chain(config.topics.iter().flatten()).map(String::as_str);
        all.collect::<Vec<_>>().join(",")
    })
}

impl MappingRow {
    /// What was asked for.
    ///
    /// # Errors
    /// If it isn't what was written.
    pub(crate) fn config(&self) -> Result<Config, AwsError> {
        let document = serde_json::from_str(&self.config).map_err(AwsError::internal)?;
        let value =
            typed::from_json(&shapes::EventSourceMappingConfiguration, &document).map_err(AwsError::internal)?;
        Ok(Config { starting_position_timestamp: self.starting_at, ..Config::from_value(value) })
    }

    pub(crate) fn set_config(&mut self, config: Config) {
        self.starting_at = config.starting_position_timestamp;
        let value = Config { starting_position_timestamp: None, ..config }.into_value();
        self.config = typed::to_json(&shapes::EventSourceMappingConfiguration, &value).to_string();
    }

    /// The function's ARN, with the qualifier where one was named.
    pub(crate) fn function_arn(&self, account: &AccountId, region: &Region) -> Arn {
        FunctionId { account: account.clone(), region: region.clone(), name: self.function.clone() }.arn()
    }

    /// As whoever polls needs to know it.
    ///
    /// # Errors
    /// If it isn't of a source with an ARN.
    fn mapping(&self, owner: &OwnerRow, uuid: &str) -> Result<Mapping, AwsError> {
        let config = self.config()?;
        let source = Arn::parse(&source_of(&config)).map_err(AwsError::internal)?;
        let OwnerRow { account, region } = owner;
        let filters = config.filter_criteria.iter().flat_map(|criteria| criteria.filters.iter().flatten());
        let stream = Kind::of(&config)?.is_stream().then(|| stream(&config));
        Ok(Mapping {
            uuid: uuid.to_owned(),
            revision: self.revision,
            account: account.clone(),
            region: region.clone(),
            source,
            function: self.function_arn(account, region),
            batch: number(config.batch_size).unwrap_or(1),
            window: seconds(config.maximum_batching_window_in_seconds).unwrap_or_default(),
            filters: filters.filter_map(|filter| filter.pattern.clone()).collect(),
            counts: config.metrics_config.iter().flat_map(|config| config.metrics.iter().flatten()).next().is_some(),
            reports_failures: config.function_response_types.iter().flatten().next().is_some(),
            max_concurrency: config.scaling_config.and_then(|scaling| number(scaling.maximum_concurrency)),
            stream,
        })
    }
}

fn stream(config: &Config) -> StreamReading {
    let from = match (&config.starting_position, config.starting_position_timestamp) {
        (Some(EventSourcePosition::Latest), _) => StartingPosition::Latest,
        (_, Some(at)) => StartingPosition::At(at),
        _ => StartingPosition::TrimHorizon,
    };
    let on_failure = config.destination_config.as_ref().and_then(|to| to.on_failure.as_ref());
    StreamReading {
        from,
        parallel: number(config.parallelization_factor).unwrap_or(1),
        bisect: config.bisect_batch_on_function_error == Some(true),
        max_age: seconds(config.maximum_record_age_in_seconds),
        max_retries: number(config.maximum_retry_attempts),
        tumbling: seconds(config.tumbling_window_in_seconds).filter(|window| !window.is_zero()),
        on_failure: on_failure.and_then(|to| to.destination.clone()),
    }
}

/// AWS: -1 is no limit.
fn number(value: Option<i32>) -> Option<u32> {
    value.and_then(|value| u32::try_from(value).ok())
}

fn seconds(value: Option<i32>) -> Option<Duration> {
    number(value).map(|value| Duration::from_secs(value.into()))
}

impl MappingsPort for Lambda {
    fn processed<'a>(&'a self, mapping: &'a Mapping, result: &'a str) -> BoxFuture<'a, Result<(), AwsError>> {
        Box::pin(async move {
            run(&*self.store, |mut tx| async move {
                let key = MappingKey(&mapping.account, &mapping.region, &mapping.uuid);
                let Some(mut row) = tx.row(&key).await? else { return Ok(()) };
                if row.result.as_deref() != Some(result) {
                    row.result = Some(result.to_owned());
                    tx.put_row(&key, &row)?;
                    tx.commit().await?;
                }
                Ok(())
            })
            .await
        })
    }

    fn given_up<'a>(&'a self, mapping: &'a Mapping, what: GivenUp) -> BoxFuture<'a, Result<(), AwsError>> {
        Box::pin(async move { self.tell_given_up(mapping, &what).await })
    }
}
