//! Many cold starts at the same moment.

use std::cell::Cell;
use std::sync::Arc;

use anyhow::Result;

use super::cold::first_call;
use super::{create_empty, invocation};
use crate::floors::runtime::Language;
use crate::load;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::turns::in_turn;
use crate::world::World;

const CROWD: u32 = 50;
/// One waits less for the next than all of them together: what is prepared ahead is used up by then.
const MOST: f64 = 1.2;

pub(crate) fn measure(world: &mut World) -> Result<Vec<Figure>> {
    let ours = world.platform()?;
    let made = Cell::new(0);
    let name = || {
        made.set(made.get() + 1);
        format!("crowd-{}", made.get())
    };
    let [all, one] = in_turn(
        world.rounds(),
        [Box::new(|| at_once(&ours, &name)), Box::new(|| first_call(&ours, &name(), Language::Python))],
    )?;
    let cores = u32::try_from(std::thread::available_parallelism()?.get())?;
    let apart = f64::from(CROWD) * one / f64::from(cores);
    let figure = Figure::new(format!("{CROWD} cold starts at once, Python"), all, Unit::Micros);
    Ok(vec![figure.against(format!("{CROWD} × one / {cores} cores"), apart, Bar::AtMost(MOST))])
}

/// In microseconds, until the last is answered.
fn at_once(ours: &Server, name: &impl Fn() -> String) -> Result<f64> {
    let names: Vec<_> = (0..CROWD).map(|_| name()).collect();
    names.iter().try_for_each(|name| create_empty(ours, name, Language::Python))?;
    let calls: Vec<_> = names.iter().map(|name| invocation(ours, name)).collect();
    Ok(load::run(ours.address, &Arc::new(calls), names.len())?.wall.as_secs_f64() * 1e6)
}
