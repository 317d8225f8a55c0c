//! What instances take while nothing happens.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::{create_empty, invocation};
use crate::floors::runtime::Language;
use crate::load;
use crate::report::{Bar, Figure, Unit};
use crate::world::World;

const INSTANCES: u32 = 20;
/// Instances are frozen some milliseconds after their last call; what was used up is prepared anew meanwhile.
const REST: Duration = Duration::from_secs(3);

pub(crate) fn measure(world: &mut World) -> Result<Vec<Figure>> {
    let ours = world.platform()?;
    let names: Vec<_> = (0..=INSTANCES).map(|number| format!("idle-{number}")).collect();
    names.iter().try_for_each(|name| create_empty(&ours, name, Language::Python))?;
    let call = |names: &[String]| {
        let calls = names.iter().map(|name| invocation(&ours, name)).collect();
        load::run(ours.address, &Arc::new(calls), 1).map(drop)
    };
    // One call, so that what there is once is there before.
    call(names.get(..1).unwrap_or_default())?;
    std::thread::sleep(REST);
    let before = ours.proportional()?;
    call(names.get(1..).unwrap_or_default())?;
    std::thread::sleep(REST);
    let (after, used) = (ours.proportional()?, ours.of_instances()?);
    std::thread::sleep(REST);
    let idle = (ours.of_instances()? - used).as_secs_f64() * 1e6;
    Ok(vec![
        Figure::new("memory per idle Python instance", (after - before) / f64::from(INSTANCES), Unit::MiB)
            .within(Bar::Recorded),
        Figure::new(format!("CPU of {} idle instances in {} s", INSTANCES + 1, REST.as_secs()), idle, Unit::Micros)
            .within(Bar::AtMost(0.0)),
    ])
}
