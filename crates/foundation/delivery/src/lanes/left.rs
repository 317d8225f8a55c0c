//! [`Left`]: what was read and had no room in memory. It stays in the log, and is read from there again.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;

use super::TargetId;
use crate::keys::LaneId;

/// Whose entries stay in the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    All,
    Target(TargetId),
    Lane(Arc<LaneId>),
}

impl Scope {
    pub(crate) fn contains(&self, lane: &LaneId) -> bool {
        match self {
            Self::All => true,
            Self::Target(target) => *target == TargetId::of(lane),
            Self::Lane(id) => **id == *lane,
        }
    }

    /// Whether whatever is in `other` is in this, too.
    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Target(target), Self::Lane(lane)) => *target == TargetId::of(lane),
            (Self::All, _) => true,
            _ => self == other,
        }
    }
}

/// Scopes, and the key in the log from which on each one's entries aren't all in memory.
#[derive(Debug, Default)]
pub(crate) struct LeftInLog(HashMap<Scope, Bytes>);

impl LeftInLog {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn contains(&self, scope: &Scope) -> bool {
        self.0.contains_key(scope)
    }

    /// Notes that `key` had no room; of several the first counts.
    pub(crate) fn leave(&mut self, scope: Scope, key: &Bytes) {
        let from = self.0.entry(scope).or_insert_with(|| key.clone());
        if *key < *from {
            *from = key.clone();
        }
    }

    pub(crate) fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.0.keys()
    }

    /// Where `scope` begins together with all that it covers and that `has_room`.
    pub(crate) fn from(&self, scope: &Scope, has_room: impl Fn(&Scope) -> bool) -> Option<Bytes> {
        let with = self.0.iter().filter(|(other, _)| scope.covers(other) && (*other == scope || has_room(other)));
        with.map(|(_, from)| from).min().cloned()
    }

    /// Forgets `scope` and those that it covers and that `has_room`: they are being read again.
    pub(crate) fn take(&mut self, scope: &Scope, has_room: impl Fn(&Scope) -> bool) {
        self.0.retain(|other, _| !(scope.covers(other) && (other == scope || has_room(other))));
    }
}
