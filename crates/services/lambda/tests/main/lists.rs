//! `ListFunctions` and `GetAccountSettings` (recorded: `test_list_functions`).

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    CreateFunctionInput, FunctionVersion, GetAccountSettingsInput, ListFunctionsInput, ListFunctionsOutput,
    PutFunctionConcurrencyInput,
};

use crate::support::{ARN, Platform, input};

async fn list(platform: &Platform, all: bool, marker: Option<String>, max_items: i32) -> ListFunctionsOutput {
    let input = ListFunctionsInput {
        function_version: all.then_some(FunctionVersion::All),
        marker,
        max_items: Some(max_items),
        ..ListFunctionsInput::default()
    };
    platform.lambda.list_functions(&platform.cx(), input).await.unwrap()
}

fn arns(page: &ListFunctionsOutput) -> Vec<String> {
    page.functions.iter().flatten().filter_map(|function| function.function_arn.clone()).collect()
}

#[tokio::test]
async fn functions_are_listed_by_name_and_without_their_state() {
    let platform = Platform::new();
    let published = CreateFunctionInput { publish: Some(true), ..input("a") };
    platform.lambda.create_function(&platform.cx(), published).await.unwrap();
    platform.create("b").await;

    let latest = list(&platform, false, None, 10).await;
    assert_eq!(arns(&latest), ["a", "b"].map(|name| format!("{ARN}{name}")));
    let first = latest.functions.unwrap().remove(0);
    assert_eq!((first.state, first.last_update_status, first.runtime_version_config), (None, None, None));
    let every = list(&platform, true, None, 10).await;
    assert_eq!(arns(&every), ["a:$LATEST", "a:1", "b:$LATEST"].map(|name| format!("{ARN}{name}")));
    platform.stop().await;
}

#[tokio::test]
async fn pages_go_on_where_they_ended() {
    let platform = Platform::new();
    for n in 0..5 {
        let published = CreateFunctionInput { publish: Some(true), ..input(&format!("f{n}")) };
        platform.lambda.create_function(&platform.cx(), published).await.unwrap();
    }
    for (all, expected) in [(false, 5), (true, 10)] {
        let (mut seen, mut marker) = (Vec::new(), None);
        loop {
            let page = list(&platform, all, marker, 2).await;
            assert!(arns(&page).len() <= 2);
            seen.extend(arns(&page));
            marker = page.next_marker;
            if marker.is_none() {
                break;
            }
        }
        seen.dedup();
        assert_eq!(seen.len(), expected);
    }
    platform.stop().await;
}

#[tokio::test]
async fn the_account_knows_what_it_uses() {
    let platform = Platform::new();
    platform.create("f").await;
    platform.create("g").await;
    let reserve = PutFunctionConcurrencyInput { function_name: "f".into(), reserved_concurrent_executions: 5 };
    platform.lambda.put_function_concurrency(&platform.cx(), reserve).await.unwrap();
    let answer = platform.lambda.get_account_settings(&platform.cx(), GetAccountSettingsInput {}).await.unwrap();
    let (limit, usage) = (answer.account_limit.unwrap(), answer.account_usage.unwrap());
    assert_eq!((limit.concurrent_executions, limit.unreserved_concurrent_executions), (Some(1000), Some(995)));
    assert_eq!(limit.total_code_size, Some(80_530_636_800));
    assert_eq!((usage.function_count, usage.total_code_size), (Some(2), Some(10)));
    platform.stop().await;
}
