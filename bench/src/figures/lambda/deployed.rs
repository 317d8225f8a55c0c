//! A thousand functions deployed, ten of them in use.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::{create_empty, invocation};
use crate::floors::runtime::Language;
use crate::load;
use crate::platform::{self, Server};
use crate::report::{Bar, Figure, Unit};
use crate::turns::in_turn;
use crate::world::World;

const USED: usize = 10;
const MOST: f64 = 1.2;
const REST: Duration = Duration::from_secs(2);

pub(crate) fn measure(world: &mut World) -> Result<Vec<Figure>> {
    let count = world.size(1_000, 200);
    let (none, many) = (world.folder()?, world.folder()?);
    deploy(&world.binary, &none, USED)?;
    deploy(&world.binary, &many, count)?;
    let start = |data: &Path| platform::updraft(&world.binary, data, &[]);
    let [with, without] = in_turn(
        world.rounds(),
        [Box::new(|| Ok(micros(start(&many)?.took))), Box::new(|| Ok(micros(start(&none)?.took)))],
    )?;
    let rounds = world.size(3, 1);
    let [resident, bare] = in_turn(rounds, [Box::new(|| used(&start(&many)?)), Box::new(|| used(&start(&none)?))])?;
    let against = format!("with {USED} deployed");
    Ok(vec![
        Figure::new(format!("start with {count} functions deployed"), with, Unit::Micros).against(
            &against,
            without,
            Bar::AtMost(MOST),
        ),
        Figure::new(format!("memory with {count} functions deployed, {USED} in use"), resident, Unit::MiB).against(
            &against,
            bare,
            Bar::AtMost(MOST),
        ),
    ])
}

fn deploy(binary: &Path, data: &Path, count: usize) -> Result<()> {
    let ours = platform::updraft(binary, data, &[])?;
    (0..count).try_for_each(|number| create_empty(&ours, &format!("deployed-{number}"), Language::Python))?;
    // What was written last is put into tables. How it is to open after a kill in the middle is another figure.
    std::thread::sleep(REST);
    Ok(())
}

/// Resident memory after a call of each that is in use.
fn used(ours: &Server) -> Result<f64> {
    let calls = (0..USED).map(|number| invocation(ours, &format!("deployed-{number}"))).collect();
    load::run(ours.address, &Arc::new(calls), 1)?;
    std::thread::sleep(REST);
    ours.resident()
}

fn micros(took: Duration) -> f64 {
    took.as_secs_f64() * 1e6
}
