//! Writes `operations.rs`: the table of operations and the model itself.

use super::Input;
use super::crate_root::{header, shape_path};
use super::model::Operation;
use super::names::screaming;
use super::overrides::Style;

pub(crate) fn write(input: &Input) -> String {
    let mut text = header(input);
    text.push_str("//! The operations of the model, and the model itself.\n\n");
    text.push_str(
        "use updraft_wire::model::{ErrorShape, Operation, Protocol, Routes, ServiceModel, Style, operation};\n\n",
    );
    text.push_str("use crate::{errors, shapes};\n\n");
    text.push_str(&model(input));
    text.push_str(&operations(input));
    text.push_str(&errors(input));
    text
}

fn model(input: &Input) -> String {
    let metadata = &input.model.metadata;
    let protocols: Vec<&str> = input.model.protocols().into_iter().map(protocol).collect();
    format!(
        "pub static MODEL: ServiceModel = ServiceModel {{\n    \
             name: {:?},\n    service_id: {:?},\n    signing_name: {:?},\n    endpoint_prefix: {:?},\n    \
             target_prefix: {:?},\n    api_version: {:?},\n    protocols: &[{}],\n    json_version: {:?},\n    \
             xml_namespace: {:?},\n    query_compatible: {},\n    global: {},\n    error_namespace: {:?},\n    style: Style::{},\n    validation: {},\n    \
             operations: &OPERATIONS,\n    shapes: &shapes::ALL,\n    errors: &ERRORS,\n    routes: Routes::new(),\n}};\n\n",
        input.service.dir,
        metadata.service_id,
        metadata.signing_name.as_ref().unwrap_or(&metadata.endpoint_prefix),
        metadata.endpoint_prefix,
        metadata.target_prefix,
        metadata.api_version,
        protocols.join(", "),
        metadata.json_version,
        metadata.xml_namespace,
        metadata.aws_query_compatible.is_some(),
        metadata.global_endpoint.is_some(),
        input.overrides.error_namespace,
        style(input),
        validation(input),
    )
}

/// The names of the wire's `Style`, as overrides write them.
fn style(input: &Input) -> &'static str {
    match input.overrides.style {
        Style::Plain => "Plain",
        Style::Dynamodb => "DynamoDb",
        Style::Apigateway => "ApiGateway",
        Style::Sqs => "Sqs",
        Style::S3 => "S3",
    }
}

fn validation(input: &Input) -> String {
    let shape = &input.overrides.validation_error;
    shape.as_ref().map_or("None".to_owned(), |shape| format!("Some(&errors::{})", screaming(shape)))
}

fn protocol(name: &str) -> &'static str {
    match name {
        "json" => "Protocol::Json",
        "rest-json" => "Protocol::RestJson",
        "rest-xml" => "Protocol::RestXml",
        "smithy-rpc-v2-cbor" => "Protocol::Cbor",
        _ => "Protocol::Query",
    }
}

fn operations(input: &Input) -> String {
    let mut text = format!("static OPERATIONS: [Operation; {}] = [\n", input.model.operations.len());
    for (index, (name, op)) in input.model.operations.iter().enumerate() {
        text.push_str(&row(input, index, name, op));
    }
    text + "];\n\n"
}

/// A model that no longer lists the query protocol doesn't say it, and it is the same for all.
fn result_wrapper(input: &Input, name: &str, op: &Operation) -> Option<String> {
    let output = op.output.as_ref()?;
    let unlisted = input.model.metadata.aws_query_compatible.is_some() && !input.model.protocols().contains(&"query");
    output.result_wrapper.clone().or_else(|| unlisted.then(|| format!("{name}Result")))
}

fn row(input: &Input, index: usize, name: &str, op: &Operation) -> String {
    let mut text = format!("    operation({index}, {name:?}, {:?})", action(input, name, op));
    let status = input.overrides.successes.get(name).copied().or(op.http.response_code).unwrap_or(200);
    if op.http.method != "POST" || op.http.request_uri != "/" || status != 200 {
        push(&mut text, "http", &format!("{:?}, {:?}, {status}", op.http.method, op.http.request_uri));
    }
    for (role, reference) in [("input", &op.input), ("output", &op.output)] {
        if let Some(reference) = reference {
            push(&mut text, role, &shape_path(&reference.shape));
        }
    }
    if let Some(wrapper) = result_wrapper(input, name, op) {
        push(&mut text, "result_wrapper", &format!("{wrapper:?}"));
    }
    if let Some(wrapper) = op.input.as_ref().and_then(|input| input.location_name.as_ref()) {
        push(&mut text, "input_wrapper", &format!("{wrapper:?}"));
    }
    if let Some(endpoint) = op.endpoint.as_ref().filter(|endpoint| !endpoint.host_prefix.is_empty()) {
        push(&mut text, "host_prefix", &format!("{:?}", endpoint.host_prefix));
    }
    if let Some(content_type) = input.overrides.content_types.get(name) {
        push(&mut text, "payload_type", &format!("{content_type:?}"));
    }
    if let Some((member, _)) = input.model.event_stream(op) {
        push(&mut text, "event_stream", &member.to_string());
    }
    let flags = [
        (is_read_only(name), "read_only"),
        (input.overrides.implemented.contains(name), "implemented"),
        (op.authtype.as_deref() == Some("none") || input.overrides.unsigned.contains(name), "unsigned"),
        (op.deprecated, "deprecated"),
    ];
    for (_, flag) in flags.into_iter().filter(|(set, _)| *set) {
        push(&mut text, flag, "");
    }
    if !op.errors.is_empty() {
        let shapes: Vec<String> = op.errors.iter().map(|error| shape_path(&error.shape)).collect();
        push(&mut text, "errors", &format!("&[{}]", shapes.join(", ")));
    }
    text + ",\n"
}

fn push(text: &mut String, method: &str, arguments: &str) {
    *text += &format!(".{method}({arguments})");
}

/// AWS: actions of API Gateway are named by the HTTP method, not by the operation.
fn action(input: &Input, name: &str, op: &Operation) -> String {
    match input.overrides.actions.get(name) {
        Some(action) => action.clone(),
        None if input.service.iam == "apigateway" => format!("apigateway:{}", op.http.method),
        None => format!("{}:{name}", input.service.iam),
    }
}

/// The verbs of operations that change nothing.
fn is_read_only(name: &str) -> bool {
    const VERBS: &[&str] = &[
        "Describe",
        "Get",
        "List",
        "Head",
        "BatchGet",
        "TransactGet",
        "Query",
        "Scan",
        "Search",
        "Filter",
        "Lookup",
        "Check",
        "Verify",
        "Validate",
        "Simulate",
        "Test",
        "Estimate",
        "Select",
        "Preview",
        "Detect",
    ];
    // AWS: these begin like reads, yet start something or hand out a secret that is new each time.
    const CHANGING: &[&str] = &["DetectStackDrift", "DetectStackSetDrift", "DetectStackResourceDrift", "TestState"];
    let verb =
        |verb: &str| name.strip_prefix(verb).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()));
    VERBS.iter().any(|v| verb(v)) && !CHANGING.contains(&name)
}

fn errors(input: &Input) -> String {
    let rows: Vec<String> = input
        .model
        .errors()
        .map(|(name, _)| {
            format!("    ErrorShape {{ code: &errors::{}, shape: {} }},\n", screaming(name), shape_path(name))
        })
        .collect();
    format!("static ERRORS: [ErrorShape; {}] = [\n{}];\n", rows.len(), rows.concat())
}
