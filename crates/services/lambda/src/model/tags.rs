//! Tags of functions.

use std::collections::BTreeMap;

use updraft_kernel::AwsError;

use crate::errors::invalid_parameter;

const LIMIT: usize = 50;

/// Adds or replaces tags, as long as there aren't too many.
pub(crate) fn add(tags: &mut BTreeMap<String, String>, more: BTreeMap<String, String>) -> Result<(), AwsError> {
    if more.keys().any(|key| key.starts_with("aws:")) {
        return Err(invalid_parameter("System tags cannot be added/updated by requester"));
    }
    tags.extend(more);
    if tags.len() > LIMIT {
        return Err(invalid_parameter("Number of tags exceeds resource tag limit."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(count: usize) -> BTreeMap<String, String> {
        (0..count).map(|n| (format!("{n}_key"), "v".to_owned())).collect()
    }

    #[test]
    fn fifty_tags_are_enough() {
        let mut tags = many(49);
        add(&mut tags, BTreeMap::from([("one".into(), "more".into())])).unwrap();
        add(&mut tags, many(49)).unwrap();
        let refused = add(&mut tags, many(51)).unwrap_err();
        assert_eq!(refused.message(), "Number of tags exceeds resource tag limit.");
    }
}
