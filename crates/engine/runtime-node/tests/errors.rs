//! Error shapes, as AWS's client gives them.

use updraft_exec::suite::{Case, Package, World};

use crate::index;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        ("an_error_has_its_trace", |w| Box::pin(rejection(w))),
        ("a_value_that_is_no_error_keeps_its_type", |w| Box::pin(no_error(w))),
        ("a_missing_module_is_an_import_module_error", |w| Box::pin(missing_module(w))),
        ("a_missing_handler_is_told_by_name", |w| Box::pin(missing_handler(w))),
        ("a_syntax_error_is_told_apart", |w| Box::pin(syntax_error(w))),
        ("an_unhandled_rejection_ends_the_instance", |w| Box::pin(unhandled(w))),
        ("an_uncaught_exception_ends_the_instance", |w| Box::pin(uncaught(w))),
    ]
}

async fn error(world: &World, package: &Package) -> serde_json::Value {
    let outcome = world.call(&world.function(package), "{}").await;
    assert!(outcome.failed, "{outcome:?}");
    outcome.value
}

async fn rejection(world: &World) {
    let spec = world.function(&index("exports.handler = async () => { throw new TypeError('no'); };"));
    let outcome = world.call(&spec, "{}").await;
    assert!(outcome.failed);
    assert_eq!(outcome.value["errorType"], "TypeError");
    assert_eq!(outcome.value["errorMessage"], "no");
    assert_eq!(outcome.value["trace"][0], "TypeError: no");
    assert!(outcome.value["trace"][1].as_str().unwrap_or_default().contains("/var/task/index.js:1:"));
    assert!(outcome.tail.contains("\tERROR\tInvoke Error \t{\"errorType\":\"TypeError\""), "{}", outcome.tail);
    assert!(!world.call(&spec, "{}").await.cold, "an error does not cost the instance");
}

async fn no_error(world: &World) {
    let value = error(world, &index("exports.handler = (e, c, cb) => cb('oops');")).await;
    assert_eq!(value.to_string(), r#"{"errorType":"string","errorMessage":"oops","trace":[]}"#);
}

async fn missing_module(world: &World) {
    let value = error(world, &index("require('nope');")).await;
    assert_eq!(value["errorType"], "Runtime.ImportModuleError");
    let message = value["errorMessage"].as_str().unwrap_or_default();
    assert!(
        message.starts_with(
            "Error: Cannot find module 'nope'\nRequire stack:\n- /var/task/index.js\n- /var/runtime/index.mjs"
        ),
        "{message}"
    );
}

async fn missing_handler(world: &World) {
    let value = error(world, &index("exports.other = 1;")).await;
    assert_eq!(value["errorType"], "Runtime.HandlerNotFound");
    assert_eq!(value["errorMessage"], "index.handler is undefined or not exported");
}

async fn syntax_error(world: &World) {
    let value = error(world, &index("exports.handler = (;")).await;
    assert_eq!(value["errorType"], "Runtime.UserCodeSyntaxError");
    assert!(value["errorMessage"].as_str().unwrap_or_default().starts_with("SyntaxError: "));
}

async fn unhandled(world: &World) {
    let code =
        "exports.handler = (e, c, cb) => { Promise.reject(new Error('lost')); setTimeout(() => cb(null, 1), 5000); };";
    let spec = world.function(&index(code));
    let outcome = world.call(&spec, "{}").await;
    assert_eq!(outcome.value["errorType"], "Runtime.UnhandledPromiseRejection");
    assert_eq!(outcome.value["errorMessage"], "Error: lost");
    assert!(world.call(&spec, "{}").await.cold);
}

async fn uncaught(world: &World) {
    let spec = world
        .function(&index("exports.handler = (e, c, cb) => { setTimeout(() => { throw new Error('late'); }, 10); };"));
    let outcome = world.call(&spec, "{}").await;
    assert_eq!(outcome.value["errorType"], "Error");
    assert_eq!(outcome.value["errorMessage"], "late");
    assert!(world.call(&spec, "{}").await.cold);
}
