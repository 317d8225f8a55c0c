//! What was recorded, and the definitions that were executed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use updraft_asl::definition::{Definition, Kind, Machine};
use updraft_asl::read::{self, Workflow};

/// An execution's history.
pub(super) struct Recorded {
    pub(super) name: String,
    pub(super) events: Vec<Value>,
}

/// A definition and the name of its file.
pub(super) struct Written {
    pub(super) stem: String,
    text: Value,
}

fn files(of: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(of).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// All of them but those whose events are in no order.
pub(super) fn histories(folder: &Path) -> Vec<Recorded> {
    let mut found = Vec::new();
    for file in files(&folder.join("aws-recorded/stepfunctions/v2")) {
        let scenarios: Map<String, Value> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        for (name, value) in &scenarios {
            lists(name, value, &mut found);
        }
    }
    found.retain(|one| one.events[0]["type"] == "ExecutionStarted");
    found.retain(|one| one.events.iter().all(|event| event["id"].is_number()));
    found
}

/// Every list of events within.
fn lists(name: &str, value: &Value, found: &mut Vec<Recorded>) {
    match value {
        Value::Array(list) if list.first().is_some_and(|one| one.get("previousEventId").is_some()) => {
            found.push(Recorded { name: name.to_owned(), events: list.clone() });
        }
        Value::Array(list) => list.iter().for_each(|value| lists(name, value, found)),
        Value::Object(members) => members.values().for_each(|value| lists(name, value, found)),
        _ => {}
    }
}

pub(super) fn definitions(folder: &Path) -> Vec<Written> {
    let read = |file: PathBuf| Written {
        stem: file.file_stem().unwrap().to_string_lossy().into_owned(),
        text: json5::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap(),
    };
    files(&folder.join("asl-definitions")).into_iter().map(read).collect()
}

impl Written {
    /// Whether the recording says that it is of this one.
    pub(super) fn is_of(&self, recorded: &Recorded) -> bool {
        let name = recorded.name.rsplit("::").next().unwrap_or_default().to_lowercase();
        let (test, parameter) = name.strip_suffix(']').and_then(|name| name.split_once('[')).unwrap_or((&name, ""));
        let parameter = parameter.strip_prefix("st.").unwrap_or(parameter);
        [test.trim_start_matches("test_"), parameter].contains(&self.stem.as_str())
    }

    /// With what was called then, if it may have been executed then: all states that were entered are in it.
    pub(super) fn as_in(&self, recorded: &Recorded) -> Option<Definition> {
        let mut text = self.text.clone();
        with_resource(&mut text, &resource(&recorded.events));
        let definition = read::definition(&text.to_string(), Workflow::Standard).ok()?;
        let mut all = BTreeSet::new();
        kinds(&definition.machine, &mut all);
        entered(&recorded.events).is_subset(&all).then_some(definition)
    }
}

/// Every state with its kind.
fn kinds(machine: &Machine, found: &mut BTreeSet<(String, String)>) {
    for state in machine.states.values() {
        found.insert((state.kind.name().to_owned(), state.name.to_string()));
        match &state.kind {
            Kind::Parallel(branches) => branches.iter().for_each(|branch| kinds(branch, found)),
            Kind::Map(map) => kinds(&map.processor, found),
            _ => {}
        }
    }
}

fn entered(events: &[Value]) -> BTreeSet<(String, String)> {
    let name = |event: &Value| {
        let kind = event["type"].as_str()?.strip_suffix("StateEntered")?.to_owned();
        Some((kind, event["stateEnteredEventDetails"]["name"].as_str()?.to_owned()))
    };
    events.iter().filter_map(name).collect()
}

/// Instead of what stands for a function.
fn with_resource(definition: &mut Value, resource: &Value) {
    match definition {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                let stands_for_one = name == "Resource" && value.as_str().is_some_and(|text| !text.starts_with("arn:"));
                if stands_for_one { *value = resource.clone() } else { with_resource(value, resource) }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| with_resource(value, resource)),
        _ => {}
    }
}

fn resource(events: &[Value]) -> Value {
    let called = |event: &Value| {
        let details = event.get("lambdaFunctionScheduledEventDetails").or(event.get("activityScheduledEventDetails"))?;
        details.get("resource").cloned()
    };
    events.iter().find_map(called).unwrap_or(json!("arn:aws:lambda:us-east-1:111111111111:function:f"))
}
