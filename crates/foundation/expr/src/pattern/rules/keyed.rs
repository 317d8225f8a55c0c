//! Branches by what they want.

use std::borrow::Borrow;
use std::hash::Hash;

use super::Map;

/// The numbers of branches.
pub(super) type Ids = Vec<usize>;

/// Adds or takes away.
pub(super) fn set(ids: &mut Ids, id: usize, wanted: bool) {
    ids.retain(|other| *other != id);
    if wanted {
        ids.push(id);
    }
}

#[derive(Debug)]
pub(super) struct Keyed<K>(Map<K, Ids>);

impl<K> Default for Keyed<K> {
    fn default() -> Self {
        Self(Map::default())
    }
}

impl<K: Eq + Hash> Keyed<K> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn set(&mut self, key: K, id: usize, wanted: bool) {
        let ids = self.0.entry(key).or_default();
        set(ids, id, wanted);
    }

    /// Those of `key`, none if there is no such key.
    pub(super) fn of<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> &[usize]
    where
        K: Borrow<Q>,
    {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// Whether nobody is left there; then it is gone.
    pub(super) fn tidy<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        let unused = self.of(key).is_empty();
        if unused {
            self.0.remove(key);
        }
        unused
    }
}
