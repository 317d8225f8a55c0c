//! What a checkpoint may say. Pure. The sentences are those of AWS's own testing library for its SDK.

use std::collections::HashMap;

use updraft_api_lambda::types::{ErrorObject, OperationAction as Action, OperationType as Type, OperationUpdate};
use updraft_kernel::AwsError;

use super::outcome::ErrorText;
use super::rows::{Kind, Of, OperationRow, State};
use crate::errors::invalid_parameter;

/// AWS: bytes of a payload that only a call that somebody waits for may have more of.
pub(crate) const PAYLOAD_LIMIT: usize = 1 << 20;
/// AWS: operations of an execution.
const OPERATIONS_LIMIT: u64 = 3_000;
/// AWS: bytes that an execution may ever keep.
const BYTES_LIMIT: u64 = 100 << 20;

type Checked = Result<(), AwsError>;

fn refused(text: &'static str) -> Checked {
    Err(invalid_parameter(text))
}

/// What an update does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Start,
    Succeed,
    Fail,
    Retry,
    Cancel,
}

impl Step {
    /// `None`: the tables let nothing else through.
    pub(crate) fn of(action: &Action) -> Option<Self> {
        Some(match action {
            Action::Start => Self::Start,
            Action::Succeed => Self::Succeed,
            Action::Fail => Self::Fail,
            Action::Retry => Self::Retry,
            Action::Cancel => Self::Cancel,
            Action::Unknown(_) => return None,
        })
    }
}

/// `None`: the execution itself.
pub(crate) fn kind_of(kind: &Type) -> Option<Kind> {
    Some(match kind {
        Type::Context => Kind::Context,
        Type::Step => Kind::Step,
        Type::Wait => Kind::Wait,
        Type::Callback => Kind::Callback,
        Type::ChainedInvoke => Kind::ChainedInvoke,
        Type::Execution | Type::Unknown(_) => return None,
    })
}

/// What a client may send together.
///
/// # Errors
/// In AWS's words.
pub(crate) fn batch(updates: &[OperationUpdate]) -> Checked {
    let ends = updates.iter().filter(|update| update.r#type == Type::Execution).count();
    if ends > 1 {
        return refused("Cannot checkpoint multiple EXECUTION updates.");
    }
    if ends == 1 && updates.last().is_some_and(|last| last.r#type != Type::Execution) {
        return refused("EXECUTION checkpoint must be the last update.");
    }
    let mut seen: HashMap<&str, &OperationUpdate> = HashMap::new();
    for update in updates {
        if let Some(before) = seen.insert(&update.id, update) {
            // Something may begin and end at once.
            let pair = before.action == Action::Start && update.action != Action::Start;
            if !pair || !matches!(before.r#type, Type::Step | Type::Context) {
                return refused("Cannot checkpoint multiple operations with the same ID.");
            }
        }
    }
    Ok(())
}

/// `parent` is what the update's parent is, where it names one; `current` what the operation itself is.
///
/// # Errors
/// In AWS's words.
pub(crate) fn update(update: &OperationUpdate, parent: Option<Kind>, current: Option<&OperationRow>) -> Checked {
    if update.parent_id.is_some() && parent != Some(Kind::Context) {
        return refused("Invalid parent operation id.");
    }
    if let Some(current) = current {
        same(update, current.kind, &current.of)?;
    }
    sizes(update)?;
    let Some(step) = Step::of(&update.action) else { return refused("Invalid action for the given operation type.") };
    let Some(kind) = kind_of(&update.r#type) else { return execution(update, step) };
    if !allowed(kind).contains(&step) {
        return refused("Invalid action for the given operation type.");
    }
    moves(update, step, kind, current.map(|current| current.state))
}

fn same(update: &OperationUpdate, kind: Kind, of: &Of) -> Checked {
    let differs = |said: &Option<String>, is: &Option<String>| said.is_some() && said != is;
    if kind_of(&update.r#type) != Some(kind) {
        return refused("Inconsistent operation type.");
    }
    if differs(&update.sub_type, &of.sub_type) {
        return refused("Inconsistent operation subtype.");
    }
    if differs(&update.name, &of.name) {
        return refused("Inconsistent operation name.");
    }
    if differs(&update.parent_id, &of.parent) {
        return refused("Inconsistent parent operation id.");
    }
    Ok(())
}

/// # Errors
/// If it is too large.
pub(crate) fn error(error: ErrorObject) -> Result<ErrorText, AwsError> {
    let text = ErrorText::from(error);
    if text.clone().into_json().len() > PAYLOAD_LIMIT {
        return Err(invalid_parameter(format!("Error object size must be less than {PAYLOAD_LIMIT} bytes.")));
    }
    Ok(text)
}

fn sizes(update: &OperationUpdate) -> Checked {
    update.error.clone().map(error).transpose()?;
    let size = update.payload.as_ref().map_or(0, String::len);
    if size <= PAYLOAD_LIMIT || update.r#type == Type::Execution {
        return Ok(());
    }
    let (kind, way) = (update.r#type.as_str(), if update.r#type == Type::ChainedInvoke { "input" } else { "output" });
    Err(invalid_parameter(format!("{kind} {way} payload size must be less than or equal to {PAYLOAD_LIMIT} bytes.")))
}

fn allowed(kind: Kind) -> &'static [Step] {
    match kind {
        Kind::Context => &[Step::Start, Step::Succeed, Step::Fail],
        Kind::Step => &[Step::Start, Step::Succeed, Step::Fail, Step::Retry],
        Kind::Wait => &[Step::Start, Step::Cancel],
        Kind::Callback | Kind::ChainedInvoke => &[Step::Start],
    }
}

fn execution(update: &OperationUpdate, step: Step) -> Checked {
    match step {
        Step::Succeed | Step::Fail => one_of_both(update, step),
        _ => refused("Invalid action for the given operation type."),
    }
}

fn one_of_both(update: &OperationUpdate, step: Step) -> Checked {
    match step {
        Step::Fail if update.payload.is_some() => refused("Cannot provide a Payload for FAIL action."),
        Step::Succeed if update.error.is_some() => refused("Cannot provide an Error for SUCCEED action."),
        _ => Ok(()),
    }
}

/// From where an operation may go where.
fn moves(update: &OperationUpdate, step: Step, kind: Kind, from: Option<State>) -> Checked {
    let at_work = matches!(from, None | Some(State::Started | State::Ready));
    match (kind, step) {
        (Kind::Step, Step::Start) if !matches!(from, None | Some(State::Ready)) => {
            refused("Invalid current STEP state to start.")
        }
        (Kind::Step, Step::Succeed | Step::Fail) if !at_work => refused("Invalid current STEP state to close."),
        (Kind::Step, Step::Retry) if !at_work => refused("Invalid current STEP state to re-attempt."),
        (Kind::Step, Step::Retry) => retry(update),
        (Kind::Context, Step::Start) if from.is_some() => refused("Cannot start a CONTEXT that already exist."),
        (Kind::Context, Step::Succeed | Step::Fail) if !matches!(from, None | Some(State::Started)) => {
            refused("Invalid current CONTEXT state to close.")
        }
        (Kind::Step | Kind::Context, _) => one_of_both(update, step),
        (Kind::Wait, Step::Start) if from.is_some() => refused("Cannot start a WAIT that already exist."),
        (Kind::Wait, Step::Cancel) if from != Some(State::Started) => {
            refused("Cannot cancel a WAIT that does not exist or has already completed.")
        }
        (Kind::Callback, _) if from.is_some() => refused("Cannot start a CALLBACK that already exist."),
        (Kind::ChainedInvoke, _) if from.is_some() => {
            refused("Cannot start a CHAINED_INVOKE operation that already exists.")
        }
        (Kind::ChainedInvoke, _) if update.chained_invoke_options.is_none() => {
            refused("Update for CHAINED_INVOKE operation requires ChainedInvokeOptions.")
        }
        _ => Ok(()),
    }
}

fn retry(update: &OperationUpdate) -> Checked {
    if update.step_options.as_ref().and_then(|options| options.next_attempt_delay_seconds).is_none() {
        return refused("Invalid StepOptions for the given action.");
    }
    if update.error.is_some() && update.payload.is_some() {
        return refused("Cannot provide both error and payload to RETRY a STEP.");
    }
    Ok(())
}

/// What an execution had too much of, which ends it. AWS's words for this aren't known.
pub(crate) fn excess(operations: u64, bytes: u64) -> Option<String> {
    if operations > OPERATIONS_LIMIT {
        return Some(format!("The execution exceeded the maximum of {OPERATIONS_LIMIT} operations."));
    }
    let megabytes = BYTES_LIMIT >> 20;
    (bytes > BYTES_LIMIT).then(|| format!("The execution exceeded the maximum of {megabytes} MB of persisted data."))
}

#[cfg(test)]
mod tests {
    use updraft_api_lambda::types::{ChainedInvokeOptions, StepOptions};
    use updraft_kernel::UnixMillis;

    use super::*;
    use crate::durable::rows::Details;

    fn said(kind: Type, action: Action) -> OperationUpdate {
        OperationUpdate { id: "a".into(), r#type: kind, action, ..OperationUpdate::default() }
    }

    fn row(kind: Kind, state: State) -> OperationRow {
        let of = Of { id: "a".into(), parent: None, name: Some("n".into()), sub_type: Some("s".into()) };
        let details = Details::Context { replays: false };
        let (result, error) = (None, None);
        OperationRow { of, kind, state, started: UnixMillis(0), ended: None, result, error, details }
    }

    fn word(checked: Checked) -> String {
        checked.err().map_or_else(String::new, |error| error.message().to_owned())
    }

    fn check(kind: Type, action: Action, from: Option<State>, expected: &str) {
        let current = from.map(|state| row(kind_of(&kind).unwrap(), state));
        let update_said = OperationUpdate {
            step_options: Some(StepOptions { next_attempt_delay_seconds: Some(1) }),
            chained_invoke_options: Some(ChainedInvokeOptions::default()),
            ..said(kind, action)
        };
        assert_eq!(word(update(&update_said, None, current.as_ref())), expected, "{update_said:?} from {from:?}");
    }

    #[test]
    fn a_step_goes_from_attempt_to_attempt() {
        use State::{Failed, Pending, Ready, Started, Succeeded};
        for from in [None, Some(Ready)] {
            check(Type::Step, Action::Start, from, "");
        }
        for from in [Started, Pending, Succeeded, Failed] {
            check(Type::Step, Action::Start, Some(from), "Invalid current STEP state to start.");
        }
        for from in [None, Some(Started), Some(Ready)] {
            check(Type::Step, Action::Succeed, from, "");
            check(Type::Step, Action::Fail, from, "");
            check(Type::Step, Action::Retry, from, "");
        }
        for from in [Pending, Succeeded, Failed] {
            check(Type::Step, Action::Succeed, Some(from), "Invalid current STEP state to close.");
            check(Type::Step, Action::Retry, Some(from), "Invalid current STEP state to re-attempt.");
        }
        check(Type::Step, Action::Cancel, None, "Invalid action for the given operation type.");
        assert_eq!(
            word(update(&said(Type::Step, Action::Retry), None, None)),
            "Invalid StepOptions for the given action."
        );
    }

    #[test]
    fn the_others_begin_once_and_end_once() {
        let closed = "Invalid current CONTEXT state to close.";
        check(Type::Context, Action::Start, None, "");
        check(Type::Context, Action::Start, Some(State::Started), "Cannot start a CONTEXT that already exist.");
        check(Type::Context, Action::Succeed, Some(State::Started), "");
        check(Type::Context, Action::Fail, Some(State::Succeeded), closed);
        check(Type::Wait, Action::Start, Some(State::Started), "Cannot start a WAIT that already exist.");
        check(Type::Wait, Action::Cancel, Some(State::Started), "");
        let gone = "Cannot cancel a WAIT that does not exist or has already completed.";
        check(Type::Wait, Action::Cancel, None, gone);
        check(Type::Wait, Action::Cancel, Some(State::Succeeded), gone);
        check(Type::Wait, Action::Succeed, None, "Invalid action for the given operation type.");
        check(Type::Callback, Action::Start, Some(State::Started), "Cannot start a CALLBACK that already exist.");
        check(Type::Callback, Action::Succeed, None, "Invalid action for the given operation type.");
        let exists = "Cannot start a CHAINED_INVOKE operation that already exists.";
        check(Type::ChainedInvoke, Action::Start, Some(State::Started), exists);
        let bare = said(Type::ChainedInvoke, Action::Start);
        let needs = "Update for CHAINED_INVOKE operation requires ChainedInvokeOptions.";
        assert_eq!(word(update(&bare, None, None)), needs);
        check(Type::Execution, Action::Start, None, "Invalid action for the given operation type.");
        check(Type::Execution, Action::Succeed, None, "");
    }

    #[test]
    fn a_result_and_an_error_exclude_each_other() {
        let both = |kind, action| OperationUpdate {
            payload: Some("1".into()),
            error: Some(ErrorObject::default()),
            step_options: Some(StepOptions { next_attempt_delay_seconds: Some(1) }),
            ..said(kind, action)
        };
        for kind in [Type::Step, Type::Context, Type::Execution] {
            let failing = both(kind.clone(), Action::Fail);
            assert_eq!(word(update(&failing, None, None)), "Cannot provide a Payload for FAIL action.");
            let succeeding = both(kind, Action::Succeed);
            assert_eq!(word(update(&succeeding, None, None)), "Cannot provide an Error for SUCCEED action.");
        }
        let retrying = both(Type::Step, Action::Retry);
        assert_eq!(word(update(&retrying, None, None)), "Cannot provide both error and payload to RETRY a STEP.");
    }

    #[test]
    fn an_operation_stays_what_it_is() {
        let current = row(Kind::Step, State::Started);
        let known = |change: fn(&mut OperationUpdate)| {
            let mut update_said = said(Type::Step, Action::Succeed);
            change(&mut update_said);
            word(update(&update_said, Some(Kind::Context), Some(&current)))
        };
        assert_eq!(known(|_| ()), "");
        assert_eq!(known(|update| update.r#type = Type::Wait), "Inconsistent operation type.");
        assert_eq!(known(|update| update.sub_type = Some("t".into())), "Inconsistent operation subtype.");
        assert_eq!(known(|update| update.name = Some("m".into())), "Inconsistent operation name.");
        assert_eq!(known(|update| update.parent_id = Some("p".into())), "Inconsistent parent operation id.");
        let mut child = said(Type::Step, Action::Start);
        child.parent_id = Some("p".into());
        for parent in [None, Some(Kind::Step)] {
            assert_eq!(word(update(&child, parent, None)), "Invalid parent operation id.");
        }
        assert_eq!(word(update(&child, Some(Kind::Context), None)), "");
    }

    #[test]
    fn what_is_sent_together_fits_together() {
        let of = |id: &str, kind, action| OperationUpdate { id: id.into(), ..said(kind, action) };
        let pair = [of("a", Type::Step, Action::Start), of("a", Type::Step, Action::Succeed)];
        assert_eq!(word(batch(&pair)), "");
        let twice = "Cannot checkpoint multiple operations with the same ID.";
        assert_eq!(word(batch(&[pair[1].clone(), pair[1].clone()])), twice);
        assert_eq!(word(batch(&[pair[0].clone(), pair[0].clone()])), twice);
        let waits = [of("a", Type::Wait, Action::Start), of("a", Type::Wait, Action::Cancel)];
        assert_eq!(word(batch(&waits)), twice);
        let end = of("e", Type::Execution, Action::Succeed);
        assert_eq!(word(batch(&[pair[0].clone(), end.clone()])), "");
        assert_eq!(word(batch(&[end.clone(), pair[0].clone()])), "EXECUTION checkpoint must be the last update.");
        assert_eq!(word(batch(&[end.clone(), end])), "Cannot checkpoint multiple EXECUTION updates.");
    }

    #[test]
    fn sizes_have_two_sides() {
        let of = |kind, size| OperationUpdate {
            payload: Some("1".repeat(size)),
            chained_invoke_options: Some(ChainedInvokeOptions::default()),
            ..said(kind, Action::Start)
        };
        assert_eq!(word(update(&of(Type::Context, PAYLOAD_LIMIT), None, None)), "");
        assert_eq!(
            word(update(&of(Type::Context, PAYLOAD_LIMIT + 1), None, None)),
            "CONTEXT output payload size must be less than or equal to 1048576 bytes."
        );
        assert_eq!(
            word(update(&of(Type::ChainedInvoke, PAYLOAD_LIMIT + 1), None, None)),
            "CHAINED_INVOKE input payload size must be less than or equal to 1048576 bytes."
        );
        let error = ErrorObject { error_data: Some("1".repeat(PAYLOAD_LIMIT)), ..ErrorObject::default() };
        let failing = OperationUpdate { error: Some(error), ..said(Type::Step, Action::Fail) };
        assert_eq!(word(update(&failing, None, None)), "Error object size must be less than 1048576 bytes.");
        assert_eq!((excess(3_000, 100 << 20), excess(3_001, 0).is_some()), (None, true));
        assert!(excess(0, (100 << 20) + 1).is_some());
    }
}
