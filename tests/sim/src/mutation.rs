//! Breaking the platform on purpose: a simulation that finds nothing then proves nothing otherwise.

use std::sync::Arc;

use clap::ValueEnum as _;
use updraft_store::Store;
use updraft_store::suite::histories::broken::{Broken, Rule};

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Mutation {
    /// Commits are acknowledged before they are applied, and a few never are.
    AcknowledgedTooEarly,
    /// Reads aren't checked at the commit: fences and idempotency rows, too, are without effect.
    ReadsUnchecked,
}

impl Mutation {
    /// As it is given on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    pub(crate) fn over(self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        let rule = match self {
            Self::AcknowledgedTooEarly => Rule::AnswersAreTrue,
            Self::ReadsUnchecked => Rule::ReadsAreTracked,
        };
        Arc::new(Broken::new(store, rule))
    }
}
