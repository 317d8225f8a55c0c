//! APIs that rules and pipes call by their ARNs.

use std::sync::Arc;

use bytes::Bytes;
use updraft_kernel::Arn;
use updraft_kernel::ports::{Again, EventTargetPort, ServerCall};

use crate::support::{Api, Script, world};

fn arn(api: &str, rest: &str) -> Arn {
    Arn::parse(&format!("arn:aws:execute-api:us-east-1:000000000000:{api}/{rest}")).unwrap()
}

fn call(target: Arn) -> ServerCall {
    ServerCall {
        target,
        source: ("events.amazonaws.com", Arn::parse("arn:aws:events:us-east-1:000000000000:rule/r").unwrap()),
        path: vec!["rex".into()],
        headers: vec![("x-mine".into(), "1".into())],
        query: vec![("a".into(), "b".into())],
        body: Bytes::from_static(br#"{"n":1}"#),
    }
}

fn port(api: Api) -> (Arc<dyn EventTargetPort>, Arc<crate::support::Stub>) {
    let (clock, rng) = (api.world.clock(), Arc::clone(&api.world.rng));
    (Arc::new(api.requests).event_target(clock, rng), api.functions)
}

#[tokio::test]
async fn an_api_is_called_through_its_stage_and_route() {
    let api = world();
    let id = api.api_with("POST /pets/{name}", "2.0").await;
    api.stage(&id, "test").await;
    let (port, functions) = port(api);
    assert!(port.exists(&arn(&id, "test/POST/pets/*")).await.unwrap());
    for (stage, path) in [("test", "/test/pets/rex"), ("$default", "/pets/rex")] {
        let answer = port.call(call(arn(&id, &format!("{stage}/POST/pets/*")))).await.unwrap();
        let event = functions.event();
        assert_eq!((&answer[..], event["rawPath"].as_str()), (&b"ok"[..], Some(path)));
        assert_eq!(event["pathParameters"]["name"], "rex");
        assert_eq!((event["body"].as_str(), event["rawQueryString"].as_str()), (Some(r#"{"n":1}"#), Some("a=b")));
        assert_eq!(event["headers"]["x-mine"], "1");
        assert_eq!(event["headers"]["x-amz-source-arn"], "arn:aws:events:us-east-1:000000000000:rule/r");
    }
}

#[tokio::test]
async fn what_it_answers_says_whether_to_come_again() {
    let api = world();
    let id = api.api_with("POST /pets", "2.0").await;
    let (port, functions) = port(api);
    for (answer, code, again) in [
        (r#"{"statusCode":503}"#, "ERROR_FROM_TARGET", Again::Later(None)),
        (r#"{"statusCode":429}"#, "THROTTLING", Again::Later(None)),
        (r#"{"statusCode":403}"#, "NO_PERMISSIONS", Again::Never),
        (r#"{"statusCode":400}"#, "SDK_CLIENT_ERROR", Again::Never),
    ] {
        *functions.script.lock() = Script::Answer(answer);
        let failure = port.call(call(arn(&id, "$default/POST/pets"))).await.unwrap_err();
        assert_eq!((failure.code, failure.again), (code, again));
    }
    for nowhere in [arn("nosuchapi0", "$default/POST/pets"), arn(&id, "$default/POST/cats")] {
        let failure = port.call(call(nowhere)).await.unwrap_err();
        assert_eq!((failure.code, failure.again), ("NO_RESOURCE", Again::Never));
    }
    let other = Arn::parse(&format!("arn:aws:execute-api:us-east-1:111111111111:{id}/$default/POST/pets")).unwrap();
    assert!(!port.exists(&other).await.unwrap(), "another account has no such API");
    assert_eq!(port.call(call(other)).await.unwrap_err().code, "NO_RESOURCE");
}
