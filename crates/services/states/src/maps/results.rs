//! What children came to, in the order of their items.

use std::collections::VecDeque;

use serde_json::{Value, json};
use updraft_asl::run::timestamp;
use updraft_kernel::AwsError;
use updraft_store::{KeyRange, ScanOptions, StoreExt};

use crate::StepFunctions;
use crate::keys::{ChildKey, ExecutionKey};
use crate::model::execution::{Execution, How};
use crate::model::name::{ExecutionId, MapRunId};

/// So many are in memory at once.
const PORTION: usize = 100;

/// Children, one after the other.
pub(super) struct Results<'a> {
    svc: &'a StepFunctions,
    run: &'a MapRunId,
    ready: VecDeque<(ExecutionId, Execution)>,
    rest: Option<KeyRange>,
}

impl<'a> Results<'a> {
    pub(super) fn new(svc: &'a StepFunctions, run: &'a MapRunId) -> Self {
        Self { svc, run, ready: VecDeque::new(), rest: Some(ChildKey::of_run(run)) }
    }

    pub(super) async fn next(&mut self) -> Result<Option<(ExecutionId, Execution)>, AwsError> {
        while self.ready.is_empty()
            && let Some(range) = self.rest.take()
        {
            let mut tx = self.svc.parts.store.read().await?;
            let page = tx.rows::<ChildKey<'_>>(range.clone(), ScanOptions::limit(PORTION)).await?;
            self.rest = page.resume().map(|end| range.after(end));
            for (_, child) in page.rows {
                let id = ExecutionId { machine: self.run.machine().clone(), name: child.name };
                if let Some(execution) = tx.row(&ExecutionKey(&id)).await? {
                    self.ready.push_back((id, execution));
                }
            }
        }
        Ok(self.ready.pop_front())
    }
}

/// `Transformation` of `WriterConfig`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Everything about the child.
    None,
    /// Its output.
    Compact,
    /// Its output, and where that is a list, its elements.
    Flatten,
}

impl Form {
    pub(super) fn of(config: &serde_json::Map<String, Value>, default: Self) -> Self {
        match config.get("Transformation").and_then(Value::as_str) {
            Some("NONE") => Self::None,
            Some("COMPACT") => Self::Compact,
            Some("FLATTEN") => Self::Flatten,
            _ => default,
        }
    }

    /// AWS: a child that failed is always shown with everything about it.
    pub(super) fn shown(self, id: &ExecutionId, execution: &Execution) -> Vec<Value> {
        let end = execution.end.as_ref();
        let output = end.filter(|end| end.how == How::Succeeded).and_then(|end| end.output.as_deref());
        let output = output.map(|text| serde_json::from_str(text).unwrap_or_default());
        match (self, output) {
            (Self::None, _) | (_, None) => vec![whole(id, execution)],
            (Self::Flatten, Some(Value::Array(elements))) => elements,
            (_, Some(output)) => vec![output],
        }
    }
}

fn whole(id: &ExecutionId, execution: &Execution) -> Value {
    let mut told = execution.told(id, |text| json!(text), |at| json!(timestamp(at.0)));
    // Behind the name, where AWS has it.
    told.shift_insert(4, "RedriveCount".to_owned(), json!(0));
    told.into()
}
