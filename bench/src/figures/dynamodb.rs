//! PutItem, GetItem and Query beside the disk, the bare store, bare HTTP, and dynalite.

use std::cell::Cell;
use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use serde_json::json;

use super::items::{self, TABLE};
use crate::aws;
use crate::floors::disk::{self, Space};
use crate::floors::http::{EmptyServer, StoringServer};
use crate::floors::store::BareStore;
use crate::load;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::{in_turn, p50};
use crate::world::World;

/// The platform and, where it can be had, the peer, each with the table.
struct Pair {
    ours: Server,
    peer: Option<Server>,
    made: Cell<usize>,
}

impl Pair {
    fn start(world: &mut World) -> Result<Self> {
        let pair = Self { ours: world.platform()?, peer: world.dynalite()?, made: Cell::new(0) };
        for server in pair.all() {
            items::create_table(server, TABLE)?;
        }
        Ok(pair)
    }

    fn all(&self) -> impl Iterator<Item = &Server> {
        std::iter::once(&self.ours).chain(&self.peer)
    }

    /// Puts of new keys: latency's p50, and rate.
    fn put(&self, server: &Server, connections: usize, count: usize) -> Result<(f64, f64)> {
        self.made.set(self.made.get() + 1);
        let requests = items::puts(&server.host(), TABLE, &format!("round{}", self.made.get()), count);
        let took = load::run(server.address, &requests, connections)?;
        Ok((p50(&took.each), took.rate()))
    }

    fn rate(server: &Server, requests: &Arc<Vec<Bytes>>) -> Result<f64> {
        Ok(load::run(server.address, requests, 32)?.rate())
    }
}

pub(crate) fn put(world: &mut World) -> Result<Vec<Figure>> {
    let (disk_folder, store_folder) = (world.folder()?, world.folder()?);
    let (http, store, pair) = (EmptyServer::start()?, Arc::new(BareStore::open(&store_folder)?), Pair::start(world)?);
    let storing = StoringServer::start(&store)?;
    let count = world.size(400, 100);
    let [one, disk, http_1] = in_turn(
        world.rounds(),
        [
            Box::new(|| Ok(pair.put(&pair.ours, 1, count)?.0)),
            Box::new(|| Ok(p50(&disk::append(&disk_folder, 1, count, Space::Growing)?.each))),
            Box::new(|| Ok(p50(&http.exchange(1, count)?.each))),
        ],
    )?;
    let each = u32::try_from(count / 4)?;
    let [many, bare, over_http, peer] = in_turn(
        world.rounds(),
        [
            Box::new(|| Ok(pair.put(&pair.ours, 32, count * 10)?.1)),
            Box::new(|| Ok(store.put(64, each)?.rate())),
            Box::new(|| storing.put(1024, count * 10)),
            Box::new(|| pair.peer.as_ref().map_or(Ok(0.0), |peer| Ok(pair.put(peer, 32, count * 2)?.1))),
        ],
    )?;
    let mut rate = Figure::new("PutItem 1 KiB durable, 32 connections", many, Unit::PerSecond);
    rate = rate.against("store, 64 callers", bare, Bar::AtLeast(0.5));
    rate = rate.against("store behind a bare server, 32 connections", over_http, Bar::Recorded);
    if pair.peer.is_some() {
        rate = rate.against("dynalite (not synced)", peer, Bar::AtLeast(5.0));
    }
    let single = Figure::new("PutItem 1 KiB durable, 1 connection, p50", one, Unit::Micros);
    Ok(vec![single.against("fdatasync + empty exchange", disk + http_1, Bar::AtMost(1.5)), rate])
}

pub(crate) fn get(world: &mut World) -> Result<Vec<Figure>> {
    let (http, pair) = (EmptyServer::start()?, Pair::start(world)?);
    let count = world.size(2_000, 1_000);
    for server in pair.all() {
        load::run(server.address, &items::puts(&server.host(), TABLE, "get", count), 32)?;
    }
    let ours = repeated(&items::gets(&pair.ours.host(), TABLE, "get", count), world.size(10, 4));
    let theirs = pair.peer.as_ref().map(|peer| items::gets(&peer.host(), TABLE, "get", count));
    let [rate, empty, peer] = in_turn(
        world.rounds(),
        [
            Box::new(|| Pair::rate(&pair.ours, &ours)),
            Box::new(|| Ok(http.exchange(32, ours.len())?.rate())),
            Box::new(|| pair.peer.as_ref().zip(theirs.as_ref()).map_or(Ok(0.0), |(peer, gets)| Pair::rate(peer, gets))),
        ],
    )?;
    let mut figure = Figure::new("GetItem 1 KiB, 32 connections", rate, Unit::PerSecond);
    figure = figure.against("empty exchange, 32 connections", empty, Bar::AtLeast(0.5));
    if pair.peer.is_some() {
        figure = figure.against("dynalite", peer, Bar::AtLeast(5.0));
    }
    Ok(vec![figure])
}

fn repeated(requests: &Arc<Vec<Bytes>>, times: usize) -> Arc<Vec<Bytes>> {
    Arc::new(requests.iter().cycle().take(requests.len() * times).cloned().collect())
}

pub(crate) fn query(world: &mut World) -> Result<Vec<Figure>> {
    let pair = Pair::start(world)?;
    for server in pair.all() {
        items::fill(server, TABLE, &|n| format!("owner{}", n / 100), 2_000, 1024)?;
    }
    let queries = |server: &Server, count: usize| {
        let host = server.host();
        let one = |n: usize| {
            let values = json!({ ":id": { "S": format!("owner{}", n % 20) } });
            let input = json!({ "TableName": TABLE, "KeyConditionExpression": "id = :id", "ExpressionAttributeValues": values });
            aws::dynamodb(&host, "Query", &input)
        };
        Arc::new((0..count).map(one).collect::<Vec<_>>())
    };
    let ours = queries(&pair.ours, world.size(2_000, 500));
    let theirs = pair.peer.as_ref().map(|peer| queries(peer, world.size(300, 100)));
    let [rate, peer] = in_turn(
        world.rounds(),
        [
            Box::new(|| Pair::rate(&pair.ours, &ours)),
            Box::new(|| pair.peer.as_ref().zip(theirs.as_ref()).map_or(Ok(0.0), |(peer, all)| Pair::rate(peer, all))),
        ],
    )?;
    let figure = Figure::new("Query of 100 × 1 KiB, 32 connections", rate, Unit::PerSecond);
    Ok(vec![if pair.peer.is_some() { figure.against("dynalite", peer, Bar::AtLeast(5.0)) } else { figure }])
}
