//! Provisioned concurrency (recorded: `test_lambda_provisioned_lifecycle`, `test_provisioned_concurrency_limits`,
//! `test_reserved_provisioned_overlap`).

use std::collections::BTreeMap;
use std::time::Duration;

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    DeleteAliasInput, DeleteFunctionInput, DeleteProvisionedConcurrencyConfigInput, GetFunctionConfigurationInput,
    GetProvisionedConcurrencyConfigInput, GetProvisionedConcurrencyConfigOutput, InvokeInput,
    ListProvisionedConcurrencyConfigsInput, ListProvisionedConcurrencyConfigsOutput,
    ProvisionedConcurrencyStatusEnum as Status, PutFunctionConcurrencyInput, PutProvisionedConcurrencyConfigInput,
    PutProvisionedConcurrencyConfigOutput, UpdateAliasInput,
};
use updraft_kernel::AwsError;
use updraft_kernel::ports::Provisioned;
use updraft_lambda::Settings;
use updraft_store::StoreExt;
use updraft_testkit::wait_until;

use crate::aliases::{alias, routing, update};
use crate::support::{ARN, Platform, check, on};

const DEADLINE: Duration = Duration::from_secs(10);
const INVALID: &str = "InvalidParameterValueException";
const CONFLICT: &str = "ResourceConflictException";
const NOT_FOUND: &str = "ProvisionedConcurrencyConfigNotFoundException";
const NONE: &str = "No Provisioned Concurrency Config found for this function";
const OVER_RESERVED: &str =
    "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function";

impl Platform {
    async fn provision(&self, qualifier: &str, count: i32) -> Result<PutProvisionedConcurrencyConfigOutput, AwsError> {
        self.provision_of("f", qualifier, count).await
    }

    async fn provision_of(
        &self,
        name: &str,
        qualifier: &str,
        count: i32,
    ) -> Result<PutProvisionedConcurrencyConfigOutput, AwsError> {
        let input = PutProvisionedConcurrencyConfigInput {
            function_name: name.into(),
            qualifier: qualifier.into(),
            provisioned_concurrent_executions: count,
        };
        self.lambda.put_provisioned_concurrency_config(&self.cx(), input).await
    }

    async fn provisioned(&self, qualifier: &str) -> Result<GetProvisionedConcurrencyConfigOutput, AwsError> {
        let input = GetProvisionedConcurrencyConfigInput { function_name: "f".into(), qualifier: qualifier.into() };
        self.lambda.get_provisioned_concurrency_config(&self.cx(), input).await
    }

    async fn unprovision(&self, qualifier: &str) -> Result<(), AwsError> {
        let input = DeleteProvisionedConcurrencyConfigInput { function_name: "f".into(), qualifier: qualifier.into() };
        self.lambda.delete_provisioned_concurrency_config(&self.cx(), input).await.map(drop)
    }

    async fn list(&self, marker: Option<String>, most: Option<i32>) -> ListProvisionedConcurrencyConfigsOutput {
        let input = ListProvisionedConcurrencyConfigsInput { function_name: "f".into(), marker, max_items: most };
        self.lambda.list_provisioned_concurrency_configs(&self.cx(), input).await.unwrap()
    }

    async fn reserve(&self, name: &str, count: i32) -> Result<(), AwsError> {
        let input = PutFunctionConcurrencyInput { function_name: name.into(), reserved_concurrent_executions: count };
        self.lambda.put_function_concurrency(&self.cx(), input).await.map(drop)
    }

    /// Until the runner was asked for these instances.
    async fn started(&self, versions: &[(&str, u32)]) {
        let wanted: BTreeMap<_, _> = versions.iter().map(|(version, count)| ((*version).to_owned(), *count)).collect();
        let waited = wait_until(DEADLINE, || *self.runner.provisioned.lock() == wanted).await;
        assert_eq!((waited, &*self.runner.provisioned.lock()), (Ok(()), &wanted));
    }

    async fn delete_function(&self, qualifier: Option<&str>) {
        let input = DeleteFunctionInput { function_name: "f".into(), qualifier: qualifier.map(Into::into) };
        self.lambda.delete_function(&self.cx(), input).await.unwrap();
    }
}

#[tokio::test]
async fn instances_of_a_version_are_started_ahead_and_given_up() {
    let platform = Platform::with_versions(1).await;
    check(platform.provisioned("1").await, NOT_FOUND, NONE);
    *platform.runner.progress.lock() = Some(Provisioned::default());
    let put = platform.provision("1", 3).await.unwrap();
    assert_eq!(put.status, Some(Status::InProgress));
    assert_eq!(put.requested_provisioned_concurrent_executions, Some(3));
    assert_eq!(put.allocated_provisioned_concurrent_executions, Some(0));
    assert_eq!(put.available_provisioned_concurrent_executions, Some(0));
    assert_eq!(put.last_modified.as_deref().map(str::len), Some("2026-01-02T03:04:05+0000".len()));
    platform.started(&[("1", 3)]).await;

    *platform.runner.progress.lock() = Some(Provisioned { allocated: 2, available: 1, ..Provisioned::default() });
    let got = platform.provisioned("1").await.unwrap();
    assert_eq!((got.status, got.allocated_provisioned_concurrent_executions), (Some(Status::InProgress), Some(2)));
    assert_eq!(got.available_provisioned_concurrent_executions, Some(1));
    *platform.runner.progress.lock() = None;
    let got = platform.provisioned("1").await.unwrap();
    assert_eq!((got.status, got.status_reason), (Some(Status::Ready), None));
    assert_eq!(got.available_provisioned_concurrent_executions, Some(3));
    assert_eq!(got.last_modified, put.last_modified);

    platform.unprovision("1").await.unwrap();
    platform.started(&[("1", 0)]).await;
    check(platform.provisioned("1").await, NOT_FOUND, NONE);
    platform.unprovision("1").await.unwrap();
    platform.stop().await;
}

#[tokio::test]
async fn code_that_fails_to_start_is_told() {
    let platform = Platform::with_versions(1).await;
    platform.provision("1", 1).await.unwrap();
    *platform.runner.progress.lock() =
        Some(Provisioned { failed: Some("FUNCTION_ERROR_INIT_FAILURE".into()), ..Provisioned::default() });
    let got = platform.provisioned("1").await.unwrap();
    assert_eq!(got.status, Some(Status::Failed));
    assert_eq!(got.status_reason.as_deref(), Some("FUNCTION_ERROR_INIT_FAILURE"));
    assert_eq!(got.allocated_provisioned_concurrent_executions, Some(0));
    let listed = platform.list(None, None).await.provisioned_concurrency_configs.unwrap();
    assert_eq!(listed[0].status, Some(Status::Failed));
    platform.stop().await;
}

#[tokio::test]
async fn only_what_is_published_has_any() {
    let platform = Platform::with_versions(2).await;
    let text = "Provisioned Concurrency Configs cannot be applied to unpublished function versions.";
    check(platform.provision("$LATEST", 1).await, INVALID, text);
    platform.alias(alias("latest", "$LATEST")).await.unwrap();
    check(platform.provision("latest", 1).await, INVALID, text);
    let text = "The function resource provided must be an alias or a published version.";
    check(platform.provisioned("$LATEST").await, INVALID, text);
    let missing = format!("Function not found: {ARN}f:10");
    check(platform.provision("10", 1).await, "ResourceNotFoundException", &missing);
    check(platform.provisioned("10").await, "ResourceNotFoundException", &missing);
    let missing = format!("Cannot find alias arn: {ARN}f:gone");
    for outcome in [platform.provision("gone", 1).await.map(drop), platform.provisioned("gone").await.map(drop)] {
        check(outcome, "ResourceNotFoundException", &missing);
    }
    check(platform.unprovision("gone").await, "ResourceNotFoundException", &missing);
    let weighted = alias("weighted", "1");
    platform
        .alias(updraft_api_lambda::types::CreateAliasInput { routing_config: routing(&[("2", 0.5)]), ..weighted })
        .await
        .unwrap();
    let text = "Alias with weights can not be used with Provisioned Concurrency";
    check(platform.provision("weighted", 1).await, INVALID, text);
    platform.started(&[]).await;
    platform.stop().await;
}

#[tokio::test]
async fn a_version_has_them_by_one_name_only() {
    let platform = Platform::with_versions(1).await;
    platform.alias(alias("live", "1")).await.unwrap();
    platform.provision("1", 1).await.unwrap();
    let on_alias = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version";
    check(platform.provision("live", 1).await, CONFLICT, on_alias);
    platform.unprovision("1").await.unwrap();
    platform.provision("live", 1).await.unwrap();
    platform.provision("live", 2).await.unwrap();
    check(platform.provision("1", 1).await, CONFLICT, "Version is pointed by a Provisioned Concurrency alias");
    platform.alias(alias("other", "1")).await.unwrap();
    check(platform.provision("other", 1).await, CONFLICT, on_alias);
    platform.started(&[("1", 2)]).await;
    platform.stop().await;
}

#[tokio::test]
async fn they_move_with_their_alias() {
    let platform = Platform::with_versions(3).await;
    platform.alias(alias("live", "1")).await.unwrap();
    platform.provision("live", 4).await.unwrap();
    platform.started(&[("1", 4)]).await;
    let to = |version: &str| UpdateAliasInput { function_version: Some(version.into()), ..update("live") };
    platform.update_alias(to("2")).await.unwrap();
    platform.started(&[("1", 0), ("2", 4)]).await;
    assert_eq!(platform.provisioned("live").await.unwrap().status, Some(Status::Ready));

    // Calls are shared out among two versions, and so are the instances.
    platform
        .update_alias(UpdateAliasInput { routing_config: routing(&[("3", 0.25)]), ..update("live") })
        .await
        .unwrap();
    platform.started(&[("1", 0), ("2", 3), ("3", 1)]).await;
    assert_eq!(platform.provisioned("live").await.unwrap().allocated_provisioned_concurrent_executions, Some(4));

    platform.provision("1", 1).await.unwrap();
    let text = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version";
    check(platform.update_alias(to("1")).await, CONFLICT, text);
    let text = "Provisioned Concurrency Configs cannot be applied to unpublished function versions.";
    let latest = UpdateAliasInput { routing_config: routing(&[]), ..to("$LATEST") };
    check(platform.update_alias(latest).await, INVALID, text);

    let delete = DeleteAliasInput { function_name: "f".into(), name: "live".into() };
    platform.lambda.delete_alias(&platform.cx(), delete).await.unwrap();
    platform.started(&[("1", 1), ("2", 0), ("3", 0)]).await;
    platform.alias(alias("live", "2")).await.unwrap();
    check(platform.provisioned("live").await, NOT_FOUND, NONE);
    platform.stop().await;
}

#[tokio::test]
async fn the_account_has_so_much_room() {
    let platform = Platform::with_versions(2).await;
    platform.create("g").await;
    platform.reserve("g", 100).await.unwrap();
    let over = "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [900].";
    check(platform.provision("1", 901).await, INVALID, over);
    let below = "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below \
                 its minimum value of [100].";
    for count in [801, 900] {
        check(platform.provision("1", count).await, INVALID, below);
    }
    platform.provision("1", 700).await.unwrap();
    check(platform.provision("2", 101).await, INVALID, below);
    platform.provision("2", 100).await.unwrap();
    platform.provision("1", 700).await.unwrap();
    platform.started(&[("1", 700), ("2", 100)]).await;

    // What is started ahead can't be reserved by others.
    let text = "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution \
                below its minimum value of [100].";
    check(platform.reserve("g", 101).await, INVALID, text);
    platform.unprovision("1").await.unwrap();
    platform.reserve("g", 101).await.unwrap();
    platform.stop().await;
}

#[tokio::test]
async fn they_are_part_of_what_is_reserved() {
    let platform = Platform::with_versions(2).await;
    platform.provision("1", 2).await.unwrap();
    let text =
        " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2].";
    check(platform.reserve("f", 1).await, INVALID, text);
    platform.reserve("f", 2).await.unwrap();
    check(platform.provision("1", 3).await, INVALID, OVER_RESERVED);
    check(platform.provision("2", 1).await, INVALID, OVER_RESERVED);
    platform.provision("1", 2).await.unwrap();

    // All of it is the version's, so that nothing is left for `$LATEST`.
    let call = |name: &str| InvokeInput { function_name: name.into(), ..InvokeInput::default() };
    let error = platform.lambda.invoke(&platform.cx(), call("f")).await.unwrap_err();
    assert_eq!((error.code().name, error.message()), ("TooManyRequestsException", "Rate Exceeded."));
    assert_eq!(error.members(), [("Reason", "ReservedFunctionConcurrentInvocationLimitExceeded".into())]);
    platform.lambda.invoke(&platform.cx(), call("f:1")).await.unwrap();
    platform.reserve("f", 3).await.unwrap();
    platform.lambda.invoke(&platform.cx(), call("f")).await.unwrap();
    let limits: Vec<_> = platform.runner.calls.lock().iter().map(|(spec, _)| spec.max_instances).collect();
    assert_eq!(limits, [Some(2), Some(1)]);
    platform.stop().await;
}

#[tokio::test]
async fn they_are_listed_in_pages() {
    let platform = Platform::with_versions(3).await;
    assert_eq!(platform.list(None, None).await.provisioned_concurrency_configs, Some(Vec::new()));
    platform.alias(alias("live", "3")).await.unwrap();
    for qualifier in ["1", "2", "live"] {
        platform.provision(qualifier, 1).await.unwrap();
    }
    let (mut arns, mut marker) = (Vec::new(), None);
    loop {
        let page = platform.list(marker, Some(2)).await;
        arns.extend(page.provisioned_concurrency_configs.unwrap().into_iter().map(|one| one.function_arn.unwrap()));
        marker = page.next_marker;
        if marker.is_none() {
            break;
        }
        assert_eq!(arns.len(), 2);
    }
    assert_eq!(arns, [format!("{ARN}f:1"), format!("{ARN}f:2"), format!("{ARN}f:live")]);
    let missing =
        ListProvisionedConcurrencyConfigsInput { function_name: "gone".into(), marker: None, max_items: None };
    let outcome = platform.lambda.list_provisioned_concurrency_configs(&platform.cx(), missing).await;
    check(outcome, "ResourceNotFoundException", &format!("Function not found: {ARN}gone"));
    platform.stop().await;
}

#[tokio::test]
async fn a_configuration_renews_its_versions_revision() {
    let platform = Platform::with_versions(1).await;
    let get = || GetFunctionConfigurationInput { function_name: "f".into(), qualifier: Some("1".into()) };
    let before = platform.lambda.get_function_configuration(&platform.cx(), get()).await.unwrap();
    platform.provision("1", 1).await.unwrap();
    let after = platform.lambda.get_function_configuration(&platform.cx(), get()).await.unwrap();
    assert_ne!(before.revision_id, after.revision_id);
    assert_eq!(before.last_modified, after.last_modified);
    platform.stop().await;
}

#[tokio::test]
async fn they_are_there_again_after_a_restart() {
    let store = updraft_store_mem::open().unwrap();
    let platform = on(store.clone(), Settings::default());
    platform.create("f").await;
    platform.publish("zip 1").await;
    platform.provision("1", 2).await.unwrap();
    platform.started(&[("1", 2)]).await;
    platform.stop().await;
    let platform = on(store, Settings::default());
    platform.started(&[("1", 2)]).await;
    platform.stop().await;
}

#[tokio::test]
async fn they_go_with_their_version_and_their_function() {
    let platform = Platform::with_versions(2).await;
    platform.provision("1", 1).await.unwrap();
    platform.provision("2", 2).await.unwrap();
    platform.started(&[("1", 1), ("2", 2)]).await;
    let retired = platform.runner.retired.lock().len();
    platform.delete_function(Some("1")).await;
    platform.started(&[("1", 0), ("2", 2)]).await;
    platform.publish("zip 3").await;
    assert_eq!(platform.runner.retired.lock().len(), retired, "other versions' instances stay");
    platform.delete_function(None).await;
    platform.started(&[("1", 0), ("2", 0)]).await;
    assert_eq!(platform.runner.retired.lock().len(), retired + 1);
    platform.create("f").await;
    platform.publish("zip 4").await;
    check(platform.provisioned("1").await, NOT_FOUND, NONE);
    platform.stop().await;
}

#[tokio::test]
async fn they_are_asked_for_again_after_a_reset() {
    let platform = Platform::with_versions(1).await;
    platform.provision("1", 1).await.unwrap();
    platform.started(&[("1", 1)]).await;
    platform.runner.provisioned.lock().clear();
    let mut tx = platform.world.store.write().await.unwrap();
    tx.touch(updraft_lambda::ahead_topic());
    tx.commit().await.unwrap();
    platform.started(&[("1", 1)]).await;
    platform.stop().await;
}
