//! Aliases (recorded: `test_alias_lifecycle`, `test_notfound_and_invalid_routingconfigs`).

use std::collections::BTreeMap;

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    AddPermissionInput, AliasConfiguration, AliasRoutingConfiguration, CreateAliasInput, DeleteAliasInput,
    DeleteFunctionInput, GetAliasInput, GetFunctionInput, GetPolicyInput, InvokeInput, ListAliasesInput,
    PublishVersionInput, RemovePermissionInput, UpdateAliasInput, UpdateFunctionCodeInput,
    UpdateFunctionConfigurationInput,
};
use updraft_kernel::AwsError;

use crate::support::{ARN, Platform, check, refused};

pub(crate) fn routing(weights: &[(&str, f64)]) -> Option<AliasRoutingConfiguration> {
    let weights: BTreeMap<_, _> = weights.iter().map(|(version, weight)| ((*version).to_owned(), *weight)).collect();
    Some(AliasRoutingConfiguration { additional_version_weights: Some(weights) })
}

pub(crate) fn alias(name: &str, version: &str) -> CreateAliasInput {
    CreateAliasInput {
        function_name: "f".into(),
        name: name.into(),
        function_version: version.into(),
        ..CreateAliasInput::default()
    }
}

pub(crate) fn update(name: &str) -> UpdateAliasInput {
    UpdateAliasInput { function_name: "f".into(), name: name.into(), ..UpdateAliasInput::default() }
}

impl Platform {
    /// `f`, with so many versions.
    pub(crate) async fn with_versions(count: usize) -> Self {
        let platform = Self::new();
        platform.create("f").await;
        for n in 0..count {
            platform.publish(&format!("zip {n}")).await;
        }
        platform
    }

    pub(crate) async fn publish(&self, code: &str) -> String {
        let code = UpdateFunctionCodeInput {
            function_name: "f".into(),
            zip_file: Some(code.to_owned().into()),
            ..UpdateFunctionCodeInput::default()
        };
        self.lambda.update_function_code(&self.cx(), code).await.unwrap();
        let publish = PublishVersionInput { function_name: "f".into(), ..PublishVersionInput::default() };
        self.lambda.publish_version(&self.cx(), publish).await.unwrap().version.unwrap()
    }

    pub(crate) async fn alias(&self, input: CreateAliasInput) -> Result<AliasConfiguration, AwsError> {
        self.lambda.create_alias(&self.cx(), input).await
    }

    pub(crate) async fn update_alias(&self, input: UpdateAliasInput) -> Result<AliasConfiguration, AwsError> {
        self.lambda.update_alias(&self.cx(), input).await
    }

    async fn get_alias(&self, name: &str) -> Result<AliasConfiguration, AwsError> {
        self.lambda.get_alias(&self.cx(), GetAliasInput { function_name: "f".into(), name: name.into() }).await
    }

    /// Which version answered.
    async fn executed(&self, name: &str) -> String {
        let input = InvokeInput { function_name: name.into(), ..InvokeInput::default() };
        self.lambda.invoke(&self.cx(), input).await.unwrap().executed_version.unwrap()
    }

    async fn delete(&self, qualifier: &str) -> Result<(), AwsError> {
        let input = DeleteFunctionInput { function_name: "f".into(), qualifier: Some(qualifier.into()) };
        self.lambda.delete_function(&self.cx(), input).await.map(drop)
    }
}

#[tokio::test]
async fn an_alias_is_made_shown_moved_and_deleted() {
    let platform = Platform::with_versions(2).await;
    let weighted = CreateAliasInput {
        description: Some("custom".into()),
        routing_config: routing(&[("2", 0.2)]),
        ..alias("live", "1")
    };
    let made = platform.alias(weighted).await.unwrap();
    assert_eq!(made.alias_arn, Some(format!("{ARN}f:live")));
    assert_eq!((made.function_version.as_deref(), made.description.as_deref()), (Some("1"), Some("custom")));
    assert_eq!(made.routing_config, routing(&[("2", 0.2)]));
    assert_eq!(platform.get_alias("live").await.unwrap(), made);

    let moved = UpdateAliasInput { function_version: Some("2".into()), routing_config: routing(&[]), ..update("live") };
    let moved = platform.update_alias(moved).await.unwrap();
    assert_eq!((moved.function_version.as_deref(), moved.description.as_deref()), (Some("2"), Some("custom")));
    assert_eq!(moved.routing_config, None);
    assert_ne!(moved.revision_id, made.revision_id);
    let touched = platform.update_alias(update("live")).await.unwrap();
    assert_ne!(touched.revision_id, moved.revision_id, "as on AWS, although nothing changed");
    assert_eq!(AliasConfiguration { revision_id: moved.revision_id.clone(), ..touched }, moved);

    let delete = || DeleteAliasInput { function_name: "f".into(), name: "live".into() };
    platform.lambda.delete_alias(&platform.cx(), delete()).await.unwrap();
    platform.lambda.delete_alias(&platform.cx(), delete()).await.unwrap();
    let missing = format!("Cannot find alias arn: {ARN}f:live");
    check(platform.get_alias("live").await, "ResourceNotFoundException", &missing);
    check(platform.update_alias(update("live")).await, "ResourceNotFoundException", &missing);
    let nowhere = DeleteAliasInput { function_name: "g".into(), name: "live".into() };
    let error = platform.lambda.delete_alias(&platform.cx(), nowhere).await;
    check(error, "ResourceNotFoundException", &format!("Function not found: {ARN}g"));
    platform.stop().await;
}

#[tokio::test]
async fn an_alias_that_cant_be_is_refused() {
    let platform = Platform::with_versions(2).await;
    platform.alias(alias("live", "1")).await.unwrap();
    let exists = format!("Alias already exists: {ARN}f:live");
    check(platform.alias(alias("live", "2")).await, "ResourceConflictException", &exists);
    for missing in ["10", "$LATEST.PUBLISHED", "0"] {
        let text = format!("Function not found: {ARN}f:{missing}");
        check(platform.alias(alias("a", missing)).await, "ResourceNotFoundException", &text);
    }
    let nowhere = CreateAliasInput { function_name: "g".into(), ..alias("a", "1") };
    let text = format!("Function not found: {ARN}g:1");
    check(platform.alias(nowhere).await, "ResourceNotFoundException", &text);
    let with = |weights: &[(&str, f64)]| CreateAliasInput { routing_config: routing(weights), ..alias("a", "1") };
    let text = format!("Function not found: {ARN}f:10");
    check(platform.alias(with(&[("10", 0.1)])).await, "ResourceNotFoundException", &text);
    let (code, _) = refused(platform.alias(with(&[("1", 0.1)])).await);
    assert_eq!(code, "InvalidParameterValueException");
    platform.alias(with(&[("2", 0.1)])).await.unwrap();
    let onto_itself = UpdateAliasInput { function_version: Some("2".into()), ..update("a") };
    let (_, text) = refused(platform.update_alias(onto_itself).await);
    assert!(text.starts_with("Invalid function version 2."), "{text}");
    platform.alias(alias("latest", "$LATEST")).await.unwrap();
    let wrong = UpdateAliasInput { revision_id: Some("wrong".into()), ..update("a") };
    assert_eq!(refused(platform.update_alias(wrong).await).0, "PreconditionFailedException");
    let right = platform.get_alias("a").await.unwrap().revision_id;
    platform.update_alias(UpdateAliasInput { revision_id: right, ..update("a") }).await.unwrap();
    platform.stop().await;
}

#[tokio::test]
async fn versions_that_share_calls_have_one_role() {
    let platform = Platform::with_versions(1).await;
    let role = UpdateFunctionConfigurationInput {
        function_name: "f".into(),
        role: Some("arn:aws:iam::000000000000:role/other".into()),
        ..UpdateFunctionConfigurationInput::default()
    };
    platform.lambda.update_function_configuration(&platform.cx(), role).await.unwrap();
    platform.publish("zip two").await;
    let shared = CreateAliasInput { routing_config: routing(&[("2", 0.5)]), ..alias("live", "1") };
    let text = "Specified versions must be associated with the same execution role";
    check(platform.alias(shared).await, "InvalidParameterValueException", text);
    platform.stop().await;
}

#[tokio::test]
async fn a_call_by_an_alias_is_the_versions() {
    let platform = Platform::with_versions(2).await;
    platform.alias(alias("live", "1")).await.unwrap();
    assert_eq!(platform.executed("f:live").await, "1");
    let (spec, call) = platform.runner.calls.lock()[0].clone();
    assert_eq!((spec.version.as_str(), call.invoked_arn), ("1", format!("{ARN}f:live")));
    platform.update_alias(UpdateAliasInput { function_version: Some("2".into()), ..update("live") }).await.unwrap();
    assert_eq!(platform.executed("f:live").await, "2");
    let missing = InvokeInput { function_name: "f:nope".into(), ..InvokeInput::default() };
    let text = format!("Function not found: {ARN}f:nope");
    check(platform.lambda.invoke(&platform.cx(), missing).await, "ResourceNotFoundException", &text);
    platform.stop().await;
}

#[tokio::test]
async fn calls_are_shared_out_by_weight() {
    let platform = Platform::with_versions(2).await;
    let shared = CreateAliasInput { routing_config: routing(&[("2", 0.25)]), ..alias("live", "1") };
    platform.alias(shared).await.unwrap();
    let mut second = 0;
    for _ in 0..400 {
        second += usize::from(platform.executed("f:live").await == "2");
    }
    assert!((60..140).contains(&second), "{second} of 400");
    platform.stop().await;
}

#[tokio::test]
async fn a_function_is_shown_by_its_alias() {
    let platform = Platform::with_versions(2).await;
    platform.alias(alias("live", "1")).await.unwrap();
    let by_number = platform.get("f:1").await.unwrap();
    let by_alias = platform.get("f:live").await.unwrap();
    assert_eq!(by_alias.function_arn, Some(format!("{ARN}f:live")));
    assert_eq!((by_alias.version.as_deref(), &by_alias.revision_id), (Some("1"), &by_number.revision_id));
    let input = GetFunctionInput { function_name: "f".into(), qualifier: Some("live".into()) };
    let found = platform.lambda.get_function(&platform.cx(), input).await.unwrap();
    assert_eq!(found.configuration.unwrap(), by_alias);
    let missing = format!("Function not found: {ARN}f:nope");
    check(platform.get("f:nope").await, "ResourceNotFoundException", &missing);
    platform.stop().await;
}

#[tokio::test]
async fn what_an_alias_stands_for_cant_be_deleted() {
    let platform = Platform::with_versions(3).await;
    let shared = CreateAliasInput { routing_config: routing(&[("2", 0.5)]), ..alias("live", "1") };
    platform.alias(shared).await.unwrap();
    platform.alias(alias("blue", "1")).await.unwrap();
    let text = "Unable to delete version because the following aliases reference it: [blue, live]";
    check(platform.delete("1").await, "ResourceConflictException", text);
    let text = "Unable to delete version because the following aliases reference it: [live]";
    check(platform.delete("2").await, "ResourceConflictException", text);
    platform.delete("3").await.unwrap();
    check(
        platform.delete("live").await,
        "InvalidParameterValueException",
        "Deletion of aliases is not currently supported.",
    );
    let all = DeleteFunctionInput { function_name: "f".into(), qualifier: None };
    platform.lambda.delete_function(&platform.cx(), all).await.unwrap();
    platform.create("f").await;
    assert!(platform.get_alias("live").await.is_err(), "aliases go with their function");
    platform.stop().await;
}

async fn listed(platform: &Platform, version: Option<&str>, max_items: i32) -> Vec<Vec<String>> {
    let (mut pages, mut marker) = (Vec::new(), None);
    loop {
        let list = ListAliasesInput {
            function_name: "f".into(),
            function_version: version.map(str::to_owned),
            marker,
            max_items: Some(max_items),
        };
        let page = platform.lambda.list_aliases(&platform.cx(), list).await.unwrap();
        pages.push(page.aliases.unwrap().into_iter().map(|alias| alias.name.unwrap()).collect());
        marker = page.next_marker;
        if marker.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn aliases_are_listed_page_by_page_and_by_version() {
    let platform = Platform::with_versions(2).await;
    for (name, version) in [("c", "1"), ("a", "1"), ("b", "2"), ("d", "1")] {
        platform.alias(alias(name, version)).await.unwrap();
    }
    assert_eq!(listed(&platform, None, 3).await, [vec!["a", "b", "c"], vec!["d"]]);
    assert_eq!(listed(&platform, None, 4).await, [vec!["a", "b", "c", "d"]]);
    assert_eq!(listed(&platform, Some("1"), 2).await, [vec!["a", "c"], vec!["d"]]);
    assert_eq!(listed(&platform, Some("2"), 1).await, [vec!["b"]]);
    assert_eq!(listed(&platform, Some("$LATEST"), 1).await, [Vec::<String>::new()]);
    let list = |name: &str| ListAliasesInput { function_name: name.into(), ..ListAliasesInput::default() };
    let missing = platform.lambda.list_aliases(&platform.cx(), list("g")).await;
    check(missing, "ResourceNotFoundException", &format!("Function not found: {ARN}g"));
    let foreign = ListAliasesInput { marker: Some("!".into()), ..list("f") };
    assert!(platform.lambda.list_aliases(&platform.cx(), foreign).await.is_err());
    platform.stop().await;
}

/// Recorded: `test_lambda_permission_fn_versioning`.
#[tokio::test]
async fn an_alias_has_a_policy_of_its_own() {
    let platform = Platform::with_versions(1).await;
    let made = platform.alias(alias("live", "1")).await.unwrap();
    let grant = |revision: Option<String>| AddPermissionInput {
        function_name: "f".into(),
        statement_id: "s3".into(),
        action: "lambda:InvokeFunction".into(),
        principal: "s3.amazonaws.com".into(),
        qualifier: Some("live".into()),
        revision_id: revision,
        ..AddPermissionInput::default()
    };
    let text = "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the \
                latest Revision Id";
    let by_alias = platform.lambda.add_permission(&platform.cx(), grant(made.revision_id.clone())).await;
    check(by_alias, "PreconditionFailedException", text);
    let statement = platform.lambda.add_permission(&platform.cx(), grant(None)).await.unwrap().statement.unwrap();
    assert!(statement.contains(&format!("\"Resource\":\"{ARN}f:live\"")), "{statement}");
    let policy = || GetPolicyInput { function_name: "f:live".into(), qualifier: None };
    let found = platform.lambda.get_policy(&platform.cx(), policy()).await.unwrap();
    assert_eq!(platform.get_alias("live").await.unwrap(), made, "the alias is as it was");
    let remove = RemovePermissionInput {
        function_name: "f".into(),
        statement_id: "s3".into(),
        qualifier: Some("live".into()),
        revision_id: found.revision_id,
    };
    platform.lambda.remove_permission(&platform.cx(), remove).await.unwrap();
    assert!(platform.lambda.get_policy(&platform.cx(), policy()).await.is_err());

    platform.lambda.add_permission(&platform.cx(), grant(None)).await.unwrap();
    let delete = DeleteAliasInput { function_name: "f".into(), name: "live".into() };
    platform.lambda.delete_alias(&platform.cx(), delete).await.unwrap();
    platform.alias(alias("live", "1")).await.unwrap();
    assert!(platform.lambda.get_policy(&platform.cx(), policy()).await.is_err(), "it went with the alias");
    platform.stop().await;
}
