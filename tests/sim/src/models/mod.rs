//! The services' models. One that joins is a file here and a line in [`all`].

mod buses;
mod deliveries;
mod durable;
mod dynamodb;
mod lambda;
mod leases;
mod outside;
mod pipes;
mod schedules;
mod sqs;
mod timers;
mod topics;
mod workflows;

use std::sync::Arc;

pub(crate) use lambda::Runner;
pub(crate) use outside::Outside;

use crate::clock::SimClock;
use crate::model::Model;

pub(crate) fn all((runner, outside): (&Arc<Runner>, &Arc<Outside>), seed: u64, clock: SimClock) -> Vec<Arc<dyn Model>> {
    vec![
        Arc::new(timers::Timers::default()),
        Arc::new(deliveries::Deliveries::default()),
        Arc::new(dynamodb::Tables::default()),
        Arc::new(durable::Executions::new(runner, seed, clock)),
        Arc::new(lambda::Events::new(Arc::clone(runner))),
        Arc::new(leases::Leases::default()),
        Arc::new(sqs::Queues::default()),
        Arc::new(topics::Topics::new(Arc::clone(outside), seed)),
        Arc::new(buses::Buses::new(Arc::clone(outside))),
        Arc::new(schedules::Schedules::new(Arc::clone(outside), seed)),
        Arc::new(pipes::Piped::new(Arc::clone(outside))),
        Arc::new(workflows::Workflows::new(Arc::clone(outside))),
    ]
}
