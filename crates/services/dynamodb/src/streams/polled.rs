//! Streams as sources of events for functions, and for pipes.

use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::ports::{EventSourcePort, Mapping, Source, StartingPosition};
use updraft_kernel::{Arn, AwsError, BoxFuture, Ctx};
use updraft_polling::{Pollers, Read, Stream, StreamRecord};
use updraft_store::{Store, StoreExt, Tx, Watch, run};
use xxhash_rust::xxh3::xxh3_64;

use super::read::{self, Most};
use super::{parts, wire};
use crate::errors::{no_such_stream, no_such_stream_to_poll};
use crate::keys::Scope;
use crate::keys::streams::{Position, PositionKey, Shard, StreamKey};
use crate::model::stream::{Place, RETENTION, StreamRow, horizon};

/// Bytes read at once, as AWS counts them.
const MOST_BYTES: u64 = 6 << 20;

/// What polls streams.
#[derive(Debug)]
pub struct PolledStreams {
    store: Arc<dyn Store>,
    clock: Arc<dyn updraft_kernel::Clock>,
    pollers: Arc<Pollers>,
}

impl PolledStreams {
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn updraft_kernel::Clock>, pollers: Arc<Pollers>) -> Self {
        Self { store, clock, pollers }
    }

    async fn find(&self, arn: &Arn) -> Result<Option<StreamRow>, AwsError> {
        let Some((scope, (table, label))) = Scope::of_arn(arn).zip(parts(arn)) else { return Ok(None) };
        Ok(self.store.read().await?.row(&StreamKey(&scope, table, label)).await?)
    }

    /// Reading begins where the mapping says as of now, and goes on where it had come to.
    async fn start(&self, mapping: &Mapping, scope: &Scope, stream: &StreamRow) -> Result<(), AwsError> {
        let from = mapping.stream.as_ref().map_or(StartingPosition::TrimHorizon, |reading| reading.from);
        run(&*self.store, |mut tx| async move {
            let mut changed = false;
            for number in 0..stream.shards {
                let key = PositionKey { scope, stream: stream.id, reader: &mapping.uuid, shard: number };
                if tx.row(&key).await?.is_none() {
                    let shard = Shard { scope, stream: stream.id, number };
                    let place = first(&mut tx, stream, shard, from).await?;
                    tx.put_row(&key, &Position(place))?;
                    changed = true;
                }
            }
            if changed {
                tx.commit().await?;
            }
            Ok(())
        })
        .await
    }

    async fn begin(&self, mapping: &Arc<Mapping>) -> Result<(), String> {
        let problem = |err: &AwsError| format!("PROBLEM: {}", err.message());
        let arn = mapping.source.to_string();
        let stream = self.find(&mapping.source).await.map_err(|err| problem(&err))?;
        let scope = Scope::of_arn(&mapping.source);
        let Some((stream, scope)) = stream.zip(scope) else { return Err(problem(&no_such_stream(&arn))) };
        self.start(mapping, &scope, &stream).await.map_err(|err| problem(&err))?;
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        let reader = mapping.uuid.clone();
        self.pollers.begin_stream(mapping, StreamSource { store, clock, scope, stream, arn, reader })
    }
}

async fn first(tx: &mut Tx, stream: &StreamRow, shard: Shard<'_>, from: StartingPosition) -> Result<Place, AwsError> {
    match from {
        StartingPosition::Latest => Ok(read::end(tx, stream, shard).await?),
        StartingPosition::TrimHorizon => Ok(Place::default()),
        StartingPosition::At(at) => Ok(read::since(tx, stream, shard, at).await?),
    }
}

impl EventSourcePort for PolledStreams {
    fn check<'a>(&'a self, _: &'a Ctx, source: Source<'a>) -> BoxFuture<'a, Result<(), AwsError>> {
        Box::pin(async move {
            match self.find(source.arn).await? {
                Some(_) => Ok(()),
                None => Err(no_such_stream_to_poll(&source.arn.to_string())),
            }
        })
    }

    fn begin<'a>(&'a self, mapping: &'a Arc<Mapping>) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(self.begin(mapping))
    }

    fn stop<'a>(&'a self, uuid: &'a str) -> BoxFuture<'a, ()> {
        self.pollers.stop(uuid);
        Box::pin(std::future::ready(()))
    }
}

/// One stream, as whoever reads it for a mapping sees it.
#[derive(Debug)]
struct StreamSource {
    store: Arc<dyn Store>,
    clock: Arc<dyn updraft_kernel::Clock>,
    scope: Scope,
    stream: StreamRow,
    arn: String,
    /// The mapping's UUID.
    reader: String,
}

impl StreamSource {
    fn shard(&self, shard: usize) -> Shard<'_> {
        Shard { scope: &self.scope, stream: self.stream.id, number: number(shard) }
    }

    fn key(&self, shard: usize) -> PositionKey<'_> {
        PositionKey { scope: &self.scope, stream: self.stream.id, reader: &self.reader, shard: number(shard) }
    }

    /// As it is now: what was trimmed meanwhile is passed over.
    async fn row(&self, tx: &mut Tx) -> Result<StreamRow, AwsError> {
        let row = tx.row(&StreamKey(&self.scope, &self.stream.table, &self.stream.label)).await?;
        row.filter(|row| row.id == self.stream.id).ok_or_else(|| no_such_stream(&self.arn))
    }

    async fn records(&self, shard: usize, from: u128, most: usize) -> Result<Read, AwsError> {
        let mut tx = self.store.read().await?;
        let trimmed = self.row(&mut tx).await?.trimmed_to(number(shard));
        let from = Place::of_rank(from).unwrap_or_default();
        let from = trimmed.map_or(from, |last| from.max(last.next()));
        let most = Most { records: most, bytes: MOST_BYTES };
        let found = read::records(&mut tx, self.shard(shard), from, most).await?;
        let next = found.last().map_or(from, |last| last.place.next());
        let oldest = horizon(self.clock.now());
        let mut records = Vec::with_capacity(found.len());
        for found in found.iter().filter(|found| found.record.at > oldest) {
            let event = wire::event(found, &self.stream, (number(shard), self.scope.region.as_str(), &self.arn))?;
            records.push(StreamRecord {
                place: found.place.rank(),
                sequence: found.place.sequence(),
                at: found.record.at,
                item: xxh3_64(&found.record.keys),
                event,
            });
        }
        Ok(Read { records, next: next.rank() })
    }

    async fn keep(&self, shard: usize, position: u128) -> Result<(), AwsError> {
        let position = Place::of_rank(position).unwrap_or_default();
        run(&*self.store, |mut tx| async move {
            let key = self.key(shard);
            match tx.row(&key).await? {
                // With an account that was emptied, or a stream that is gone, goes what was read of it.
                None => return Ok(()),
                Some(Position(kept)) if kept >= position => return Ok(()),
                Some(_) => tx.put_row(&key, &Position(position))?,
            }
            tx.commit().await?;
            Ok(())
        })
        .await
    }
}

/// Shards are few.
fn number(shard: usize) -> u8 {
    u8::try_from(shard).unwrap_or(u8::MAX)
}

impl Stream for StreamSource {
    fn shards(&self) -> usize {
        self.stream.shards.into()
    }

    fn name(&self, shard: usize) -> String {
        self.stream.shard_id(number(shard))
    }

    fn retention(&self) -> Duration {
        RETENTION
    }

    fn position(&self, shard: usize) -> BoxFuture<'_, Result<u128, AwsError>> {
        Box::pin(async move {
            let position = self.store.read().await?.row(&self.key(shard)).await?;
            position.map(|Position(place)| place.rank()).ok_or_else(|| no_such_stream(&self.arn))
        })
    }

    fn keep(&self, shard: usize, position: u128) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(self.keep(shard, position))
    }

    fn read(&self, shard: usize, from: u128, most: usize) -> BoxFuture<'_, Result<Read, AwsError>> {
        Box::pin(self.records(shard, from, most))
    }

    fn watch(&self, shard: usize) -> Watch {
        self.store.watch(self.shard(shard).topic())
    }
}
