//! Reserved concurrency (recorded: `test_function_concurrency`, `test_function_concurrency_exceptions`).

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    DeleteFunctionConcurrencyInput, GetFunctionConcurrencyInput, GetFunctionInput, InvokeInput,
    PutFunctionConcurrencyInput,
};
use updraft_kernel::AwsError;

use crate::support::{ARN, Platform, check, refused};

async fn reserve(platform: &Platform, name: &str, count: i32) -> Result<Option<i32>, AwsError> {
    let input = PutFunctionConcurrencyInput { function_name: name.into(), reserved_concurrent_executions: count };
    let answer = platform.lambda.put_function_concurrency(&platform.cx(), input).await?;
    Ok(answer.reserved_concurrent_executions)
}

async fn reserved(platform: &Platform) -> Option<i32> {
    let input = GetFunctionConcurrencyInput { function_name: "f".into() };
    platform.lambda.get_function_concurrency(&platform.cx(), input).await.unwrap().reserved_concurrent_executions
}

#[tokio::test]
async fn a_reservation_is_made_shown_and_taken_back() {
    let platform = Platform::new();
    platform.create("f").await;
    assert_eq!(reserved(&platform).await, None);
    assert_eq!(reserve(&platform, "f", 1).await.unwrap(), Some(1));
    assert_eq!(reserved(&platform).await, Some(1));
    let get = GetFunctionInput { function_name: "f".into(), qualifier: None };
    let found = platform.lambda.get_function(&platform.cx(), get).await.unwrap();
    assert_eq!(found.concurrency.unwrap().reserved_concurrent_executions, Some(1));
    platform
        .lambda
        .invoke(&platform.cx(), InvokeInput { function_name: "f".into(), ..InvokeInput::default() })
        .await
        .unwrap();
    assert_eq!(platform.runner.calls.lock()[0].0.max_instances, Some(1));
    let delete = DeleteFunctionConcurrencyInput { function_name: "f".into() };
    platform.lambda.delete_function_concurrency(&platform.cx(), delete).await.unwrap();
    assert_eq!(reserved(&platform).await, None);
    platform.stop().await;
}

#[tokio::test]
async fn a_hundred_executions_stay_free() {
    let platform = Platform::new();
    platform.create("f").await;
    platform.create("g").await;
    reserve(&platform, "f", 900).await.unwrap();
    reserve(&platform, "f", 800).await.unwrap();
    reserve(&platform, "g", 100).await.unwrap();
    let text = "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution \
                below its minimum value of [100].";
    check(reserve(&platform, "g", 101).await, "InvalidParameterValueException", text);
    platform.stop().await;
}

#[tokio::test]
async fn it_belongs_to_the_function_and_not_to_a_version() {
    let platform = Platform::new();
    let missing = format!("Function not found: {ARN}doesnotexist:$LATEST");
    check(reserve(&platform, "doesnotexist", 1).await, "ResourceNotFoundException", &missing);
    for qualified in ["f:1", "f:$LATEST", "f:live"] {
        let (code, text) = refused(reserve(&platform, qualified, 1).await);
        assert_eq!(code, "InvalidParameterValueException");
        assert!(text.starts_with("This operation is permitted on Lambda functions only."), "{text}");
    }
    platform.stop().await;
}

#[tokio::test]
async fn a_function_that_may_not_run_is_throttled() {
    let platform = Platform::new();
    platform.create("f").await;
    reserve(&platform, "f", 0).await.unwrap();
    let invoke = InvokeInput { function_name: "f".into(), ..InvokeInput::default() };
    let error = platform.lambda.invoke(&platform.cx(), invoke).await.unwrap_err();
    assert_eq!(
        (error.code().name, error.code().status, error.message()),
        ("TooManyRequestsException", 429, "Rate Exceeded.")
    );
    assert_eq!(error.members(), [("Reason", "ReservedFunctionConcurrentInvocationLimitExceeded".into())]);
    assert!(platform.runner.calls.lock().is_empty());
    platform.stop().await;
}
