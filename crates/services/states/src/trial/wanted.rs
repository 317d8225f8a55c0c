//! What is to be tried, and whether it can be.

use serde_json::{Map, Value};
use updraft_api_states::errors as code;
use updraft_api_states::types::{InspectionLevel, TestStateInput};
use updraft_asl::definition::{Definition, Kind, Pattern, Resource, State};
use updraft_asl::read;
use updraft_asl::run::{Facts, Inspector};
use updraft_kernel::{AwsError, Ctx};

use super::{Came, mock};
use crate::StepFunctions;
use crate::errors::{invalid_definition, invalid_input, invalid_trial};
use crate::model::name::ExecutionId;

/// One state, and how it is tried.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) definition: Definition,
    pub(super) input: String,
    pub(super) role: String,
    pub(super) level: InspectionLevel,
    /// Whether what a connection added is shown.
    pub(super) reveals: bool,
    pub(super) mock: Option<Came>,
    /// How many iterations are said to have failed.
    pub(super) failures: Option<u64>,
    pub(super) inspector: Inspector,
}

impl Trial {
    pub(super) fn of(svc: &StepFunctions, cx: &Ctx, given: TestStateInput) -> Result<Self, AwsError> {
        mock::plausible(&given)?;
        let definition = definition(&given)?;
        let state = of(&definition)?;
        testable(state, &given)?;
        let configured = given.state_configuration.as_ref();
        let number = |given: Option<i32>| given.and_then(|given| u32::try_from(given).ok());
        if let Some(name) = configured.and_then(|one| one.error_caused_by_state.as_deref())
            && read::find(&definition.machine, name).is_none()
        {
            return Err(invalid_trial("State not found in definition"));
        }
        let mock = given.mock.as_ref().map(|mock| mock::came(svc, state, mock)).transpose()?;
        let input = given.input.clone().unwrap_or_else(|| "{}".to_owned());
        let raw: Value = serde_json::from_str(&input).map_err(invalid_input)?;
        let inspector = Inspector {
            mocked: mock.is_some(),
            tried: configured.and_then(|one| number(one.retrier_retry_count)).unwrap_or_default(),
            context: context(&given)?,
            variables: variables(given.variables.as_deref())?,
            items: items(configured.and_then(|one| one.map_item_reader_data.as_deref()))?,
            ..Inspector::default()
        };
        inspector.seen.borrow_mut().data.insert("input", raw);
        let failures = configured.and_then(|one| number(one.map_iteration_failure_count)).map(u64::from);
        let reveals = given.reveal_secrets.unwrap_or(false);
        let role = given.role_arn.unwrap_or_else(|| format!("arn:aws:iam::{}:role/TestState", cx.account));
        let level = given.inspection_level.unwrap_or(InspectionLevel::Info);
        Ok(Self { definition, input, role, level, reveals, mock, failures, inspector })
    }

    pub(super) fn facts(&self, id: &ExecutionId, started: String) -> Facts {
        let (account, region) = (&id.machine.account, &id.machine.region);
        Facts {
            execution: format!("arn:aws:states:{region}:{account}:express:{}:{}", id.machine.name, id.name),
            name: id.name.clone(),
            role: self.role.clone(),
            started,
            machine: id.machine.arn().to_string(),
            machine_name: id.machine.name.clone(),
            express: true,
            synchronous: true,
            region: region.to_string(),
            ..Facts::default()
        }
    }
}

fn definition(given: &TestStateInput) -> Result<Definition, AwsError> {
    let invalid = |wrong: Vec<read::Diagnostic>| invalid_definition(&wrong);
    match &given.state_name {
        None => read::one(&given.definition).map_err(invalid),
        Some(name) => {
            let found = read::one_of(&given.definition, name).map_err(invalid)?;
            found.ok_or_else(|| invalid_trial("State not found in definition"))
        }
    }
}

pub(super) fn of(definition: &Definition) -> Result<&State, AwsError> {
    let state = definition.machine.states.get(&definition.machine.start);
    state.ok_or_else(|| AwsError::internal("the state that is tried isn't there"))
}

/// What needs a mock has one, and what can't have one hasn't.
fn testable(state: &State, given: &TestStateInput) -> Result<(), AwsError> {
    let refused = |message: &str| Err(AwsError::new(&code::INVALID_DEFINITION, message.to_owned()));
    match (&state.kind, given.mock.is_some()) {
        (Kind::Task(_) | Kind::Parallel(_) | Kind::Map(_), true) => Ok(()),
        (kind, true) => {
            let kind = kind.name();
            Err(invalid_trial(format!("State type '{kind}' is not supported when a mock is specified")))
        }
        (Kind::Parallel(_) | Kind::Map(_), false) => refused(WITHOUT_MOCK),
        (Kind::Task(task), false) => match &task.resource {
            Resource::Activity(_) => {
                refused("TestState API does not support Activity tasks unless a mock is specified.")
            }
            Resource::Service { pattern: pattern @ (Pattern::Sync | Pattern::SyncJson | Pattern::Token), .. } => {
                let pattern = pattern.suffix();
                let what = "service integrations unless a mock is specified.";
                refused(&format!("TestState API does not support '{pattern}' {what}"))
            }
            _ if given.role_arn.is_none() => Err(invalid_trial("RoleArn must be specified when testing a Task state")),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

const WITHOUT_MOCK: &str = "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]";

/// What takes the context object's place.
fn context(given: &TestStateInput) -> Result<Option<Value>, AwsError> {
    let Some(text) = &given.context else { return Ok(None) };
    let wrong = |why: &str| invalid_trial(format!("Invalid Context object provided: {why}"));
    if given.mock.is_none() {
        return Err(wrong("a Context object is only supported when a mock is specified"));
    }
    let Ok(Value::Object(members)) = serde_json::from_str::<Value>(text) else {
        return Err(wrong("it must be a JSON object"));
    };
    let known = ["Execution", "State", "StateMachine", "Task"];
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(wrong(&format!("'{name}' field is not supported when mocking a Context object"))),
        None => Ok(Some(Value::Object(members))),
    }
}

fn variables(text: Option<&str>) -> Result<Map<String, Value>, AwsError> {
    let Some(text) = text else { return Ok(Map::new()) };
    match serde_json::from_str(text) {
        Ok(Value::Object(variables)) => Ok(variables),
        _ => Err(invalid_trial("Variables must be a JSON object.")),
    }
}

fn items(text: Option<&str>) -> Result<Option<Value>, AwsError> {
    let Some(text) = text else { return Ok(None) };
    serde_json::from_str(text).map(Some).map_err(|_| invalid_trial("MapItemReaderData must be valid JSON."))
}
