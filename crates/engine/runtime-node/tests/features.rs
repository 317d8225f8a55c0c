//! What functions may rely on.

use updraft_exec::suite::{Case, Package, World};

use crate::index;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        ("the_context_is_complete", |w| Box::pin(context(w))),
        ("the_platforms_sdk_is_there_for_both_kinds_of_modules", |w| Box::pin(sdk(w))),
        ("es_modules_work", |w| Box::pin(modules(w))),
        ("callbacks_wait_for_an_empty_event_loop", |w| Box::pin(callbacks(w))),
        ("a_handler_that_does_nothing_answers_null", |w| Box::pin(nothing(w))),
        ("the_console_is_formatted_as_aws_does", |w| Box::pin(console(w))),
    ]
}

async fn context(world: &World) {
    let code = "exports.handler = async (e, c) => ({ ...c, left: c.getRemainingTimeInMillis(), trace: process.env._X_AMZN_TRACE_ID });";
    let spec = world.function(&index(code));
    let outcome = world.call(&spec, "{}").await;
    let told = outcome.value;
    assert_eq!(told["awsRequestId"], outcome.request_id);
    assert_eq!(told["functionName"], spec.name);
    assert_eq!(told["functionVersion"], "$LATEST");
    assert_eq!(told["memoryLimitInMB"], "256");
    assert_eq!(told["logGroupName"], "/aws/lambda/f");
    assert_eq!(told["clientContext"]["custom"]["a"], "b");
    assert_eq!(told["callbackWaitsForEmptyEventLoop"], true);
    assert_eq!(told["trace"], "Root=1-2-3");
    let left = told["left"].as_i64().unwrap_or_default();
    assert!((5_000..=10_000).contains(&left), "{left}");
}

async fn modules(world: &World) {
    let text = "import { basename } from 'path'; const x = await Promise.resolve(41); export const handler = async () => x + basename('/a/1');";
    let mjs = Package::file("nodejs20.x", "src/index.handler", "src/index.mjs", text);
    assert_eq!(world.call(&world.function(&mjs), "{}").await.value, "411");
    let mut typed = index(text);
    typed.files.push(("package.json", r#"{"type":"module"}"#.to_owned(), false));
    assert_eq!(world.call(&world.function(&typed), "{}").await.value, "411");
}

async fn callbacks(world: &World) {
    let code = "let n = 0; exports.handler = (e, c, cb) => { n = 1; cb(null, e); setTimeout(() => { n = 2; console.log('n is ' + n); }, 50); };";
    let outcome = world.call(&world.function(&index(code)), "7").await;
    assert_eq!(outcome.value, 7);
    assert!(outcome.tail.contains("\tINFO\tn is 2\n"), "{}", outcome.tail);
}

async fn nothing(world: &World) {
    let spec = world.function(&index("exports.handler = () => {};"));
    for _ in 0..2 {
        let outcome = world.call(&spec, "{}").await;
        assert!(!outcome.failed && outcome.value.is_null(), "{outcome:?}");
    }
}

async fn console(world: &World) {
    let code = "exports.handler = async () => { console.warn('two\\nlines', { a: 1 }); };";
    let outcome = world.call(&world.function(&index(code)), "{}").await;
    let expected = format!("\t{}\tWARN\ttwo\nlines {{ a: 1 }}\n", outcome.request_id);
    assert!(outcome.tail.contains(&expected), "{}", outcome.tail);
}

async fn sdk(world: &World) {
    let required = index("exports.handler = async () => require('@aws-sdk/client-s3').origin;");
    assert_eq!(world.call(&world.function(&required), "{}").await.value, "platform");
    let text = "import { origin } from '@aws-sdk/client-s3'; export const handler = async () => origin;";
    let mut imported = Package::file("nodejs20.x", "index.handler", "index.mjs", text);
    assert_eq!(world.call(&world.function(&imported), "{}").await.value, "platform");
    let own = "exports.origin = 'own';".to_owned();
    imported.files.push(("node_modules/@aws-sdk/client-s3/index.js", own, false));
    assert_eq!(world.call(&world.function(&imported), "{}").await.value, "own");
}
