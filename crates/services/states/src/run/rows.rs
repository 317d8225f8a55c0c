//! An execution from its rows, and back into them.

use std::collections::BTreeMap;
use std::sync::Arc;

use updraft_asl::run::{Event, Run};
use updraft_kernel::AwsError;
use updraft_store::{KeyRange, Row, ScanOptions, Tx};

use crate::keys::{CaseKey, EventKey, ExecutionKey, FrameKey, ValueKey, number};
use crate::model::execution::{EventRow, Execution, FrameRow, ValueRow};
use crate::model::name::ExecutionId;

/// Rows that are read at once.
const PORTION: usize = 500;

pub(super) async fn load(tx: &mut Tx, id: &ExecutionId, execution: &Execution) -> Result<Run, AwsError> {
    let mut frames = BTreeMap::new();
    for (n, FrameRow(frame)) in all::<FrameKey<'_>>(tx, FrameKey::of_execution(id)).await? {
        frames.insert(n, frame);
    }
    let mut values = BTreeMap::new();
    for (n, ValueRow(text)) in all::<ValueKey<'_>>(tx, ValueKey::of_execution(id)).await? {
        values.insert(n, Arc::new(serde_json::from_str(&text).map_err(AwsError::internal)?));
    }
    Ok(Run::restore(&execution.head, execution.input.clone(), frames, values))
}

/// Numbered rows of a range.
async fn all<K: updraft_store::Key>(tx: &mut Tx, mut range: KeyRange) -> Result<Vec<(u32, K::Row)>, AwsError>
where
    K::Row: Row,
{
    let mut found = Vec::new();
    loop {
        let page = tx.rows::<K>(range.clone(), ScanOptions::limit(PORTION)).await?;
        let end = page.resume().cloned();
        for (key, row) in page.rows {
            found.push((u32::try_from(number(&key)?).map_err(AwsError::internal)?, row));
        }
        match end {
            Some(end) => range = range.after(&end),
            None => return Ok(found),
        }
    }
}

/// Writes what a step has changed.
pub(super) fn save(
    tx: &mut Tx,
    id: &ExecutionId,
    (execution, run): (&mut Execution, &mut Run),
    events: &[Event],
) -> Result<(), AwsError> {
    let changes = run.changes();
    for (n, frame) in changes.frames {
        match frame {
            Some(frame) => tx.put_row(&FrameKey(id, n), &FrameRow(frame))?,
            None => tx.delete_row(&FrameKey(id, n)),
        }
    }
    for (n, value) in changes.values {
        match value {
            Some(value) => tx.put_row(&ValueKey(id, n), &ValueRow(value.to_string()))?,
            None => tx.delete_row(&ValueKey(id, n)),
        }
    }
    // AWS: Express executions have no history but what is logged.
    let told = if id.is_express() { &[] } else { events };
    for event in told {
        tx.put_row(&EventKey(id, event.id), &EventRow::of(event))?;
    }
    execution.head = run.head();
    Ok(())
}

/// Nothing stays of an Express execution that has ended.
pub(super) async fn forget(tx: &mut Tx, id: &ExecutionId) -> Result<(), AwsError> {
    forget_places(tx, id).await?;
    tx.delete_row(&CaseKey(id));
    tx.delete_row(&ExecutionKey(id));
    Ok(())
}

/// Where it stood when it ended, and with what.
pub(super) async fn forget_places(tx: &mut Tx, id: &ExecutionId) -> Result<(), AwsError> {
    for (n, _) in all::<FrameKey<'_>>(tx, FrameKey::of_execution(id)).await? {
        tx.delete_row(&FrameKey(id, n));
    }
    for (n, _) in all::<ValueKey<'_>>(tx, ValueKey::of_execution(id)).await? {
        tx.delete_row(&ValueKey(id, n));
    }
    Ok(())
}
