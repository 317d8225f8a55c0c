//! The machine by itself, so that the other numbers can be read.

use anyhow::Result;

use crate::floors::disk::{self, Space};
use crate::floors::http::EmptyServer;
use crate::floors::store::BareStore;
use crate::report::{Bar, Figure, Unit};
use crate::turns::{in_turn, p50};
use crate::world::World;

pub(crate) fn measure(world: &mut World) -> Result<Vec<Figure>> {
    let (folder, store_folder) = (world.folder()?, world.folder()?);
    let (http, store) = (EmptyServer::start()?, BareStore::open(&store_folder)?);
    let count = world.size(400, 100);
    let each = u32::try_from(count / 10)?;
    let [growing, preallocated, growing_64, preallocated_64, put, put_64, http_1, http_32] = in_turn(
        world.rounds(),
        [
            Box::new(|| Ok(p50(&disk::append(&folder, 1, count, Space::Growing)?.each))),
            Box::new(|| Ok(p50(&disk::append(&folder, 1, count, Space::Preallocated)?.each))),
            Box::new(|| Ok(disk::append(&folder, 64, count / 4, Space::Growing)?.rate())),
            Box::new(|| Ok(disk::append(&folder, 64, count / 4, Space::Preallocated)?.rate())),
            Box::new(|| Ok(p50(&store.put_blind(1, each * 4)?.each))),
            Box::new(|| Ok(store.put_blind(64, each * 2)?.rate())),
            Box::new(|| Ok(p50(&http.exchange(1, count * 10)?.each))),
            Box::new(|| Ok(http.exchange(32, count * 50)?.rate())),
        ],
    )?;
    Ok(vec![
        Figure::new("disk: 1 KiB append + fdatasync, 1 caller, growing", growing, Unit::Micros),
        Figure::new("disk: the same, preallocated", preallocated, Unit::Micros),
        Figure::new("disk: 64 callers, one sync for many, growing", growing_64, Unit::PerSecond),
        Figure::new("disk: the same, preallocated", preallocated_64, Unit::PerSecond),
        Figure::new("store: durable put of 1 KiB, 1 caller", put, Unit::Micros).against(
            "disk, growing",
            growing,
            Bar::AtMost(1.3),
        ),
        Figure::new("store: durable put of 1 KiB, 64 callers", put_64, Unit::PerSecond).against(
            "disk, growing",
            growing_64,
            Bar::AtLeast(0.7),
        ),
        Figure::new("http: empty exchange, 1 connection", http_1, Unit::Micros),
        Figure::new("http: empty exchange, 32 connections", http_32, Unit::PerSecond),
    ])
}
