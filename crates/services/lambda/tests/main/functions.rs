//! Creating, reading and deleting (recorded: `test_function_lifecycle` and others).

use std::collections::BTreeMap;

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    CreateFunctionInput, DeleteFunctionInput, Environment, FunctionCode, GetFunctionInput, LastUpdateStatus, Runtime,
    State, StateReasonCode,
};
use updraft_blob::BlobId;
use updraft_lambda::Settings;

use crate::support::{ARN, Platform, ROLE, check, input, platform, refused};

#[tokio::test]
async fn a_function_is_answered_pending_and_found_active() {
    let platform = Platform::new();
    let created = platform.create("f").await;
    assert_eq!(created.state, Some(State::Pending));
    assert_eq!(created.state_reason.as_deref(), Some("The function is being created."));
    assert_eq!(created.state_reason_code, Some(StateReasonCode::Creating));
    assert_eq!(created.last_update_status, None);

    let found = platform.get("f").await.unwrap();
    assert_eq!(
        (found.state.clone(), found.last_update_status.clone()),
        (Some(State::Active), Some(LastUpdateStatus::Successful))
    );
    assert_ne!(found.revision_id, created.revision_id, "as on AWS");
    platform.stop().await;
}

#[tokio::test]
async fn every_default_is_told() {
    let platform = Platform::new();
    let found = platform.create("f").await;
    assert_eq!(found.function_arn, Some(format!("{ARN}f")));
    assert_eq!((found.timeout, found.memory_size, found.code_size), (Some(3), Some(128), Some(5)));
    assert_eq!(found.description.as_deref(), Some(""));
    assert_eq!(found.last_modified.as_deref(), Some("2030-01-01T00:00:00.000+0000"));
    assert_eq!(found.version.as_deref(), Some("$LATEST"));
    assert_eq!(found.environment, None);
    assert_eq!(found.role.as_deref(), Some(ROLE));
    let text = format!("{found:?}");
    for part in [
        "PassThrough",
        "package_type: Some(Zip)",
        "X8664",
        "size: 512",
        "/aws/lambda/f",
        "optimization_status: Some(Off)",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let runtime = found.runtime_version_config.unwrap().runtime_version_arn.unwrap();
    assert_eq!(runtime.len(), "arn:aws:lambda:us-east-1::runtime:".len() + 64);
    // printf 'zip f' | openssl dgst -sha256 -binary | base64
    assert_eq!(found.code_sha256.as_deref(), Some("Ouq4va0+xUCZBGjK4kN23clGD3WgsiZ4B1lbzQtKxow="));
    platform.stop().await;
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let platform = Platform::new();
    platform.create("f").await;
    let again = platform.lambda.create_function(&platform.cx(), input("f")).await;
    check(again, "ResourceConflictException", "Function already exist: f");
    platform.stop().await;
}

#[tokio::test]
async fn packages_are_looked_at_first() {
    let platform = Platform::new();
    let with = |code: FunctionCode| {
        let input = CreateFunctionInput { code, ..input("f") };
        async { refused(platform.lambda.create_function(&platform.cx(), input).await).1 }
    };
    let zip = |bytes: &'static [u8]| FunctionCode { zip_file: Some(bytes.into()), ..FunctionCode::default() };
    let unzip = "Could not unzip uploaded file. Please check your file, then try to upload again.";
    assert_eq!(with(zip(b"not one")).await, unzip);
    assert_eq!(with(zip(b"")).await, "Uploaded file must be a non-empty zip");
    assert_eq!(with(zip(b"PK\x05\x06, and then no entries")).await, "Uploaded file must be a non-empty zip");
    assert_eq!(with(FunctionCode::default()).await, "Please provide a source for function code.");
    let bucket = FunctionCode { s3_bucket: Some("b".into()), s3_key: Some("k".into()), ..FunctionCode::default() };
    assert!(with(bucket).await.starts_with("Error occurred while GetObject. S3 Error Code: NoSuchBucket."));
    let large = FunctionCode { zip_file: Some(vec![0; (50 << 20) + 1].into()), ..FunctionCode::default() };
    assert_eq!(with(large).await, "Request must be smaller than 70167211 bytes for the CreateFunction operation");
    assert_eq!(platform.blobs.list(None, 10).await.unwrap(), [], "nothing is kept of what was refused");
    platform.stop().await;
}

#[tokio::test]
async fn settings_are_checked() {
    let platform = Platform::new();
    let create =
        |input: CreateFunctionInput| async { refused(platform.lambda.create_function(&platform.cx(), input).await).1 };
    let variables = BTreeMap::from([("AWS_REGION".to_owned(), "x".to_owned())]);
    let environment = Some(Environment { variables: Some(variables) });
    assert!(create(CreateFunctionInput { environment, ..input("f") }).await.ends_with("this request: AWS_REGION"));
    assert!(
        platform
            .lambda
            .create_function(&platform.cx(), CreateFunctionInput { timeout: Some(900), ..input("g") })
            .await
            .is_ok()
    );
    assert_eq!(
        create(CreateFunctionInput { timeout: Some(901), ..input("f") }).await,
        "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900"
    );
    let runtime = Some(Runtime::Unknown("cobol".into()));
    assert!(create(CreateFunctionInput { runtime, ..input("f") }).await.starts_with("Value cobol at 'runtime'"));
    let long = "a".repeat(65);
    assert_eq!(
        create(input(&long)).await,
        format!(
            "1 validation error detected: Value '{long}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64"
        )
    );
    platform.stop().await;
}

#[tokio::test]
async fn get_function_says_where_the_code_is_if_it_is_served() {
    let platform = platform(Settings { serves_code: true, ..Settings::default() });
    platform.create("f").await;
    let get = GetFunctionInput { function_name: "f".into(), qualifier: None };
    let found = platform.lambda.get_function(&platform.cx(), get).await.unwrap();
    let location = found.code.unwrap().location.unwrap();
    let blob = location.strip_prefix("http://127.0.0.1:4566/_aws/lambda-code/").unwrap();
    assert_eq!(platform.lambda.code_blob(blob).await.unwrap().as_deref(), Some(&b"zip f"[..]));
    assert_eq!(platform.lambda.code_blob("../../etc/passwd").await.unwrap(), None);
    assert_eq!(platform.lambda.code_blob(&"0".repeat(32)).await.unwrap(), None);
    assert_eq!((found.tags, found.concurrency), (None, None));
    platform.stop().await;
}

#[tokio::test]
async fn a_deleted_function_is_gone_with_everything() {
    let platform = Platform::new();
    platform.create("f").await;
    let blob = platform.blobs.list(None, 10).await.unwrap().remove(0).id;
    assert!(platform.lambda.names_blob(&blob).await.unwrap());
    let delete = || DeleteFunctionInput { function_name: "f".into(), qualifier: None };
    let deleted = platform.lambda.delete_function(&platform.cx(), delete()).await.unwrap();
    assert_eq!(deleted.status_code, Some(204));
    assert_eq!(*platform.runner.retired.lock(), ["f"]);
    assert!(!platform.lambda.names_blob(&blob).await.unwrap(), "the sweeper may have it");
    let gone = format!("Function not found: {ARN}f");
    check(platform.get("f").await, "ResourceNotFoundException", &gone);
    check(platform.lambda.delete_function(&platform.cx(), delete()).await, "ResourceNotFoundException", &gone);
    platform.create("f").await;
    platform.stop().await;
}

#[tokio::test]
async fn only_versions_can_be_deleted_alone() {
    let platform = Platform::new();
    let delete = |qualifier: &str| {
        let input = DeleteFunctionInput { function_name: "f".into(), qualifier: Some(qualifier.into()) };
        async { refused(platform.lambda.delete_function(&platform.cx(), input).await).1 }
    };
    assert_eq!(delete("$LATEST").await, "$LATEST version cannot be deleted without deleting the function.");
    assert_eq!(delete("live").await, "Deletion of aliases is not currently supported.");
    assert_eq!(delete("7").await, format!("Function not found: {ARN}f"));
    platform.stop().await;
}

#[tokio::test]
async fn unknown_blobs_are_nobodys() {
    let platform = Platform::new();
    let unknown = BlobId::random(&*platform.world.rng);
    assert!(!platform.lambda.names_blob(&unknown).await.unwrap());
    platform.stop().await;
}
