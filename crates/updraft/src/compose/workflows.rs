//! Step Functions.

use std::sync::Arc;

use updraft_gateway::Dispatcher;
use updraft_kernel::ports::{DispatchPort, EventTargets, FunctionPort, LogsPort, MetricsPort};
use updraft_states::{Parts, StepFunctions};

use super::Base;

/// `reached_at`: where the platform is.
pub(super) fn workflows(
    base: &Base,
    functions: Arc<dyn FunctionPort>,
    (logs, metrics): (Arc<dyn LogsPort>, Arc<dyn MetricsPort>),
    dispatcher: &Arc<Dispatcher>,
    (reached_at, targets): (&str, &EventTargets),
) -> Arc<StepFunctions> {
    let dispatch: Arc<dyn DispatchPort> = dispatcher.clone();
    let states = StepFunctions::new(Parts {
        store: Arc::clone(&base.store),
        clock: base.time(),
        rng: Arc::clone(&base.rng),
        outbox: base.outbox.clone(),
        timers: base.timers.clone(),
        functions,
        dispatch,
        logs,
        metrics,
        targets: targets.clone(),
        endpoint: reached_at.into(),
    });
    targets.register("states", states.event_target());
    states
}
