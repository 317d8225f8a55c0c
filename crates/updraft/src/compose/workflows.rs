//! Step Functions.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use updraft_apigatewayv2::HttpApis;
use updraft_events::EventBridge;
use updraft_gateway::Dispatcher;
use updraft_kernel::ports::{DispatchPort, EventTargets, LogsPort, MetricsPort};
use updraft_lambda::Lambda;
use updraft_states::{Inputs, Mocks, Modelled, Parts, StepFunctions};

use super::{Base, Config};

/// `called`: what tasks call. `reached_at`: where the platform is.
///
/// # Errors
/// If the file of mocks can't be read, or isn't right.
pub(super) fn workflows(
    config: &Config,
    base: &Base,
    called: (&Arc<Lambda>, &Arc<EventBridge>, &Arc<HttpApis>, &Arc<Dispatcher>),
    (logs, metrics): (Arc<dyn LogsPort>, Arc<dyn MetricsPort>),
    (reached_at, targets): (&str, &EventTargets),
) -> Result<Arc<StepFunctions>> {
    let (lambda, events, http_apis, dispatcher) = called;
    let mocks = config.sfn_mock_config.as_deref().map(mocks).transpose()?.map(Arc::new);
    let dispatch: Arc<dyn DispatchPort> = dispatcher.clone();
    let (models, shapes) = (Arc::clone(dispatcher), Arc::clone(dispatcher));
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
        mocks,
        modelled: Modelled(Box::new(move |service, error| models.is_modelled(service, error))),
        inputs: Inputs(Arc::new(move |service, operation, input| shapes.unfit(service, operation, input))),
    });
    targets.register("states", states.event_target());
    Ok(states)
}

#[expect(clippy::disallowed_methods, reason = "the binary reads its configuration once")]
fn mocks(file: &Path) -> Result<Mocks> {
    let text = std::fs::read_to_string(file).with_context(|| format!("can't read the mocks in {}", file.display()))?;
    Mocks::parse(&text).map_err(|wrong| anyhow!("the mocks in {} are not right: {wrong}", file.display()))
}
