//! The configuration of functions' own URLs.

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    Cors, CreateAliasInput, CreateFunctionUrlConfigInput, CreateFunctionUrlConfigOutput, DeleteFunctionInput,
    DeleteFunctionUrlConfigInput, FunctionUrlAuthType, GetFunctionUrlConfigInput, GetFunctionUrlConfigOutput,
    InvokeMode, ListFunctionUrlConfigsInput, UpdateFunctionUrlConfigInput,
};
use updraft_kernel::AwsError;

use crate::support::{ARN, Platform, check};

const GONE: &str = "The resource you requested does not exist.";

pub(crate) fn asked(name: &str, auth: FunctionUrlAuthType) -> CreateFunctionUrlConfigInput {
    CreateFunctionUrlConfigInput {
        function_name: name.to_owned(),
        auth_type: auth,
        ..CreateFunctionUrlConfigInput::default()
    }
}

async fn create(platform: &Platform, name: &str) -> Result<CreateFunctionUrlConfigOutput, AwsError> {
    platform.lambda.create_function_url_config(&platform.cx(), asked(name, FunctionUrlAuthType::None)).await
}

async fn get(platform: &Platform, name: &str) -> Result<GetFunctionUrlConfigOutput, AwsError> {
    let input = GetFunctionUrlConfigInput { function_name: name.to_owned(), qualifier: None };
    platform.lambda.get_function_url_config(&platform.cx(), input).await
}

fn update(name: &str) -> UpdateFunctionUrlConfigInput {
    UpdateFunctionUrlConfigInput { function_name: name.to_owned(), ..UpdateFunctionUrlConfigInput::default() }
}

#[tokio::test]
async fn a_url_is_made_shown_changed_and_deleted() {
    let platform = Platform::new();
    platform.create("f").await;
    let made = create(&platform, "f").await.unwrap();
    assert_eq!(made.function_arn, format!("{ARN}f"));
    assert_eq!((made.auth_type, made.cors, made.invoke_mode), (FunctionUrlAuthType::None, None, None));
    let host = made.function_url.strip_prefix("http://").unwrap();
    let (id, rest) = host.split_once('.').unwrap();
    assert!(rest.starts_with("lambda-url.us-east-1.localhost") && rest.ends_with('/'), "{host}");
    assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{id}");

    let shown = get(&platform, "f").await.unwrap();
    assert_eq!((&shown.function_url, &shown.creation_time), (&made.function_url, &made.creation_time));
    assert_eq!((shown.invoke_mode, shown.last_modified_time), (Some(InvokeMode::Buffered), made.creation_time.clone()));

    platform.pass(1).await;
    let cors = Cors { allow_origins: Some(vec!["*".into()]), max_age: Some(0), ..Cors::default() };
    let change = UpdateFunctionUrlConfigInput {
        auth_type: Some(FunctionUrlAuthType::AwsIam),
        cors: Some(cors.clone()),
        invoke_mode: Some(InvokeMode::ResponseStream),
        ..update("f")
    };
    let changed = platform.lambda.update_function_url_config(&platform.cx(), change).await.unwrap();
    assert_eq!((&changed.function_url, &changed.creation_time), (&made.function_url, &made.creation_time));
    assert_ne!(changed.last_modified_time, changed.creation_time);
    assert_eq!((&changed.auth_type, &changed.cors), (&FunctionUrlAuthType::AwsIam, &Some(cors)));
    let unchanged = platform.lambda.update_function_url_config(&platform.cx(), update("f")).await.unwrap();
    assert_eq!((unchanged.auth_type, unchanged.cors), (changed.auth_type, changed.cors));
    assert_eq!(unchanged.invoke_mode, Some(InvokeMode::ResponseStream));
    let bare = UpdateFunctionUrlConfigInput { cors: Some(Cors::default()), ..update("f") };
    assert_eq!(platform.lambda.update_function_url_config(&platform.cx(), bare).await.unwrap().cors, None);

    let input = DeleteFunctionUrlConfigInput { function_name: "f".into(), qualifier: None };
    platform.lambda.delete_function_url_config(&platform.cx(), input.clone()).await.unwrap();
    check(get(&platform, "f").await, "ResourceNotFoundException", GONE);
    let again = platform.lambda.delete_function_url_config(&platform.cx(), input).await;
    check(again, "ResourceNotFoundException", GONE);
    let changed = platform.lambda.update_function_url_config(&platform.cx(), update("f")).await;
    check(changed, "ResourceNotFoundException", GONE);
    assert_ne!(create(&platform, "f").await.unwrap().function_url, made.function_url, "another one is another one");
    platform.stop().await;
}

#[tokio::test]
async fn a_function_has_one_url() {
    let platform = Platform::new();
    check(create(&platform, "f").await, "ResourceNotFoundException", "Function does not exist");
    platform.create("f").await;
    create(&platform, "f").await.unwrap();
    let taken = format!(
        "Failed to create function url config for [functionArn = {ARN}f]. Error message:  FunctionUrlConfig exists for \
         this Lambda function"
    );
    check(create(&platform, "f").await, "ResourceConflictException", &taken);
    let other = CreateFunctionUrlConfigInput { qualifier: Some("no".into()), ..asked("f", FunctionUrlAuthType::None) };
    let other = platform.lambda.create_function_url_config(&platform.cx(), other).await;
    check(other, "ResourceNotFoundException", "Function does not exist");
    platform.stop().await;
}

#[tokio::test]
async fn urls_are_listed_and_go_with_their_function() {
    let platform = Platform::new();
    let list =
        |marker: Option<String>| ListFunctionUrlConfigsInput { function_name: "f".into(), marker, max_items: Some(1) };
    let listed = platform.lambda.list_function_url_configs(&platform.cx(), list(None)).await;
    check(listed, "ResourceNotFoundException", "Function does not exist");
    platform.create("f").await;
    let listed = platform.lambda.list_function_url_configs(&platform.cx(), list(None)).await.unwrap();
    assert_eq!((listed.function_url_configs.len(), listed.next_marker), (0, None));
    let made = create(&platform, "f").await.unwrap();
    let listed = platform.lambda.list_function_url_configs(&platform.cx(), list(None)).await.unwrap();
    assert_eq!(listed.function_url_configs[0].function_url, made.function_url);
    let alias = CreateAliasInput {
        function_name: "f".into(),
        name: "live".into(),
        function_version: "$LATEST".into(),
        ..CreateAliasInput::default()
    };
    platform.lambda.create_alias(&platform.cx(), alias).await.unwrap();
    let qualified =
        CreateFunctionUrlConfigInput { qualifier: Some("live".into()), ..asked("f", FunctionUrlAuthType::None) };
    let second = platform.lambda.create_function_url_config(&platform.cx(), qualified).await.unwrap();
    let mut seen = Vec::new();
    let mut marker = None;
    loop {
        let page = platform.lambda.list_function_url_configs(&platform.cx(), list(marker)).await.unwrap();
        seen.extend(page.function_url_configs.into_iter().map(|config| config.function_url));
        marker = page.next_marker;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(seen, [made.function_url, second.function_url]);
    let bad = platform.lambda.list_function_url_configs(&platform.cx(), list(Some("x".into()))).await;
    check(bad, "InvalidParameterValueException", "Invalid marker");

    let input = DeleteFunctionInput { function_name: "f".into(), qualifier: None };
    platform.lambda.delete_function(&platform.cx(), input).await.unwrap();
    platform.create("f").await;
    check(get(&platform, "f").await, "ResourceNotFoundException", GONE);
    platform.stop().await;
}
