//! What children are given: an item each, or several as `ItemBatcher` says.

use serde_json::{Value, json};
use updraft_asl::run::{Batches, Failed, Plan, Selector};
use updraft_kernel::Ctx;

use super::feed::Feed;
use super::read::{Unreadable, source};
use crate::StepFunctions;
use crate::model::map_run::Cursor;

/// The most bytes that a child may be given.
const LARGEST: u64 = 262_144;

/// One child's input.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) input: Value,
    pub(super) items: u64,
    /// The place behind its items.
    pub(super) after: Cursor,
}

/// Why there is none.
#[derive(Debug)]
pub(super) enum Wrong {
    Read(Unreadable),
    /// `ItemSelector` can't be evaluated.
    Selected(Failed),
}

impl From<Unreadable> for Wrong {
    fn from(unreadable: Unreadable) -> Self {
        Self::Read(unreadable)
    }
}

impl From<Failed> for Wrong {
    fn from(failed: Failed) -> Self {
        Self::Selected(failed)
    }
}

/// The next child's input, of the items from the `from`-th on. `None`: there are no more.
pub(super) async fn next(
    feed: &mut Feed,
    of: (&StepFunctions, &Ctx, &Plan),
    selector: &mut Selector<'_>,
    from: usize,
) -> Result<Option<Batch>, Wrong> {
    let Some(batches) = &of.2.batches else {
        let Some((item, after)) = feed.get(of, from).await? else { return Ok(None) };
        let (item, after) = (item.clone(), after.clone());
        let input = selector.select((after.index - 1, &source(of.2, &after)), item)?;
        return Ok(Some(Batch { input, items: 1, after }));
    };
    let (mut items, mut last, mut size) = (Vec::new(), None, bare(batches));
    while let Some((item, after)) = feed.get(of, from + items.len()).await? {
        let (item, after) = (item.clone(), after.clone());
        let item = selector.select((after.index - 1, &source(of.2, &after)), item)?;
        size += item.to_string().len() as u64 + 1;
        if !items.is_empty() && size > most_bytes(batches) {
            break;
        }
        items.push(item);
        last = Some(after);
        if items.len() as u64 == batches.items.filter(|most| *most > 0).unwrap_or(u64::MAX) {
            break;
        }
    }
    let many = items.len() as u64;
    Ok(last.map(|after| Batch { input: whole(batches, items), items: many, after }))
}

fn whole(batches: &Batches, items: Vec<Value>) -> Value {
    match &batches.input {
        Some(input) => json!({ "BatchInput": input, "Items": items }),
        None => json!({ "Items": items }),
    }
}

/// Without items.
fn bare(batches: &Batches) -> u64 {
    whole(batches, Vec::new()).to_string().len() as u64
}

fn most_bytes(batches: &Batches) -> u64 {
    batches.bytes.filter(|most| *most > 0).unwrap_or(LARGEST).min(LARGEST)
}
