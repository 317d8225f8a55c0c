//! Configurations: put, got, deleted, and what there is where nobody asked for anything.

use updraft_api_s3::S3 as _;
use updraft_api_s3::types::*;

use crate::support::{Cloud, words};

/// Makes an input for bucket `abc`.
macro_rules! abc {
    ($input:ident { $($field:ident: $value:expr),* $(,)? }) => {
        $input { bucket: "abc".into(), $($field: $value,)* ..$input::default() }
    };
}

async fn cloud() -> Cloud {
    let cloud = Cloud::new();
    cloud.bucket("abc").await;
    cloud
}

#[tokio::test]
async fn tags() {
    let cloud = cloud().await;
    let (s3, cx) = (&cloud.s3, &cloud.cx());
    let get = async || s3.get_bucket_tagging(cx, abc!(GetBucketTaggingInput {})).await;
    let put = async |tag_set: Vec<Tag>| {
        s3.put_bucket_tagging(cx, abc!(PutBucketTaggingInput { tagging: Tagging { tag_set: Some(tag_set) } })).await
    };
    assert_eq!(words(get().await), "NoSuchTagSet: The TagSet does not exist");
    let tag = Tag { key: "k".into(), value: "v".into() };
    put(vec![tag.clone()]).await.unwrap();
    assert_eq!(get().await.unwrap().tag_set.len(), 1);
    assert!(words(put(vec![tag.clone(), tag.clone()]).await).starts_with("InvalidTag: "));
    put(Vec::new()).await.unwrap();
    assert!(words(get().await).starts_with("NoSuchTagSet: "));
    put(vec![tag]).await.unwrap();
    s3.delete_bucket_tagging(cx, abc!(DeleteBucketTaggingInput {})).await.unwrap();
    s3.delete_bucket_tagging(cx, abc!(DeleteBucketTaggingInput {})).await.unwrap();
    assert!(words(get().await).starts_with("NoSuchTagSet: "));
}

#[tokio::test]
async fn ownership_and_acls() {
    let cloud = cloud().await;
    let (s3, cx) = (&cloud.s3, &cloud.cx());
    let get = async || {
        let got = s3.get_bucket_ownership_controls(cx, abc!(GetBucketOwnershipControlsInput {})).await?;
        Ok(got.ownership_controls.unwrap().rules.remove(0).object_ownership.as_str().to_owned())
    };
    let own = async |names: &[&str]| {
        let rule = |name: &&str| OwnershipControlsRule { object_ownership: (*name).into() };
        let ownership_controls = OwnershipControls { rules: names.iter().map(rule).collect() };
        s3.put_bucket_ownership_controls(
            cx,
            abc!(PutBucketOwnershipControlsInput { ownership_controls: ownership_controls }),
        )
        .await
    };
    let grants = async || {
        let got = s3.get_bucket_acl(cx, abc!(GetBucketAclInput {})).await.unwrap();
        got.grants.unwrap().into_iter().map(|grant| grant.permission.unwrap().to_string()).collect::<Vec<_>>()
    };
    let put_acl = async |acl: &str| s3.put_bucket_acl(cx, abc!(PutBucketAclInput { acl: Some(acl.into()) })).await;
    assert_eq!(get().await.unwrap(), "BucketOwnerEnforced");
    assert_eq!(grants().await, ["FULL_CONTROL"]);
    assert!(words(put_acl("public-read").await).starts_with("AccessControlListNotSupported: "));
    own(&["ObjectWriter"]).await.unwrap();
    assert_eq!(get().await.unwrap(), "ObjectWriter");
    assert!(words(put_acl("public-read").await).starts_with("AccessDenied: "), "of a new bucket");
    cloud.unblock("abc").await;
    put_acl("public-read").await.unwrap();
    assert_eq!(grants().await, ["FULL_CONTROL", "READ"]);
    for wrong in [&[][..], &["x"], &["ObjectWriter", "BucketOwnerPreferred"]] {
        assert!(words(own(wrong).await).starts_with("MalformedXML: "));
    }
    s3.delete_bucket_ownership_controls(cx, abc!(DeleteBucketOwnershipControlsInput {})).await.unwrap();
    let told: Result<String, updraft_kernel::AwsError> = get().await;
    assert!(words(told).starts_with("OwnershipControlsNotFoundError: "));
}

#[tokio::test]
async fn what_there_is_where_nobody_asked_for_anything() {
    let cloud = cloud().await;
    let (s3, cx) = (&cloud.s3, &cloud.cx());
    let blocked = s3.get_public_access_block(cx, abc!(GetPublicAccessBlockInput {})).await.unwrap();
    let all = PublicAccessBlockConfiguration {
        block_public_acls: Some(true),
        ignore_public_acls: Some(true),
        block_public_policy: Some(true),
        restrict_public_buckets: Some(true),
    };
    assert_eq!(blocked.public_access_block_configuration, Some(all));
    cloud.unblock("abc").await;
    let missing = [
        words(s3.get_bucket_cors(cx, abc!(GetBucketCorsInput {})).await),
        words(s3.get_bucket_website(cx, abc!(GetBucketWebsiteInput {})).await),
        words(s3.get_bucket_policy(cx, abc!(GetBucketPolicyInput {})).await),
        words(s3.get_bucket_lifecycle_configuration(cx, abc!(GetBucketLifecycleConfigurationInput {})).await),
        words(s3.get_bucket_replication(cx, abc!(GetBucketReplicationInput {})).await),
        words(s3.get_public_access_block(cx, abc!(GetPublicAccessBlockInput {})).await),
        words(s3.get_object_lock_configuration(cx, abc!(GetObjectLockConfigurationInput {})).await),
    ];
    let expected = [
        "NoSuchCORSConfiguration: The CORS configuration does not exist",
        "NoSuchWebsiteConfiguration: The specified bucket does not have a website configuration",
        "NoSuchBucketPolicy: The bucket policy does not exist",
        "NoSuchLifecycleConfiguration: The lifecycle configuration does not exist",
        "ReplicationConfigurationNotFoundError: The replication configuration was not found",
        "NoSuchPublicAccessBlockConfiguration: The public access block configuration was not found",
        "ObjectLockConfigurationNotFoundError: Object Lock configuration does not exist for this bucket",
    ];
    assert_eq!(missing, expected);
    let logging = s3.get_bucket_logging(cx, abc!(GetBucketLoggingInput {})).await.unwrap();
    assert_eq!(logging.logging_enabled, None);
    let payment = s3.get_bucket_request_payment(cx, abc!(GetBucketRequestPaymentInput {})).await.unwrap();
    assert_eq!(payment.payer, Some(Payer::BucketOwner));
    let accelerate = abc!(GetBucketAccelerateConfigurationInput {});
    assert_eq!(s3.get_bucket_accelerate_configuration(cx, accelerate).await.unwrap().status, None);
    let encryption = s3.get_bucket_encryption(cx, abc!(GetBucketEncryptionInput {})).await.unwrap();
    let rule = encryption.server_side_encryption_configuration.unwrap().rules.remove(0);
    let default = rule.apply_server_side_encryption_by_default.unwrap();
    assert_eq!((default.sse_algorithm, rule.bucket_key_enabled), (ServerSideEncryption::Aes256, Some(false)));
}

#[tokio::test]
async fn cors_and_websites_are_kept_as_they_came() {
    let cloud = cloud().await;
    let (s3, cx) = (&cloud.s3, &cloud.cx());
    let rule = CORSRule {
        allowed_methods: vec!["GET".into()],
        allowed_origins: vec!["*".into()],
        max_age_seconds: Some(3000),
        ..CORSRule::default()
    };
    let cors_configuration = CORSConfiguration { cors_rules: vec![rule.clone()] };
    s3.put_bucket_cors(cx, abc!(PutBucketCorsInput { cors_configuration: cors_configuration })).await.unwrap();
    let got = s3.get_bucket_cors(cx, abc!(GetBucketCorsInput {})).await.unwrap();
    assert_eq!(got.cors_rules, Some(vec![rule]));
    s3.delete_bucket_cors(cx, abc!(DeleteBucketCorsInput {})).await.unwrap();
    assert!(words(s3.get_bucket_cors(cx, abc!(GetBucketCorsInput {})).await).starts_with("NoSuchCORSConfiguration"));

    let index = Some(IndexDocument { suffix: "index.html".into() });
    let put = async |given: WebsiteConfiguration| {
        s3.put_bucket_website(cx, abc!(PutBucketWebsiteInput { website_configuration: given })).await
    };
    let plain = WebsiteConfiguration { index_document: index.clone(), ..WebsiteConfiguration::default() };
    put(plain.clone()).await.unwrap();
    let got = s3.get_bucket_website(cx, abc!(GetBucketWebsiteInput {})).await.unwrap();
    assert_eq!((got.index_document, got.error_document), (index, None));
    let all = Some(RedirectAllRequestsTo { host_name: "h".into(), protocol: None });
    let both = WebsiteConfiguration { redirect_all_requests_to: all, ..plain };
    for wrong in [WebsiteConfiguration::default(), both] {
        assert!(words(put(wrong).await).starts_with("InvalidArgument: "));
    }
}

fn expiring(rule: LifecycleRule) -> LifecycleRule {
    let days = LifecycleExpiration { days: Some(7), ..LifecycleExpiration::default() };
    LifecycleRule { status: ExpirationStatus::Enabled, expiration: rule.expiration.clone().or(Some(days)), ..rule }
}

#[tokio::test]
async fn lifecycle_rules() {
    let cloud = cloud().await;
    let (s3, cx) = (&cloud.s3, &cloud.cx());
    let put = async |rule: LifecycleRule| {
        let lifecycle_configuration = Some(BucketLifecycleConfiguration { rules: vec![rule] });
        let input = abc!(PutBucketLifecycleConfigurationInput { lifecycle_configuration: lifecycle_configuration });
        s3.put_bucket_lifecycle_configuration(cx, input).await
    };
    let tag = |key: &str| Tag { key: key.into(), value: "v".into() };
    let filtered = |filter| expiring(LifecycleRule { filter: Some(filter), ..LifecycleRule::default() });
    let and = |and| filtered(LifecycleRuleFilter { and: Some(and), ..LifecycleRuleFilter::default() });
    let told = put(filtered(LifecycleRuleFilter::default())).await.unwrap();
    let size = told.transition_default_minimum_object_size.unwrap();
    assert_eq!(size.as_str(), "all_storage_classes_128K");
    let got = s3.get_bucket_lifecycle_configuration(cx, abc!(GetBucketLifecycleConfigurationInput {})).await.unwrap();
    let rule = got.rules.unwrap().remove(0);
    assert_eq!(rule.filter, Some(LifecycleRuleFilter::default()), "an empty filter stays one");
    assert!(rule.id.is_some());
    put(expiring(LifecycleRule { prefix: Some(String::new()), ..LifecycleRule::default() })).await.unwrap();
    put(and(LifecycleRuleAndOperator { tags: Some(vec![tag("a"), tag("b")]), ..Default::default() })).await.unwrap();

    let marker = LifecycleExpiration { days: Some(1), expired_object_delete_marker: Some(true), date: None };
    let noncurrent = NoncurrentVersionExpiration::default();
    let base = filtered(LifecycleRuleFilter::default());
    let twice = LifecycleRuleFilter { prefix: Some("a".into()), tag: Some(tag("a")), ..Default::default() };
    let malformed = [
        expiring(LifecycleRule::default()),
        LifecycleRule { expiration: Some(marker), ..base.clone() },
        LifecycleRule { noncurrent_version_expiration: Some(noncurrent), ..base.clone() },
        filtered(twice),
        and(LifecycleRuleAndOperator { prefix: Some("a".into()), ..Default::default() }),
    ];
    for (at, rule) in malformed.into_iter().enumerate() {
        assert!(words(put(rule).await).starts_with("MalformedXML: "), "{at}");
    }
    let same = and(LifecycleRuleAndOperator { tags: Some(vec![tag("a"), tag("a")]), ..Default::default() });
    assert_eq!(words(put(same).await), "InvalidRequest: Duplicate Tag Keys are not allowed.");
    let date = LifecycleExpiration { date: Some(updraft_kernel::UnixMillis(1)), ..LifecycleExpiration::default() };
    let noon = LifecycleRule { expiration: Some(date), ..base };
    assert_eq!(words(put(noon).await), "InvalidArgument: 'Date' must be at midnight GMT");
}

#[tokio::test]
async fn encryption() {
    let cloud = cloud().await;
    let (s3, cx) = (&cloud.s3, &cloud.cx());
    let rule = |algorithm: &str, key: Option<&str>| ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(ServerSideEncryptionByDefault {
            sse_algorithm: algorithm.into(),
            kms_master_key_id: key.map(str::to_owned),
        }),
        ..ServerSideEncryptionRule::default()
    };
    let put = async |rules: Vec<ServerSideEncryptionRule>| {
        let given = ServerSideEncryptionConfiguration { rules };
        s3.put_bucket_encryption(cx, abc!(PutBucketEncryptionInput { server_side_encryption_configuration: given }))
            .await
    };
    put(vec![rule("aws:kms", Some("k"))]).await.unwrap();
    for wrong in [Vec::new(), vec![rule("AES256", None), rule("AES256", None)]] {
        assert!(words(put(wrong).await).starts_with("MalformedXML: "));
    }
    assert!(words(put(vec![rule("AES256", Some("k"))]).await).starts_with("InvalidArgument: "));
    let algorithm = async || {
        let got = s3.get_bucket_encryption(cx, abc!(GetBucketEncryptionInput {})).await.unwrap();
        let rule = got.server_side_encryption_configuration.unwrap().rules.remove(0);
        rule.apply_server_side_encryption_by_default.unwrap().sse_algorithm.to_string()
    };
    assert_eq!(algorithm().await, "aws:kms");
    s3.delete_bucket_encryption(cx, abc!(DeleteBucketEncryptionInput {})).await.unwrap();
    assert_eq!(algorithm().await, "AES256");
}

#[tokio::test]
async fn policies() {
    let cloud = cloud().await;
    let (s3, cx) = (&cloud.s3, &cloud.cx());
    let put = async |policy: &str| {
        s3.put_bucket_policy(cx, abc!(PutBucketPolicyInput { policy: Some(policy.to_owned()) })).await
    };
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::abc/*"}]}"#;
    assert!(words(put(policy).await).starts_with("AccessDenied: "), "of a new bucket");
    cloud.unblock("abc").await;
    put(policy).await.unwrap();
    let got = s3.get_bucket_policy(cx, abc!(GetBucketPolicyInput {})).await.unwrap();
    assert_eq!(got.policy.as_deref(), Some(policy));
    let status = s3.get_bucket_policy_status(cx, abc!(GetBucketPolicyStatusInput {})).await.unwrap();
    assert_eq!(status.policy_status.unwrap().is_public, Some(true));
    for (wrong, message) in [
        ("", "Policies must be valid JSON and the first byte must be '{'"),
        ("invalid", "Policies must be valid JSON and the first byte must be '{'"),
        ("{}", "Missing required field Statement"),
    ] {
        assert_eq!(words(put(wrong).await), format!("MalformedPolicy: {message}"));
    }
    s3.delete_bucket_policy(cx, abc!(DeleteBucketPolicyInput {})).await.unwrap();
    assert!(words(s3.get_bucket_policy(cx, abc!(GetBucketPolicyInput {})).await).starts_with("NoSuchBucketPolicy"));
}

#[tokio::test]
async fn of_some_there_are_many() {
    let cloud = cloud().await;
    let (s3, cx) = (&cloud.s3, &cloud.cx());
    let put = async |id: &str, inside: &str| {
        let filter = Some(MetricsFilter { prefix: Some("p".into()), ..MetricsFilter::default() });
        let metrics_configuration = MetricsConfiguration { id: inside.into(), filter };
        let input =
            abc!(PutBucketMetricsConfigurationInput { id: id.into(), metrics_configuration: metrics_configuration });
        s3.put_bucket_metrics_configuration(cx, input).await
    };
    let list = async |token: Option<String>| {
        let input = abc!(ListBucketMetricsConfigurationsInput { continuation_token: token });
        let got = s3.list_bucket_metrics_configurations(cx, input).await.unwrap();
        (got.metrics_configuration_list.unwrap_or_default().len(), got.next_continuation_token)
    };
    assert_eq!(list(None).await, (0, None));
    for n in 0..101 {
        put(&format!("{n:03}"), &format!("{n:03}")).await.unwrap();
    }
    let (first, token) = list(None).await;
    assert_eq!(first, 100);
    assert_eq!(list(token).await, (1, None));
    assert!(words(put("a", "b").await).starts_with("IdMismatch: "));
    let get = async |id: &str| {
        s3.get_bucket_metrics_configuration(cx, abc!(GetBucketMetricsConfigurationInput { id: id.into() })).await
    };
    assert_eq!(get("007").await.unwrap().metrics_configuration.unwrap().id, "007");
    let delete = async |id: &str| {
        s3.delete_bucket_metrics_configuration(cx, abc!(DeleteBucketMetricsConfigurationInput { id: id.into() })).await
    };
    delete("007").await.unwrap();
    let missing = "NoSuchConfiguration: The specified configuration does not exist.";
    assert_eq!(words(delete("007").await), missing);
    assert_eq!(words(get("007").await), missing);
}

#[tokio::test]
async fn locks_need_versions() {
    let cloud = cloud().await;
    let (s3, cx) = (&cloud.s3, &cloud.cx());
    let put = async |retention: Option<DefaultRetention>| {
        let rule = retention.map(|default_retention| ObjectLockRule { default_retention: Some(default_retention) });
        let configuration = ObjectLockConfiguration { object_lock_enabled: Some(ObjectLockEnabled::Enabled), rule };
        let input = abc!(PutObjectLockConfigurationInput { object_lock_configuration: Some(configuration) });
        s3.put_object_lock_configuration(cx, input).await
    };
    assert!(words(put(None).await).starts_with("InvalidBucketState: "));
    let enabled = VersioningConfiguration { status: Some(BucketVersioningStatus::Enabled), ..Default::default() };
    let versioned = abc!(PutBucketVersioningInput { versioning_configuration: enabled });
    s3.put_bucket_versioning(cx, versioned).await.unwrap();
    put(None).await.unwrap();
    let got = s3.get_object_lock_configuration(cx, abc!(GetObjectLockConfigurationInput {})).await.unwrap();
    assert_eq!(got.object_lock_configuration.unwrap().rule, None);
    let retention = |days, years| DefaultRetention {
        mode: Some(ObjectLockRetentionMode::Governance),
        days,
        years,
        ..DefaultRetention::default()
    };
    put(Some(retention(Some(1), None))).await.unwrap();
    for wrong in [retention(None, None), retention(Some(1), Some(1)), DefaultRetention::default()] {
        assert!(words(put(Some(wrong)).await).starts_with("MalformedXML: "));
    }
    assert!(words(put(Some(retention(Some(0), None))).await).starts_with("InvalidRetentionPeriod: "));
}

#[tokio::test]
async fn logs_go_to_a_bucket_of_the_same_owner() {
    let cloud = cloud().await;
    let (s3, cx) = (&cloud.s3, &cloud.cx());
    cloud.bucket("logs").await;
    let put = async |target: Option<&str>| {
        let enabled = |target: &str| LoggingEnabled {
            target_bucket: target.into(),
            target_prefix: "p".into(),
            ..LoggingEnabled::default()
        };
        let bucket_logging_status = BucketLoggingStatus { logging_enabled: target.map(enabled) };
        s3.put_bucket_logging(cx, abc!(PutBucketLoggingInput { bucket_logging_status: bucket_logging_status })).await
    };
    put(Some("logs")).await.unwrap();
    assert!(words(put(Some("nowhere")).await).starts_with("InvalidTargetBucketForLogging: "));
    let got = async || {
        let got = s3.get_bucket_logging(cx, abc!(GetBucketLoggingInput {})).await.unwrap();
        got.logging_enabled.map(|logging| logging.target_bucket)
    };
    assert_eq!(got().await.as_deref(), Some("logs"));
    put(None).await.unwrap();
    assert_eq!(got().await, None);
}
