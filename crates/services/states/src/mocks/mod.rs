//! Answers in place of services, from the file format of Step Functions Local: an execution that is started with `#TestCase`
//! behind its state machine's ARN gets what the case says for its states.

pub(crate) mod case;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use updraft_asl::run::Failed;

/// Test cases by state machine.
#[derive(Clone, Debug, Default)]
pub struct Mocks(BTreeMap<String, Cases>);

type Cases = BTreeMap<String, BTreeMap<String, Answers>>;

/// What the calls of a state are answered, by their numbers.
#[derive(Clone, Debug)]
struct Answers(Vec<(u32, u32, Answer)>);

#[derive(Clone, Debug, Deserialize)]
enum Answer {
    Return(Value),
    Throw {
        #[serde(rename = "Error")]
        error: Option<String>,
        #[serde(rename = "Cause")]
        cause: Option<String>,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    state_machines: BTreeMap<String, Machine>,
    #[serde(default)]
    mocked_responses: BTreeMap<String, BTreeMap<String, Answer>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Machine {
    test_cases: BTreeMap<String, BTreeMap<String, String>>,
}

impl Mocks {
    /// # Errors
    /// If it isn't of the format, in words for a person.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let answers = file.mocked_responses.into_iter().map(|(name, answers)| {
            let numbered = numbered(answers).map_err(|wrong| format!("MockedResponses/{name}: {wrong}"))?;
            Ok((name, numbered))
        });
        let answers: BTreeMap<String, Answers> = answers.collect::<Result<_, String>>()?;
        let mut machines = BTreeMap::new();
        for (machine, Machine { test_cases }) in file.state_machines {
            let mut cases = Cases::new();
            for (case, states) in test_cases {
                let found = states.into_iter().map(|(state, name)| {
                    let missing = || format!("StateMachines/{machine}/TestCases/{case}: there is no response {name}");
                    Ok((state, answers.get(&name).cloned().ok_or_else(missing)?))
                });
                let found = found.collect::<Result<_, String>>()?;
                cases.insert(case, found);
            }
            machines.insert(machine, cases);
        }
        Ok(Self(machines))
    }

    pub(crate) fn has(&self, machine: &str, case: &str) -> bool {
        self.0.get(machine).is_some_and(|cases| cases.contains_key(case))
    }

    /// Whether the case says something of the state.
    pub(crate) fn knows(&self, (machine, case): (&str, &str), state: &str) -> bool {
        self.0.get(machine).and_then(|cases| cases.get(case)).is_some_and(|states| states.contains_key(state))
    }

    /// What the `n`-th call of the state is answered, counted from 0. `None`: the case says nothing of the state.
    pub(crate) fn answer(&self, (machine, case): (&str, &str), state: &str, n: u32) -> Option<Result<Value, Failed>> {
        let answers = self.0.get(machine)?.get(case)?.get(state)?;
        let answer = answers.0.iter().find(|(first, last, _)| (*first..=*last).contains(&n));
        Some(match answer {
            Some((_, _, Answer::Return(value))) => Ok(value.clone()),
            Some((_, _, Answer::Throw { error, cause })) => Err(Failed { error: error.clone(), cause: cause.clone() }),
            None => Err(Failed::runtime(format!("The test case {case} has no response for call {n} of {state}."))),
        })
    }
}

fn numbered(answers: BTreeMap<String, Answer>) -> Result<Answers, String> {
    let one = |(numbers, answer): (String, Answer)| {
        let (first, last) = numbers.split_once('-').unwrap_or((&numbers, &numbers));
        let number = |text: &str| text.trim().parse().map_err(|_| format!("{numbers} is neither a number nor a range"));
        let (first, last): (u32, u32) = (number(first)?, number(last)?);
        if first <= last {
            Ok((first, last, answer))
        } else {
            Err(format!("the range {numbers} ends before it begins"))
        }
    };
    answers.into_iter().map(one).collect::<Result<_, _>>().map(Answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{
        "StateMachines": {"m": {"TestCases": {"Happy": {"Call": "Good"}, "Hybrid": {}}}},
        "MockedResponses": {"Good": {
            "0-1": {"Throw": {"Error": "E", "Cause": "c"}},
            "2": {"Return": {"x": 1}}
        }}
    }"#;

    #[test]
    fn calls_are_answered_by_their_numbers() {
        let mocks = Mocks::parse(FILE).unwrap();
        let said = |n| mocks.answer(("m", "Happy"), "Call", n);
        assert_eq!(said(1).unwrap().unwrap_err().error.as_deref(), Some("E"));
        assert_eq!(said(2).unwrap().unwrap(), serde_json::json!({ "x": 1 }));
        assert_eq!(said(3).unwrap().unwrap_err().error.as_deref(), Some("States.Runtime"));
        assert!(mocks.answer(("m", "Happy"), "Other", 0).is_none());
        assert!(mocks.has("m", "Hybrid") && !mocks.has("m", "Sad") && !mocks.has("n", "Happy"));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        let wrong = |from: &str, to: &str| Mocks::parse(&FILE.replace(from, to)).unwrap_err();
        assert_eq!(wrong("0-1", "1-0"), "MockedResponses/Good: the range 1-0 ends before it begins");
        assert_eq!(wrong("0-1", "x"), "MockedResponses/Good: x is neither a number nor a range");
        assert_eq!(
            wrong(r#""Call": "Good""#, r#""Call": "No""#),
            "StateMachines/m/TestCases/Happy: there is no response No"
        );
        assert!(wrong("StateMachines", "Machines").contains("StateMachines"));
    }
}
