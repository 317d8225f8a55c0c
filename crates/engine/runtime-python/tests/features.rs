//! What functions may rely on.

use futures_util::StreamExt;
use updraft_exec::suite::{Case, Package, World};

use crate::app;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        ("the_context_is_complete", |w| Box::pin(context(w))),
        ("logging_is_formatted_as_aws_does", |w| Box::pin(logging(w))),
        ("decimals_become_numbers_and_text_stays_text", |w| Box::pin(json(w))),
        ("a_handler_may_live_in_a_folder", |w| Box::pin(folder(w))),
        ("a_wrapper_script_that_is_missing_is_reported", |w| Box::pin(wrapper(w))),
        ("forking_without_end_fails_inside_only", |w| Box::pin(fork_storm(w))),
        ("the_platforms_sdk_is_there_and_a_functions_own_wins", |w| Box::pin(sdk(w))),
        ("the_endpoint_knows_which_function_calls", |w| Box::pin(endpoint(w))),
        ("a_closer_interpreter_that_is_missing_is_noted", |w| Box::pin(noted(w))),
        ("a_generator_may_begin_with_the_head_of_a_response", |w| Box::pin(head(w))),
        ("a_generator_is_no_answer_to_who_wants_it_whole", |w| Box::pin(no_stream(w))),
    ]
}

async fn context(world: &World) {
    let code = "
import os
def handler(event, context):
    names = ('aws_request_id', 'function_name', 'function_version', 'invoked_function_arn', 'log_group_name',
             'memory_limit_in_mb')
    told = {name: getattr(context, name) for name in names}
    told['remaining'] = context.get_remaining_time_in_millis()
    told['custom'] = context.client_context.custom
    told['title'] = context.client_context.client.app_title
    told['identity'] = context.identity.cognito_identity_id
    told['trace'] = os.environ['_X_AMZN_TRACE_ID']
    return told
";
    let spec = world.function(&app(code));
    let outcome = world.call(&spec, "{}").await;
    let told = outcome.value;
    assert_eq!(told["aws_request_id"], outcome.request_id);
    assert_eq!(told["function_name"], spec.name);
    assert_eq!(told["function_version"], "$LATEST");
    assert_eq!(told["memory_limit_in_mb"], "256");
    assert_eq!(told["log_group_name"], "/aws/lambda/f");
    assert_eq!(told["custom"]["a"], "b");
    assert_eq!(told["title"], "t");
    assert!(told["identity"].is_null());
    assert_eq!(told["trace"], "Root=1-2-3");
    let left = told["remaining"].as_i64().unwrap_or_default();
    assert!((5_000..=10_000).contains(&left), "{left}");
}

async fn logging(world: &World) {
    let code = "
import logging
log = logging.getLogger()
log.setLevel('INFO')
def handler(event, context):
    log.info('a message')
    log.debug('not shown')
";
    let outcome = world.call(&world.function(&app(code)), "{}").await;
    let line = outcome.tail.lines().find(|line| line.starts_with("[INFO]\t")).unwrap_or_default().to_owned();
    let parts: Vec<&str> = line.split('\t').collect();
    assert_eq!(parts.len(), 4, "{line:?} in {}", outcome.tail);
    assert!(parts[1].len() == 24 && parts[1].ends_with('Z'), "{line}");
    assert_eq!(parts[2..], [outcome.request_id.as_str(), "a message"]);
    assert!(!outcome.tail.contains("not shown"));
}

async fn json(world: &World) {
    let code = "
from decimal import Decimal
def handler(event, context):
    return {'n': Decimal('1.50'), 's': '1.50', 'list': [Decimal('7')], 'u': '\u{e4}'}
";
    let outcome = world.call(&world.function(&app(code)), "{}").await;
    assert_eq!(outcome.value.to_string(), r#"{"n":1.50,"s":"1.50","list":[7],"u":"ä"}"#);
}

async fn head(world: &World) {
    let code = "
def handler(event, context):
    yield {'statusCode': 201}
    yield 'text'
    yield b'bytes'
    yield {'n': 1}
";
    let answer = world.stream(&world.function(&app(code)), "{}").await;
    assert_eq!(answer.content_type, "application/vnd.awslambda.http-integration-response");
    let pieces: Vec<_> = answer.pieces.collect().await;
    let text = String::from_utf8(pieces.concat()).unwrap_or_default();
    assert_eq!(text, "{\"statusCode\": 201}\0\0\0\0\0\0\0\0textbytes{\"n\": 1}");
    assert!(answer.ended.await.error.is_none());
}

async fn no_stream(world: &World) {
    let spec = world.function(&app("def handler(event, context):\n    yield 1\n"));
    let outcome = world.call(&spec, "{}").await;
    assert_eq!(outcome.value["errorType"], "Runtime.MarshalError");
    let message = outcome.value["errorMessage"].as_str().unwrap_or_default();
    assert!(message.contains("Object of type generator is not JSON serializable"), "{message}");
}

async fn folder(world: &World) {
    let package = Package::file("python3.12", "src/app.handler", "src/app.py", "def handler(e, c):\n    return 1\n");
    assert_eq!(world.call(&world.function(&package), "{}").await.value, 1);
}

async fn wrapper(world: &World) {
    let mut spec = world.function(&app("def handler(e, c):\n    return 1\n"));
    spec.environment.insert("AWS_LAMBDA_EXEC_WRAPPER".to_owned(), "/var/task/nope".to_owned());
    let outcome = world.call(&spec, "{}").await;
    let message = format!("RequestId: {} Error: Runtime exited with error: exit status 127", outcome.request_id);
    assert_eq!(outcome.value["errorMessage"], message);
}

async fn fork_storm(world: &World) {
    let code = "
import os, time
def handler(event, context):
    try:
        while True:
            if os.fork() == 0:
                time.sleep(3600)
    except OSError as error:
        return str(error)
";
    let neighbour = world.function(&app("def handler(e, c):\n    return 1\n"));
    assert_eq!(world.call(&neighbour, "{}").await.value, 1);
    let mut storm = world.function(&app(code));
    storm.memory_mb = 3008;
    storm.timeout = std::time::Duration::from_secs(20);
    world.call(&storm, "{}").await;
    assert_eq!(world.call(&neighbour, "{}").await.value, 1);
}

async fn noted(world: &World) {
    let package = Package::file(
        "python3.14",
        "app.handler",
        "app.py",
        "import sys\ndef handler(e, c):\n    return sys.version_info[1]\n",
    );
    let outcome = world.call(&world.function(&package), "{}").await;
    if outcome.value != 14 {
        world.logged(|line| line.contains("Note: python3.14 was asked for, Python 3.")).await;
    }
}

async fn sdk(world: &World) {
    let mut package = app("import boto3\ndef handler(e, c):\n    return boto3.origin\n");
    assert_eq!(world.call(&world.function(&package), "{}").await.value, "platform");
    package.files.push(("boto3.py", "origin = 'own'\n".to_owned(), false));
    assert_eq!(world.call(&world.function(&package), "{}").await.value, "own");
}

async fn endpoint(world: &World) {
    let code = "
import os, socket, urllib.parse
def handler(event, context):
    url = urllib.parse.urlsplit(os.environ['AWS_ENDPOINT_URL'])
    with socket.create_connection((url.hostname, url.port)) as s:
        return s.recv(100).decode()
";
    let spec = world.function(&app(code));
    assert_eq!(world.call(&spec, "{}").await.value, spec.name);
}
