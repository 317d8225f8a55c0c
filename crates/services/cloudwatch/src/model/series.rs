//! [`Series`]: what a metric is known by.

use updraft_kernel::{AccountId, Ctx, Region};
use xxhash_rust::xxh3::Xxh3;

/// The account and region that metrics belong to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Scope {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
}

impl Scope {
    pub(crate) fn of(cx: &Ctx) -> Self {
        Self { account: cx.account.clone(), region: cx.region.clone() }
    }
}

/// A metric: a name in a namespace, with its dimensions. Values of another set of dimensions are another metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Series {
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// Names and values, ordered by name.
    pub(crate) dimensions: Vec<(String, String)>,
}

/// A metric's number in keys: a hash of all that it is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SeriesId(pub(crate) u128);

impl Series {
    pub(crate) fn new(namespace: String, name: String, mut dimensions: Vec<(String, String)>) -> Self {
        dimensions.sort();
        Self { namespace, name, dimensions }
    }

    pub(crate) fn id(&self, scope: &Scope) -> SeriesId {
        let dimensions = self.dimensions.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        series_id(scope, &self.namespace, &self.name, dimensions)
    }
}

/// `dimensions` are ordered by name.
pub(crate) fn series_id<'a>(
    scope: &Scope,
    namespace: &str,
    name: &str,
    dimensions: impl Iterator<Item = (&'a str, &'a str)>,
) -> SeriesId {
    let mut hash = Xxh3::new();
    let mut part = |text: &str| {
        hash.update(&text.len().to_le_bytes());
        hash.update(text.as_bytes());
    };
    for text in [scope.account.as_str(), scope.region.as_str(), namespace, name] {
        part(text);
    }
    for (name, value) in dimensions {
        part(name);
        part(value);
    }
    SeriesId(hash.digest128())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope { account: AccountId::local(), region: Region::default_region() }
    }

    fn series(dimensions: &[(&str, &str)]) -> Series {
        let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Series::new("N".into(), "M".into(), dimensions)
    }

    /// In keys on disks: may never change.
    #[test]
    fn golden_id() {
        assert_eq!(series(&[("a", "b")]).id(&scope()).0, 210_966_671_638_117_955_557_670_472_368_384_671_944);
    }

    #[test]
    fn the_order_of_dimensions_is_none_of_the_identity_and_all_else_is() {
        let id = |dimensions: &[(&str, &str)]| series(dimensions).id(&scope());
        assert_eq!(id(&[("a", "1"), ("b", "2")]), id(&[("b", "2"), ("a", "1")]));
        assert_ne!(id(&[("a", "1"), ("b", "2")]), id(&[("a", "1")]));
        assert_ne!(id(&[("a", "1b")]), id(&[("a1", "b")]));
        assert_ne!(id(&[]), series(&[]).id(&Scope { region: Region::parse("eu-west-1").unwrap(), ..scope() }));
    }
}
