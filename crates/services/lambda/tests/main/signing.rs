//! Code signing (recorded: `TestCodeSigningConfig`). Nothing is ever signed here.

use std::collections::BTreeMap;

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    AllowedPublishers, CodeSigningConfig, CodeSigningPolicies, CodeSigningPolicy, CreateCodeSigningConfigInput,
    CreateFunctionInput, DeleteCodeSigningConfigInput, DeleteFunctionCodeSigningConfigInput, DeleteFunctionInput,
    GetCodeSigningConfigInput, GetFunctionCodeSigningConfigInput, ListCodeSigningConfigsInput,
    ListFunctionsByCodeSigningConfigInput, ListTagsInput, PutFunctionCodeSigningConfigInput, TagResourceInput,
    UntagResourceInput, UpdateCodeSigningConfigInput, UpdateFunctionCodeInput, UpdateFunctionConfigurationInput,
};
use updraft_kernel::AwsError;

use crate::layers::{ARN as LAYER, publish};
use crate::support::{ARN, Platform, check, input, refused};

const PROFILE: &str = "arn:aws:signer:us-east-1:000000000000:/signing-profiles/test";
const NONE: &str = "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-00000000000000000";

fn policies(policy: CodeSigningPolicy) -> Option<CodeSigningPolicies> {
    Some(CodeSigningPolicies { untrusted_artifact_on_deployment: Some(policy) })
}

async fn create(platform: &Platform, policy: CodeSigningPolicy) -> CodeSigningConfig {
    let input = CreateCodeSigningConfigInput {
        allowed_publishers: AllowedPublishers { signing_profile_version_arns: vec![PROFILE.into()] },
        code_signing_policies: policies(policy),
        tags: Some(BTreeMap::from([("t".into(), "v".into())])),
        ..CreateCodeSigningConfigInput::default()
    };
    platform.lambda.create_code_signing_config(&platform.cx(), input).await.unwrap().code_signing_config
}

async fn put(platform: &Platform, function: &str, arn: &str) -> Result<String, AwsError> {
    let input =
        PutFunctionCodeSigningConfigInput { code_signing_config_arn: arn.into(), function_name: function.into() };
    let put = platform.lambda.put_function_code_signing_config(&platform.cx(), input).await?;
    Ok(put.function_name)
}

async fn given(platform: &Platform, function: &str) -> Result<Option<String>, AwsError> {
    let input = GetFunctionCodeSigningConfigInput { function_name: function.into() };
    let found = platform.lambda.get_function_code_signing_config(&platform.cx(), input).await?;
    assert_eq!(found.function_name.is_some(), found.code_signing_config_arn.is_some());
    Ok(found.code_signing_config_arn)
}

async fn update(
    platform: &Platform,
    arn: &str,
    change: impl FnOnce(&mut UpdateCodeSigningConfigInput),
) -> Result<CodeSigningConfig, AwsError> {
    let mut input = UpdateCodeSigningConfigInput { code_signing_config_arn: arn.into(), ..Default::default() };
    change(&mut input);
    Ok(platform.lambda.update_code_signing_config(&platform.cx(), input).await?.code_signing_config)
}

#[tokio::test]
async fn a_configuration_lives_and_is_missed() {
    let platform = Platform::new();
    let made = create(&platform, CodeSigningPolicy::Enforce).await;
    let (id, arn) = (made.code_signing_config_id.clone(), made.code_signing_config_arn.clone());
    assert!(id.starts_with("csc-") && id.len() == 21, "{id}");
    assert_eq!(arn, format!("arn:aws:lambda:us-east-1:000000000000:code-signing-config:{id}"));
    assert_eq!((made.description.as_deref(), made.last_modified.as_str()), (Some(""), "2030-01-01T00:00:00.000+0000"));
    platform.world.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(update(&platform, &arn, |_| ()).await.unwrap(), made, "nothing was changed");
    let changed = update(&platform, &arn, |input| {
        input.description = Some("d".into());
        input.code_signing_policies = policies(CodeSigningPolicy::Warn);
        input.allowed_publishers =
            Some(AllowedPublishers { signing_profile_version_arns: vec![format!("{PROFILE}/2")] });
    });
    let changed = changed.await.unwrap();
    assert_eq!(changed.last_modified, "2030-01-01T00:00:01.000+0000");
    assert_eq!(Some(changed.code_signing_policies.clone()), policies(CodeSigningPolicy::Warn));
    let get = |arn: &str| {
        let input = GetCodeSigningConfigInput { code_signing_config_arn: arn.into() };
        async { platform.lambda.get_code_signing_config(&platform.cx(), input).await }
    };
    assert_eq!(get(&arn).await.unwrap().code_signing_config, changed);
    let delete = |arn: &str| {
        let input = DeleteCodeSigningConfigInput { code_signing_config_arn: arn.into() };
        async { platform.lambda.delete_code_signing_config(&platform.cx(), input).await }
    };
    delete(&arn).await.unwrap();
    for arn in [arn.as_str(), NONE, &NONE.replace("us-east-1", "eu-west-1")] {
        let missing = format!("The Lambda code signing configuration {arn} can not be found.");
        check(get(arn).await, "ResourceNotFoundException", &missing);
        check(delete(arn).await, "ResourceNotFoundException", &missing);
        check(update(&platform, arn, |_| ()).await, "ResourceNotFoundException", &missing);
    }
    platform.stop().await;
}

#[tokio::test]
async fn functions_have_configurations_and_lose_them() {
    let platform = Platform::new();
    platform.create("f").await;
    let arn = create(&platform, CodeSigningPolicy::Warn).await.code_signing_config_arn;
    let other = create(&platform, CodeSigningPolicy::Warn).await.code_signing_config_arn;
    assert_eq!(given(&platform, "f").await.unwrap(), None);
    assert_eq!(put(&platform, &format!("{ARN}f"), &arn).await.unwrap(), "f");
    assert_eq!(given(&platform, "f").await.unwrap(), Some(arn.clone()));
    let functions = |arn: &str| {
        let input = ListFunctionsByCodeSigningConfigInput { code_signing_config_arn: arn.into(), ..Default::default() };
        async {
            platform.lambda.list_functions_by_code_signing_config(&platform.cx(), input).await.map(|l| l.function_arns)
        }
    };
    assert_eq!(functions(&arn).await.unwrap(), Some(vec![format!("{ARN}f")]));
    let delete = || {
        let input = DeleteCodeSigningConfigInput { code_signing_config_arn: arn.clone() };
        async { platform.lambda.delete_code_signing_config(&platform.cx(), input).await }
    };
    assert_eq!(refused(delete().await).0, "ResourceConflictException");
    put(&platform, "f", &other).await.unwrap();
    assert_eq!((functions(&arn).await.unwrap(), given(&platform, "f").await.unwrap()), (Some(vec![]), Some(other)));
    delete().await.unwrap();

    let remove = |name: &str| {
        let input = DeleteFunctionCodeSigningConfigInput { function_name: name.into() };
        async { platform.lambda.delete_function_code_signing_config(&platform.cx(), input).await }
    };
    for _ in 0..2 {
        remove("f").await.unwrap();
    }
    assert_eq!(given(&platform, "f").await.unwrap(), None);
    let missing = format!("Function not found: {ARN}none");
    check(remove("none").await, "ResourceNotFoundException", &missing);
    check(given(&platform, "none").await, "ResourceNotFoundException", &missing);
    let gone = format!(
        "The code signing configuration cannot be found. Check that the provided configuration is not deleted: {NONE}."
    );
    for function in ["f", "none"] {
        check(put(&platform, function, NONE).await, "CodeSigningConfigNotFoundException", &gone);
    }
    let create = CreateFunctionInput { code_signing_config_arn: Some(NONE.into()), ..input("g") };
    check(platform.lambda.create_function(&platform.cx(), create).await, "CodeSigningConfigNotFoundException", &gone);
    platform.stop().await;
}

#[tokio::test]
async fn a_deleted_function_uses_no_configuration() {
    let platform = Platform::new();
    let arn = create(&platform, CodeSigningPolicy::Warn).await.code_signing_config_arn;
    let signed = CreateFunctionInput { code_signing_config_arn: Some(arn.clone()), ..input("f") };
    platform.lambda.create_function(&platform.cx(), signed).await.unwrap();
    assert_eq!(given(&platform, "f").await.unwrap(), Some(arn.clone()));
    let delete = DeleteFunctionInput { function_name: "f".into(), qualifier: None };
    platform.lambda.delete_function(&platform.cx(), delete).await.unwrap();
    platform.create("f").await;
    assert_eq!(given(&platform, "f").await.unwrap(), None, "a new one");
    let delete = DeleteCodeSigningConfigInput { code_signing_config_arn: arn };
    platform.lambda.delete_code_signing_config(&platform.cx(), delete).await.unwrap();
    platform.stop().await;
}

#[tokio::test]
async fn what_isnt_signed_isnt_deployed_where_that_is_enforced() {
    let platform = Platform::new();
    let arn = create(&platform, CodeSigningPolicy::Enforce).await.code_signing_config_arn;
    let signed = CreateFunctionInput { code_signing_config_arn: Some(arn.clone()), ..input("f") };
    let refused_one = platform.lambda.create_function(&platform.cx(), signed).await;
    assert_eq!(refused(refused_one).0, "CodeVerificationFailedException");
    platform.create("f").await;
    // AWS: what is deployed already stays.
    put(&platform, "f", &arn).await.unwrap();
    let code = || {
        let input = UpdateFunctionCodeInput {
            function_name: "f".into(),
            zip_file: Some("zip new".into()),
            ..UpdateFunctionCodeInput::default()
        };
        async { platform.lambda.update_function_code(&platform.cx(), input).await }
    };
    publish(&platform, "l").await;
    let configure = |layers: Option<Vec<String>>| {
        let input = UpdateFunctionConfigurationInput {
            function_name: "f".into(),
            timeout: Some(5),
            layers,
            ..Default::default()
        };
        async { platform.lambda.update_function_configuration(&platform.cx(), input).await }
    };
    assert_eq!(refused(code().await).0, "CodeVerificationFailedException");
    let layers = || Some(vec![format!("{LAYER}l:1")]);
    assert_eq!(refused(configure(layers()).await).0, "CodeVerificationFailedException");
    configure(None).await.unwrap();
    update(&platform, &arn, |input| input.code_signing_policies = policies(CodeSigningPolicy::Warn)).await.unwrap();
    code().await.unwrap();
    configure(layers()).await.unwrap();
    platform.stop().await;
}

#[tokio::test]
async fn lists_have_pages() {
    let platform = Platform::new();
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(create(&platform, CodeSigningPolicy::Warn).await.code_signing_config_arn);
    }
    made.sort();
    let list = |most, marker| {
        let input = ListCodeSigningConfigsInput { marker, max_items: most };
        async {
            let page = platform.lambda.list_code_signing_configs(&platform.cx(), input).await.unwrap();
            let configs = page.code_signing_configs.unwrap().into_iter();
            (configs.map(|config| config.code_signing_config_arn).collect::<Vec<_>>(), page.next_marker)
        }
    };
    assert_eq!(list(None, None).await, (made.clone(), None));
    let (first, marker) = list(Some(2), None).await;
    assert_eq!((first, list(Some(2), marker).await), (made[..2].to_vec(), (made[2..].to_vec(), None)));
    for name in ["f", "g", "h"] {
        platform.create(name).await;
        put(&platform, name, &made[0]).await.unwrap();
    }
    let functions = |marker| {
        let input = ListFunctionsByCodeSigningConfigInput {
            code_signing_config_arn: made[0].clone(),
            max_items: Some(2),
            marker,
        };
        async {
            let page = platform.lambda.list_functions_by_code_signing_config(&platform.cx(), input).await.unwrap();
            (page.function_arns.unwrap(), page.next_marker)
        }
    };
    let (first, marker) = functions(None).await;
    assert_eq!(first, [format!("{ARN}f"), format!("{ARN}g")]);
    assert_eq!(functions(marker).await, (vec![format!("{ARN}h")], None));
    platform.stop().await;
}

#[tokio::test]
async fn a_configuration_has_tags() {
    let platform = Platform::new();
    let arn = create(&platform, CodeSigningPolicy::Warn).await.code_signing_config_arn;
    let tag = TagResourceInput { resource: arn.clone(), tags: BTreeMap::from([("u".into(), "w".into())]) };
    platform.lambda.tag_resource(&platform.cx(), tag).await.unwrap();
    let untag = UntagResourceInput { resource: arn.clone(), tag_keys: vec!["t".into()] };
    platform.lambda.untag_resource(&platform.cx(), untag).await.unwrap();
    let list = |resource: String| async { platform.lambda.list_tags(&platform.cx(), ListTagsInput { resource }).await };
    assert_eq!(list(arn).await.unwrap().tags, Some(BTreeMap::from([("u".into(), "w".into())])));
    let missing = format!("The Lambda code signing configuration {NONE} can not be found.");
    check(list(NONE.into()).await, "ResourceNotFoundException", &missing);
    platform.stop().await;
}
