//! Buckets: made, looked at, listed, versioned, deleted.

use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{
    BucketLocationConstraint, CreateBucketConfiguration, CreateBucketInput, DeleteBucketInput, GetBucketLocationInput,
    GetBucketVersioningInput, HeadBucketInput, ListBucketsInput, PutBucketVersioningInput, Tag,
    VersioningConfiguration,
};
use updraft_kernel::{Ctx, Region};

use crate::support::{Cloud, words};

fn create(name: &str) -> CreateBucketInput {
    CreateBucketInput { bucket: name.into(), ..Default::default() }
}

fn located(name: &str, constraint: &str) -> CreateBucketInput {
    let location_constraint = Some(BucketLocationConstraint::from(constraint));
    let configuration = CreateBucketConfiguration { location_constraint, ..Default::default() };
    CreateBucketInput { create_bucket_configuration: Some(configuration), ..create(name) }
}

fn head(name: &str) -> HeadBucketInput {
    HeadBucketInput { bucket: name.into(), ..Default::default() }
}

fn delete(name: &str) -> DeleteBucketInput {
    DeleteBucketInput { bucket: name.into(), ..Default::default() }
}

fn versioning(name: &str, status: Option<&str>) -> PutBucketVersioningInput {
    let versioning_configuration = VersioningConfiguration { status: status.map(Into::into), ..Default::default() };
    PutBucketVersioningInput { bucket: name.into(), versioning_configuration, ..Default::default() }
}

#[tokio::test]
async fn a_bucket_is_there_until_it_is_deleted() {
    let cloud = Cloud::new();
    assert!(words(cloud.s3.head_bucket(&cloud.cx(), head("abc")).await).starts_with("NoSuchBucket: "));
    let made = cloud.s3.create_bucket(&cloud.cx(), create("abc")).await.unwrap();
    assert_eq!(made.location.as_deref(), Some("/abc"));
    assert_eq!(made.bucket_arn.as_deref(), Some("arn:aws:s3:::abc"));
    let seen = cloud.s3.head_bucket(&cloud.cx(), head("abc")).await.unwrap();
    assert_eq!(seen.bucket_region.as_deref(), Some("us-east-1"));
    cloud.s3.delete_bucket(&cloud.cx(), delete("abc")).await.unwrap();
    cloud.settle().await;
    assert_eq!(cloud.rows().await, 0, "nothing is left behind");
    assert!(words(cloud.s3.delete_bucket(&cloud.cx(), delete("abc")).await).starts_with("NoSuchBucket: "));
}

#[tokio::test]
async fn its_tags_go_with_it() {
    let cloud = Cloud::new();
    let tags = Some(vec![Tag { key: "k".into(), value: "v".into() }]);
    let configuration = CreateBucketConfiguration { tags, ..Default::default() };
    let input = CreateBucketInput { create_bucket_configuration: Some(configuration), ..create("abc") };
    cloud.s3.create_bucket(&cloud.cx(), input).await.unwrap();
    assert_eq!(cloud.rows().await, 4);
    cloud.s3.delete_bucket(&cloud.cx(), delete("abc")).await.unwrap();
    cloud.settle().await;
    assert_eq!(cloud.rows().await, 0);
}

#[tokio::test]
async fn a_name_is_one_buckets_in_all_accounts() {
    let cloud = Cloud::new();
    let other = cloud.cx_of("111111111111");
    cloud.bucket("abc").await;
    cloud.s3.create_bucket(&cloud.cx(), create("abc")).await.unwrap();
    assert!(words(cloud.s3.create_bucket(&other, create("abc")).await).starts_with("BucketAlreadyExists: "));
    assert_eq!(words(cloud.s3.head_bucket(&other, head("abc")).await), "AccessDenied: Access Denied");
    let elsewhere = Ctx { region: Region::parse("eu-west-1").unwrap(), ..cloud.cx() };
    let again = cloud.s3.create_bucket(&elsewhere, located("abc", "eu-west-1")).await;
    assert!(words(again).starts_with("BucketAlreadyOwnedByYou: "));
    cloud.s3.delete_bucket(&cloud.cx(), delete("abc")).await.unwrap();
    cloud.s3.create_bucket(&other, create("abc")).await.unwrap();
}

#[tokio::test]
async fn the_owner_can_be_expected() {
    let cloud = Cloud::new();
    cloud.bucket("abc").await;
    let expecting = |owner: &str| HeadBucketInput { expected_bucket_owner: Some(owner.into()), ..head("abc") };
    cloud.s3.head_bucket(&cloud.cx(), expecting("000000000000")).await.unwrap();
    let other = cloud.s3.head_bucket(&cloud.cx(), expecting("000000000002")).await;
    assert_eq!(words(other), "AccessDenied: Access Denied");
    for wrong in ["abcd", "0000", "0000000000020", "aa000000000$"] {
        let told = words(cloud.s3.head_bucket(&cloud.cx(), expecting(wrong)).await);
        let message = "The value of the expected bucket owner parameter must be an AWS Account ID...";
        assert_eq!(told, format!("InvalidBucketOwnerAWSAccountID: {message} [{wrong}]"));
    }
}

#[tokio::test]
async fn where_it_is() {
    let cloud = Cloud::new();
    let made = cloud.s3.create_bucket(&cloud.cx(), located("far", "EU")).await.unwrap();
    assert_eq!(made.location.as_deref(), Some("http://far.s3.amazonaws.com/"));
    cloud.bucket("near").await;
    let place = async |name: &str| {
        let input = GetBucketLocationInput { bucket: name.into(), ..Default::default() };
        cloud.s3.get_bucket_location(&cloud.cx(), input).await.unwrap().location_constraint
    };
    assert_eq!(place("far").await, Some(BucketLocationConstraint::Eu));
    assert_eq!(place("near").await, None);
    let seen = cloud.s3.head_bucket(&cloud.cx(), head("far")).await.unwrap();
    assert_eq!(seen.bucket_region.as_deref(), Some("eu-west-1"));
}

#[tokio::test]
async fn lists_go_by_name_prefix_and_region_page_by_page() {
    let cloud = Cloud::new();
    for name in ["b-1", "a-2", "a-1"] {
        cloud.bucket(name).await;
    }
    cloud.s3.create_bucket(&cloud.cx(), located("a-3", "eu-west-1")).await.unwrap();
    cloud.s3.create_bucket(&cloud.cx_of("111111111111"), create("a-9")).await.unwrap();
    let names = async |input: ListBucketsInput| {
        let listed = cloud.s3.list_buckets(&cloud.cx(), input).await.unwrap();
        let names: Vec<String> = listed.buckets.unwrap().into_iter().filter_map(|bucket| bucket.name).collect();
        (names.join(" "), listed.continuation_token)
    };
    assert_eq!(names(ListBucketsInput::default()).await.0, "a-1 a-2 a-3 b-1");
    let by_prefix = ListBucketsInput { prefix: Some("a".into()), ..Default::default() };
    assert_eq!(names(by_prefix.clone()).await, ("a-1 a-2 a-3".into(), None));
    let by_region = ListBucketsInput { bucket_region: Some("us-east-1".into()), ..by_prefix.clone() };
    assert_eq!(names(by_region).await.0, "a-1 a-2");
    let first = ListBucketsInput { max_buckets: Some(2), ..by_prefix };
    let (page, token) = names(first.clone()).await;
    assert_eq!(page, "a-1 a-2");
    assert!(token.is_some());
    assert_eq!(names(ListBucketsInput { continuation_token: token, ..first }).await, ("a-3".into(), None));
    for wrong in [0, 10_001] {
        let input = ListBucketsInput { max_buckets: Some(wrong), ..Default::default() };
        assert!(words(cloud.s3.list_buckets(&cloud.cx(), input).await).starts_with("InvalidArgument: "));
    }
}

#[tokio::test]
async fn versioning_is_enabled_and_suspended() {
    let cloud = Cloud::new();
    cloud.bucket("abc").await;
    let told = async || {
        let input = GetBucketVersioningInput { bucket: "abc".into(), ..Default::default() };
        let status = cloud.s3.get_bucket_versioning(&cloud.cx(), input).await.unwrap().status;
        status.map(|status| status.as_str().to_owned())
    };
    let put = async |status| cloud.s3.put_bucket_versioning(&cloud.cx(), versioning("abc", status)).await;
    assert_eq!(told().await, None);
    put(Some("Enabled")).await.unwrap();
    assert_eq!(told().await.as_deref(), Some("Enabled"));
    put(Some("Suspended")).await.unwrap();
    assert_eq!(told().await.as_deref(), Some("Suspended"));
    assert!(words(put(None).await).starts_with("IllegalVersioningConfigurationException: "));
    assert!(words(put(Some("enabled")).await).starts_with("MalformedXML: "));
}

#[tokio::test]
async fn what_is_locked_stays_versioned() {
    let cloud = Cloud::new();
    let input = CreateBucketInput { object_lock_enabled_for_bucket: Some(true), ..create("abc") };
    cloud.s3.create_bucket(&cloud.cx(), input).await.unwrap();
    let put = async |status| cloud.s3.put_bucket_versioning(&cloud.cx(), versioning("abc", Some(status))).await;
    put("Enabled").await.unwrap();
    assert!(words(put("Suspended").await).starts_with("InvalidBucketState: "));
}
