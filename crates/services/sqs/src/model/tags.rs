//! What tags a queue may have.

use std::collections::BTreeMap;

use updraft_kernel::AwsError;

use crate::errors::invalid_parameter;

const MOST: usize = 50;
const KEY: usize = 128;
const VALUE: usize = 256;

/// # Errors
/// If there are too many, or one is none.
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
    if tags.len() > MOST {
        return Err(invalid_parameter(format!("Too many tags added for queue. Max {MOST} tags are allowed.")));
    }
    let legal = |text: &str, most: usize| {
        text.chars().count() <= most && text.chars().all(|char| char.is_alphanumeric() || " _.:/=+-@".contains(char))
    };
    for (key, value) in tags {
        if key.is_empty() || !legal(key, KEY) || key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid_parameter(format!("Tag key {key} is invalid.")));
        }
        if !legal(value, VALUE) {
            return Err(invalid_parameter(format!("Tag value {value} is invalid.")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(key: &str, value: &str) -> bool {
        check(&BTreeMap::from([(key.to_owned(), value.to_owned())])).is_ok()
    }

    #[test]
    fn tags_have_bounds() {
        let many = |count: usize| (0..count).map(|n| (format!("k{n}"), String::new())).collect();
        assert!(check(&many(50)).is_ok() && check(&many(51)).is_err());
        assert!(one(&"k".repeat(128), &"v".repeat(256)) && one("tag3", "") && one("ключ", "a b_.:/=+-@"));
        assert!(!one(&"k".repeat(129), "") && !one("k", &"v".repeat(257)));
        assert!(!one("", "v") && !one("aws:k", "v") && !one("AWS:k", "v") && !one("k", "<v>"));
    }
}
