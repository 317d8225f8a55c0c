//! Publishing (recorded: `test_publish_with_update`, `test_publish_with_wrong_revisionid`).

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    CreateFunctionInput, DeleteFunctionInput, ListVersionsByFunctionInput, PublishVersionInput, State,
    UpdateFunctionCodeInput,
};

use crate::support::{ARN, Platform, check, input};

fn publish() -> PublishVersionInput {
    PublishVersionInput { function_name: "f".into(), ..PublishVersionInput::default() }
}

fn code(bytes: &'static str, publish: bool) -> UpdateFunctionCodeInput {
    UpdateFunctionCodeInput {
        function_name: "f".into(),
        zip_file: Some(bytes.into()),
        publish: Some(publish),
        ..UpdateFunctionCodeInput::default()
    }
}

#[tokio::test]
async fn a_version_keeps_what_it_was_made_of() {
    let platform = Platform::new();
    let first = platform.create("f").await;
    let one = platform.lambda.publish_version(&platform.cx(), publish()).await.unwrap();
    assert_eq!((one.version.as_deref(), one.state), (Some("1"), Some(State::Active)));
    assert_eq!(one.function_arn, Some(format!("{ARN}f:1")));
    platform.lambda.update_function_code(&platform.cx(), code("zip two", false)).await.unwrap();
    assert_eq!(platform.get("f:1").await.unwrap().code_sha256, first.code_sha256);
    assert_ne!(platform.get("f").await.unwrap().code_sha256, first.code_sha256);
    platform.stop().await;
}

#[tokio::test]
async fn nothing_new_is_published_twice() {
    let platform = Platform::new();
    platform.create("f").await;
    let one = platform.lambda.publish_version(&platform.cx(), publish()).await.unwrap();
    let again = platform.lambda.publish_version(&platform.cx(), publish()).await.unwrap();
    assert_eq!(one, again);
    platform.lambda.update_function_code(&platform.cx(), code("zip two", false)).await.unwrap();
    let two = platform.lambda.publish_version(&platform.cx(), publish()).await.unwrap();
    assert_eq!(two.version.as_deref(), Some("2"));
    platform.stop().await;
}

#[tokio::test]
async fn numbers_are_never_used_again() {
    let platform = Platform::new();
    platform.create("f").await;
    platform.lambda.publish_version(&platform.cx(), publish()).await.unwrap();
    let delete = DeleteFunctionInput { function_name: "f".into(), qualifier: Some("1".into()) };
    platform.lambda.delete_function(&platform.cx(), delete.clone()).await.unwrap();
    platform.lambda.delete_function(&platform.cx(), delete).await.unwrap();
    assert!(platform.get("f:1").await.is_err());
    assert!(platform.get("f").await.is_ok());
    let two = platform.lambda.publish_version(&platform.cx(), publish()).await.unwrap();
    assert_eq!(two.version.as_deref(), Some("2"));
    platform.stop().await;
}

#[tokio::test]
async fn creating_and_updating_can_publish_at_once() {
    let platform = Platform::new();
    let create = CreateFunctionInput { publish: Some(true), ..input("f") };
    let created = platform.lambda.create_function(&platform.cx(), create).await.unwrap();
    assert_eq!(created.version.as_deref(), Some("1"));
    assert_eq!(created.function_arn, Some(format!("{ARN}f")), "as on AWS, without its version");
    let updated = platform.lambda.update_function_code(&platform.cx(), code("zip two", true)).await.unwrap();
    assert_eq!((updated.version.as_deref(), updated.state), (Some("2"), Some(State::Pending)));
    assert_eq!(updated.function_arn, Some(format!("{ARN}f:2")));
    assert_eq!(updated.revision_id, platform.get("f:2").await.unwrap().revision_id);
    platform.stop().await;
}

#[tokio::test]
async fn what_is_published_is_what_the_client_saw() {
    let platform = Platform::new();
    platform.create("f").await;
    let wrong = PublishVersionInput { revision_id: Some("wrong".into()), ..publish() };
    let outcome = platform.lambda.publish_version(&platform.cx(), wrong).await;
    assert_eq!(outcome.unwrap_err().code().name, "PreconditionFailedException");
    let sha = platform.get("f").await.unwrap().code_sha256.unwrap();
    let other = PublishVersionInput { code_sha256: Some("other".into()), ..publish() };
    let text = format!(
        "CodeSHA256 (other) is different from current CodeSHA256 in $LATEST ({sha}). Please try again with the \
         CodeSHA256 in $LATEST."
    );
    check(platform.lambda.publish_version(&platform.cx(), other).await, "InvalidParameterValueException", &text);
    let right = PublishVersionInput { code_sha256: Some(sha), description: Some("first".into()), ..publish() };
    let one = platform.lambda.publish_version(&platform.cx(), right).await.unwrap();
    assert_eq!(one.description.as_deref(), Some("first"));
    assert_eq!(platform.get("f").await.unwrap().description.as_deref(), Some(""));
    platform.stop().await;
}

#[tokio::test]
async fn versions_are_listed_page_by_page() {
    let platform = Platform::new();
    platform.create("f").await;
    for bytes in ["zip 1", "zip 2", "zip 3"] {
        platform.lambda.update_function_code(&platform.cx(), code(bytes, true)).await.unwrap();
    }
    let (mut versions, mut marker, mut pages) = (Vec::new(), None, 0);
    loop {
        let list = ListVersionsByFunctionInput { function_name: "f".into(), marker, max_items: Some(3) };
        let page = platform.lambda.list_versions_by_function(&platform.cx(), list).await.unwrap();
        versions.extend(page.versions.unwrap());
        (marker, pages) = (page.next_marker, pages + 1);
        if marker.is_none() {
            break;
        }
    }
    let arns: Vec<_> = versions.iter().filter_map(|version| version.function_arn.clone()).collect();
    assert_eq!(arns, ["$LATEST", "1", "2", "3"].map(|version| format!("{ARN}f:{version}")));
    assert_eq!(pages, 2);
    let foreign = ListVersionsByFunctionInput { function_name: "f".into(), marker: Some("!".into()), max_items: None };
    assert!(platform.lambda.list_versions_by_function(&platform.cx(), foreign).await.is_err());
    platform.stop().await;
}
