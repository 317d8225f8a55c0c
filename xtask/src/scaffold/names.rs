//! From AWS's names to ours.

/// `BatchGetItem` → `batch_get_item`; a run of capitals is one word: `GetAPIKeys` → `get_api_keys`.
pub(crate) fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|j| chars.get(j)).copied();
        let after = chars.get(i + 1).copied();
        let starts = before.is_some_and(|b| b.is_lowercase() || b.is_ascii_digit());
        let ends = before.is_some_and(char::is_uppercase) && after.is_some_and(char::is_lowercase);
        if c.is_uppercase() && (starts || ends) {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// `PutItem`, as AWS spells operations.
pub(crate) fn is_operation(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric())
}

/// A folder of services: short, lower case.
pub(crate) fn is_service(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_snakes() {
        for (aws, ours) in [
            ("PutItem", "put_item"),
            ("GetAPIKeys", "get_api_keys"),
            ("ListTagsOfResource", "list_tags_of_resource"),
            ("CreateApi", "create_api"),
            ("Scan", "scan"),
        ] {
            assert_eq!(snake(aws), ours);
        }
    }
}
