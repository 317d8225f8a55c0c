//! Handlers that stream, as AWS's client has them.

use futures_util::StreamExt;
use serde_json::Value;
use updraft_exec::suite::{Case, World};
use updraft_kernel::ports::RunOutcome;

use crate::index;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        ("an_answer_to_http_begins_with_its_head", |w| Box::pin(head(w))),
        ("an_error_before_the_first_piece_has_no_head", |w| Box::pin(no_head(w))),
        ("what_is_written_is_bytes_text_or_json", |w| Box::pin(written(w))),
        ("a_pipeline_ends_the_answer_and_its_error_too", |w| Box::pin(pipeline(w))),
        ("a_streaming_handler_must_be_asynchronous", |w| Box::pin(synchronous(w))),
        ("what_a_streaming_handler_returns_is_ignored_and_said", |w| Box::pin(returned(w))),
        ("the_type_is_set_before_the_first_piece", |w| Box::pin(late(w))),
        ("who_wants_it_whole_gets_it_whole", |w| Box::pin(whole(w))),
        ("an_exception_that_nobody_catches_ends_the_answer", |w| Box::pin(uncaught(w))),
        ("a_stack_too_long_for_a_trailer_is_cut", |w| Box::pin(long(w))),
        ("the_global_can_be_switched_off", |w| Box::pin(no_global(w))),
    ]
}

/// A handler that streams; its parameters are `event`, `stream` and `context`.
fn streaming(body: &str) -> String {
    format!(
        "const {{ pipeline }} = require('stream/promises'); const {{ Readable }} = require('stream');
         exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {{ {body} }});"
    )
}

async fn run(world: &World, code: &str) -> (String, String, RunOutcome) {
    let answer = world.stream(&world.function(&index(code)), "{}").await;
    let kind = answer.content_type;
    let pieces: Vec<_> = answer.pieces.collect().await;
    (kind, String::from_utf8_lossy(&pieces.concat()).into_owned(), answer.ended.await)
}

fn error(outcome: &RunOutcome) -> (String, String) {
    let error: Value = serde_json::from_slice(&outcome.payload).unwrap_or_default();
    let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
    (text("errorType"), text("errorMessage"))
}

fn tail(outcome: &RunOutcome) -> String {
    String::from_utf8_lossy(outcome.log_tail.as_deref().unwrap_or_default()).into_owned()
}

async fn head(world: &World) {
    for end in ["stream.write('body'); stream.end();", "stream.end('body');"] {
        let from = "stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201 });";
        let (kind, text, outcome) = run(world, &streaming(&format!("{from} {end}"))).await;
        assert_eq!(kind, "application/vnd.awslambda.http-integration-response");
        assert_eq!(text, "{\"statusCode\":201}\0\0\0\0\0\0\0\0body");
        assert!(outcome.error.is_none(), "{outcome:?}");
    }
}

async fn no_head(world: &World) {
    let body = "awslambda.HttpResponseStream.from(stream, { statusCode: 201 }); throw new RangeError('no');";
    let (_, text, outcome) = run(world, &streaming(body)).await;
    assert_eq!(text, "");
    assert_eq!(error(&outcome), ("RangeError".to_owned(), "no".to_owned()));
    assert!(tail(&outcome).contains("\tERROR\tInvoke Error"), "{}", tail(&outcome));
}

async fn written(world: &World) {
    let body = "stream.write('ä'); stream.write(Buffer.from('b')); stream.write(new Uint8Array([99])); \
                stream.write({ d: 1 }); stream.write(''); stream.end();";
    let (kind, text, outcome) = run(world, &streaming(body)).await;
    assert_eq!((kind.as_str(), text.as_str()), ("application/octet-stream", "äbc{\"d\":1}"));
    assert!(outcome.error.is_none());
}

async fn pipeline(world: &World) {
    let good = streaming("await pipeline(Readable.from(['a', 'b']), stream);");
    assert_eq!(run(world, &good).await.1, "ab");
    let bad = "await pipeline(async function* () { yield 'a'; throw new TypeError('dry'); }, stream);";
    let (_, _, outcome) = run(world, &streaming(bad)).await;
    assert_eq!(error(&outcome), ("TypeError".to_owned(), "dry".to_owned()));
}

async fn synchronous(world: &World) {
    let code = "exports.handler = awslambda.streamifyResponse((event, stream) => { stream.end('x'); });";
    let (_, _, outcome) = run(world, code).await;
    assert!(tail(&outcome).contains("Streaming does not support non-async handlers."), "{}", tail(&outcome));
}

async fn returned(world: &World) {
    let (_, text, outcome) = run(world, &streaming("stream.end('x'); return 7;")).await;
    assert_eq!(text, "x");
    world.logged(|line| line.contains("\tWARN\tStreaming handlers ignore return values.")).await;
    assert!(outcome.error.is_none());
}

async fn late(world: &World) {
    let body = "stream.setContentType('text/html'); stream.write('x'); stream.setContentType('text/plain');";
    let (kind, text, outcome) = run(world, &streaming(body)).await;
    assert_eq!((kind.as_str(), text.as_str()), ("text/html", "x"));
    let told = ("Runtime.InvalidStreamingOperation".to_owned(), "Cannot set content-type, too late.".to_owned());
    assert_eq!(error(&outcome), told);
}

async fn whole(world: &World) {
    let spec = world.function(&index(&streaming("stream.write('[1,'); stream.end('2]');")));
    for _ in 0..2 {
        assert_eq!(world.call(&spec, "{}").await.value, serde_json::json!([1, 2]));
    }
    let failing = world.function(&index(&streaming("stream.write('[1,'); throw new Error('no');")));
    let outcome = world.call(&failing, "{}").await;
    assert!(outcome.failed);
    assert_eq!(outcome.value["errorMessage"], "no");
}

async fn uncaught(world: &World) {
    let body =
        "stream.write('x'); setTimeout(() => { throw new SyntaxError('loose'); }, 50); await new Promise(() => {});";
    let (_, text, outcome) = run(world, &streaming(body)).await;
    assert_eq!(text, "x");
    assert_eq!(error(&outcome), ("SyntaxError".to_owned(), "loose".to_owned()));
}

async fn long(world: &World) {
    let body = "stream.write('x'); const e = new Error('ü'.repeat(9000)); e.stack += '\\n at x'.repeat(9000); throw e;";
    let (_, _, outcome) = run(world, &streaming(body)).await;
    let (kind, message) = error(&outcome);
    assert_eq!(kind, "Error");
    assert!(message.starts_with("üü") && message.len() < 9000, "{}", message.len());
}

async fn no_global(world: &World) {
    let mut spec = world.function(&index("exports.handler = async () => typeof awslambda;"));
    assert_eq!(world.call(&spec, "{}").await.value, "object");
    spec.environment.insert("AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA".to_owned(), "1".to_owned());
    spec.revision = "2".to_owned();
    assert_eq!(world.call(&spec, "{}").await.value, "undefined");
}
