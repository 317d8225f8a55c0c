//! S3 and EventBridge: bodies, lists, memory, and how soon others hear of it.

mod file;
mod large;
mod list;
mod reaction;

use std::cell::Cell;
use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;

use crate::aws;
use crate::floors::http::StoringServer;
use crate::floors::store::BareStore;
use crate::load;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::{in_turn, p50};
use crate::world::World;

pub(crate) use large::large;
pub(crate) use list::list;
pub(crate) use reaction::events;

const MIB: usize = 1 << 20;
const BUCKET: &str = "/bench";

pub(crate) fn measure(world: &mut World) -> Result<Vec<Figure>> {
    let (folder, store_folder) = (world.folder()?, world.folder()?);
    let (ours, store) = (world.platform()?, Arc::new(BareStore::open(&store_folder)?));
    let storing = StoringServer::start(&store)?;
    create_bucket(&ours, BUCKET)?;
    let (count, made) = (world.size(60, 20), Cell::new(0));
    let puts = |bytes: usize, count: usize| {
        made.set(made.get() + 1);
        let stem = made.get();
        let put = |n| aws::s3(&ours.host(), "PUT", (&format!("{BUCKET}/r{stem}-{n}"), ""), &vec![b'x'; bytes]);
        Arc::new((0..count).map(put).collect::<Vec<Bytes>>())
    };
    let one = |requests: &Arc<Vec<Bytes>>| Ok(p50(&load::run(ours.address, requests, 1)?.each));
    // What the rounds of puts have written is read.
    let get = || Arc::new(vec![aws::s3(&ours.host(), "GET", (&format!("{BUCKET}/r1-0"), ""), &[]); count]);
    let [put, raw_put, get, raw_get] = in_turn(
        world.rounds(),
        [
            Box::new(|| one(&puts(MIB, count))),
            Box::new(|| Ok(p50(&file::writes(&folder, MIB, count)?))),
            Box::new(|| one(&get())),
            Box::new(|| Ok(p50(&file::reads(&folder, MIB, count)?))),
        ],
    )?;
    let each = u32::try_from(world.size(400, 100) / 4)?;
    let small = world.size(4_000, 1_000);
    let [many, bare, over_http] = in_turn(
        world.rounds(),
        [
            Box::new(|| Ok(load::run(ours.address, &puts(4 << 10, small), 32)?.rate())),
            Box::new(|| Ok(store.put(64, each)?.rate())),
            Box::new(|| storing.put(4 << 10, small)),
        ],
    )?;
    Ok(vec![
        Figure::new("PutObject 1 MiB, p50", put, Unit::Micros).against(
            "file written and synced, MD5 and SHA-256",
            raw_put,
            Bar::AtMost(1.0 / 0.6),
        ),
        Figure::new("GetObject 1 MiB, p50", get, Unit::Micros).against(
            "file read, MD5",
            raw_get,
            Bar::AtMost(1.0 / 0.7),
        ),
        Figure::new("PutObject 4 KiB, 32 connections", many, Unit::PerSecond)
            .against("store, 64 callers", bare, Bar::AtLeast(0.5))
            .against("store behind a bare server, 32 connections", over_http, Bar::Recorded),
    ])
}

fn create_bucket(server: &Server, path: &str) -> Result<()> {
    server.text(&aws::s3(&server.host(), "PUT", (path, ""), &[])).map(drop)
}
