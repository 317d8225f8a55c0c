//! Aliases: names for versions, and how their calls are shared out.

use serde::{Deserialize, Serialize};
use updraft_api_lambda::types::AliasRoutingConfiguration;
use updraft_kernel::{AwsError, Rng, RngExt};
use updraft_store::Row;

use super::name::Version;
use crate::errors::invalid_parameter;

/// Chances are drawn from so many.
const DRAWN: u64 = 1 << 53;

/// A second version and how many of an alias's calls it gets, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Share {
    pub(crate) version: Version,
    pub(crate) weight: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Alias {
    pub(crate) version: Version,
    pub(crate) description: String,
    pub(crate) share: Option<Share>,
    pub(crate) revision: String,
}

impl Row for Alias {
    const VERSION: u8 = 1;
}

impl Alias {
    /// Which version takes this call.
    #[expect(clippy::cast_precision_loss, reason = "what is drawn has 53 bits, as many as a double holds")]
    pub(crate) fn pick(&self, rng: &dyn Rng) -> Version {
        match self.share {
            Some(share) if (rng.below(DRAWN) as f64) < share.weight * DRAWN as f64 => share.version,
            _ => self.version,
        }
    }

    /// Every version that it stands for.
    pub(crate) fn versions(&self) -> impl Iterator<Item = Version> {
        [Some(self.version), self.share.map(|share| share.version)].into_iter().flatten()
    }
}

/// What a request says about sharing. The tables have checked the weights, and that the keys are numbers.
///
/// # Errors
/// If an alias for `version` can't share its calls so.
pub(crate) fn share(version: Version, routing: &AliasRoutingConfiguration) -> Result<Option<Share>, AwsError> {
    let weights = routing.additional_version_weights.iter().flatten();
    let shares: Vec<_> = weights.map(|(version, weight)| (version, *weight)).collect();
    let [(named, weight)] = shares[..] else {
        let several = "Number of items in AdditionalVersionWeights cannot be greater than 1";
        return if shares.is_empty() { Ok(None) } else { Err(invalid_parameter(several)) };
    };
    let share = Share { version: Version::parse(Some(named)).unwrap_or(Version::NEVER), weight };
    fits(version, share)?;
    Ok(Some(share))
}

/// # Errors
/// If an alias for `version` can't share its calls so.
pub(crate) fn fits(version: Version, share: Share) -> Result<(), AwsError> {
    if version == Version::LATEST {
        return Err(invalid_parameter("$LATEST is not supported for an alias pointing to more than 1 version"));
    }
    if version == share.version {
        return Err(invalid_parameter(format!(
            "Invalid function version {version}. Function version {version} is already included in routing \
             configuration."
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use updraft_kernel::SeededRng;

    use super::*;

    fn alias(weight: f64) -> Alias {
        let share = Some(Share { version: Version(2), weight });
        Alias { version: Version(1), description: String::new(), share, revision: String::new() }
    }

    fn picked(alias: &Alias) -> usize {
        let rng = SeededRng::new(7);
        (0..10_000).filter(|_| alias.pick(&rng) == Version(2)).count()
    }

    #[test]
    fn calls_are_shared_out_by_weight() {
        assert_eq!(picked(&alias(0.0)), 0);
        assert_eq!(picked(&alias(1.0)), 10_000);
        assert!((1_800..2_200).contains(&picked(&alias(0.2))), "{}", picked(&alias(0.2)));
        assert_eq!(picked(&Alias { share: None, ..alias(1.0) }), 0);
    }

    fn of(version: Version, weights: &[(&str, f64)]) -> Result<Option<Share>, String> {
        let weights: BTreeMap<_, _> = weights.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect();
        let routing = AliasRoutingConfiguration { additional_version_weights: Some(weights) };
        share(version, &routing).map_err(|error| error.message().to_owned())
    }

    /// Recorded: `test_notfound_and_invalid_routingconfigs`.
    #[test]
    fn one_other_version_may_share() {
        let two = Share { version: Version(2), weight: 0.5 };
        assert_eq!(of(Version(1), &[("2", 0.5)]), Ok(Some(two)));
        assert_eq!(of(Version(1), &[]), Ok(None));
        assert_eq!(share(Version(1), &AliasRoutingConfiguration::default()).unwrap(), None);
        let many = of(Version(1), &[("2", 0.5), ("3", 0.1)]).unwrap_err();
        assert_eq!(many, "Number of items in AdditionalVersionWeights cannot be greater than 1");
        let same = of(Version(1), &[("1", 0.5)]).unwrap_err();
        assert!(same.starts_with("Invalid function version 1. Function version 1 is already"), "{same}");
        let latest = of(Version::LATEST, &[("1", 0.5)]).unwrap_err();
        assert_eq!(latest, "$LATEST is not supported for an alias pointing to more than 1 version");
    }
}
