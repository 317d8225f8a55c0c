//! What children would have been given that were never begun: the run has failed before.

use serde_json::{Value, json};
use updraft_asl::definition::Definition;
use updraft_asl::run::Selector;
use updraft_kernel::{AwsError, Ctx};

use super::Kept;
use super::batch::{self, Wrong};
use super::feed::Feed;
use super::read::Unreadable;
use crate::StepFunctions;
use crate::model::map_run::Cursor;

/// One after the other, from where the run stopped.
pub(super) struct Pending<'a> {
    of: (&'a StepFunctions, &'a Ctx, &'a Kept),
    selector: Selector<'a>,
    feed: Feed,
}

impl<'a> Pending<'a> {
    pub(super) fn new(
        of: (&'a StepFunctions, &'a Ctx, &'a Kept),
        definition: &'a Definition,
        at: Cursor,
    ) -> Result<Self, AwsError> {
        let (svc, _, kept) = of;
        let map = super::map_of(definition, kept)?;
        let selector = Selector::new(map, &kept.plan, svc.parts.clock.now().0, &*svc.parts.rng);
        Ok(Self { of, selector, feed: Feed::new(at) })
    }

    /// What can't be read, or not be selected, isn't told of, nor is what comes behind it.
    pub(super) async fn next(&mut self) -> Result<Option<Value>, AwsError> {
        let (svc, cx, kept) = self.of;
        match batch::next(&mut self.feed, (svc, cx, &kept.plan), &mut self.selector, 0).await {
            Ok(Some(batch)) => {
                self.feed.used(usize::try_from(batch.items).unwrap_or(usize::MAX));
                let (input, details) = (batch.input.to_string(), json!({ "Included": true }));
                Ok(Some(json!({ "Input": input, "InputDetails": details, "Status": "PENDING" })))
            }
            Err(Wrong::Read(Unreadable::ForNow(error))) => Err(error),
            Ok(None) | Err(_) => Ok(None),
        }
    }
}
