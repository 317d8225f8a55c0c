//! Settings that stand beside a function, and the old way to call one.

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    CreateFunctionInput, DeleteFunctionInput, EphemeralStorage, FileSystemConfig, GetFunctionRecursionConfigInput,
    GetRuntimeManagementConfigInput, GetRuntimeManagementConfigOutput, InvokeAsyncInput,
    PutFunctionRecursionConfigInput, PutRuntimeManagementConfigInput, PutRuntimeManagementConfigOutput, RecursiveLoop,
    Runtime, SnapStart, SnapStartApplyOn, SnapStartOptimizationStatus, UpdateFunctionConfigurationInput,
    UpdateRuntimeOn,
};
use updraft_kernel::AwsError;

use crate::aliases::alias;
use crate::support::{ACCESS_POINT, ARN, Platform, check, input, refused};

const INVALID: &str = "InvalidParameterValueException";

impl Platform {
    async fn recursion(&self, name: &str) -> Result<Option<RecursiveLoop>, AwsError> {
        let input = GetFunctionRecursionConfigInput { function_name: name.into() };
        Ok(self.lambda.get_function_recursion_config(&self.cx(), input).await?.recursive_loop)
    }

    async fn set_recursion(&self, name: &str, recursive_loop: RecursiveLoop) -> Result<(), AwsError> {
        let input = PutFunctionRecursionConfigInput { function_name: name.into(), recursive_loop };
        self.lambda.put_function_recursion_config(&self.cx(), input).await.map(drop)
    }

    async fn updates(&self, qualifier: Option<&str>) -> Result<GetRuntimeManagementConfigOutput, AwsError> {
        let input = GetRuntimeManagementConfigInput { function_name: "f".into(), qualifier: qualifier.map(Into::into) };
        self.lambda.get_runtime_management_config(&self.cx(), input).await
    }

    async fn set_updates(
        &self,
        qualifier: Option<&str>,
        (update_runtime_on, arn): (UpdateRuntimeOn, Option<&str>),
    ) -> Result<PutRuntimeManagementConfigOutput, AwsError> {
        let input = PutRuntimeManagementConfigInput {
            function_name: "f".into(),
            qualifier: qualifier.map(Into::into),
            update_runtime_on,
            runtime_version_arn: arn.map(Into::into),
        };
        self.lambda.put_runtime_management_config(&self.cx(), input).await
    }

    async fn old(&self, name: &str, args: Vec<u8>) -> Result<Option<i32>, AwsError> {
        let input = InvokeAsyncInput { function_name: name.into(), invoke_args: args.into() };
        Ok(self.lambda.invoke_async(&self.cx(), input).await?.status)
    }

    async fn configure(&self, input: UpdateFunctionConfigurationInput) -> Result<(), AwsError> {
        let input = UpdateFunctionConfigurationInput { function_name: "f".into(), ..input };
        self.lambda.update_function_configuration(&self.cx(), input).await.map(drop)
    }

    async fn delete_all(&self) {
        let input = DeleteFunctionInput { function_name: "f".into(), qualifier: None };
        self.lambda.delete_function(&self.cx(), input).await.unwrap();
    }
}

#[tokio::test]
async fn loops_are_ended_unless_they_are_allowed() {
    let platform = Platform::new();
    platform.create("f").await;
    assert_eq!(platform.recursion("f").await.unwrap(), Some(RecursiveLoop::Terminate));
    platform.set_recursion("f", RecursiveLoop::Allow).await.unwrap();
    assert_eq!(platform.recursion("f").await.unwrap(), Some(RecursiveLoop::Allow));
    platform.set_recursion("f", RecursiveLoop::Terminate).await.unwrap();
    assert_eq!(platform.recursion("f").await.unwrap(), Some(RecursiveLoop::Terminate));
    platform.set_recursion("f", RecursiveLoop::Allow).await.unwrap();
    platform.delete_all().await;
    let missing = format!("Function not found: {ARN}f");
    check(platform.recursion("f").await, "ResourceNotFoundException", &missing);
    check(platform.set_recursion("f", RecursiveLoop::Allow).await, "ResourceNotFoundException", &missing);
    platform.create("f").await;
    assert_eq!(platform.recursion("f").await.unwrap(), Some(RecursiveLoop::Terminate));
    platform.stop().await;
}

#[tokio::test]
async fn a_versions_runtime_can_be_pinned() {
    let platform = Platform::with_versions(1).await;
    let (latest, first) = (format!("{ARN}f:$LATEST"), format!("{ARN}f:1"));
    let found = platform.updates(None).await.unwrap();
    assert_eq!((found.update_runtime_on, found.runtime_version_arn), (Some(UpdateRuntimeOn::Auto), None));
    assert_eq!(found.function_arn.as_deref(), Some(&*latest));

    let build = platform.get("f").await.unwrap().runtime_version_config.unwrap().runtime_version_arn.unwrap();
    let put = platform.set_updates(Some("1"), (UpdateRuntimeOn::Manual, Some(&build))).await.unwrap();
    assert_eq!((put.update_runtime_on, put.function_arn), (UpdateRuntimeOn::Manual, first.clone()));
    let found = platform.updates(Some("1")).await.unwrap();
    assert_eq!((found.update_runtime_on, found.function_arn), (Some(UpdateRuntimeOn::Manual), Some(first)));
    assert_eq!((found.runtime_version_arn, put.runtime_version_arn), (Some(build.clone()), Some(build)));
    let found = platform.updates(None).await.unwrap();
    assert_eq!(found.update_runtime_on, Some(UpdateRuntimeOn::Auto), "each version has its own");

    for mode in [UpdateRuntimeOn::FunctionUpdate, UpdateRuntimeOn::Auto] {
        platform.set_updates(Some("1"), (mode.clone(), None)).await.unwrap();
        let found = platform.updates(Some("1")).await.unwrap();
        assert_eq!((found.update_runtime_on, found.runtime_version_arn), (Some(mode), None));
    }
    platform.set_updates(Some("1"), (UpdateRuntimeOn::FunctionUpdate, None)).await.unwrap();
    platform.delete_all().await;
    platform.create("f").await;
    platform.publish("zip 2").await;
    assert_eq!(platform.updates(Some("1")).await.unwrap().update_runtime_on, Some(UpdateRuntimeOn::Auto));
    platform.stop().await;
}

#[tokio::test]
async fn what_is_pinned_is_a_build_of_the_functions_runtime() {
    let platform = Platform::with_versions(1).await;
    platform.alias(alias("live", "1")).await.unwrap();
    let manual = |arn| platform.set_updates(None, (UpdateRuntimeOn::Manual, arn));
    let (code, text) = refused(manual(None).await);
    assert_eq!((code, text.as_str()), (INVALID, "RuntimeVersionArn is required where UpdateRuntimeOn is Manual."));
    let (code, text) = refused(manual(Some("arn:aws:lambda:us-east-1::runtime:abc")).await);
    assert!(code == INVALID && text.starts_with("Runtime version not found: arn:aws:lambda:us-east-1::runtime:abc."));
    let text = "The function resource provided must be $LATEST or a published version.";
    check(platform.updates(Some("live")).await, INVALID, text);
    check(platform.set_updates(Some("live"), (UpdateRuntimeOn::Auto, None)).await, INVALID, text);
    let missing = format!("Function not found: {ARN}f:7");
    check(platform.updates(Some("7")).await, "ResourceNotFoundException", &missing);

    let build = platform.get("f").await.unwrap().runtime_version_config.unwrap().runtime_version_arn.unwrap();
    manual(Some(&build)).await.unwrap();
    let change = |runtime| UpdateFunctionConfigurationInput { runtime: Some(runtime), ..Default::default() };
    let text = "Cannot change runtime identifier when runtime management configuration is set to 'Manual'. Change the \
                runtime management configuration to 'Auto' or 'FunctionUpdate', then retry.";
    check(platform.configure(change(Runtime::Python313)).await, INVALID, text);
    platform.configure(change(Runtime::Python312)).await.unwrap();
    platform.set_updates(None, (UpdateRuntimeOn::FunctionUpdate, None)).await.unwrap();
    platform.configure(change(Runtime::Python313)).await.unwrap();
    platform.stop().await;
}

fn snap(runtime: Runtime) -> CreateFunctionInput {
    CreateFunctionInput { runtime: Some(runtime), snap_start: on(), ..input("f") }
}

fn on() -> Option<SnapStart> {
    Some(SnapStart { apply_on: Some(SnapStartApplyOn::PublishedVersions) })
}

#[tokio::test]
async fn snapshots_are_taken_note_of_where_aws_takes_them() {
    let platform = Platform::new();
    let cx = platform.cx();
    let create = |input| platform.lambda.create_function(&cx, input);
    for (runtime, name) in [(Runtime::Nodejs22X, "nodejs22.x"), (Runtime::Python311, "python3.11")] {
        let text = format!("{name} is not supported for SnapStart enabled functions.");
        check(create(snap(runtime)).await, INVALID, &text);
    }
    let large = Some(EphemeralStorage { size: 513 });
    let (code, text) =
        refused(create(CreateFunctionInput { ephemeral_storage: large, ..snap(Runtime::Python312) }).await);
    assert!(code == INVALID && text.contains("512 MB"), "{text}");
    let mount =
        FileSystemConfig { arn: ACCESS_POINT.into(), local_mount_path: "/mnt/x".into(), ..FileSystemConfig::default() };
    let mounted = CreateFunctionInput { file_system_configs: Some(vec![mount]), ..snap(Runtime::Python312) };
    check(create(mounted).await, INVALID, "EFS is not supported for SnapStart enabled functions.");

    let made = create(snap(Runtime::Python312)).await.unwrap().snap_start.unwrap();
    assert_eq!(made.apply_on, Some(SnapStartApplyOn::PublishedVersions));
    platform.publish("zip 1").await;
    let shown = platform.get("f:1").await.unwrap().snap_start.unwrap();
    assert_eq!(shown.optimization_status, Some(SnapStartOptimizationStatus::Off), "there are no snapshots here");
    let node = UpdateFunctionConfigurationInput { runtime: Some(Runtime::Nodejs22X), ..Default::default() };
    check(platform.configure(node).await, INVALID, "nodejs22.x is not supported for SnapStart enabled functions.");
    platform.stop().await;
}

#[tokio::test]
async fn the_old_call_is_an_asynchronous_one() {
    let platform = Platform::new();
    platform.create("f").await;
    assert_eq!(platform.old("f", br#"{"a":1}"#.to_vec()).await.unwrap(), Some(202));
    platform.settle().await;
    assert_eq!(platform.runner.calls.lock()[0].1.payload, r#"{"a":1}"#);
    check(platform.old("g", b"{}".to_vec()).await, "ResourceNotFoundException", &format!("Function not found: {ARN}g"));
    assert_eq!(refused(platform.old("f", b"{".to_vec()).await).0, "InvalidRequestContentException");

    let large = |size: usize| format!("{:?}", "x".repeat(size - 2)).into_bytes();
    assert_eq!(platform.old("f", large(262_144)).await.unwrap(), Some(202));
    let (code, text) = refused(platform.old("f", large(262_145)).await);
    assert_eq!(code, "RequestEntityTooLargeException");
    assert!(text.starts_with("262145 byte payload is too large for the Event invocation type"), "{text}");
    platform.settle().await;
    platform.stop().await;
}
