//! Provisioned concurrency: instances of a function that are started before there is a call for them.

use std::sync::Arc;

use updraft_kernel::ports::RunnerRefusal;

use crate::env::Initialization;
use crate::exec::Engine;
use crate::function::Function;
use crate::run::{Brought, bring_up};

/// AWS: what a configuration says whose instances don't start.
const INIT_FAILURE: &str = "FUNCTION_ERROR_INIT_FAILURE";

/// Starts whatever is missing, beside.
pub(crate) fn start_missing(engine: &Arc<Engine>, function: &Arc<Function>) {
    if engine.is_draining() {
        return;
    }
    for _ in 0..function.missing() {
        let (engine, function) = (Arc::clone(engine), Arc::clone(function));
        engine.tasks.clone().spawn("provisioned instance", async move { start_one(&engine, &function).await });
    }
}

async fn start_one(engine: &Arc<Engine>, function: &Arc<Function>) {
    match Box::pin(bring_up(engine, function, Initialization::Provisioned)).await {
        Ok(Brought::Up(instance)) => {
            function.came(&instance, engine.clock.monotonic());
            engine.idle.notify_one();
        }
        Ok(Brought::Failed { log, .. }) => {
            log.close(&[], false);
            function.stayed_away(Some(INIT_FAILURE.to_owned()));
        }
        // It is tried again when the host has memory for it.
        Err(RunnerRefusal::Full(_)) => function.stayed_away(None),
        Err(refusal) => {
            tracing::warn!(%refusal, function = function.spec.name, "an instance could not be started ahead");
            function.stayed_away(Some(told(refusal)));
        }
    }
}

fn told(refusal: RunnerRefusal) -> String {
    match refusal {
        RunnerRefusal::BadCode(_) => INIT_FAILURE.to_owned(),
        other => other.to_string(),
    }
}
