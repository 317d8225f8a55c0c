//! Connections, and servers that are called by them.

use std::time::Duration;

use updraft_api_events::EventBridge as _;
use updraft_api_events::types::{
    ApiDestinationHttpMethod, ApiDestinationState, ConnectionAuthorizationType, ConnectionBodyParameter,
    ConnectionHttpParameters, ConnectionOAuthHttpMethod, ConnectionQueryStringParameter, ConnectionState,
    CreateApiDestinationInput, CreateConnectionApiKeyAuthRequestParameters, CreateConnectionAuthRequestParameters,
    CreateConnectionBasicAuthRequestParameters, CreateConnectionInput, CreateConnectionOAuthClientRequestParameters,
    CreateConnectionOAuthRequestParameters, DeadLetterConfig, DeauthorizeConnectionInput, DeleteApiDestinationInput,
    DeleteConnectionInput, DescribeApiDestinationInput, DescribeConnectionInput, HttpParameters,
    ListApiDestinationsInput, RetryPolicy, Target, UpdateApiDestinationInput, UpdateConnectionAuthRequestParameters,
    UpdateConnectionBasicAuthRequestParameters, UpdateConnectionInput,
};
use updraft_kernel::AwsError;
use updraft_kernel::ports::AttributeContent;

use crate::support::{Cloud, entry, queue_arn, words};

fn basic() -> CreateConnectionAuthRequestParameters {
    let basic = CreateConnectionBasicAuthRequestParameters { username: "user".into(), password: "pass".into() };
    CreateConnectionAuthRequestParameters { basic_auth_parameters: Some(basic), ..Default::default() }
}

fn oauth() -> CreateConnectionAuthRequestParameters {
    let client = CreateConnectionOAuthClientRequestParameters { client_id: "id".into(), client_secret: "s&s".into() };
    let oauth = CreateConnectionOAuthRequestParameters {
        client_parameters: client,
        authorization_endpoint: "https://auth.example/token".into(),
        http_method: ConnectionOAuthHttpMethod::Post,
        o_auth_http_parameters: None,
    };
    CreateConnectionAuthRequestParameters { o_auth_parameters: Some(oauth), ..Default::default() }
}

/// The connection's ARN.
async fn connect(
    cloud: &Cloud,
    kind: ConnectionAuthorizationType,
    auth: CreateConnectionAuthRequestParameters,
) -> Result<String, AwsError> {
    let input = CreateConnectionInput {
        name: "c".into(),
        authorization_type: kind,
        auth_parameters: auth,
        ..CreateConnectionInput::default()
    };
    Ok(cloud.events.create_connection(&cloud.world.cx(), input).await?.connection_arn.unwrap())
}

/// A rule that calls a server by the connection.
async fn call(cloud: &Cloud, connection: String, rate: Option<i32>, target: Target) {
    let input = CreateApiDestinationInput {
        name: "d".into(),
        connection_arn: connection,
        invocation_endpoint: "https://server.example/a/*/b".into(),
        http_method: ApiDestinationHttpMethod::Post,
        invocation_rate_limit_per_second: rate,
        ..CreateApiDestinationInput::default()
    };
    let arn = cloud.events.create_api_destination(&cloud.world.cx(), input).await.unwrap().api_destination_arn.unwrap();
    cloud.rule(None, "r", "s").await;
    let role = Some("arn:aws:iam::000000000000:role/r".to_owned());
    cloud.target(None, "r", Target { id: "t".into(), arn, role_arn: role, ..target }).await;
}

#[tokio::test]
async fn a_connection_shows_no_secrets() {
    let cloud = Cloud::new();
    let arn = connect(&cloud, ConnectionAuthorizationType::Basic, basic()).await.unwrap();
    assert!(arn.starts_with("arn:aws:events:us-east-1:000000000000:connection/c/"), "{arn}");
    let again = words(connect(&cloud, ConnectionAuthorizationType::Basic, basic()).await);
    assert_eq!(again, "ResourceAlreadyExistsException: Connection c already exists.");
    let describe = || DescribeConnectionInput { name: "c".into() };
    let told = cloud.events.describe_connection(&cloud.world.cx(), describe()).await.unwrap();
    let shown = told.auth_parameters.unwrap().basic_auth_parameters.unwrap();
    assert_eq!((shown.username.as_deref(), told.connection_state), (Some("user"), Some(ConnectionState::Authorized)));
    let missing = words(connect(&Cloud::new(), ConnectionAuthorizationType::ApiKey, basic()).await);
    assert!(missing.contains("ApiKeyAuthParameters"), "{missing}");

    let deauthorize = DeauthorizeConnectionInput { name: "c".into() };
    let told = cloud.events.deauthorize_connection(&cloud.world.cx(), deauthorize).await.unwrap();
    assert_eq!(told.connection_state, Some(ConnectionState::Deauthorized));
    let delete = DeleteConnectionInput { name: "c".into() };
    cloud.events.delete_connection(&cloud.world.cx(), delete).await.unwrap();
    assert!(cloud.outside.secrets.lock().is_empty());
    let told = words(cloud.events.describe_connection(&cloud.world.cx(), describe()).await);
    assert_eq!(told, "ResourceNotFoundException: Connection 'c' does not exist.");
}

#[tokio::test]
async fn a_server_is_called_as_target_and_connection_say() {
    let cloud = Cloud::new();
    let key = CreateConnectionApiKeyAuthRequestParameters { api_key_name: "x-key".into(), api_key_value: "k".into() };
    let text = |text: &str| Some(text.to_owned());
    let http = ConnectionHttpParameters {
        query_string_parameters: Some(vec![ConnectionQueryStringParameter {
            key: text("q"),
            value: text("a b"),
            is_value_secret: None,
        }]),
        body_parameters: Some(vec![ConnectionBodyParameter {
            key: text("m"),
            value: text("v"),
            is_value_secret: None,
        }]),
        header_parameters: None,
    };
    let auth = CreateConnectionAuthRequestParameters {
        api_key_auth_parameters: Some(key),
        invocation_http_parameters: Some(http),
        ..Default::default()
    };
    let connection = connect(&cloud, ConnectionAuthorizationType::ApiKey, auth).await.unwrap();
    let parameters = HttpParameters {
        path_parameter_values: Some(vec!["part".into()]),
        header_parameters: Some([("x-mine".to_owned(), "1".to_owned())].into()),
        query_string_parameters: None,
    };
    let target = Target { http_parameters: Some(parameters), input_path: text("$.detail"), ..Target::default() };
    call(&cloud, connection, None, target).await;
    cloud.put(vec![entry("s", r#"{"n":1}"#)]).await;
    cloud.settle().await;
    let posts = cloud.outside.posts.lock();
    let [post] = &posts[..] else { panic!("{posts:?}") };
    assert_eq!((post.url.as_str(), post.method.as_str()), ("https://server.example/a/part/b?q=a+b", "POST"));
    assert_eq!((&post.headers["x-key"], &post.headers["x-mine"]), (&"k".parse().unwrap(), &"1".parse().unwrap()));
    assert_eq!(post.headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(&post.body[..], br#"{"n":1,"m":"v"}"#);
}

#[tokio::test]
async fn an_updated_connection_calls_with_what_is_new() {
    let cloud = Cloud::new();
    let connection = connect(&cloud, ConnectionAuthorizationType::Basic, basic()).await.unwrap();
    let basic = UpdateConnectionBasicAuthRequestParameters { username: None, password: Some("new".into()) };
    let auth = UpdateConnectionAuthRequestParameters { basic_auth_parameters: Some(basic), ..Default::default() };
    let update = UpdateConnectionInput { name: "c".into(), auth_parameters: Some(auth), ..Default::default() };
    cloud.events.update_connection(&cloud.world.cx(), update).await.unwrap();
    call(&cloud, connection, None, Target::default()).await;
    cloud.put(vec![entry("s", "{}")]).await;
    cloud.settle().await;
    // user:new
    assert_eq!(cloud.outside.posts.lock()[0].headers["authorization"], "Basic dXNlcjpuZXc=");
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_again_when_it_is_refused() {
    let cloud = Cloud::new();
    let connection = connect(&cloud, ConnectionAuthorizationType::OauthClientCredentials, oauth()).await.unwrap();
    call(&cloud, connection, None, Target::default()).await;
    // The last first: a token, taken twice, refused, another token.
    let second = (200, r#"{"access_token":"two","expires_in":600}"#);
    let first = (200, r#"{"access_token":"one","expires_in":600}"#);
    *cloud.outside.answers.lock() = vec![(200, ""), second, (401, ""), (200, ""), first];
    for _event in 0..2 {
        cloud.put(vec![entry("s", "{}")]).await;
        cloud.settle().await;
    }
    cloud.world.clock.advance(Duration::from_secs(2));
    cloud.settle().await;
    let posts = cloud.outside.posts.lock();
    let said: Vec<_> =
        posts.iter().map(|post| post.headers.get("authorization").map(|one| one.to_str().unwrap())).collect();
    assert_eq!(said, [None, Some("Bearer one"), Some("Bearer one"), None, Some("Bearer two")]);
    assert_eq!(&posts[0].body[..], b"grant_type=client_credentials&client_id=id&client_secret=s%26s");
}

#[tokio::test]
async fn no_more_calls_a_second_than_it_may_be() {
    let cloud = Cloud::new();
    let connection = connect(&cloud, ConnectionAuthorizationType::Basic, basic()).await.unwrap();
    let policy = Some(RetryPolicy { maximum_retry_attempts: Some(0), maximum_event_age_in_seconds: None });
    call(&cloud, connection, Some(2), Target { retry_policy: policy, ..Target::default() }).await;
    cloud.put((0..5).map(|_| entry("s", "{}")).collect()).await;
    cloud.settle().await;
    assert_eq!(cloud.outside.posts.lock().len(), 2);
    for _second in 0..5 {
        cloud.world.clock.advance(Duration::from_secs(1));
        cloud.settle().await;
    }
    assert_eq!(cloud.outside.posts.lock().len(), 5);
    assert!(cloud.measured("FailedInvocations") < 1.0);
}

#[tokio::test]
async fn a_server_says_when_to_come_again() {
    let cloud = Cloud::new();
    let connection = connect(&cloud, ConnectionAuthorizationType::Basic, basic()).await.unwrap();
    call(&cloud, connection, None, Target::default()).await;
    *cloud.outside.answers.lock() = vec![(200, ""), (503, "in a minute"), (503, "in a minute")];
    cloud.put(vec![entry("s", "{}")]).await;
    cloud.settle().await;
    for (seconds, posts) in [(59, 1), (1, 2), (59, 2), (1, 3), (600, 3)] {
        cloud.world.clock.advance(Duration::from_secs(seconds));
        cloud.settle().await;
        assert_eq!(cloud.outside.posts.lock().len(), posts);
    }
}

#[tokio::test]
async fn what_a_server_refuses_for_good_is_a_dead_letter() {
    let cloud = Cloud::new();
    let connection = connect(&cloud, ConnectionAuthorizationType::Basic, basic()).await.unwrap();
    let dead_letter_config = Some(DeadLetterConfig { arn: Some(queue_arn("dead")) });
    call(&cloud, connection, None, Target { dead_letter_config, ..Target::default() }).await;
    *cloud.outside.answers.lock() = vec![(404, "")];
    cloud.put(vec![entry("s", "{}")]).await;
    cloud.settle().await;
    let letters = cloud.got("dead");
    let said = |name: &str| match &letters[0].attributes[name].content {
        AttributeContent::Text(text) => text.clone(),
        AttributeContent::Binary(_) => panic!("{name}"),
    };
    assert_eq!((said("ERROR_CODE"), said("RETRY_ATTEMPTS")), ("NO_RESOURCE".into(), "0".into()));
    assert_eq!(said("ERROR_MESSAGE"), "The server answered with status 404.");
    assert!(said("TARGET_ARN").contains(":api-destination/d/"));
}

#[tokio::test]
async fn nobody_is_called_by_a_connection_that_may_not() {
    let cloud = Cloud::new();
    let connection = connect(&cloud, ConnectionAuthorizationType::Basic, basic()).await.unwrap();
    call(&cloud, connection, None, Target::default()).await;
    let state = async || {
        let input = DescribeApiDestinationInput { name: "d".into() };
        cloud.events.describe_api_destination(&cloud.world.cx(), input).await.unwrap().api_destination_state
    };
    assert_eq!(state().await, Some(ApiDestinationState::Active));
    let deauthorize = DeauthorizeConnectionInput { name: "c".into() };
    cloud.events.deauthorize_connection(&cloud.world.cx(), deauthorize).await.unwrap();
    assert_eq!(state().await, Some(ApiDestinationState::Inactive));
    cloud.put(vec![entry("s", "{}")]).await;
    cloud.settle().await;
    assert!(cloud.outside.posts.lock().is_empty());
}

#[tokio::test]
async fn destinations_are_changed_listed_and_deleted() {
    let cloud = Cloud::new();
    let connection = connect(&cloud, ConnectionAuthorizationType::Basic, basic()).await.unwrap();
    call(&cloud, connection.clone(), None, Target::default()).await;
    let cx = cloud.world.cx();
    let update = UpdateApiDestinationInput {
        name: "d".into(),
        http_method: Some(ApiDestinationHttpMethod::Put),
        ..UpdateApiDestinationInput::default()
    };
    cloud.events.update_api_destination(&cx, update).await.unwrap();
    let of = |connection: &str| ListApiDestinationsInput {
        connection_arn: Some(connection.to_owned()),
        ..ListApiDestinationsInput::default()
    };
    let listed = cloud.events.list_api_destinations(&cx, of(&connection)).await.unwrap().api_destinations.unwrap();
    let [one] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!(
        (one.http_method.clone(), one.invocation_rate_limit_per_second),
        (Some(ApiDestinationHttpMethod::Put), Some(300))
    );
    let none = cloud.events.list_api_destinations(&cx, of("other")).await.unwrap().api_destinations;
    assert_eq!(none, Some(Vec::new()));
    let missing = CreateApiDestinationInput {
        name: "e".into(),
        connection_arn: connection.replace("/c/", "/x/"),
        invocation_endpoint: "https://x".into(),
        http_method: ApiDestinationHttpMethod::Get,
        ..CreateApiDestinationInput::default()
    };
    let told = words(cloud.events.create_api_destination(&cx, missing).await);
    assert_eq!(told, "ResourceNotFoundException: Connection 'x' does not exist.");
    let delete = || DeleteApiDestinationInput { name: "d".into() };
    cloud.events.delete_api_destination(&cx, delete()).await.unwrap();
    let told = words(cloud.events.delete_api_destination(&cx, delete()).await);
    assert_eq!(told, "ResourceNotFoundException: Api-destination 'd' does not exist.");
}
