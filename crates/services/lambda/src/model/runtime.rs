//! Which runtimes AWS knows, and which it still takes.

use updraft_api_lambda::types::Runtime;
use updraft_kernel::AwsError;

use crate::errors::{invalid_enum, invalid_parameter};

/// Newest first, as AWS lists them; those that it doesn't take any more aren't in its list.
const CURRENT: &[&str] = &[
    "nodejs24.x",
    "nodejs22.x",
    "nodejs20.x",
    "nodejs18.x",
    "nodejs16.x",
    "python3.14",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
    "python3.9",
    "python3.8",
    "java25",
    "java21",
    "java17",
    "java11",
    "java8.al2",
    "dotnet10",
    "dotnet8",
    "dotnet6",
    "ruby4.0",
    "ruby3.4",
    "ruby3.3",
    "ruby3.2",
    "provided.al2023",
    "provided.al2",
];

/// AWS: known, and refused when creating and updating (recorded: `TestRuntimeValidation`).
const ENDED: &[&str] = &[
    "nodejs",
    "nodejs4.3",
    "nodejs4.3-edge",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "python2.7",
    "python3.6",
    "python3.7",
    "java8",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "go1.x",
    "ruby2.5",
    "ruby2.7",
    "provided",
];

/// AWS: what layers may be asked for by, in its order (recorded: `test_layer_exceptions`).
const COMPATIBLE: &[&str] = &[
    "ruby3.5",
    "ruby2.6",
    "dotnetcore1.0",
    "python3.7",
    "nodejs8.10",
    "nasa",
    "ruby2.7",
    "python2.7-greengrass",
    "dotnetcore2.0",
    "python3.8",
    "java21",
    "dotnet6",
    "dotnetcore2.1",
    "python3.9",
    "java11",
    "nodejs6.10",
    "provided",
    "dotnetcore3.1",
    "dotnet8",
    "java25",
    "java17",
    "nodejs",
    "nodejs4.3",
    "java8.al2",
    "go1.x",
    "dotnet10",
    "nodejs20.x",
    "go1.9",
    "byol",
    "nodejs10.x",
    "provided.al2023",
    "nodejs22.x",
    "python3.10",
    "java8",
    "nodejs12.x",
    "python3.11",
    "nodejs24.x",
    "nodejs8.x",
    "python3.12",
    "nodejs14.x",
    "nodejs8.9",
    "nodejs26.x",
    "python3.13",
    "python3.14",
    "nodejs16.x",
    "python3.15",
    "provided.al2",
    "nodejs4.3-edge",
    "nodejs18.x",
    "ruby3.2",
    "python3.4",
    "ruby3.3",
    "ruby3.4",
    "ruby2.5",
    "python3.6",
    "python2.7",
];

/// The runtime's name, if layers may be asked for by it.
pub(crate) fn check_compatible(runtime: &Runtime) -> Result<&str, AwsError> {
    let name = runtime.as_str();
    // The tables know some that AWS doesn't list.
    if COMPATIBLE.contains(&name) || !matches!(runtime, Runtime::Unknown(_)) {
        return Ok(name);
    }
    Err(invalid_enum(name, "compatibleRuntime", COMPATIBLE))
}

/// The runtime's name, if functions may be made with it.
pub(crate) fn check(runtime: &Runtime) -> Result<String, AwsError> {
    let name = runtime.as_str();
    if ENDED.contains(&name) {
        return Err(invalid_parameter(format!(
            "The runtime parameter of {name} is no longer supported for creating or updating AWS Lambda functions. We \
             recommend you use a supported runtime while creating or updating functions."
        )));
    }
    if !CURRENT.contains(&name) {
        return Err(invalid_parameter(format!(
            "Value {name} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] or be a \
             valid ARN",
            CURRENT.join(", ")
        )));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn current_ended_and_unknown_runtimes_are_told_apart() {
        assert_eq!(check(&Runtime::Python312).unwrap(), "python3.12");
        let ended = check(&Runtime::Go1X).unwrap_err();
        assert!(ended.message().starts_with("The runtime parameter of go1.x is no longer supported"));
        let unknown = check(&Runtime::Unknown("cobol".into())).unwrap_err();
        assert!(unknown.message().starts_with("Value cobol at 'runtime' failed to satisfy constraint: Member must"));
        assert!(unknown.message().ends_with("provided.al2] or be a valid ARN"));
        assert!(ENDED.iter().all(|name| !CURRENT.contains(name)));
    }
}
