//! Keys of functions' own URLs.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::AwsError;
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Row, tags};

use super::of;
use crate::model::name::FunctionId;
use crate::model::url::UrlRow;

const URL: u8 = 40;
/// Stands where an account stands elsewhere.
const URL_ID: &str = "url";

/// A URL stands on a function (no qualifier) or on one of its aliases.
pub(crate) struct UrlKey<'a>(pub(crate) &'a FunctionId, pub(crate) Option<&'a str>);

impl Key for UrlKey<'_> {
    type Row = UrlRow;

    fn encode(&self) -> Bytes {
        of(self.0, URL).str(self.1.unwrap_or_default()).build()
    }
}

impl UrlKey<'_> {
    /// The function's own first, then those of its aliases by name.
    pub(crate) fn of(id: &FunctionId) -> KeyRange {
        of(id, URL).prefix_range()
    }

    /// The qualifier in such a key.
    ///
    /// # Errors
    /// If it is none.
    pub(crate) fn qualifier(key: &[u8]) -> Result<Option<String>, AwsError> {
        let mut reader = KeyReader::new(key, tags::LAMBDA)?;
        reader.str()?;
        reader.str()?;
        reader.u8()?;
        reader.str()?;
        Ok(Some(reader.str()?).filter(|qualifier| !qualifier.is_empty()))
    }
}

/// What a URL's id stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UrlIdRow {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) qualifier: Option<String>,
}

impl Row for UrlIdRow {
    const VERSION: u8 = 1;
}

/// Finds a URL by the id in its name.
pub(crate) struct UrlIdKey<'a>(pub(crate) &'a str);

impl Key for UrlIdKey<'_> {
    type Row = UrlIdRow;

    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::LAMBDA).str(URL_ID).str(self.0).build()
    }
}

#[cfg(test)]
mod tests {
    use updraft_kernel::{AccountId, Region};

    use super::*;
    use crate::keys::{FunctionKey, PolicyKey};

    #[test]
    fn a_functions_own_url_comes_before_those_of_its_aliases() {
        let id = |name: &str| FunctionId {
            account: AccountId::local(),
            region: Region::default_region(),
            name: name.to_owned(),
        };
        let (f, other) = (id("f"), id("ff"));
        let key = |qualifier| UrlKey(&f, qualifier).encode();
        assert!(key(None) < key(Some("a")) && key(Some("a")) < key(Some("b")));
        let range = UrlKey::of(&f);
        assert!(range.contains(&key(None)) && range.contains(&key(Some("zzz"))));
        assert!(!range.contains(&UrlKey(&other, None).encode()) && !range.contains(&PolicyKey(&f, None).encode()));
        assert!(!FunctionKey::all(&f.account, &f.region).contains(&UrlIdKey("u").encode()));
        assert_eq!(UrlKey::qualifier(&key(Some("a"))).unwrap().as_deref(), Some("a"));
        assert_eq!(UrlKey::qualifier(&key(None)).unwrap(), None);
    }
}
