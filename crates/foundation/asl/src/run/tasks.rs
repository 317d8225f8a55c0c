//! `Task`: a call, from its beginning to its end.

use serde_json::{Map, Value, json};

use super::context::{Around, Found};
use super::engine::Engine;
use super::enter::argument_field;
use super::events::{failed, text, written};
use super::frame::{Calling, FrameId, Phase, Turn};
use super::usable::usable;
use super::{Call, Effect, Failed, Timer, Trouble, token};
use crate::definition::{Kind, Pattern, Resource, State, Task, Written};
use crate::lang::{Env, Type};

/// The most bytes that a task may be given or give, and that a state may put out.
pub(super) const LARGEST: usize = 262_144;

/// What a task's events are called and tell.
struct Told {
    /// `Task`, `LambdaFunction`, `Activity`.
    family: &'static str,
    details: Map<String, Value>,
}

impl Engine<'_> {
    pub(super) fn call(&mut self, frame: FrameId, of: (&State, &Task), mut around: Around, input: Value) -> Found<()> {
        let (state, task) = of;
        if let Resource::Activity(arn) = &task.resource
            && self.facts.missing_activities.contains(arn)
        {
            return Err(Trouble::runtime(format!("The activity {arn} does not exist.")));
        }
        let token = matches!(task.resource, Resource::Service { pattern: Pattern::Token, .. } | Resource::Activity(_))
            .then(|| token::draw(self.chance));
        self.hand_over(token.as_deref(), &mut around);
        let env = around.env(&input, self);
        let arguments = self.arguments(state, &env)?;
        let timeout = limit(task.timeout.as_ref(), &env, "TimeoutSeconds")?;
        let heartbeat = limit(task.heartbeat.as_ref(), &env, "HeartbeatSeconds")?;
        let credentials =
            task.credentials.as_ref().map(|template| template.evaluate(&env, "Credentials")).transpose()?;
        let written = arguments.to_string();
        small_enough(&written, argument_field(state.language))?;
        usable(&task.resource, &arguments, argument_field(state.language), &self.facts.fits)?;
        let details = self.scheduled(&task.resource, written, (timeout, heartbeat), credentials.as_ref());
        let family = told(&task.resource).family;
        self.next_event(frame, format!("{family}Scheduled"), Some(details));
        let turn = self.turn(frame);
        self.set_phase(frame, Phase::Calling(Calling { heartbeat, seen: self.now, started: false }));
        // AWS: an activity's time begins when a worker takes the task.
        if !matches!(task.resource, Resource::Activity(_)) {
            self.is_timed(turn, (timeout, heartbeat));
        }
        let resource = task.resource.clone();
        self.effects.push(Effect::Call(Call { turn, resource, arguments, credentials, token }));
        Ok(())
    }

    fn is_timed(&mut self, turn: Turn, (timeout, heartbeat): (Option<u64>, Option<u64>)) {
        for (seconds, timer) in [(timeout, Timer::Timeout), (heartbeat, Timer::Heartbeat)] {
            self.effects.extend(seconds.map(|seconds| Effect::Timer { turn, at: after(self.now, seconds), timer }));
        }
    }

    /// The time that a task has whose worker has just come.
    fn begins_now(&mut self, turn: Turn, state: &State, heartbeat: Option<u64>) -> Found<()> {
        let Kind::Task(task) = &state.kind else { return Ok(()) };
        let around = self.around(turn.frame);
        let input = self.input_of(&state.data, &around, &self.raw(turn.frame))?;
        let timeout = limit(task.timeout.as_ref(), &around.env(&input, self), "TimeoutSeconds")?;
        self.is_timed(turn, (timeout, heartbeat));
        Ok(())
    }

    /// `arguments`: as they are written out.
    fn scheduled(
        &self,
        resource: &Resource,
        arguments: String,
        (timeout, heartbeat): (Option<u64>, Option<u64>),
        credentials: Option<&Value>,
    ) -> Value {
        let mut details = match resource {
            Resource::Function(arn) | Resource::Activity(arn) => {
                let mut details = written("input", arguments);
                details.insert("resource".to_owned(), json!(arn));
                details
            }
            Resource::Service { .. } => {
                let mut details = told(resource).details;
                details.insert("region".to_owned(), json!(self.facts.region));
                details.insert("parameters".to_owned(), json!(arguments));
                details
            }
        };
        details.extend(timeout.map(|seconds| ("timeoutInSeconds".to_owned(), json!(seconds))));
        details.extend(heartbeat.map(|seconds| ("heartbeatInSeconds".to_owned(), json!(seconds))));
        let role = credentials.and_then(|credentials| credentials.get("RoleArn"));
        details.extend(role.map(|role| ("taskCredentials".to_owned(), json!({ "roleArn": role }))));
        Value::Object(details)
    }

    /// `worker`: who took an activity's task.
    pub(super) fn task_started(&mut self, turn: Turn, worker: Option<Option<String>>) {
        let Some((state, calling)) = self.calling(turn) else { return };
        if calling.started {
            return;
        }
        let Some(told) = told_of(state) else { return };
        let details = match (told.family, worker) {
            ("Activity", Some(worker)) => {
                let name = worker.map(|worker| ("workerName".to_owned(), json!(worker)));
                Some(Value::Object(name.into_iter().collect()))
            }
            ("Task", _) => Some(Value::Object(told.details)),
            _ => None,
        };
        self.next_event(turn.frame, format!("{}Started", told.family), details);
        let seen = self.now;
        let heartbeat = calling.heartbeat;
        self.set_phase(turn.frame, Phase::Calling(Calling { started: true, seen, ..calling }));
        if told.family == "Activity"
            && let Err(trouble) = self.begins_now(turn, state, heartbeat)
        {
            self.trouble(turn.frame, trouble);
        }
    }

    pub(super) fn task_submitted(&mut self, turn: Turn, output: Value) {
        let Some((state, _)) = self.calling(turn) else { return };
        let Some(told) = told_of(state) else { return };
        let mut details = told.details;
        details.extend(text("output", &output));
        self.next_event(turn.frame, format!("{}Submitted", told.family), Some(Value::Object(details)));
    }

    pub(super) fn task_succeeded(&mut self, turn: Turn, output: Value) {
        let Some((state, _)) = self.calling(turn) else { return };
        let Some(told) = told_of(state) else { return };
        let answer = output.to_string();
        if answer.len() > LARGEST {
            return self.task_failed(turn, oversized(&called(state)));
        }
        let mut details = told.details;
        details.extend(written("output", answer));
        self.next_event(turn.frame, format!("{}Succeeded", told.family), Some(Value::Object(details)));
        self.call_is_over(turn);
        self.done(turn.frame, state, Some(output));
    }

    pub(super) fn task_failed(&mut self, turn: Turn, with: Failed) {
        self.task_came_to(turn, "Failed", with);
    }

    /// AWS: a task that would have ended later failed before it was submitted.
    pub(super) fn task_refused(&mut self, turn: Turn, with: Failed) {
        let ends_later = self.calling(turn).is_some_and(|(state, _)| ends_later(state));
        self.task_came_to(turn, if ends_later { "SubmitFailed" } else { "Failed" }, with);
    }

    fn task_came_to(&mut self, turn: Turn, end: &str, with: Failed) {
        let Some((state, _)) = self.calling(turn) else { return };
        let Some(told) = told_of(state) else { return };
        let mut details = told.details;
        details.extend(failed(with.error.as_ref(), with.cause.as_ref()).as_object().cloned().unwrap_or_default());
        self.next_event(turn.frame, format!("{}{end}", told.family), Some(Value::Object(details)));
        self.call_is_over(turn);
        self.fail(turn.frame, with, true);
    }

    pub(super) fn task_timed_out(&mut self, turn: Turn, error: &str) {
        let Some((state, _)) = self.calling(turn) else { return };
        let Some(told) = told_of(state) else { return };
        let mut details = told.details;
        details.insert("error".to_owned(), json!(error));
        self.next_event(turn.frame, format!("{}TimedOut", told.family), Some(Value::Object(details)));
        self.call_is_over(turn);
        self.fail(turn.frame, Failed { error: Some(error.to_owned()), cause: None }, true);
    }

    /// What comes for this turn from now on comes too late.
    fn call_is_over(&mut self, turn: Turn) {
        self.effects.push(Effect::Cancel(turn));
        self.turn(turn.frame);
        self.set_phase(turn.frame, Phase::Ready);
    }

    pub(super) fn heartbeat(&mut self, turn: Turn) {
        let Some((_, calling)) = self.calling(turn) else { return };
        let seen = self.now;
        self.set_phase(turn.frame, Phase::Calling(Calling { seen, ..calling }));
    }

    /// Its timer fires as if no sign of life had come; there may have been one.
    pub(super) fn heart_stopped(&mut self, turn: Turn) {
        let Some((_, calling)) = self.calling(turn) else { return };
        let due = after(calling.seen, calling.heartbeat.unwrap_or_default());
        if due > self.now {
            self.effects.push(Effect::Timer { turn, at: due, timer: Timer::Heartbeat });
        } else {
            // AWS: observed to be a States.Timeout, where the documentation has States.HeartbeatTimeout.
            self.task_timed_out(turn, "States.Timeout");
        }
    }
}

/// `arguments`: as they are written out.
fn small_enough(arguments: &str, field: &str) -> Found<()> {
    if arguments.len() <= LARGEST {
        return Ok(());
    }
    let cause = format!("The {field} of the state exceed the maximum number of bytes service limit.");
    Err(Trouble { error: "States.DataLimitExceeded", ..Trouble::runtime(cause) })
}

fn after(now: i64, seconds: u64) -> i64 {
    now.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX / 2_000).saturating_mul(1_000))
}

fn told_of(state: &State) -> Option<Told> {
    match &state.kind {
        Kind::Task(task) => Some(told(&task.resource)),
        _ => None,
    }
}

/// `.sync`, `.waitForTaskToken`.
fn ends_later(state: &State) -> bool {
    let Kind::Task(task) = &state.kind else { return false };
    matches!(&task.resource, Resource::Service { pattern, .. } if *pattern != Pattern::Response)
}

fn told(resource: &Resource) -> Told {
    match resource {
        Resource::Function(_) => Told { family: "LambdaFunction", details: Map::new() },
        Resource::Activity(_) => Told { family: "Activity", details: Map::new() },
        Resource::Service { service, action, sdk, pattern } => {
            let kind = if *sdk { format!("aws-sdk:{service}") } else { service.clone() };
            let resource = format!("{action}{}", pattern.suffix());
            let members = [("resourceType".to_owned(), json!(kind)), ("resource".to_owned(), json!(resource))];
            Told { family: "Task", details: Map::from_iter(members) }
        }
    }
}

fn called(state: &State) -> String {
    match &state.kind {
        Kind::Task(task) => match &task.resource {
            Resource::Function(arn) | Resource::Activity(arn) => arn.clone(),
            Resource::Service { service, action, .. } => format!("{service}:{action}"),
        },
        _ => String::new(),
    }
}

/// `who`: AWS names what was called, or the state whose own output it is.
pub(super) fn oversized(who: &str) -> Failed {
    let what = "returned a result with a size exceeding the maximum number of bytes service limit.";
    Failed { error: Some("States.DataLimitExceeded".to_owned()), cause: Some(format!("The state/task '{who}' {what}")) }
}

/// Seconds, where the field is there.
fn limit(written: Option<&Written<u64>>, env: &Env<'_>, field: &str) -> Found<Option<u64>> {
    let value = match written {
        None => return Ok(None),
        Some(Written::Fixed(seconds)) => return Ok(Some(*seconds)),
        Some(Written::Call(_)) => return Ok(None),
        Some(Written::Path(path)) => env.at(path)?,
        Some(Written::Query(query)) => {
            let value = query.evaluate(env, field)?;
            return value.as_u64().map(Some).ok_or_else(|| query.unexpected(field, Type::Number, &value));
        }
    };
    let what = format!("The {field}Path field refers to value {value} which is not a valid integer");
    value.as_u64().map(Some).ok_or_else(|| Trouble::runtime(what))
}
