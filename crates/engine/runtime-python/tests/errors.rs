//! Error shapes, as AWS's client gives them.

use updraft_exec::suite::{Case, Package, World};

use crate::app;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        ("an_exception_has_its_stack_trace", |w| Box::pin(exception(w))),
        ("a_missing_module_is_an_import_module_error", |w| Box::pin(missing_module(w))),
        ("a_missing_handler_is_told_by_name", |w| Box::pin(missing_handler(w))),
        ("a_syntax_error_shows_the_line", |w| Box::pin(syntax_error(w))),
        ("a_bad_handler_name_is_malformed", |w| Box::pin(malformed(w))),
        ("an_answer_that_is_no_json_is_a_marshal_error", |w| Box::pin(marshal(w))),
        ("an_exception_at_import_fails_the_start", |w| Box::pin(at_import(w))),
    ]
}

async fn error(world: &World, package: &Package) -> (serde_json::Value, String) {
    let outcome = world.call(&world.function(package), "{}").await;
    assert!(outcome.failed, "{outcome:?}");
    (outcome.value, outcome.tail)
}

async fn exception(world: &World) {
    let code = "def handler(event, context):\n    raise Exception(\"Handler fails\")\n";
    let spec = world.function(&app(code));
    let outcome = world.call(&spec, "{}").await;
    let expected = serde_json::json!({
        "errorMessage": "Handler fails",
        "errorType": "Exception",
        "requestId": outcome.request_id,
        "stackTrace": ["  File \"/var/task/app.py\", line 2, in handler\n    raise Exception(\"Handler fails\")\n"],
    });
    assert_eq!(outcome.value.to_string(), expected.to_string());
    let logged = "[ERROR] Exception: Handler fails\nTraceback (most recent call last):\n\u{a0}\u{a0}File \"/var/task/app.py\", line 2, in handler\n\u{a0}\u{a0}\u{a0}\u{a0}raise Exception(\"Handler fails\")\n";
    assert!(outcome.tail.contains(logged), "{}", outcome.tail);
    assert!(!world.call(&spec, "{}").await.cold, "an exception does not cost the instance");
}

async fn missing_module(world: &World) {
    let (value, _) = error(world, &Package::file("python3.12", "nope.handler", "app.py", "")).await;
    assert_eq!(
        value.to_string(),
        r#"{"errorMessage":"Unable to import module 'nope': No module named 'nope'","errorType":"Runtime.ImportModuleError","requestId":"","stackTrace":[]}"#
    );
    world.logged(|line| line.contains("Phase: init\tStatus: error\tError Type: Runtime.ImportModuleError")).await;
}

async fn missing_handler(world: &World) {
    let (value, _) = error(world, &app("x = 1\n")).await;
    assert_eq!(value["errorType"], "Runtime.HandlerNotFound");
    assert_eq!(value["errorMessage"], "Handler 'handler' missing on module 'app'");
}

async fn syntax_error(world: &World) {
    let (value, _) = error(world, &app("def handler(:\n    pass\n")).await;
    assert_eq!(value["errorType"], "Runtime.UserCodeSyntaxError");
    let message = value["errorMessage"].as_str().unwrap_or_default();
    assert!(message.starts_with("Syntax error in module 'app': "), "{message}");
    assert_eq!(value["stackTrace"][0], "  File \"/var/task/app.py\" Line 1\n    def handler(:\n");
}

async fn malformed(world: &World) {
    let (value, _) = error(world, &Package::file("python3.12", "handler", "app.py", "")).await;
    assert_eq!(value["errorType"], "Runtime.MalformedHandlerName");
    assert_eq!(value["errorMessage"], "Bad handler 'handler': not enough values to unpack (expected 2, got 1)");
}

async fn marshal(world: &World) {
    let (value, _) = error(world, &app("def handler(e, c):\n    return {1, 2}\n")).await;
    assert_eq!(value["errorType"], "Runtime.MarshalError");
    assert_eq!(value["errorMessage"], "Unable to marshal response: Object of type set is not JSON serializable");
}

async fn at_import(world: &World) {
    let (value, _) = error(world, &app("raise ValueError('not today')\n")).await;
    assert_eq!(value["errorType"], "ValueError");
    assert_eq!(value["errorMessage"], "not today");
    let frames = value["stackTrace"].as_array().cloned().unwrap_or_default();
    // AWS: the frames of the import machinery are shown, those of the client are not.
    let frame = |i: usize| frames.get(i).and_then(|f| f.as_str()).unwrap_or_default();
    assert!(frame(0).contains("importlib/__init__.py"), "{frames:?}");
    assert!(frame(frames.len() - 1).starts_with("  File \"/var/task/app.py\", line 1"), "{frames:?}");
}
