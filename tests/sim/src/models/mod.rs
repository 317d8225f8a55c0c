//! The services' models. One that joins is a file here and a line in [`all`].

mod buses;
mod deliveries;
mod durable;
mod dynamodb;
mod lambda;
mod leases;
mod objects;
mod outside;
mod pipes;
mod schedules;
mod sqs;
mod timers;
mod topics;
mod workflows;

use std::sync::Arc;

use updraft_kernel::{RngExt, SeededRng};

pub(crate) use lambda::Runner;
pub(crate) use objects::Keys;
pub(crate) use outside::Outside;

use crate::clock::SimClock;
use crate::model::Model;

/// In one simulation: the fewer, the more of each, and the more they meet what they fail at.
const AT_ONCE: usize = 4;

/// Those of a seed.
pub(crate) fn of(parts: (&Arc<Runner>, &Arc<Outside>), seed: u64, clock: SimClock) -> Vec<Arc<dyn Model>> {
    let (mut models, rng) = (all(parts, seed, clock), SeededRng::new(seed ^ 0x0DD5));
    while models.len() > AT_ONCE {
        let nth = rng.below(u64::try_from(models.len()).unwrap_or(1));
        models.remove(usize::try_from(nth).unwrap_or(0));
    }
    models
}

fn all((runner, outside): (&Arc<Runner>, &Arc<Outside>), seed: u64, clock: SimClock) -> Vec<Arc<dyn Model>> {
    vec![
        Arc::new(timers::Timers::default()),
        Arc::new(deliveries::Deliveries::default()),
        Arc::new(dynamodb::Tables::default()),
        Arc::new(durable::Executions::new(runner, seed, clock)),
        Arc::new(lambda::Events::new(Arc::clone(runner))),
        Arc::new(leases::Leases::default()),
        Arc::new(objects::Objects::default()),
        Arc::new(sqs::Queues::default()),
        Arc::new(topics::Topics::new(Arc::clone(outside), seed)),
        Arc::new(buses::Buses::new(Arc::clone(outside))),
        Arc::new(schedules::Schedules::new(Arc::clone(outside), seed)),
        Arc::new(pipes::Piped::new(Arc::clone(outside))),
        Arc::new(workflows::Workflows::new(Arc::clone(outside))),
    ]
}
