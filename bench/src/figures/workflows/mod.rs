//! Step Functions: short workflows answered at once, transitions, a large map, one that is distributed, many that sleep.

mod calls;
mod distributed;

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::family;
use crate::floors::http::EmptyServer;
use crate::floors::store::BareStore;
use crate::load;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::{in_turn, median, p50};
use crate::world::World;
use calls::{Kind, Machine};

/// Of the standard workflow, one after the other.
const STATES: usize = 10;
const AT_ONCE: usize = 64;
const ITEMS: usize = 10_000;

pub(crate) fn measure(world: &mut World) -> Result<Vec<Figure>> {
    let mut figures = vec![synchronous(world)?, transitions(world)?, map(world)?];
    figures.extend(distributed::measure(world)?);
    figures.extend(sleepers(world)?);
    Ok(figures)
}

/// So many Pass states.
fn passes(count: usize) -> Value {
    let state = |n: usize| {
        let next = if n + 1 == count { json!({ "End": true }) } else { json!({ "Next": format!("S{}", n + 1) }) };
        let mut state = json!({ "Type": "Pass" });
        if let (Some(state), Value::Object(next)) = (state.as_object_mut(), next) {
            state.extend(next);
        }
        (format!("S{n}"), state)
    };
    json!({ "StartAt": "S0", "States": (0..count).map(state).collect::<serde_json::Map<_, _>>() })
}

/// An Express workflow of five Pass states, from the request to its output; less what any request takes.
fn synchronous(world: &mut World) -> Result<Figure> {
    let (ours, http) = (world.platform()?, EmptyServer::start()?);
    let machine = Machine::new(&ours, "five", Kind::Express, &passes(5))?;
    let count = world.size(400, 100);
    let starts: Arc<Vec<Bytes>> =
        Arc::new((0..count).map(|n| machine.start(&ours, "StartSyncExecution", n, &json!({ "n": n }))).collect());
    let [took, empty] = in_turn(
        world.rounds(),
        [
            Box::new(|| Ok(p50(&load::run(ours.address, &starts, 1)?.each))),
            Box::new(|| Ok(p50(&http.exchange(1, count)?.each))),
        ],
    )?;
    let figure =
        Figure::new("StartSyncExecution of five Pass states, above an empty exchange", took - empty, Unit::Micros);
    Ok(figure.within(Bar::AtMost(1_000.0)))
}

/// State transitions of standard workflows.
fn transitions(world: &mut World) -> Result<Figure> {
    let folder = world.folder()?;
    let (store, ours) = (BareStore::open(&folder)?, world.platform()?);
    let machine = Machine::new(&ours, "ten", Kind::Standard, &passes(STATES))?;
    let (count, made) = (world.size(2_000, 500), Cell::new(0));
    let each = u32::try_from(world.size(100, 25))?;
    let run = || {
        let first = made.replace(made.get() + count);
        let starts = (first..first + count).map(|n| machine.start(&ours, "StartExecution", n, &json!({ "n": n })));
        let (starts, started) = (Arc::new(starts.collect::<Vec<_>>()), Instant::now());
        load::run(ours.address, &starts, AT_ONCE)?;
        until(Duration::from_secs(120), || Ok(machine.running(&ours)? == 0))?;
        Ok(load::rate(count * STATES, started.elapsed()))
    };
    let [rate, bare] = in_turn(world.rounds().min(3), [Box::new(run), Box::new(|| Ok(store.put(64, each)?.rate()))])?;
    let figure = Figure::new("state transitions, 64 executions at a time", rate, Unit::PerSecond);
    Ok(figure.against("store, 64 callers", bare, Bar::AtLeast(0.3)))
}

/// A standard history has no room for so many iterations, so an Express workflow it is.
fn map(world: &mut World) -> Result<Figure> {
    let ours = world.platform()?;
    let each = json!({ "StartAt": "P", "States": { "P": { "Type": "Pass", "End": true } } });
    let map = json!({ "Type": "Map", "ItemProcessor": each, "End": true });
    let machine = Machine::new(&ours, "map", Kind::Express, &json!({ "StartAt": "M", "States": { "M": map } }))?;
    let items: Value = (0..ITEMS).collect();
    let mut took = Vec::new();
    for n in 0..world.rounds().min(3) {
        let (start, started) = (machine.start(&ours, "StartSyncExecution", n, &items), Instant::now());
        let said = ours.call(&start)?;
        ensure!(said.get("status") == Some(&json!("SUCCEEDED")), "the map ended so: {said}");
        took.push(started.elapsed().as_secs_f64() * 1e6);
    }
    let figure = Figure::new(format!("a Map of {ITEMS} Pass items"), median(took), Unit::Micros);
    Ok(figure.within(Bar::AtMost(2_000_000.0)))
}

/// Executions that wait for tomorrow: what each takes of memory, and what all take of a processor.
fn sleepers(world: &mut World) -> Result<Vec<Figure>> {
    let ours = world.platform()?;
    let wait = json!({ "Type": "Wait", "Seconds": 86_400, "End": true });
    let machine = Machine::new(&ours, "sleeps", Kind::Standard, &json!({ "StartAt": "W", "States": { "W": wait } }))?;
    let count = world.size(100_000, 20_000);
    let begin = |from: usize, to: usize| {
        let starts: Vec<_> =
            (from..to).map(|n| machine.start(&ours, "StartExecution", n, &json!({ "n": n }))).collect();
        load::run(ours.address, &Arc::new(starts), AT_ONCE)
    };
    // What grows with use alone, such as the store's own memory, has grown by then.
    begin(0, count / 4)?;
    let before = settled(&ours)?;
    let rate = begin(count / 4, count + count / 4)?.rate();
    let after = settled(&ours)?;
    let bytes = (after - before) * 1024.0 * 1024.0 / f64::from(u32::try_from(count)?);
    let (used, over) = (family::used(ours.pid()).unwrap_or_default(), Duration::from_secs(5));
    std::thread::sleep(over);
    let idle =
        family::used(ours.pid()).unwrap_or_default().saturating_sub(used).as_secs_f64() * 1e6 / over.as_secs_f64();
    Ok(vec![
        Figure::new(format!("resident bytes for each of {count} sleeping executions"), bytes, Unit::Bytes)
            .within(Bar::AtMost(200.0)),
        Figure::new("processor for all of them, a second", idle, Unit::Micros).within(Bar::AtMost(5_000.0)),
        Figure::new("executions begun that sleep, 64 connections", rate, Unit::PerSecond),
    ])
}

/// Resident MiB, once it doesn't shrink any more.
fn settled(server: &Server) -> Result<f64> {
    let mut least = server.resident()?;
    let mut still = 0;
    while still < 10 {
        std::thread::sleep(Duration::from_millis(200));
        let now = server.resident()?;
        still = if now < least - 0.5 { 0 } else { still + 1 };
        least = least.min(now);
    }
    Ok(least)
}

fn until(longest: Duration, mut done: impl FnMut() -> Result<bool>) -> Result<()> {
    let started = Instant::now();
    while !done()? {
        ensure!(started.elapsed() < longest, "executions don't end");
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}
