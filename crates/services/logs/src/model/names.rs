//! Names of groups, and the two ways in which requests give them.

use updraft_kernel::{AwsError, Ctx};

use crate::errors::{invalid, no_group, no_resource};

/// The group's name, of a request that gives its name or its identifier: a name or an ARN.
///
/// # Errors
/// AWS's, where it gives both or none, or one of somebody else.
pub(crate) fn group(cx: &Ctx, name: Option<String>, identifier: Option<String>) -> Result<String, AwsError> {
    match (name, identifier) {
        (Some(_), Some(_)) => Err(invalid("LogGroup name and LogGroup identifier are mutually exclusive parameters.")),
        (None, None) => Err(invalid("Either logGroupName or logGroupIdentifier must be specified.")),
        (Some(name), None) => Ok(name),
        (None, Some(identifier)) if identifier.starts_with("arn:") => {
            of_arn(cx, &identifier).map(str::to_owned).ok_or_else(no_group)
        }
        (None, Some(name)) => Ok(name),
    }
}

/// The group's name, of a request that gives the ARN of something with tags.
///
/// # Errors
/// AWS's, where it is no group of this account.
pub(crate) fn tagged<'a>(cx: &Ctx, arn: &'a str) -> Result<&'a str, AwsError> {
    of_arn(cx, arn).ok_or_else(no_resource)
}

/// The name in the ARN of a group here; AWS shows it with `:*` in some places.
fn of_arn<'a>(cx: &Ctx, arn: &'a str) -> Option<&'a str> {
    let name = arn.strip_prefix(&group_arn(cx, ""))?;
    Some(name.strip_suffix(":*").unwrap_or(name))
}

pub(crate) fn group_arn(cx: &Ctx, name: &str) -> String {
    cx.arn("logs", format!("log-group:{name}")).to_string()
}
