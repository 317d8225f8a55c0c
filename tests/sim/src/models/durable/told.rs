//! What clients and functions were told of executions.

use std::collections::{BTreeMap, BTreeSet};

use parking_lot::Mutex;
use updraft_kernel::{RngExt, SeededRng};

/// An operation of an execution: its number, and which one.
pub(super) type Which = (u64, String);

#[derive(Debug, Default)]
struct All {
    /// By number: the execution's ARN.
    executions: BTreeMap<u64, String>,
    /// Numbers that were asked for more than once.
    repeated: BTreeSet<u64>,
    /// What steps came to, as it was acknowledged to the function.
    steps: BTreeMap<Which, String>,
    /// Callbacks that functions were given, and whose they are.
    callbacks: BTreeMap<String, u64>,
    /// What they were answered with.
    answers: BTreeMap<String, String>,
    /// For values that there is one of.
    values: u64,
}

#[derive(Debug, Default)]
pub(super) struct Told(Mutex<All>);

impl Told {
    /// A value that nobody has had.
    pub(super) fn value(&self) -> String {
        let mut all = self.0.lock();
        all.values += 1;
        all.values.to_string()
    }

    /// The largest number of an execution that is known.
    pub(super) fn last(&self) -> Option<u64> {
        self.0.lock().executions.keys().last().copied()
    }

    pub(super) fn repeated(&self, number: u64) -> bool {
        !self.0.lock().repeated.insert(number)
    }

    /// Whether it isn't another one than was told before.
    pub(super) fn is_execution(&self, number: u64, arn: String) -> bool {
        *self.0.lock().executions.entry(number).or_insert_with(|| arn.clone()) == arn
    }

    pub(super) fn execution(&self, number: u64) -> Option<String> {
        self.0.lock().executions.get(&number).cloned()
    }

    /// Whether this is the first value that was acknowledged for the step.
    pub(super) fn acknowledged(&self, which: Which, value: String) -> bool {
        *self.0.lock().steps.entry(which).or_insert_with(|| value.clone()) == value
    }

    pub(super) fn gave(&self, callback: String, number: u64) {
        self.0.lock().callbacks.insert(callback, number);
    }

    /// One to be answered, and with what.
    pub(super) fn callback(&self, rng: &SeededRng) -> Option<(String, String)> {
        let value = self.value();
        let all = self.0.lock();
        let nth = rng.below(u64::try_from(all.callbacks.len()).ok().filter(|count| *count > 0)?);
        let id = all.callbacks.keys().nth(usize::try_from(nth).ok()?)?.clone();
        Some((id, value))
    }

    /// What it was answered with before.
    pub(super) fn answered(&self, callback: String, value: String) -> Option<String> {
        self.0.lock().answers.insert(callback, value)
    }

    /// `result` is what the execution came to, and `steps` what its history says of them.
    pub(super) fn compare(&self, number: u64, result: &str, steps: &[(String, String)]) -> Result<(), String> {
        let all = self.0.lock();
        let found: BTreeMap<&String, &String> = steps.iter().map(|(id, value)| (id, value)).collect();
        if found.len() < steps.len() {
            return Err(format!("a step ended twice: {steps:?}"));
        }
        let acknowledged = all.steps.iter().filter(|((of, _), _)| *of == number);
        for ((_, id), value) in acknowledged {
            if found.get(id) != Some(&value) {
                return Err(format!("step {id} was acknowledged with {value}, and is {:?}", found.get(id)));
            }
        }
        let words: Vec<&str> = result.trim_matches('"').split(' ').collect();
        if let Some((id, value)) = steps.iter().find(|(_, value)| !words.contains(&value.as_str())) {
            return Err(format!("step {id} came to {value}, which isn't in {result}"));
        }
        let answers = all.callbacks.iter().filter(|(_, of)| **of == number);
        let lost = answers.filter_map(|(id, _)| all.answers.get(id)).find(|value| !words.contains(&value.as_str()));
        lost.map_or(Ok(()), |value| Err(format!("a callback was answered with {value}, which isn't in {result}")))
    }
}
