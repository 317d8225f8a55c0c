//! The store on PostgreSQL beside a client written for nothing else, and two nodes beside one.

use std::cell::Cell;
use std::net::SocketAddr;

use anyhow::Result;
use updraft_testkit::postgres::PostgresServer;

use super::items::{self, TABLE};
use crate::floors::postgres::BatchClient;
use crate::floors::store::BareStore;
use crate::load;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::{in_turn, p50};
use crate::world::World;

pub(crate) fn measure(world: &mut World) -> Result<Vec<Figure>> {
    let server = PostgresServer::start()?;
    let mut figures = store(world, &server)?;
    figures.extend(nodes(world, &server)?);
    Ok(figures)
}

fn store(world: &World, server: &PostgresServer) -> Result<Vec<Figure>> {
    let floor = BatchClient::open(&server.fresh_database()?)?;
    let store = BareStore::postgres(&server.fresh_database()?)?;
    let each = u32::try_from(world.size(200, 60))?;
    let [floor_64, blind_64, read_64, floor_1, blind_1] = in_turn(
        world.rounds(),
        [
            Box::new(|| Ok(floor.put(64, each)?.rate())),
            Box::new(|| Ok(store.put_blind(64, each)?.rate())),
            Box::new(|| Ok(store.put(64, each / 4)?.rate())),
            Box::new(|| Ok(p50(&floor.put(1, each)?.each))),
            Box::new(|| Ok(p50(&store.put_blind(1, each)?.each))),
        ],
    )?;
    let client = "batch client";
    Ok(vec![
        Figure::new("PostgreSQL: durable put of 1 KiB, 64 callers", blind_64, Unit::PerSecond).against(
            client,
            floor_64,
            Bar::AtLeast(0.6),
        ),
        Figure::new("PostgreSQL: the same, read before", read_64, Unit::PerSecond).against(
            client,
            floor_64,
            Bar::Recorded,
        ),
        Figure::new("PostgreSQL: durable put of 1 KiB, 1 caller", blind_1, Unit::Micros).against(
            client,
            floor_1,
            Bar::Recorded,
        ),
    ])
}

/// Two platforms on one database and one folder of blobs.
struct Pair {
    nodes: [Server; 2],
    made: Cell<usize>,
}

impl Pair {
    fn put(&self, over: &[SocketAddr], count: usize) -> Result<f64> {
        self.made.set(self.made.get() + 1);
        let part = count / over.len();
        let loads = over.iter().enumerate().map(|(n, address)| {
            let requests = items::puts(&address.to_string(), TABLE, &format!("round{}-{n}", self.made.get()), part);
            let address = *address;
            let connections = 32 / over.len();
            std::thread::spawn(move || load::run(address, &requests, connections))
        });
        let mut rate = 0.0;
        for load in loads.collect::<Vec<_>>() {
            rate += load.join().map_err(|_| anyhow::anyhow!("a load panicked"))??.rate();
        }
        Ok(rate)
    }
}

fn nodes(world: &mut World, server: &PostgresServer) -> Result<Vec<Figure>> {
    let (url, blobs) = (server.fresh_database()?, world.folder()?);
    let pair = Pair { nodes: [world.node(&url, &blobs)?, world.node(&url, &blobs)?], made: Cell::default() };
    items::create_table(&pair.nodes[0], TABLE)?;
    let [first, second] = [pair.nodes[0].address, pair.nodes[1].address];
    let count = world.size(4_000, 1_000);
    let [one, two] = in_turn(
        world.rounds(),
        [Box::new(|| pair.put(&[first], count)), Box::new(|| pair.put(&[first, second], count))],
    )?;
    let figure = Figure::new("PutItem 1 KiB, 32 connections, two nodes on one PostgreSQL", two, Unit::PerSecond);
    // The bar holds where the database isn't the limit; here it has the nodes' own cores.
    Ok(vec![figure.against("one node", one, Bar::Recorded)])
}
