//! Layers: their versions and policies (recorded: `TestLambdaLayer`).

use bytes::Bytes;
use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    AddLayerVersionPermissionInput, Architecture, DeleteLayerVersionInput, GetLayerVersionByArnInput,
    GetLayerVersionInput, GetLayerVersionOutput, GetLayerVersionPolicyInput, LayerVersionContentInput,
    ListLayerVersionsInput, ListLayersInput, PublishLayerVersionInput, PublishLayerVersionOutput,
    RemoveLayerVersionPermissionInput, Runtime, S3ObjectStorageMode,
};
use updraft_kernel::{AccountId, AwsError, Ctx};

use crate::support::{Platform, check, refused};

pub(crate) const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:layer:";
const NOTHING: &str = "The resource you requested does not exist.";

fn content(zip: impl Into<Bytes>) -> LayerVersionContentInput {
    LayerVersionContentInput { zip_file: Some(zip.into()), ..LayerVersionContentInput::default() }
}

fn input(name: &str) -> PublishLayerVersionInput {
    PublishLayerVersionInput {
        layer_name: name.into(),
        content: content(format!("zip {name}")),
        ..PublishLayerVersionInput::default()
    }
}

pub(crate) async fn publish(platform: &Platform, name: &str) -> PublishLayerVersionOutput {
    platform.lambda.publish_layer_version(&platform.cx(), input(name)).await.unwrap()
}

/// The ARN of a version whose content is so large.
pub(crate) async fn sized(platform: &Platform, name: &str, bytes: u64) -> String {
    let input = PublishLayerVersionInput { content: content(format!("zip {bytes}")), ..input(name) };
    platform.lambda.publish_layer_version(&platform.cx(), input).await.unwrap().layer_version_arn.unwrap()
}

pub(crate) fn stranger(platform: &Platform) -> Ctx {
    Ctx { account: AccountId::parse("111111111111").unwrap(), ..platform.cx() }
}

async fn get(platform: &Platform, cx: &Ctx, layer: &str, version: i64) -> Result<GetLayerVersionOutput, AwsError> {
    let input = GetLayerVersionInput { layer_name: layer.into(), version_number: version };
    platform.lambda.get_layer_version(cx, input).await
}

#[tokio::test]
async fn versions_are_counted_and_never_used_again() {
    let platform = Platform::new();
    let first = publish(&platform, "l").await;
    assert_eq!((first.version, first.layer_arn), (Some(1), Some(format!("{ARN}l"))));
    assert_eq!(first.layer_version_arn, Some(format!("{ARN}l:1")));
    assert_eq!(first.created_date.as_deref(), Some("2030-01-01T00:00:00.000+0000"));
    assert_eq!((first.description.as_deref(), first.compatible_runtimes), (Some(""), None));
    publish(&platform, "l").await;
    let delete = || DeleteLayerVersionInput { layer_name: "l".into(), version_number: 2 };
    platform.lambda.delete_layer_version(&platform.cx(), delete()).await.unwrap();
    platform.lambda.delete_layer_version(&platform.cx(), delete()).await.unwrap();
    check(get(&platform, &platform.cx(), "l", 2).await, "ResourceNotFoundException", NOTHING);
    assert_eq!(publish(&platform, "l").await.version, Some(3));
    platform.stop().await;
}

#[tokio::test]
async fn a_version_is_found_by_name_and_by_arn() {
    let platform = Platform::new();
    let told = PublishLayerVersionInput {
        description: Some("d".into()),
        license_info: Some("MIT".into()),
        compatible_runtimes: Some(vec![Runtime::Python312]),
        compatible_architectures: Some(vec![]),
        ..input("l")
    };
    let published = platform.lambda.publish_layer_version(&platform.cx(), told).await.unwrap();
    let found = get(&platform, &platform.cx(), "l", 1).await.unwrap();
    assert_eq!(found, get(&platform, &platform.cx(), &format!("{ARN}l"), 1).await.unwrap());
    let by_arn = |arn: String| async {
        platform.lambda.get_layer_version_by_arn(&platform.cx(), GetLayerVersionByArnInput { arn }).await
    };
    assert_eq!(found, by_arn(format!("{ARN}l:1")).await.unwrap());
    assert_eq!((found.license_info.as_deref(), found.content), (Some("MIT"), published.content));
    assert_eq!(found.compatible_runtimes, Some(vec![Runtime::Python312]));
    assert_eq!(found.compatible_architectures, Some(vec![]));
    for missing in [format!("{ARN}l:2"), format!("{ARN}none:1"), "arn:aws:lambda:::awslayer:Any".into()] {
        check(by_arn(missing).await, "ResourceNotFoundException", NOTHING);
    }
    let elsewhere = get(&platform, &platform.cx(), "arn:aws:lambda:eu-west-1:000000000000:layer:l", 1).await;
    check(elsewhere, "ResourceNotFoundException", NOTHING);
    for number in [0, -1] {
        let refused = get(&platform, &platform.cx(), "l", number).await;
        check(refused, "InvalidParameterValueException", "Layer Version Cannot be less than 1");
    }
    platform.stop().await;
}

#[tokio::test]
async fn content_is_looked_at_first() {
    let platform = Platform::new();
    let with = |content: LayerVersionContentInput| {
        let input = PublishLayerVersionInput { content, ..input("l") };
        async { refused(platform.lambda.publish_layer_version(&platform.cx(), input).await).1 }
    };
    let unzip = "Could not unzip uploaded file. Please check your file, then try to upload again.";
    assert_eq!(with(content("not one")).await, unzip);
    assert_eq!(with(content("")).await, "Uploaded file must be a non-empty zip");
    let large = "Request must be smaller than 70167211 bytes for the PublishLayerVersion operation";
    assert_eq!(with(content(vec![0; (50 << 20) + 1])).await, large);
    let referenced = LayerVersionContentInput {
        s3_object_storage_mode: Some(S3ObjectStorageMode::Reference),
        ..LayerVersionContentInput::default()
    };
    assert!(with(referenced).await.ends_with("not supported by this platform yet."));
    assert_eq!(platform.blobs.list(None, 10).await.unwrap(), [], "nothing is kept of what was refused");
    platform.stop().await;
}

#[tokio::test]
async fn content_may_lie_in_a_bucket() {
    let platform = Platform::new();
    platform.objects.0.lock().extend([("k".to_owned(), "zip in a bucket".into()), ("kv2".to_owned(), "zip 2".into())]);
    platform.objects.0.lock().insert("large".into(), vec![0; 262_144_001].into());
    let from = |bucket: &str, key: &str, version: Option<&str>| LayerVersionContentInput {
        s3_bucket: Some(bucket.into()),
        s3_key: Some(key.into()),
        s3_object_version: version.map(str::to_owned),
        ..LayerVersionContentInput::default()
    };
    let publish = |content: LayerVersionContentInput| {
        let input = PublishLayerVersionInput { content, ..input("l") };
        async { platform.lambda.publish_layer_version(&platform.cx(), input).await }
    };
    let size = |published: PublishLayerVersionOutput| published.content.unwrap().code_size;
    assert_eq!(size(publish(from("bucket", "k", None)).await.unwrap()), Some(15));
    assert_eq!(size(publish(from("bucket", "k", Some("v2"))).await.unwrap()), Some(5));
    let error = |code: &str, text: &str| {
        format!("Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {text}")
    };
    let no_key = error("NoSuchKey", "The specified key does not exist.");
    check(publish(from("bucket", "none", None)).await, "InvalidParameterValueException", &no_key);
    let no_bucket = error("NoSuchBucket", "The specified bucket does not exist");
    check(publish(from("none", "k", None)).await, "InvalidParameterValueException", &no_bucket);
    let large = "Unzipped size must be smaller than 262144000 bytes";
    check(publish(from("bucket", "large", None)).await, "InvalidParameterValueException", large);
    platform.stop().await;
}

#[tokio::test]
async fn versions_are_listed_newest_first_by_what_they_are_for() {
    let platform = Platform::new();
    for (runtime, architecture) in [
        (Runtime::Python312, Architecture::X8664),
        (Runtime::Nodejs22X, Architecture::X8664),
        (Runtime::Python312, Architecture::Arm64),
    ] {
        let input = PublishLayerVersionInput {
            compatible_runtimes: Some(vec![runtime]),
            compatible_architectures: Some(vec![architecture]),
            ..input("l")
        };
        platform.lambda.publish_layer_version(&platform.cx(), input).await.unwrap();
    }
    publish(&platform, "l").await;
    let list = |runtime, architecture, most, marker| {
        let input = ListLayerVersionsInput {
            layer_name: "l".into(),
            compatible_runtime: runtime,
            compatible_architecture: architecture,
            max_items: most,
            marker,
        };
        async {
            let page = platform.lambda.list_layer_versions(&platform.cx(), input).await.unwrap();
            let numbers: Vec<_> = page.layer_versions.unwrap().into_iter().filter_map(|item| item.version).collect();
            (numbers, page.next_marker)
        }
    };
    assert_eq!(list(None, None, None, None).await, (vec![4, 3, 2, 1], None));
    assert_eq!(list(Some(Runtime::Python312), None, None, None).await.0, [3, 1]);
    assert_eq!(list(Some(Runtime::Python312), Some(Architecture::X8664), None, None).await.0, [1]);
    let (first, marker) = list(Some(Runtime::Python312), None, Some(1), None).await;
    assert_eq!((first, marker.is_some()), (vec![3], true));
    assert_eq!(list(Some(Runtime::Python312), None, Some(1), marker).await, (vec![1], None));
    let wrong = ListLayerVersionsInput { layer_name: "l".into(), marker: Some("?".into()), ..Default::default() };
    check(
        platform.lambda.list_layer_versions(&platform.cx(), wrong).await,
        "InvalidParameterValueException",
        "Invalid marker",
    );
    platform.stop().await;
}

#[tokio::test]
async fn layers_are_listed_by_their_newest_version_that_fits() {
    let platform = Platform::new();
    for name in ["a", "b", "c"] {
        let fits = PublishLayerVersionInput { compatible_runtimes: Some(vec![Runtime::Python312]), ..input(name) };
        platform.lambda.publish_layer_version(&platform.cx(), fits).await.unwrap();
        publish(&platform, name).await;
    }
    let delete = DeleteLayerVersionInput { layer_name: "b".into(), version_number: 1 };
    platform.lambda.delete_layer_version(&platform.cx(), delete).await.unwrap();
    let list = |runtime, most, marker| {
        let input =
            ListLayersInput { compatible_runtime: runtime, compatible_architecture: None, max_items: most, marker };
        async {
            let page = platform.lambda.list_layers(&platform.cx(), input).await.unwrap();
            let item = |layer: updraft_api_lambda::types::LayersListItem| {
                (layer.layer_name.unwrap(), layer.latest_matching_version.unwrap().version.unwrap())
            };
            (page.layers.unwrap().into_iter().map(item).collect::<Vec<_>>(), page.next_marker)
        }
    };
    let of = |names: &[(&str, i64)]| names.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect::<Vec<_>>();
    assert_eq!(list(None, None, None).await, (of(&[("a", 2), ("b", 2), ("c", 2)]), None));
    assert_eq!(list(Some(Runtime::Python312), None, None).await, (of(&[("a", 1), ("c", 1)]), None));
    let (page, marker) = list(Some(Runtime::Python312), Some(1), None).await;
    assert_eq!(page, of(&[("a", 1)]));
    assert_eq!(list(Some(Runtime::Python312), Some(1), marker).await, (of(&[("c", 1)]), None));
    let unknown = ListLayersInput {
        compatible_runtime: Some(Runtime::Unknown("runtimedoesnotexist".into())),
        ..ListLayersInput::default()
    };
    let (code, text) = refused(platform.lambda.list_layers(&platform.cx(), unknown).await);
    assert_eq!(code, "ValidationException");
    assert!(text.contains(
        "'compatibleRuntime' failed to satisfy constraint: Member must satisfy enum value set: [ruby3.5, ruby2.6,"
    ));
    platform.stop().await;
}

fn permission(layer: &str, sid: &str, principal: &str) -> AddLayerVersionPermissionInput {
    AddLayerVersionPermissionInput {
        layer_name: layer.into(),
        version_number: 1,
        statement_id: sid.into(),
        action: "lambda:GetLayerVersion".into(),
        principal: principal.into(),
        ..AddLayerVersionPermissionInput::default()
    }
}

fn removal(layer: &str, sid: &str, revision: Option<String>) -> RemoveLayerVersionPermissionInput {
    RemoveLayerVersionPermissionInput {
        layer_name: layer.into(),
        version_number: 1,
        statement_id: sid.into(),
        revision_id: revision,
    }
}

#[tokio::test]
async fn a_policy_grows_and_shrinks_by_statements() {
    let platform = Platform::new();
    publish(&platform, "l").await;
    let cx = platform.cx();
    let policy = |layer: &str| {
        let input = GetLayerVersionPolicyInput { layer_name: layer.into(), version_number: 1 };
        async { platform.lambda.get_layer_version_policy(&platform.cx(), input).await }
    };
    let add = |input: AddLayerVersionPermissionInput| async {
        platform.lambda.add_layer_version_permission(&platform.cx(), input).await
    };
    let none = "No policy is associated with the given resource.";
    check(policy("l").await, "ResourceNotFoundException", none);
    check(
        platform.lambda.remove_layer_version_permission(&cx, removal("l", "s1", None)).await,
        "ResourceNotFoundException",
        none,
    );
    let missing = format!("Layer version {ARN}none:1 does not exist.");
    check(policy("none").await, "ResourceNotFoundException", &missing);
    check(add(permission("none", "s", "*")).await, "ResourceNotFoundException", &missing);
    check(
        platform.lambda.remove_layer_version_permission(&cx, removal("none", "s", None)).await,
        "ResourceNotFoundException",
        &missing,
    );

    let first = add(permission("l", "s1", "*")).await.unwrap();
    let statement = format!(
        r#"{{"Sid":"s1","Effect":"Allow","Principal":"*","Action":"lambda:GetLayerVersion","Resource":"{ARN}l:1"}}"#
    );
    assert_eq!(first.statement.as_deref(), Some(statement.as_str()));
    let shown = policy("l").await.unwrap();
    assert_eq!(shown.policy, Some(format!(r#"{{"Version":"2012-10-17","Id":"default","Statement":[{statement}]}}"#)));
    assert_eq!(shown.revision_id, first.revision_id);
    let twice = "The statement id (s1) provided already exists. Please provide a new statement id, or remove the existing statement.";
    check(add(permission("l", "s1", "*")).await, "ResourceConflictException", twice);
    let stale = "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id";
    let wrong = AddLayerVersionPermissionInput { revision_id: Some("wrong".into()), ..permission("l", "s2", "*") };
    check(add(wrong).await, "PreconditionFailedException", stale);
    let right = AddLayerVersionPermissionInput {
        revision_id: first.revision_id,
        organization_id: Some("o-1234567890".into()),
        ..permission("l", "s2", "*")
    };
    let second = add(right).await.unwrap();
    assert!(
        second.statement.unwrap().contains(r#""Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1234567890"}}"#)
    );
    let remove = |sid: &str, revision| {
        let input = removal("l", sid, revision);
        async { platform.lambda.remove_layer_version_permission(&platform.cx(), input).await }
    };
    check(remove("s1", Some("wrong".into())).await, "PreconditionFailedException", stale);
    check(remove("none", None).await, "ResourceNotFoundException", "Statement none is not found in resource policy.");
    remove("s1", second.revision_id).await.unwrap();
    remove("s2", None).await.unwrap();
    check(policy("l").await, "ResourceNotFoundException", none);
    platform.stop().await;
}

#[tokio::test]
async fn another_account_needs_a_permission() {
    let platform = Platform::new();
    publish(&platform, "l").await;
    let (stranger, arn) = (stranger(&platform), format!("{ARN}l"));
    let (code, text) = refused(get(&platform, &stranger, &arn, 1).await);
    assert_eq!(code, "AccessDeniedException");
    assert!(
        text.contains(&format!("is not authorized to perform: lambda:GetLayerVersion on resource: {arn}:1")),
        "{text}"
    );
    let other = permission("l", "other", "222222222222");
    platform.lambda.add_layer_version_permission(&platform.cx(), other).await.unwrap();
    let organization =
        AddLayerVersionPermissionInput { organization_id: Some("o-1234567890".into()), ..permission("l", "org", "*") };
    platform.lambda.add_layer_version_permission(&platform.cx(), organization).await.unwrap();
    assert!(get(&platform, &stranger, &arn, 1).await.is_err(), "neither is for this account");
    let this = permission("l", "this", "111111111111");
    platform.lambda.add_layer_version_permission(&platform.cx(), this).await.unwrap();
    assert_eq!(get(&platform, &stranger, &arn, 1).await.unwrap().version, Some(1));
    // To be read is not to be changed.
    let publish = PublishLayerVersionInput { layer_name: arn.clone(), ..input("l") };
    let delete = DeleteLayerVersionInput { layer_name: arn.clone(), version_number: 1 };
    let list = ListLayerVersionsInput { layer_name: arn.clone(), ..ListLayerVersionsInput::default() };
    assert_eq!(refused(platform.lambda.publish_layer_version(&stranger, publish).await).0, "AccessDeniedException");
    assert_eq!(refused(platform.lambda.delete_layer_version(&stranger, delete).await).0, "AccessDeniedException");
    assert_eq!(refused(platform.lambda.list_layer_versions(&stranger, list).await).0, "AccessDeniedException");
    let mine = permission(&arn, "mine", "*");
    assert_eq!(refused(platform.lambda.add_layer_version_permission(&stranger, mine).await).0, "AccessDeniedException");
    platform.stop().await;
}
