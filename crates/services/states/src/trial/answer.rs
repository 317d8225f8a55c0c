//! What was seen of a state, as `TestState` answers it.

use http::HeaderMap;
use serde_json::Value;
use updraft_api_states::types::{
    InspectionData, InspectionDataRequest as Request, InspectionDataResponse as Response,
    InspectionErrorDetails as ErrorDetails, InspectionLevel, TestExecutionStatus as Status, TestStateOutput,
};
use updraft_asl::run::Inspection;
use updraft_kernel::ports::WebRequest;

use super::wanted::Trial;
use crate::run::servers::Exchange;

pub(super) fn answer(trial: Trial, exchange: Option<&Exchange>) -> TestStateOutput {
    let seen = trial.inspector.seen.into_inner();
    let status = status(&seen);
    let mut inspected = (trial.level != InspectionLevel::Info).then(|| inspected(&seen));
    if let (InspectionLevel::Trace, Some(inspected), Some(exchange)) = (&trial.level, &mut inspected, exchange) {
        inspected.request = Some(asked(if trial.reveals { &exchange.sent } else { &exchange.asked }));
        inspected.response = Some(answered(exchange));
    }
    let failed = seen.failed.filter(|_| status != Status::Succeeded);
    TestStateOutput {
        output: seen.output.map(|output| output.to_string()).filter(|_| status != Status::Retriable),
        error: failed.as_ref().and_then(|failed| failed.error.clone()),
        cause: failed.and_then(|failed| failed.cause),
        inspection_data: inspected,
        next_state: seen.next.map(|next| next.to_string()),
        status: Some(status),
    }
}

fn status(seen: &Inspection) -> Status {
    match (&seen.output, &seen.failed) {
        _ if seen.retrier.is_some() => Status::Retriable,
        (Some(_), Some(_)) => Status::CaughtError,
        (Some(_), None) => Status::Succeeded,
        (None, _) => Status::Failed,
    }
}

fn inspected(seen: &Inspection) -> InspectionData {
    let text = |name: &str| seen.data.get(name).map(ToString::to_string);
    let number = |name: &str| seen.data.get(name).and_then(Value::as_i64).and_then(|number| i32::try_from(number).ok());
    InspectionData {
        input: text("input"),
        after_arguments: text("afterArguments"),
        after_input_path: text("afterInputPath"),
        after_parameters: text("afterParameters"),
        result: text("result"),
        after_result_selector: text("afterResultSelector"),
        after_result_path: text("afterResultPath"),
        variables: text("variables"),
        error_details: error_details(seen),
        after_items_path: text("afterItemsPath"),
        after_item_selector: text("afterItemSelector"),
        tolerated_failure_count: number("toleratedFailureCount"),
        tolerated_failure_percentage: seen.data.get("toleratedFailurePercentage").and_then(Value::as_f64),
        max_concurrency: number("maxConcurrency"),
        ..InspectionData::default()
    }
}

fn error_details(seen: &Inspection) -> Option<ErrorDetails> {
    let index = |index: usize| i32::try_from(index).ok();
    match (seen.retrier, seen.catcher) {
        (Some((n, millis)), _) => Some(ErrorDetails {
            retry_index: index(n),
            retry_backoff_interval_seconds: i32::try_from(millis / 1_000).ok(),
            ..ErrorDetails::default()
        }),
        (None, Some(n)) => Some(ErrorDetails { catch_index: index(n), ..ErrorDetails::default() }),
        (None, None) => None,
    }
}

fn asked(request: &WebRequest) -> Request {
    Request {
        protocol: Some(protocol(request).to_owned()),
        method: Some(request.method.to_string()),
        url: Some(request.url.clone()),
        headers: Some(headers(&request.headers)),
        body: Some(String::from_utf8_lossy(&request.body).into_owned()).filter(|body| !body.is_empty()),
    }
}

fn answered(exchange: &Exchange) -> Response {
    Response {
        protocol: Some(protocol(&exchange.asked).to_owned()),
        status_code: Some(exchange.answer.status.to_string()),
        status_message: Some(exchange.reason().to_owned()),
        headers: Some(headers(&exchange.answer.headers)),
        body: Some(String::from_utf8_lossy(&exchange.answer.body).into_owned()),
    }
}

fn protocol(request: &WebRequest) -> &str {
    request.url.split(':').next().unwrap_or_default()
}

/// AWS: in this form.
fn headers(headers: &HeaderMap) -> String {
    let one = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
    };
    format!("[{}]", headers.iter().map(one).collect::<Vec<_>>().join(", "))
}
