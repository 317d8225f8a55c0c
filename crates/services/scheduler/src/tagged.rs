//! Tags of groups.

use std::collections::BTreeMap;

use updraft_api_scheduler::types::Tag;
use updraft_kernel::AwsError;

use crate::errors::{invalid, too_many_tags};

const MOST: usize = 50;

/// Those that are there, and these.
///
/// # Errors
/// If one of them is AWS's own, or there are too many.
pub(crate) fn tags_of(
    given: Vec<Tag>,
    mut tags: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, AwsError> {
    for Tag { key, value } in given {
        if key.starts_with("aws:") {
            return Err(invalid("Tag keys must not begin with aws:."));
        }
        tags.insert(key, value);
    }
    if tags.len() > MOST { Err(too_many_tags()) } else { Ok(tags) }
}
