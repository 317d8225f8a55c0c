//! Pages of lists of queues, and the tokens between them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use updraft_kernel::AwsError;

use crate::errors::{invalid_parameter, invalid_value};

const MOST: usize = 1_000;

/// Which part of a list was asked for.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) size: usize,
    /// The name behind which it begins.
    pub(crate) after: Option<String>,
    /// Whether it was asked for in pages: only then is there a token.
    paged: bool,
}

impl Page {
    /// `what`: the list that tokens are good for.
    ///
    /// # Errors
    /// If the size is out of bounds, or the token is of another list.
    pub(crate) fn parse(what: &str, size: Option<i32>, token: Option<&str>) -> Result<Self, AwsError> {
        let refused =
            |size: i32| invalid_value(&size.to_string(), "MaxResults", "Must be between 1 and 1000, if provided");
        let legal = |size: i32| usize::try_from(size).ok().filter(|size| (1..=MOST).contains(size));
        let asked = size.map(|size| legal(size).ok_or_else(|| refused(size))).transpose()?;
        let after = token.filter(|token| !token.is_empty()).map(|token| {
            let told = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let name = told.as_deref().and_then(|told| told.strip_prefix(what)?.strip_prefix('/'));
            name.map(str::to_owned).ok_or_else(|| invalid_parameter("Invalid or expired next token."))
        });
        Ok(Self { size: asked.unwrap_or(MOST), after: after.transpose()?, paged: size.is_some() })
    }

    /// The token of the next page, if this one isn't the last.
    pub(crate) fn next(&self, what: &str, last: Option<&str>, more: bool) -> Option<String> {
        let last = last.filter(|_| more && self.paged)?;
        Some(STANDARD.encode(format!("{what}/{last}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_list_only() {
        let page = Page::parse("queues", Some(2), None).unwrap();
        let token = page.next("queues", Some("b"), true);
        let next = Page::parse("queues", Some(2), token.as_deref()).unwrap();
        assert_eq!(next.after.as_deref(), Some("b"));
        assert!(Page::parse("sources", Some(2), token.as_deref()).is_err());
        assert!(Page::parse("queues", Some(2), Some("x")).is_err());
        assert_eq!(page.next("queues", Some("b"), false), None);
        assert_eq!(Page::parse("queues", None, None).unwrap().next("queues", Some("b"), true), None);
    }

    #[test]
    fn sizes_have_bounds() {
        for (size, legal) in [(0, false), (1, true), (1_000, true), (1_001, false), (-1, false)] {
            assert_eq!(Page::parse("queues", Some(size), None).is_ok(), legal, "{size}");
        }
    }
}
