//! Executions that AWS recorded: the history has to be the same, event by event.

mod choices;
mod compare;
mod library;
mod replay;

use std::path::PathBuf;

use library::{Recorded, Written};

/// What isn't as recorded, and why.
const KNOWN: &[(&str, &str)] = &[
    ("map_state_result_writer", "the first state is shown the input without its blanks, where others have them"),
    ("VALID_ITEMS_PATH_FROM_INPUT", "of another definition"),
    ("test_base_task[HEARTBEAT_SECONDS]", "the field was filled in"),
    ("wait_timestamp_jsonata", "the recording doesn't show the time that was given"),
    ("test_math_random_seeded", "the recording doesn't show the number"),
    ("test_aws_sdk_task_service.py::TestTaskServiceAwsSdk::test_dynamodb_put_get_item", "of another definition"),
    ("test_output.py::TestArgumentsBase::test_base_cases[BASE_EMPTY]", "of another definition"),
];

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("CONFORMANCE_DIR").map(PathBuf::from);
    if folder.is_none() {
        println!("CONFORMANCE_DIR isn't set: AWS's recorded answers are not at hand");
    }
    folder
}

/// How one comes out. Not every definition is at hand, and some are used under other names: those that might be it are tried.
enum Outcome {
    Same,
    Otherwise(String),
    Unknown,
}

fn outcome(recorded: &Recorded, written: &[Written]) -> Outcome {
    let mut otherwise = None;
    for one in written {
        let Some(definition) = one.as_in(recorded) else { continue };
        let ours = replay::replay(&definition, &recorded.events);
        match compare::difference(&recorded.events, &ours) {
            None => return Outcome::Same,
            Some((_, difference)) if one.is_of(recorded) => {
                otherwise = Some(format!("{} by {}: {difference}", recorded.name, one.stem));
            }
            Some(_) => {}
        }
    }
    otherwise.map_or(Outcome::Unknown, Outcome::Otherwise)
}

#[test]
fn histories_are_as_aws_recorded_them() {
    let Some(folder) = folder() else { return };
    let written = library::definitions(&folder);
    let (mut same, mut unknown, mut known, mut otherwise) = (0, 0, 0, Vec::new());
    for recorded in library::histories(&folder) {
        match outcome(&recorded, &written) {
            Outcome::Same => same += 1,
            Outcome::Unknown => unknown += 1,
            Outcome::Otherwise(_) if KNOWN.iter().any(|(part, _)| recorded.name.contains(part)) => known += 1,
            Outcome::Otherwise(difference) => otherwise.push(difference),
        }
    }
    println!("{same} as recorded, {known} not yet, {unknown} of definitions that aren't at hand");
    assert!(otherwise.is_empty(), "{}", otherwise.join("\n"));
    assert!(same >= 120, "{same} as recorded");
}
