//! The operations on streams, which are a service of their own to clients: one file each.

pub(crate) mod describe_stream;
pub(crate) mod get_records;
pub(crate) mod get_shard_iterator;
pub(crate) mod list_streams;

use updraft_kernel::AwsError;

use crate::errors::above;

/// AWS: no more than so many.
fn limit(asked: Option<i32>, most: i32) -> Result<usize, AwsError> {
    let asked = asked.unwrap_or(most);
    if asked > most {
        return Err(above(asked, "limit", most));
    }
    Ok(usize::try_from(asked).unwrap_or(1))
}
