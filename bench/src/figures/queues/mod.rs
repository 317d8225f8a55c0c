//! SQS and SNS: sending, whole cycles, waiting, depth, many queues, fan-out.

pub(super) mod calls;
mod cycle;
mod depth;
mod fan_out;
mod waiting;

use std::cell::Cell;
use std::sync::Arc;

use anyhow::Result;

use super::items;
use crate::floors::http::StoringServer;
use crate::floors::store::BareStore;
use crate::load;
use crate::report::{Bar, Figure, Unit};
use crate::turns::{in_turn, p50};
use crate::world::World;

pub(crate) use depth::depth;
pub(crate) use fan_out::fan_out;
pub(crate) use waiting::waiting;

pub(crate) fn send(world: &mut World) -> Result<Vec<Figure>> {
    let folder = world.folder()?;
    let (store, ours) = (Arc::new(BareStore::open(&folder)?), world.platform()?);
    let storing = StoringServer::start(&store)?;
    items::create_table(&ours, items::TABLE)?;
    let queue = calls::create(&ours, "sends")?;
    let (count, made) = (world.size(400, 100), Cell::new(0));
    let puts = |connections: usize, count: usize| {
        made.set(made.get() + 1);
        load::run(
            ours.address,
            &items::puts(&ours.host(), items::TABLE, &format!("r{}", made.get()), count),
            connections,
        )
    };
    let sends = |connections, count| load::run(ours.address, &calls::sends(&ours, &queue, count), connections);
    let [one, put] = in_turn(
        world.rounds(),
        [Box::new(|| Ok(p50(&sends(1, count)?.each))), Box::new(|| Ok(p50(&puts(1, count)?.each)))],
    )?;
    let each = u32::try_from(count / 4)?;
    let [many, bare, over_http] = in_turn(
        world.rounds(),
        [
            Box::new(|| Ok(sends(32, count * 10)?.rate())),
            Box::new(|| Ok(store.put(64, each)?.rate())),
            Box::new(|| storing.put(1024, count * 10)),
        ],
    )?;
    let rate = Figure::new("SendMessage 1 KiB, 32 connections", many, Unit::PerSecond);
    let rate = rate.against("store, 64 callers", bare, Bar::AtLeast(0.6));
    let single = Figure::new("SendMessage 1 KiB, 1 connection, p50", one, Unit::Micros);
    Ok(vec![
        single.against("PutItem 1 KiB", put, Bar::AtMost(1.5)),
        rate.against("store behind a bare server, 32 connections", over_http, Bar::Recorded),
    ])
}

pub(crate) fn cycles(world: &mut World) -> Result<Vec<Figure>> {
    let ours = world.platform()?;
    let queue = calls::create(&ours, "cycles")?;
    let (singly, tens) = (world.size(8_000, 2_000), world.size(40_000, 10_000));
    let [one, ten] = in_turn(
        world.rounds(),
        [Box::new(|| cycle::rate(&ours, &queue, 1, singly)), Box::new(|| cycle::rate(&ours, &queue, 10, tens))],
    )?;
    Ok(vec![
        Figure::new("send → receive → delete, singly, 32 connections", one, Unit::PerSecond)
            .within(Bar::AtLeast(2_000.0)),
        Figure::new("the same in batches of ten", ten, Unit::PerSecond).within(Bar::AtLeast(15_000.0)),
    ])
}
