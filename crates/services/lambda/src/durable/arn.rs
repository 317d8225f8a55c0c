//! How executions are named.

use updraft_kernel::{AccountId, Arn, AwsError, Ctx, Region};

use super::rows::ExecutionRow;
use crate::errors::{access_denied, not_found};
use crate::model::name::FunctionId;

/// Stands between a function's ARN and the execution's own names.
const WORD: &str = "/durable-execution/";

/// Which execution: unique in the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExecutionId {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    /// A UUID.
    pub(crate) id: String,
}

impl ExecutionId {
    /// The function that is executed, of the same account and region.
    pub(crate) fn function(&self, name: &str) -> FunctionId {
        FunctionId { account: self.account.clone(), region: self.region.clone(), name: name.to_owned() }
    }

    /// `arn:…:function:name:version/durable-execution/name/id`.
    pub(crate) fn arn(&self, row: &ExecutionRow) -> String {
        execution_arn(&self.function_arn(row), &row.name, self)
    }

    /// With the version that runs.
    pub(crate) fn function_arn(&self, row: &ExecutionRow) -> Arn {
        self.function(&row.function).arn_of(Some(&row.version))
    }
}

/// `function` ends in the version that runs.
pub(crate) fn execution_arn(function: &Arn, name: &str, id: &ExecutionId) -> String {
    format!("{function}{WORD}{name}/{}", id.id)
}

/// The execution that a request names by its ARN, whose form the tables have checked.
///
/// # Errors
/// If it is another account's or another region's.
pub(crate) fn named(cx: &Ctx, arn: &str) -> Result<ExecutionId, AwsError> {
    let mut parts = arn.splitn(6, ':').skip(3);
    let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if account != cx.account.as_str() {
        let who = cx.identity.arn(cx.region.partition());
        return Err(access_denied(format!("User: {who} is not authorized to perform this action on resource: {arn}")));
    }
    let id = arn.rsplit('/').next().unwrap_or_default().to_owned();
    if region != cx.region.as_str() {
        return Err(missing(arn));
    }
    Ok(ExecutionId { account: cx.account.clone(), region: cx.region.clone(), id })
}

pub(crate) fn missing(arn: &str) -> AwsError {
    not_found(format!("Durable execution not found: {arn}"))
}
