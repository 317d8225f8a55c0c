//! What a task's function printed while the state was at work.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::Scene;
use crate::api::{list, text};
use crate::trace::{Event, Visit};

/// Lines at once.
const LINES: usize = 100;
const LOOKED_AT: usize = 2_000;
/// Lines may be told a little later than what they are of.
const SLACK: i64 = 200;

/// What was called, as far as events tell.
pub(super) struct Call<'a> {
    pub(super) arguments: Option<&'a str>,
    /// Of the result or of the failure, which name the request.
    pub(super) answers: [Option<&'a str>; 2],
}

pub(super) async fn logs(scene: &Scene<'_>, visit: &Visit, events: &[&Event], call: Call<'_>) -> Markup {
    let Some(function) = function(events, call.arguments) else { return html! {} };
    let input = json!({
        "LogGroupName": format!("/aws/lambda/{function}"), "Limit": LOOKED_AT,
        "StartTime": visit.from.max(0), "EndTime": visit.to.unwrap_or_else(|| scene.now()) + SLACK,
    });
    let found = scene.api.call("cloudwatchlogs", "FilterLogEvents", input).await;
    let lines = found.as_ref().map(|said| list(said, "Events")).unwrap_or_default();
    let request = call.answers.into_iter().flatten().find_map(request);
    let own = request.as_deref().map(|request| of_request(lines, request)).filter(|own| !own.is_empty());
    let alone = own.is_some();
    let shown = own.unwrap_or_else(|| lines.iter().collect());
    html! {
        h3 { "Log of " a href=(scene.api.link(&["lambda", "functions", &function], &[])) { (function) } }
        @if shown.is_empty() { p.none { "It printed nothing in that time." } } @else {
            pre.log tabindex="0" { @for line in shown.iter().take(LINES) { (text(line, "Message").trim_end()) "\n" } }
            @if !alone { p.hint { "All that it printed in that time, for whomever." } }
        }
        @if shown.len() > LINES { p.hint { "These are the first " (LINES) " lines." } }
    }
}

/// The request that the last call was.
fn request(answer: &str) -> Option<String> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    let of_result = answer.get("SdkResponseMetadata").map(|said| text(said, "RequestId"));
    let request = of_result.unwrap_or_else(|| text(&answer, "requestId"));
    (!request.is_empty()).then(|| request.to_owned())
}

/// The lines of one request: those of its stream from its start to its report.
fn of_request<'a>(lines: &'a [Value], request: &str) -> Vec<&'a Value> {
    let says = |line: &Value, word: &str| text(line, "Message").starts_with(&format!("{word} RequestId: {request}"));
    let Some(start) = lines.iter().position(|line| says(line, "START")) else { return Vec::new() };
    let stream = lines.get(start).map(|line| text(line, "LogStreamName")).unwrap_or_default();
    let own = lines.iter().skip(start).filter(|line| text(line, "LogStreamName") == stream);
    let own: Vec<&Value> = own.collect();
    let end = own.iter().position(|line| says(line, "REPORT")).map_or(own.len(), |last| last + 1);
    own.into_iter().take(end).collect()
}

/// Which function was called, if one was.
fn function(events: &[&Event], arguments: Option<&str>) -> Option<String> {
    let scheduled = events.iter().find(|event| event.kind.ends_with("Scheduled"))?;
    let name = match scheduled.kind.as_str() {
        "LambdaFunctionScheduled" => scheduled.resource.clone(),
        "TaskScheduled" if scheduled.resource.starts_with("lambda:") => {
            let arguments: Value = serde_json::from_str(arguments?).ok()?;
            text(&arguments, "FunctionName").to_owned()
        }
        _ => return None,
    };
    let name = name.split(":function:").last()?.split(':').next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requests_lines_are_told_from_those_beside_it() {
        let line = |stream: &str, message: &str| json!({ "LogStreamName": stream, "Message": message });
        let lines = [
            line("a", "REPORT RequestId: 0"),
            line("a", "START RequestId: 1 Version: $LATEST"),
            line("b", "START RequestId: 2 Version: $LATEST"),
            line("a", "hello"),
            line("b", "not mine"),
            line("a", "REPORT RequestId: 1\tDuration"),
            line("a", "START RequestId: 3"),
        ];
        let own: Vec<&str> = of_request(&lines, "1").into_iter().map(|line| text(line, "Message")).collect();
        assert_eq!(own, ["START RequestId: 1 Version: $LATEST", "hello", "REPORT RequestId: 1\tDuration"]);
        assert!(of_request(&lines, "9").is_empty());
    }

    #[test]
    fn results_and_failures_name_their_request() {
        assert_eq!(request(r#"{"SdkResponseMetadata":{"RequestId":"a"}}"#).as_deref(), Some("a"));
        assert_eq!(request(r#"{"errorMessage":"x","requestId":"b"}"#).as_deref(), Some("b"));
        assert_eq!(request("no"), None);
    }
}
