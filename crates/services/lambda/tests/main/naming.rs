//! The ways to name a function (recorded: `test_ops_with_arn_qualifier_mismatch`, `test_get_function_wrong_region`).

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::GetFunctionConfigurationInput;

use crate::support::{ARN, Platform, check, refused};

#[tokio::test]
async fn a_name_a_part_of_an_arn_and_an_arn_find_the_same() {
    let platform = Platform::new();
    platform.create("f").await;
    for name in ["f", "function:f", "000000000000:function:f", &format!("{ARN}f")] {
        assert_eq!(platform.get(name).await.unwrap().function_arn, Some(format!("{ARN}f")), "{name}");
    }
    for name in ["f:$LATEST", &format!("{ARN}f:$LATEST")] {
        assert_eq!(platform.get(name).await.unwrap().function_arn, Some(format!("{ARN}f:$LATEST")), "{name}");
    }
    platform.stop().await;
}

#[tokio::test]
async fn what_isnt_there_is_missed_by_the_name_it_was_given() {
    let platform = Platform::new();
    platform.create("f").await;
    for name in ["g", "f:1221", "f:$latest", "f:live"] {
        check(platform.get(name).await, "ResourceNotFoundException", &format!("Function not found: {ARN}{name}"));
    }
    platform.stop().await;
}

#[tokio::test]
async fn two_qualifiers_have_to_agree() {
    let platform = Platform::new();
    platform.create("f").await;
    let get = |name: &str, qualifier: &str| {
        let input = GetFunctionConfigurationInput { function_name: name.into(), qualifier: Some(qualifier.into()) };
        async { platform.lambda.get_function_configuration(&platform.cx(), input).await }
    };
    let text = "The derived qualifier from the function name does not match the specified qualifier.";
    check(get("f:1", "$LATEST").await, "InvalidParameterValueException", text);
    assert!(get("f:$LATEST", "$LATEST").await.is_ok());
    platform.stop().await;
}

#[tokio::test]
async fn other_regions_and_accounts_are_out_of_reach() {
    let platform = Platform::new();
    let elsewhere = platform.get("arn:aws:lambda:eu-west-1:000000000000:function:f").await;
    let text = "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')";
    check(elsewhere, "ResourceNotFoundException", text);
    let foreign = platform.get("arn:aws:lambda:us-east-1:111111111111:function:f").await;
    assert_eq!(refused(foreign).0, "AccessDeniedException");
    platform.stop().await;
}
