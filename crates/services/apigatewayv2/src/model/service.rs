//! Integrations that call a service: what may be called, and with what.

use std::collections::BTreeMap;

use updraft_kernel::AwsError;

use super::ServiceRow;
use crate::errors::{bad_request, not_implemented};

/// An operation that can be called.
struct Operation {
    subtype: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
}

const OPERATIONS: &[Operation] = &[
    Operation {
        subtype: "StepFunctions-StartExecution",
        required: &["StateMachineArn"],
        optional: &["Name", "Input", "Region"],
    },
    Operation {
        subtype: "StepFunctions-StartSyncExecution",
        required: &["StateMachineArn"],
        optional: &["Name", "Input", "TraceHeader", "Region"],
    },
    Operation {
        subtype: "StepFunctions-StopExecution",
        required: &["ExecutionArn"],
        optional: &["Cause", "Error", "Region"],
    },
];

/// # Errors
/// If there is no such operation, or if parameters are missing that it needs, or are there that it doesn't have.
pub(crate) fn service_of(subtype: &str, parameters: BTreeMap<String, String>) -> Result<ServiceRow, AwsError> {
    let Some(operation) = OPERATIONS.iter().find(|operation| operation.subtype == subtype) else {
        return Err(not_implemented("Integrations with services other than Step Functions are"));
    };
    for name in operation.required {
        if !parameters.contains_key(*name) {
            return Err(bad_request(format!("Parameter {name} is required for {subtype}")));
        }
    }
    let known = |name: &str| operation.required.contains(&name) || operation.optional.contains(&name);
    match parameters.keys().find(|name| !known(name)) {
        Some(name) => Err(bad_request(format!("Parameter {name} is unknown to {subtype}"))),
        None => Ok(ServiceRow { subtype: subtype.to_owned(), parameters }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_those_of_the_operation() {
        let given = |names: &[&str]| {
            let parameters = names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect();
            service_of("StepFunctions-StartSyncExecution", parameters).map_err(|error| error.code().name)
        };
        assert!(given(&["StateMachineArn", "Input", "TraceHeader"]).is_ok());
        assert_eq!(given(&["Input"]).unwrap_err(), "BadRequestException");
        assert_eq!(given(&["StateMachineArn", "Cause"]).unwrap_err(), "BadRequestException");
        assert_eq!(service_of("SQS-SendMessage", BTreeMap::new()).unwrap_err().code().name, "NotImplemented");
    }
}
