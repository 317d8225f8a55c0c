//! Lists in pages.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use updraft_kernel::AwsError;

use crate::errors::bad_request;

/// What AWS gives without `MaxResults`, and at most.
const MOST: usize = 500;

/// One page of `items`, which are sorted by `id`, and the token of the next.
///
/// # Errors
/// If the number or the token is none.
pub(crate) fn page<T>(
    mut items: Vec<T>,
    id: impl Fn(&T) -> &str,
    max_results: Option<&str>,
    token: Option<&str>,
) -> Result<(Vec<T>, Option<String>), AwsError> {
    let limit = max_results.map_or(Ok(MOST), parse_limit)?;
    if let Some(token) = token {
        let after = decode(token)?;
        items.retain(|item| id(item) > after.as_str());
    }
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(id(last)));
    Ok((items, next))
}

fn parse_limit(raw: &str) -> Result<usize, AwsError> {
    let limit = raw.parse().ok().filter(|limit| (1..=MOST).contains(limit));
    limit.ok_or_else(|| bad_request("MaxResults must be a number between 1 and 500"))
}

fn decode(token: &str) -> Result<String, AwsError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let id = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    id.ok_or_else(|| bad_request("Invalid NextToken specified"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_and_end() {
        let all = || vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let (first, token) = page(all(), |id| id, Some("2"), None).unwrap();
        assert_eq!(first, ["a", "b"]);
        let (second, end) = page(all(), |id| id, Some("2"), token.as_deref()).unwrap();
        assert_eq!((second, end), (vec!["c".to_owned()], None));
        assert!(page(all(), |id| id, Some("3"), None).unwrap().1.is_none());
        assert!(page(all(), |id| id, Some("0"), None).is_err());
        assert!(page(all(), |id| id, None, Some("%")).is_err());
    }
}
