//! Versions and aliases as they are kept.

use serde::{Deserialize, Serialize};
use updraft_kernel::{Rng, RngExt, UnixMillis};
use updraft_store::Row;

use super::name::MachineId;

/// A revision that was published; its number is in the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) revision: u64,
    pub(crate) description: Option<String>,
    pub(crate) created: UnixMillis,
}

impl Row for Version {
    const VERSION: u8 = 1;
}

/// The last number that was given to a version: none is given twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Published(pub(crate) u64);

impl Row for Published {
    const VERSION: u8 = 1;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Alias {
    pub(crate) description: Option<String>,
    pub(crate) routes: Vec<Route>,
    pub(crate) created: UnixMillis,
    pub(crate) updated: UnixMillis,
}

impl Row for Alias {
    const VERSION: u8 = 1;
}

/// So many of a hundred executions are that version's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Route {
    pub(crate) version: u64,
    pub(crate) weight: u32,
}

/// By what an execution was started, where that wasn't the state machine itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    pub(crate) version: u64,
    pub(crate) alias: Option<String>,
}

impl Row for Origin {
    const VERSION: u8 = 1;
}

impl Alias {
    /// The version that one more execution is to be of.
    pub(crate) fn draw(&self, rng: &dyn Rng) -> Option<u64> {
        let whole: u32 = self.routes.iter().map(|route| route.weight).sum();
        let mut drawn = rng.below(u64::from(whole));
        for route in &self.routes {
            match drawn.checked_sub(u64::from(route.weight)) {
                Some(left) => drawn = left,
                None => return Some(route.version),
            }
        }
        None
    }
}

impl Origin {
    pub(crate) fn version_arn(&self, machine: &MachineId) -> String {
        machine.qualified(&self.version.to_string())
    }

    pub(crate) fn alias_arn(&self, machine: &MachineId) -> Option<String> {
        self.alias.as_ref().map(|alias| machine.qualified(alias))
    }
}

#[cfg(test)]
mod tests {
    use updraft_kernel::SeededRng;

    use super::*;

    fn alias(weights: &[(u64, u32)]) -> Alias {
        let routes = weights.iter().map(|(version, weight)| Route { version: *version, weight: *weight }).collect();
        Alias { description: None, routes, created: UnixMillis(0), updated: UnixMillis(0) }
    }

    #[test]
    fn executions_are_shared_out_by_weight() {
        let (rng, shared) = (SeededRng::new(7), alias(&[(1, 90), (2, 10)]));
        let second = (0..10_000).filter(|_| shared.draw(&rng) == Some(2)).count();
        assert!((800..1_200).contains(&second), "{second}");
        let (one, other) = (alias(&[(3, 100)]), alias(&[(4, 0), (5, 100)]));
        assert!((0..1_000).all(|_| (one.draw(&rng), other.draw(&rng)) == (Some(3), Some(5))));
    }
}
