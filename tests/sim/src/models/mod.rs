//! The services' models. One that joins is a file here and a line in [`all`].

mod deliveries;
mod dynamodb;
mod lambda;
mod leases;
mod timers;

use std::sync::Arc;

pub(crate) use lambda::Runner;

use crate::model::Model;

pub(crate) fn all(runner: &Arc<Runner>) -> Vec<Arc<dyn Model>> {
    vec![
        Arc::new(timers::Timers::default()),
        Arc::new(deliveries::Deliveries::default()),
        Arc::new(dynamodb::Tables::default()),
        Arc::new(lambda::Events::new(Arc::clone(runner))),
        Arc::new(leases::Leases::default()),
    ]
}
