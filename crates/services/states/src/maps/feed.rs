//! Items that have been read and that no child has yet.

use std::collections::VecDeque;

use serde_json::Value;
use updraft_asl::run::Plan;
use updraft_kernel::Ctx;

use super::read::{self, Unreadable};
use crate::StepFunctions;
use crate::model::map_run::Cursor;

/// From one place on.
#[derive(Debug)]
pub(super) struct Feed {
    at: Cursor,
    /// Each with the place behind it.
    ready: VecDeque<(Value, Cursor)>,
    /// Where reading goes on; `None`: that is all.
    next: Option<Cursor>,
}

impl Feed {
    pub(super) fn new(at: Cursor) -> Self {
        Self { next: Some(at.clone()), ready: VecDeque::new(), at }
    }

    pub(super) fn is_at(&self, place: &Cursor) -> bool {
        self.at == *place
    }

    /// The `n`-th item that isn't used, and the place behind it; reads on if need be.
    pub(super) async fn get(
        &mut self,
        (svc, cx, plan): (&StepFunctions, &Ctx, &Plan),
        n: usize,
    ) -> Result<Option<(&Value, &Cursor)>, Unreadable> {
        while self.ready.len() <= n
            && let Some(next) = self.next.take()
        {
            match read::page(svc, cx, plan, next.clone()).await {
                Ok(page) => {
                    self.ready.extend(page.items);
                    self.next = page.next;
                }
                Err(unreadable) => {
                    self.next = Some(next);
                    return Err(unreadable);
                }
            }
        }
        Ok(self.ready.get(n).map(|(item, after)| (item, after)))
    }

    /// The first so many have been used.
    pub(super) fn used(&mut self, many: usize) {
        if let Some((_, after)) = self.ready.drain(..many.min(self.ready.len())).next_back() {
            self.at = after;
        }
    }
}
