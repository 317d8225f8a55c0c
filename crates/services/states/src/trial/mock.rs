//! What is said to have come of a state.

use serde_json::Value;
use updraft_api_states::types::{MockInput, MockResponseValidationMode as Mode, TestStateInput};
use updraft_asl::definition::{Kind, Map, Mode as MapMode, Pattern, Resource, State};
use updraft_asl::run::Failed;
use updraft_kernel::AwsError;

use super::Came;
use super::wanted::Trial;
use crate::StepFunctions;
use crate::errors::invalid_trial;
use crate::run::call::called;

/// What can be told before the definition is looked at.
pub(super) fn plausible(given: &TestStateInput) -> Result<(), AwsError> {
    let Some(mock) = &given.mock else { return Ok(()) };
    if mock.result.is_some() == mock.error_output.is_some() {
        return Err(invalid_trial("A test mock should have only one of the following fields: [result, errorOutput]."));
    }
    if given.reveal_secrets == Some(true) {
        return Err(invalid_trial("TestState does not support RevealSecrets when a mock is specified."));
    }
    Ok(())
}

pub(super) fn came(svc: &StepFunctions, state: &State, mock: &MockInput) -> Result<Came, AwsError> {
    if let Some(failed) = &mock.error_output {
        return Ok(Err(Failed { error: failed.error.clone(), cause: failed.cause.clone() }));
    }
    let text = mock.result.as_deref().unwrap_or_default();
    let result: Value = serde_json::from_str(text).map_err(|_| invalid_trial("Mocked result must be valid JSON."))?;
    let mode = mock.field_validation_mode.clone().unwrap_or(Mode::Strict);
    match &state.kind {
        Kind::Parallel(branches) => of_branches(branches.len(), &result)?,
        Kind::Map(map) => of_items(map, &result)?,
        Kind::Task(task) if mode != Mode::None => of_operation(svc, &task.resource, &result, mode == Mode::Strict)?,
        _ => {}
    }
    Ok(Ok(result))
}

fn of_branches(count: usize, result: &Value) -> Result<(), AwsError> {
    let results = result.as_array().ok_or_else(|| invalid_trial("Mocked result must be an array."))?;
    if results.len() == count {
        return Ok(());
    }
    Err(invalid_trial("Mocked result must contain the same number of items as number of Parallel branches."))
}

/// AWS: where results are written somewhere, what comes of the state is where they are.
fn of_items(map: &Map, result: &Value) -> Result<(), AwsError> {
    let written = matches!(&map.mode, MapMode::Distributed(distributed) if distributed.writing.is_some());
    match (written, result) {
        (true, Value::Object(_)) | (false, Value::Array(_)) => Ok(()),
        (true, _) => Err(invalid_trial("Mocked result must be a JSON object.")),
        (false, _) => Err(invalid_trial("Mocked result must be an array.")),
    }
}

fn of_operation(svc: &StepFunctions, resource: &Resource, result: &Value, whole: bool) -> Result<(), AwsError> {
    let Resource::Service { service, action, sdk, pattern } = resource else { return Ok(()) };
    let action = match pattern {
        Pattern::Response => action.as_str(),
        Pattern::Sync | Pattern::SyncJson if service == "states" => "describeExecution",
        // Whatever who has the token sends.
        _ => return Ok(()),
    };
    let mut result = result.clone();
    // AWS: what an invoked function gives is JSON, not bytes.
    if let (false, "lambda", Some(members)) = (*sdk, service.as_str(), result.as_object_mut()) {
        members.remove("Payload");
    }
    match svc.parts.dispatch.misfit(called(service), action, &result, whole) {
        None => Ok(()),
        Some(wrong) => Err(invalid_trial(format!("Mock result schema validation error: {wrong}"))),
    }
}

/// More iterations than may have failed are the state's failure.
pub(super) fn tolerated(trial: &Trial, came: Came) -> Came {
    let seen = trial.inspector.seen.borrow();
    let (Some(failures), true) = (trial.failures, came.is_ok()) else { return came };
    let number = |name: &str| seen.data.get(name).and_then(Value::as_f64);
    #[expect(clippy::cast_precision_loss, reason = "items of one Map")]
    let (failures, items) = (failures as f64, seen.items as f64);
    let by_count = number("toleratedFailureCount").is_some_and(|most| failures > most);
    let by_share = number("toleratedFailurePercentage").is_some_and(|most| failures * 100.0 > most * items);
    if !by_count && !by_share {
        return came;
    }
    Err(Failed {
        error: Some("States.ExceedToleratedFailureThreshold".to_owned()),
        cause: Some("The specified tolerated failure threshold was exceeded".to_owned()),
    })
}
