//! Tags (recorded: `TestLambdaTags`).

use std::collections::BTreeMap;

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    CreateFunctionInput, GetFunctionInput, ListTagsInput, TagResourceInput, UntagResourceInput,
};
use updraft_kernel::AwsError;

use crate::support::{ARN, Platform, check, input, refused};

fn tags(names: &[&str]) -> BTreeMap<String, String> {
    names.iter().map(|name| ((*name).to_owned(), "v".to_owned())).collect()
}

async fn tag(platform: &Platform, name: &str, names: &[&str]) -> Result<(), AwsError> {
    let input = TagResourceInput { resource: format!("{ARN}{name}"), tags: tags(names) };
    platform.lambda.tag_resource(&platform.cx(), input).await.map(drop)
}

async fn listed(platform: &Platform) -> BTreeMap<String, String> {
    let input = ListTagsInput { resource: format!("{ARN}f") };
    platform.lambda.list_tags(&platform.cx(), input).await.unwrap().tags.unwrap()
}

#[tokio::test]
async fn tags_come_with_the_function_and_go() {
    let platform = Platform::new();
    let create = CreateFunctionInput { tags: Some(tags(&["a"])), ..input("f") };
    platform.lambda.create_function(&platform.cx(), create).await.unwrap();
    tag(&platform, "f", &["b", "c"]).await.unwrap();
    let untag = UntagResourceInput { resource: format!("{ARN}f"), tag_keys: vec!["a".into(), "nothing".into()] };
    platform.lambda.untag_resource(&platform.cx(), untag).await.unwrap();
    assert_eq!(listed(&platform).await, tags(&["b", "c"]));
    let get = GetFunctionInput { function_name: "f".into(), qualifier: None };
    assert_eq!(platform.lambda.get_function(&platform.cx(), get).await.unwrap().tags, Some(tags(&["b", "c"])));
    platform.stop().await;
}

#[tokio::test]
async fn wrong_resources_are_refused() {
    let platform = Platform::new();
    platform.create("f").await;
    assert_eq!(listed(&platform).await, tags(&[]));
    let missing = format!("Function not found: {ARN}doesnotexist");
    check(tag(&platform, "doesnotexist", &["a"]).await, "ResourceNotFoundException", &missing);
    let text = "Tags on function aliases and versions are not supported. Please specify a function ARN.";
    for version in ["f:1", "f:$LATEST"] {
        check(tag(&platform, version, &["a"]).await, "InvalidParameterValueException", text);
    }
    let empty = "An error occurred and the request cannot be processed.";
    check(tag(&platform, "f", &[]).await, "InvalidParameterValueException", empty);
    platform.stop().await;
}

#[tokio::test]
async fn fifty_are_enough() {
    let platform = Platform::new();
    let names: Vec<_> = (0..51).map(|n| format!("{n}_key")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let create = CreateFunctionInput { tags: Some(tags(&names)), ..input("f") };
    let text = "Number of tags exceeds resource tag limit.";
    assert_eq!(refused(platform.lambda.create_function(&platform.cx(), create).await).1, text);
    platform.create("f").await;
    tag(&platform, "f", &names[..50]).await.unwrap();
    assert_eq!(refused(tag(&platform, "f", &["one_more"]).await).1, text);
    assert_eq!(listed(&platform).await.len(), 50);
    platform.stop().await;
}
