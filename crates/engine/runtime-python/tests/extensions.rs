//! Extensions beside a function.

use std::sync::Arc;
use std::time::Duration;

use updraft_exec::suite::{Case, SampleFile, World};
use updraft_kernel::ports::{FunctionSpec, Invocation, RunnerPort};

use crate::app;

const SCRIPT: &str = include_str!("extension.py");
const HANDLER: &str = "
import time
def handler(event, context):
    print('handled', event)
    time.sleep(event.get('sleep', 0))
    return event
";

pub(crate) fn cases() -> Vec<Case> {
    vec![
        ("an_extension_sees_calls_and_the_end", |w| Box::pin(life(w))),
        ("an_extension_hears_telemetry", |w| Box::pin(telemetry(w))),
        ("the_older_api_tells_lines_by_tcp", |w| Box::pin(tcp(w))),
        ("the_log_tells_of_extensions_first", |w| Box::pin(told(w))),
        ("an_extension_that_ends_at_the_start_fails_it", |w| Box::pin(exits(w))),
        ("an_extension_may_report_its_own_error", |w| Box::pin(init_error(w))),
        ("an_extension_that_crashes_fails_the_call", |w| Box::pin(crashes(w))),
        ("an_extension_that_cannot_run_fails_the_start", |w| Box::pin(not_executable(w))),
        ("an_extension_that_never_registers_takes_the_start_with_it", |w| Box::pin(never(w))),
        ("a_call_is_answered_before_extensions_are_done", |w| Box::pin(early(w))),
        ("a_timeout_is_told_to_extensions", |w| Box::pin(timeout(w))),
        ("an_extension_that_stays_is_killed", |w| Box::pin(stays(w))),
        ("an_internal_extension_lets_the_runtime_say_goodbye", |w| Box::pin(internal(w))),
        ("a_log_in_json_has_the_platforms_events", |w| Box::pin(json(w))),
    ]
}

fn program(path: &'static str) -> SampleFile {
    (path, SCRIPT.to_owned(), true)
}

/// With one extension, `watch`, that has this mode.
fn watched(world: &World, mode: &str) -> FunctionSpec {
    with_mode(world.layered(&app(HANDLER), &[vec![program("extensions/watch")]]), "MODE_WATCH", mode)
}

fn with_mode(mut spec: FunctionSpec, name: &str, mode: &str) -> FunctionSpec {
    spec.environment.insert(name.to_owned(), mode.to_owned());
    spec
}

async fn retire(world: &World, spec: &FunctionSpec) {
    world.exec.retire(&spec.account, &spec.region, &spec.name).await;
}

async fn said(world: &World, what: &str) {
    world.logged(|message| message.contains(what)).await;
}

/// What stands in the log, as one text.
fn log(world: &World) -> String {
    world.logs.messages().concat()
}

/// In this order in the log.
#[track_caller]
fn in_order(log: &str, parts: &[&str]) {
    let mut from = 0;
    for part in parts {
        let at = log.get(from..).and_then(|rest| rest.find(part));
        assert!(at.is_some(), "{part:?} is missing, or too early, in {log}");
        from += at.unwrap_or_default() + part.len();
    }
}

async fn life(world: &World) {
    let spec = world.layered(&app(HANDLER), &[vec![program("extensions/one"), program("extensions/two")]]);
    let first = world.call(&spec, r#"{"a":1}"#).await;
    let second = world.call(&spec, "{}").await;
    assert_eq!((first.cold, second.cold, first.failed, second.failed), (true, false, false, false));
    for name in ["one", "two"] {
        said(world, &format!("{name} registered 200 $LATEST app.handler False")).await;
        for id in [&first.request_id, &second.request_id] {
            said(world, &format!("{name} invoke {id} Root=1-2-3")).await;
        }
    }
    retire(world, &spec).await;
    said(world, "one shutdown spindown").await;
    said(world, "two shutdown spindown").await;
}

async fn telemetry(world: &World) {
    let spec = watched(world, "telemetry");
    world.call(&spec, "{}").await;
    retire(world, &spec).await;
    said(world, "watch subscribed 200 \"OK\"").await;
    said(world, "TELEMETRY\tName: watch\tState: Subscribed\tTypes: [Platform, Function, Extension]").await;
    // What happened before it subscribed is told, too.
    for heard in [
        "platform.initStart -",
        "platform.telemetrySubscription -",
        "platform.extension -",
        "platform.initRuntimeDone success",
        "platform.initReport success",
        "platform.start -",
        "platform.runtimeDone success",
        "platform.report success",
        "of the function: handled {}",
    ] {
        said(world, &format!("watch heard {heard}")).await;
    }
}

async fn tcp(world: &World) {
    let spec = watched(world, "tcp");
    world.call(&spec, "{}").await;
    said(world, "LOGS\tName: watch\tState: Subscribed\tTypes: [Platform, Function, Extension]").await;
    said(world, "watch heard by TCP: handled {}").await;
}

async fn told(world: &World) {
    let spec = watched(world, "");
    let outcome = world.call(&spec, "{}").await;
    said(world, &format!("REPORT RequestId: {}", outcome.request_id)).await;
    let ready = "EXTENSION\tName: watch\tState: Ready\tEvents: [INVOKE, SHUTDOWN]";
    in_order(&log(world), &["INIT_START", "watch registered", ready, "START RequestId", "handled {}", "END", "REPORT"]);
}

async fn exits(world: &World) {
    let outcome = world.call(&watched(world, "exits"), "{}").await;
    assert!(outcome.failed);
    assert_eq!(outcome.value["errorType"], "Extension.Crash", "{}", outcome.value);
    let why = format!("RequestId: {} Error: exit status 3", outcome.request_id);
    assert_eq!(outcome.value["errorMessage"], why.as_str());
    said(world, "State: LaunchError").await;
}

async fn init_error(world: &World) {
    let outcome = world.call(&watched(world, "init-error"), "{}").await;
    assert_eq!(outcome.value["errorType"], "Extension.InitError", "{}", outcome.value);
    assert!(outcome.value["errorMessage"].as_str().is_some_and(|why| why.ends_with("Error: Extension.Unhappy")));
}

async fn crashes(world: &World) {
    let spec = watched(world, "crashes");
    // While the function is at it: what it had answered before would be its caller's.
    let outcome = world.call(&spec, r#"{"sleep":5}"#).await;
    assert!(outcome.failed);
    assert_eq!(outcome.value["errorType"], "Extension.Crash", "{}", outcome.value);
    assert!(outcome.value["errorMessage"].as_str().is_some_and(|why| why.ends_with("exit status 7")));
    // The next one has an instance of its own.
    assert!(world.call(&spec, "{}").await.cold);
}

async fn not_executable(world: &World) {
    let layer = vec![("extensions/watch", SCRIPT.to_owned(), false)];
    let outcome = world.call(&world.layered(&app(HANDLER), &[layer]), "{}").await;
    assert!(outcome.failed);
    assert_eq!(outcome.value["errorType"], "Extension.LaunchError", "{}", outcome.value);
    assert!(outcome.value["errorMessage"].as_str().is_some_and(|why| why.contains("permission denied")));
}

async fn never(world: &World) {
    let mut spec = watched(world, "never");
    spec.timeout = Duration::from_secs(1);
    let outcome = world.call(&spec, "{}").await;
    assert_eq!(outcome.value["errorType"], "Sandbox.Timedout", "{}", outcome.value);
    said(world, "Phase: init\tStatus: timeout").await;
}

async fn early(world: &World) {
    let spec = watched(world, "slow");
    let call = Invocation {
        request_id: "untailed".to_owned(),
        invoked_arn: "arn".to_owned(),
        payload: "{}".into(),
        client_context: None,
        trace_header: None,
        tail: false,
    };
    assert!(world.exec.run(&Arc::new(spec.clone()), call).await.is_ok());
    let answered = world.clock.monotonic();
    said(world, "done at last").await;
    let later = world.clock.monotonic().saturating_sub(answered);
    assert!(later > Duration::from_millis(250), "the answer came only {later:?} before the extension's end");
    // Its place was held meanwhile: the next call finds the instance free.
    assert!(!world.call(&spec, "{}").await.cold);
}

async fn timeout(world: &World) {
    let mut spec = watched(world, "");
    spec.timeout = Duration::from_secs(1);
    let outcome = world.call(&spec, r#"{"sleep":30}"#).await;
    assert_eq!(outcome.value["errorType"], "Sandbox.Timedout");
    said(world, "watch shutdown timeout").await;
}

async fn stays(world: &World) {
    let spec = watched(world, "stays");
    world.call(&spec, "{}").await;
    retire(world, &spec).await;
    said(world, "watch shutdown spindown").await;
    let began = world.clock.monotonic();
    world.exec.drain(Duration::from_secs(20)).await;
    let took = world.clock.monotonic().saturating_sub(began);
    assert!(took < Duration::from_secs(10), "it took {took:?}");
}

async fn internal(world: &World) {
    let code = "
import http.client, os, signal, sys, threading
def bye(*_):
    print('goodbye', flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, bye)
connection = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
connection.request('POST', '/2020-01-01/extension/register', '{\"events\": []}', {'Lambda-Extension-Name': 'inside'})
answer = connection.getresponse()
registered, identifier, _ = answer.status, answer.getheader('Lambda-Extension-Identifier'), answer.read()
def next_event():
    connection.request('GET', '/2020-01-01/extension/event/next', headers={'Lambda-Extension-Identifier': identifier})
    connection.getresponse()
threading.Thread(target=next_event, daemon=True).start()
def handler(event, context):
    return registered
";
    let spec = world.function(&app(code));
    assert_eq!(world.call(&spec, "{}").await.value, 200);
    retire(world, &spec).await;
    said(world, "goodbye").await;
}

async fn json(world: &World) {
    let mut spec = watched(world, "");
    spec.logging.json = true;
    "DEBUG".clone_into(&mut spec.logging.system_level);
    let outcome = world.call(&spec, "{}").await;
    said(world, "platform.report").await;
    let messages = world.logs.messages();
    let platform = messages.iter().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let platform: Vec<_> = platform.filter(|event| event["type"].as_str().is_some()).collect();
    let named = |name: &str| platform.iter().find(|event| event["type"] == name).map(|event| event["record"].clone());
    let start = named("platform.start").unwrap_or_default();
    assert_eq!(start["requestId"], outcome.request_id.as_str(), "{messages:#?}");
    assert_eq!(start["version"], "$LATEST");
    let report = named("platform.report").unwrap_or_default();
    assert_eq!((&report["status"], &report["metrics"]["memorySizeMB"]), (&"success".into(), &256.into()));
    assert!(report["metrics"]["initDurationMs"].as_f64().is_some_and(|took| took > 0.0));
    for name in ["platform.initStart", "platform.initRuntimeDone", "platform.initReport", "platform.runtimeDone"] {
        assert!(named(name).is_some(), "{name} is missing in {messages:#?}");
    }
}
