//! Step Functions.

use std::sync::Arc;

use updraft_apigatewayv2::HttpApis;
use updraft_events::EventBridge;
use updraft_gateway::Dispatcher;
use updraft_kernel::ports::{DispatchPort, EventTargets, LogsPort, MetricsPort};
use updraft_lambda::Lambda;
use updraft_states::{Parts, StepFunctions};

use super::Base;

/// First what tasks call. `reached_at`: where the platform is.
pub(super) fn workflows(
    base: &Base,
    (lambda, events, http_apis): (&Arc<Lambda>, &Arc<EventBridge>, &Arc<HttpApis>),
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
        functions: lambda.clone(),
        dispatch,
        logs,
        metrics,
        targets: targets.clone(),
        connections: events.connections(),
        http_apis: http_apis.clone(),
        endpoint: reached_at.into(),
    });
    targets.register("states", states.event_target());
    states
}
