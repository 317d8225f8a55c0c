//! Updating code and configuration (recorded: `test_function_lifecycle`, `test_redundant_updates`).

use std::time::Duration;

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    LastUpdateStatus, LastUpdateStatusReasonCode, State, UpdateFunctionCodeInput, UpdateFunctionConfigurationInput,
};

use crate::support::{Platform, check};

const STALE: &str = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API \
                     to retrieve the latest Revision Id";

fn code(bytes: &'static str) -> UpdateFunctionCodeInput {
    UpdateFunctionCodeInput {
        function_name: "f".into(),
        zip_file: Some(bytes.into()),
        ..UpdateFunctionCodeInput::default()
    }
}

fn timeout(seconds: i32) -> UpdateFunctionConfigurationInput {
    UpdateFunctionConfigurationInput {
        function_name: "f".into(),
        timeout: Some(seconds),
        ..UpdateFunctionConfigurationInput::default()
    }
}

#[tokio::test]
async fn an_update_is_answered_in_progress_and_found_done() {
    let platform = Platform::new();
    let created = platform.create("f").await;
    platform.world.clock.advance(Duration::from_secs(1));
    let updated = platform.lambda.update_function_configuration(&platform.cx(), timeout(9)).await.unwrap();
    assert_eq!((updated.state, updated.last_update_status), (Some(State::Active), Some(LastUpdateStatus::InProgress)));
    let code = Some(LastUpdateStatusReasonCode::Unknown("Creating".into()));
    assert_eq!(updated.last_update_status_reason_code, code);
    assert_eq!(updated.last_update_status_reason.as_deref(), Some("The function is being created."));
    let found = platform.get("f").await.unwrap();
    assert_eq!((found.timeout, found.last_update_status), (Some(9), Some(LastUpdateStatus::Successful)));
    assert_eq!(found.memory_size, created.memory_size);
    assert_eq!(found.last_modified.as_deref(), Some("2030-01-01T00:00:01.000+0000"));
    assert_eq!(*platform.runner.retired.lock(), ["f"]);
    platform.stop().await;
}

#[tokio::test]
async fn new_code_replaces_the_old_and_lets_it_go() {
    let platform = Platform::new();
    let before = platform.create("f").await;
    let old = platform.blobs.list(None, 10).await.unwrap().remove(0).id;
    let updated = platform.lambda.update_function_code(&platform.cx(), code("zip two")).await.unwrap();
    assert_ne!(updated.code_sha256, before.code_sha256);
    assert_eq!(updated.code_size, Some(7));
    assert_eq!(platform.get("f").await.unwrap().code_sha256, updated.code_sha256);
    assert!(!platform.lambda.names_blob(&old).await.unwrap());
    platform.stop().await;
}

#[tokio::test]
async fn what_was_deployed_is_expected_to_be_called() {
    let platform = Platform::new();
    platform.create("f").await;
    platform.lambda.update_function_code(&platform.cx(), code("zip two")).await.unwrap();
    platform.lambda.update_function_configuration(&platform.cx(), timeout(9)).await.unwrap();
    let dry = UpdateFunctionCodeInput { dry_run: Some(true), ..code("zip three") };
    platform.lambda.update_function_code(&platform.cx(), dry).await.unwrap();
    let expected = std::mem::take(&mut *platform.runner.expected.lock());
    let timeouts: Vec<_> = expected.iter().map(|spec| (spec.name.as_str(), spec.timeout.as_secs())).collect();
    assert_eq!(timeouts, [("f", 3), ("f", 3), ("f", 9)]);
    assert_ne!(expected[0].code, expected[1].code);
    platform.stop().await;
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let platform = Platform::new();
    platform.create("f").await;
    let before = platform.get("f").await.unwrap();
    let dry = UpdateFunctionCodeInput { dry_run: Some(true), ..code("zip two") };
    platform.lambda.update_function_code(&platform.cx(), dry).await.unwrap();
    assert_eq!(platform.get("f").await.unwrap(), before);
    let bad = UpdateFunctionCodeInput { dry_run: Some(true), ..code("no package") };
    assert!(platform.lambda.update_function_code(&platform.cx(), bad).await.is_err());
    platform.stop().await;
}

#[tokio::test]
async fn a_revision_guards_both_kinds_of_update() {
    let platform = Platform::new();
    platform.create("f").await;
    let (wrong, right) = (Some("wrong".to_owned()), platform.get("f").await.unwrap().revision_id);
    let stale = UpdateFunctionCodeInput { revision_id: wrong.clone(), ..code("zip two") };
    check(platform.lambda.update_function_code(&platform.cx(), stale).await, "PreconditionFailedException", STALE);
    let stale = UpdateFunctionConfigurationInput { revision_id: wrong, ..timeout(9) };
    check(
        platform.lambda.update_function_configuration(&platform.cx(), stale).await,
        "PreconditionFailedException",
        STALE,
    );
    let fresh = UpdateFunctionConfigurationInput { revision_id: right.clone(), ..timeout(9) };
    platform.lambda.update_function_configuration(&platform.cx(), fresh).await.unwrap();
    let spent = UpdateFunctionCodeInput { revision_id: right, ..code("zip two") };
    check(platform.lambda.update_function_code(&platform.cx(), spent).await, "PreconditionFailedException", STALE);
    platform.stop().await;
}

#[tokio::test]
async fn an_update_that_changes_nothing_is_a_new_revision_all_the_same() {
    let platform = Platform::new();
    platform.create("f").await;
    let mut revisions = vec![platform.get("f").await.unwrap().revision_id];
    for _ in 0..2 {
        platform.lambda.update_function_configuration(&platform.cx(), timeout(3)).await.unwrap();
        revisions.push(platform.get("f").await.unwrap().revision_id);
    }
    revisions.dedup();
    assert_eq!(revisions.len(), 3);
    platform.stop().await;
}
