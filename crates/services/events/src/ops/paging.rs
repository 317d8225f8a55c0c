//! Pages of lists, and the tokens between them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use updraft_kernel::AwsError;

use crate::errors::not_valid;

/// AWS: no more than a hundred things at once.
const USUAL: usize = 100;

/// Which part of a list is asked for.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) limit: usize,
    /// The name behind which it begins.
    pub(super) after: Option<String>,
}

impl Page {
    /// # Errors
    /// If the token is none of ours.
    pub(super) fn asked(limit: Option<i32>, token: Option<&str>) -> Result<Self, AwsError> {
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(USUAL);
        Ok(Self { limit, after: token.map(read).transpose()? })
    }

    /// This part of what lies in order of its names, and the token for the next.
    pub(super) fn cut<T>(&self, named: Vec<(String, T)>) -> (Vec<(String, T)>, Option<String>) {
        let behind = |name: &String| self.after.as_ref().is_none_or(|after| name > after);
        let mut rest = named.into_iter().filter(|(name, _)| behind(name));
        let page: Vec<_> = rest.by_ref().take(self.limit).collect();
        let next = rest.next().and_then(|_| page.last()).map(|(last, _)| token(last));
        (page, next)
    }
}

/// Where a page ended, as clients hand it back.
pub(super) fn token(last: &str) -> String {
    STANDARD.encode(last)
}

fn read(token: &str) -> Result<String, AwsError> {
    let bytes = STANDARD.decode(token).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| not_valid("NextToken"))
}
