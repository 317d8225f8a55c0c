//! `updraft sfn run`: a definition executed, told of as it goes, and drawn at its end.

mod graph;
mod seen;
mod trace;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use updraft_kernel::{Clock, SystemClock};

use crate::args::{PayloadArgs, SfnRunArgs};
use crate::aws::{Aws, Credentials};
use crate::failure::{Told, Usage};
use crate::{out, payload, pretty};
use seen::Seen;

const ROLE: &str = "arn:aws:iam::000000000000:role/updraft-sfn-run";

/// The history is looked at so often.
const PAUSE: Duration = Duration::from_millis(100);

/// Executes it on the platform at `endpoint`.
///
/// # Errors
/// If nothing answers, the definition isn't one, or the execution doesn't succeed: then [`Told`].
pub async fn run(endpoint: &str, args: &SfnRunArgs) -> Result<()> {
    let aws = Aws::new(endpoint, Credentials::of_environment(args.region.as_deref())?);
    let text = read(&args.definition)?;
    let definition: Value = serde_json::from_str(&text)
        .map_err(|error| Usage(format!("{} is not JSON: {error}", args.definition.display())))?;
    let given = PayloadArgs { payload: args.input.clone(), payload_file: args.input_file.clone() };
    let input = payload::of_flag("--input", &given, false)?;
    let mocked = args.mocks.as_deref().map(|mocks| chosen(mocks, args.case.as_deref())).transpose()?;
    let clock = SystemClock::new();
    let (machine, case) =
        mocked.map_or_else(|| (format!("sfn-run-{}", clock.now().0), None), |(name, case)| (name, Some(case)));
    let made =
        call(&aws, "CreateStateMachine", &json!({ "name": machine, "definition": text, "roleArn": ROLE })).await?;
    let arn = text_of(&made, "stateMachineArn")?.to_owned();
    let outcome =
        executed(&aws, &arn, case.as_deref(), &String::from_utf8_lossy(&input), (&definition, args.json)).await;
    call(&aws, "DeleteStateMachine", &json!({ "stateMachineArn": arn })).await?;
    outcome
}

/// The state machine and the test case of a file of mocks.
fn chosen(mocks: &Path, case: Option<&str>) -> Result<(String, String)> {
    let file: Value = serde_json::from_str(&read(mocks)?)
        .map_err(|error| Usage(format!("{} is not JSON: {error}", mocks.display())))?;
    let machines = file.get("StateMachines").and_then(Value::as_object).into_iter().flatten();
    let cases = machines.flat_map(|(machine, of)| {
        let cases = of.get("TestCases").and_then(Value::as_object).into_iter().flatten();
        cases.map(move |(case, _)| (machine.clone(), case.clone()))
    });
    let fitting: Vec<_> = cases.filter(|(_, name)| case.is_none_or(|case| case == name)).collect();
    match fitting.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Usage(format!("{} has no such test case", mocks.display())).into()),
        many => {
            let names: Vec<&str> = many.iter().map(|(_, case)| case.as_str()).collect();
            Err(Usage(format!("say which test case with --case: {}", names.join(", "))).into())
        }
    }
}

async fn executed(
    aws: &Aws,
    machine: &str,
    case: Option<&str>,
    input: &str,
    (definition, as_json): (&Value, bool),
) -> Result<()> {
    let behind = case.map(|case| format!("#{case}")).unwrap_or_default();
    let input = if input.is_empty() { "{}" } else { input };
    let wanted = json!({ "stateMachineArn": format!("{machine}{behind}"), "input": input });
    let started = call(aws, "StartExecution", &wanted).await?;
    let execution = text_of(&started, "executionArn")?;
    let seen = followed(aws, execution, as_json).await?;
    let said = call(aws, "DescribeExecution", &json!({ "executionArn": execution })).await?;
    told(&said, definition, &seen, as_json)
}

/// Tells of events as they come, until the last.
async fn followed(aws: &Aws, execution: &str, quiet: bool) -> Result<Seen> {
    let (clock, mut seen, mut last) = (SystemClock::new(), Seen::default(), 0);
    loop {
        let mut over = false;
        for event in behind(aws, execution, last).await? {
            last = number(&event);
            seen.add(&event);
            if let Some(line) = trace::line(&event, &seen).filter(|_| !quiet) {
                out::line(&line)?;
            }
            over = event.get("type").and_then(Value::as_str).is_some_and(ends);
        }
        if over {
            return Ok(seen);
        }
        clock.pause(PAUSE).await;
    }
}

fn ends(kind: &str) -> bool {
    matches!(kind, "ExecutionSucceeded" | "ExecutionFailed" | "ExecutionTimedOut" | "ExecutionAborted")
}

fn number(event: &Value) -> u64 {
    event.get("id").and_then(Value::as_u64).unwrap_or_default()
}

/// What came behind that event: the newest is read first, so that nothing is read which is known. Mostly there is little, so
/// that pages begin small.
async fn behind(aws: &Aws, execution: &str, last: u64) -> Result<Vec<Value>> {
    let (mut events, mut token, mut most) = (Vec::new(), Value::Null, 10);
    loop {
        let asked = json!({ "executionArn": execution, "maxResults": most, "reverseOrder": true, "nextToken": token });
        let mut page = call(aws, "GetExecutionHistory", &asked).await?;
        let Some(Value::Array(more)) = page.get_mut("events").map(Value::take) else { break };
        let all = more.len();
        events.extend(more.into_iter().take_while(|event| number(event) > last));
        let known = events.last().map_or(last, number) <= last + 1 || all == 0;
        match page.get_mut("nextToken").map(Value::take) {
            Some(next @ Value::String(_)) if !known => (token, most) = (next, (most * 4).min(1_000)),
            _ => break,
        }
    }
    events.reverse();
    Ok(events)
}

fn told(said: &Value, definition: &Value, seen: &Seen, as_json: bool) -> Result<()> {
    let status = text_of(said, "status")?;
    let good = status == "SUCCEEDED";
    let output: Option<Value> =
        said.get("output").and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok());
    if as_json {
        let told =
            json!({ "status": status, "output": output, "error": said.get("error"), "cause": said.get("cause") });
        out::line(&told.to_string())?;
    } else {
        out::line("")?;
        for line in graph::drawn(definition, seen) {
            out::line(&line)?;
        }
        out::line("")?;
        out::line(&if good { out::green(status) } else { out::red(status) })?;
        if let Some(output) = output {
            out::line(&pretty::json(&output))?;
        }
    }
    if good { Ok(()) } else { Err(Told.into()) }
}

async fn call(aws: &Aws, operation: &str, input: &Value) -> Result<Value> {
    aws.json("states", &format!("AWSStepFunctions.{operation}"), input).await
}

fn text_of<'a>(said: &'a Value, name: &str) -> Result<&'a str> {
    said.get(name).and_then(Value::as_str).with_context(|| format!("the platform's answer has no {name}"))
}

#[expect(clippy::disallowed_methods, reason = "a person named this file to the command line")]
fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))
}
