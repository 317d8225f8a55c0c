//! Names of tables and indexes, and the ARNs that may stand for them.

use updraft_kernel::{Arn, AwsError, Ctx};

use crate::errors::{no_such_table, validation};

/// Which rule of length a name is held to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Least {
    /// In requests that refer to a table.
    One,
    /// In those that make one, and for indexes.
    Three,
}

/// The table's name in `raw`, which is a name or an ARN of this account and region.
pub(crate) fn table_name(cx: &Ctx, raw: &str) -> Result<String, AwsError> {
    if !raw.starts_with("arn:") {
        check("tableName", raw, Least::One)?;
        return Ok(raw.to_owned());
    }
    name_of_arn(cx, raw).ok_or_else(no_such_table)
}

/// The table's name in an ARN, if it is of this account and region.
pub(crate) fn name_of_arn(cx: &Ctx, raw: &str) -> Option<String> {
    let arn = Arn::parse(raw).ok()?;
    let ours = arn.service == "dynamodb" && arn.region == cx.region.as_str() && arn.account == cx.account.as_str();
    let name = arn.resource.strip_prefix("table/")?;
    (ours && !name.contains('/')).then(|| name.to_owned())
}

/// # Errors
/// In the words of AWS's constraint violations.
pub(crate) fn check(member: &str, name: &str, least: Least) -> Result<(), AwsError> {
    let least = match least {
        Least::One => 1,
        Least::Three => 3,
    };
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    let constraint = if name.len() < least {
        format!("Member must have length greater than or equal to {least}")
    } else if name.len() > 255 {
        "Member must have length less than or equal to 255".to_owned()
    } else if !name.bytes().all(legal) {
        "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+".to_owned()
    } else {
        return Ok(());
    };
    Err(validation(format!(
        "1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: {constraint}"
    )))
}
