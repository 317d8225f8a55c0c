//! Ids of versions: they say where the version lies, and so much of chance that nobody guesses them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use updraft_kernel::{Rng, RngExt as _};

/// What versions are called that were written while a bucket wasn't versioned.
pub(crate) const NULL: &str = "null";

/// No key ever has so many versions: an id that says so was made up, which AWS sees in its own, too.
const MOST: u64 = 1 << 48;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum VersionId {
    Null,
    Chance([u8; 16]),
    /// Of a replica that lies elsewhere than its id says.
    Foreign {
        order: u64,
        chance: [u8; 16],
    },
}

/// A version that a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Null,
    At { order: u64, chance: [u8; 16] },
}

impl VersionId {
    pub(crate) fn random(rng: &dyn Rng) -> Self {
        let (high, low) = (u128::from(rng.u64()), u128::from(rng.u64()));
        Self::Chance((high << 64 | low).to_be_bytes())
    }

    /// Of the version of that order.
    pub(crate) fn text(self, order: u64) -> String {
        match self {
            Self::Null => NULL.to_owned(),
            Self::Chance(chance) => said(order, chance),
            Self::Foreign { order, chance } => said(order, chance),
        }
    }
}

fn said(order: u64, chance: [u8; 16]) -> String {
    let mut bytes = order.to_be_bytes().to_vec();
    bytes.extend_from_slice(&chance);
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Asked {
    /// `None`: no id that was ever given out.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == NULL {
            return Some(Self::Null);
        }
        let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (order, chance) = bytes.split_first_chunk::<8>()?;
        let order = Some(u64::from_be_bytes(*order)).filter(|order| *order < MOST)?;
        Some(Self::At { order, chance: chance.try_into().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use updraft_kernel::SeededRng;

    use super::*;

    #[test]
    fn an_id_says_where_its_version_lies() {
        let id = VersionId::random(&SeededRng::new(1));
        let VersionId::Chance(chance) = id else { panic!("not null") };
        assert_eq!(id.text(300).len(), 32);
        assert_eq!(Asked::parse(&id.text(300)), Some(Asked::At { order: 300, chance }));
        assert_eq!(Asked::parse(&VersionId::Null.text(300)), Some(Asked::Null));
        for bad in ["", "nul", "AAAA", &"!".repeat(32), "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"] {
            assert_eq!(Asked::parse(bad), None, "{bad}");
        }
    }
}
