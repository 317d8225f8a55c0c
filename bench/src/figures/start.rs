//! Start to first answer, and memory while nothing happens.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::report::{Bar, Figure, Unit};
use crate::turns::{in_turn, median};
use crate::world::World;

pub(crate) fn measure(world: &mut World) -> Result<Vec<Figure>> {
    let binary = world.binary.clone();
    let rounds = world.rounds();
    let idle = median((0..3).map(|_| idle(world)).collect::<Result<_>>()?);
    let peer_idle = world.dynalite()?.map(|peer| peer.resident()).transpose()?;
    let shared = std::cell::RefCell::new(world);
    let [started, exec, peer] = in_turn(
        rounds,
        [
            Box::new(|| Ok(micros(shared.borrow_mut().platform()?.took))),
            Box::new(|| exec(&binary)),
            Box::new(|| Ok(shared.borrow_mut().dynalite()?.map_or(0.0, |peer| micros(peer.took)))),
        ],
    )?;
    let mut start = Figure::new("start → first served request", started, Unit::Micros);
    start = start.within(Bar::AtMost(50_000.0)).against("exec and exit", exec, Bar::Recorded);
    let mut memory = Figure::new("idle resident memory", idle, Unit::MiB).within(Bar::AtMost(25.0));
    if let Some(resident) = peer_idle {
        start = start.against("dynalite", peer, Bar::Recorded);
        memory = memory.against("dynalite", resident, Bar::Recorded);
    }
    Ok(vec![start, memory])
}

fn micros(took: Duration) -> f64 {
    took.as_secs_f64() * 1e6
}

/// After some seconds in which nothing happened, so that what starts later is counted too.
fn idle(world: &mut World) -> Result<f64> {
    let platform = world.platform()?;
    std::thread::sleep(Duration::from_secs(3));
    platform.resident()
}

/// The program loaded and ended: what no start can be faster than.
fn exec(binary: &std::path::Path) -> Result<f64> {
    let started = Instant::now();
    Command::new(binary).arg("--version").stdout(Stdio::null()).status()?;
    Ok(micros(started.elapsed()))
}
