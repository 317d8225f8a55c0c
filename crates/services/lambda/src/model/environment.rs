//! What a function's environment variables may be.

use std::collections::BTreeMap;

use updraft_kernel::AwsError;

use crate::errors::invalid_parameter;

/// AWS: bytes of the variables as JSON.
const LIMIT: usize = 4096;

/// AWS: set by the platform; a function can't choose them.
const RESERVED: &[&str] = &[
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
];

pub(crate) fn check(variables: &BTreeMap<String, String>) -> Result<(), AwsError> {
    let reserved: Vec<_> = variables.keys().map(String::as_str).filter(|key| RESERVED.contains(key)).collect();
    if !reserved.is_empty() {
        return Err(invalid_parameter(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have \
             provided contains reserved keys that are currently not supported for modification. Reserved keys used in \
             this request: {}",
            reserved.join(", ")
        )));
    }
    let measured = serde_json::to_string(variables).map_err(AwsError::internal)?;
    if measured.len() > LIMIT {
        return Err(invalid_parameter(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have \
             provided exceeded the 4KB limit. String measured: {measured}"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(key: &str, value: String) -> Result<(), AwsError> {
        check(&BTreeMap::from([(key.to_owned(), value)]))
    }

    #[test]
    fn four_kilobytes_are_enough_and_no_more() {
        let frame = r#"{"K":""}"#.len();
        assert!(of("K", "x".repeat(LIMIT - frame)).is_ok());
        let refused = of("K", "x".repeat(LIMIT - frame + 1)).unwrap_err();
        assert!(refused.message().contains("exceeded the 4KB limit. String measured: {\"K\":\"xxx"));
    }

    #[test]
    fn reserved_keys_are_named() {
        let refused = of("AWS_REGION", "mars".into()).unwrap_err();
        assert!(refused.message().ends_with("Reserved keys used in this request: AWS_REGION"));
        assert!(of("AWS_LAMBDA_EXEC_WRAPPER", "/opt/w".into()).is_ok());
        assert!(of("TZ", "UTC".into()).is_ok());
    }
}
