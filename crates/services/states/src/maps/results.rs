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
use crate::table;

/// So many are in memory at once.
const PORTION: usize = 100;

/// What a child came to.
#[derive(Debug)]
pub(super) struct Came {
    pub(super) id: ExecutionId,
    pub(super) execution: Execution,
    /// How often it was redriven.
    redrives: i32,
}

impl Came {
    pub(super) fn well(&self) -> bool {
        self.execution.end.as_ref().is_some_and(|end| end.how == How::Succeeded)
    }
}

/// Children, one after the other.
pub(super) struct Results<'a> {
    svc: &'a StepFunctions,
    run: &'a MapRunId,
    ready: VecDeque<Came>,
    rest: Option<KeyRange>,
}

impl<'a> Results<'a> {
    pub(super) fn new(svc: &'a StepFunctions, run: &'a MapRunId) -> Self {
        Self { svc, run, ready: VecDeque::new(), rest: Some(ChildKey::of_run(run)) }
    }

    pub(super) async fn next(&mut self) -> Result<Option<Came>, AwsError> {
        while self.ready.is_empty()
            && let Some(range) = self.rest.take()
        {
            let mut tx = self.svc.parts.store.read().await?;
            let page = tx.rows::<ChildKey<'_>>(range.clone(), ScanOptions::limit(PORTION)).await?;
            self.rest = page.resume().map(|end| range.after(end));
            for (_, child) in page.rows {
                let id = ExecutionId { machine: self.run.machine().clone(), name: child.name };
                if let Some(execution) = tx.row(&ExecutionKey(&id)).await? {
                    let redrives = table::redrives(&mut tx, &id).await?.shown();
                    self.ready.push_back(Came { id, execution, redrives });
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
    pub(super) fn shown(self, came: &Came) -> Vec<Value> {
        let end = came.execution.end.as_ref();
        let output = end.filter(|end| end.how == How::Succeeded).and_then(|end| end.output.as_deref());
        let output = output.map(|text| serde_json::from_str(text).unwrap_or_default());
        match (self, output) {
            (Self::None, _) | (_, None) => vec![whole(came)],
            (Self::Flatten, Some(Value::Array(elements))) => elements,
            (_, Some(output)) => vec![output],
        }
    }
}

fn whole(came: &Came) -> Value {
    let mut told = came.execution.told(&came.id, |text| json!(text), |at| json!(timestamp(at.0)));
    // Behind the name, where AWS has it.
    told.shift_insert(4, "RedriveCount".to_owned(), json!(came.redrives));
    told.into()
}
