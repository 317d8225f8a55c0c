//! Executions of test cases.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use updraft_asl::definition::{Pattern, Resource};
use updraft_asl::run::{Failed, Frame, Phase, Signal, Turn};
use updraft_kernel::AwsError;
use updraft_store::{Row, Tx};

use super::Mocks;
use crate::StepFunctions;
use crate::errors::no_such_case;
use crate::keys::{CaseKey, ChildOfKey, FrameKey};
use crate::model::name::{ExecutionId, MachineId};
use crate::run::call::Of;
use crate::run::step;
use crate::table;

/// Of which case an execution is, and how often its states have called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) calls: BTreeMap<String, u32>,
}

impl Row for Case {
    const VERSION: u8 = 1;
}

impl Case {
    pub(crate) fn of(name: String) -> Self {
        Self { name, calls: BTreeMap::new() }
    }

    /// Counts a call of the state. `None`: it is to be carried out.
    pub(crate) fn answer(&mut self, mocks: &Mocks, machine: &MachineId, state: &str) -> Option<Result<Value, Failed>> {
        let n = self.calls.entry(state.to_owned()).or_default();
        let came = mocks.answer((&machine.name, &self.name), state, *n)?;
        *n += 1;
        Some(came)
    }
}

/// The ARN, and the test case behind it: only where there are mocks.
pub(crate) fn split<'a>(svc: &StepFunctions, arn: &'a str) -> (&'a str, Option<&'a str>) {
    match arn.split_once('#') {
        Some((arn, case)) if svc.parts.mocks.is_some() => (arn, Some(case)),
        _ => (arn, None),
    }
}

/// # Errors
/// If the state machine has no such test case.
pub(crate) fn check(svc: &StepFunctions, machine: &MachineId, case: Option<&str>) -> Result<(), AwsError> {
    let known = |case: &str| svc.parts.mocks.as_ref().is_some_and(|mocks| mocks.has(&machine.name, case));
    match case.filter(|case| !known(case)) {
        Some(case) => Err(no_such_case(case, &machine.name)),
        None => Ok(()),
    }
}

pub(crate) fn keep(tx: &mut Tx, id: &ExecutionId, case: Option<&str>) -> Result<(), AwsError> {
    if let Some(name) = case {
        tx.put_row(&CaseKey(id), &Case::of(name.to_owned()))?;
    }
    Ok(())
}

/// Whether the execution's case says something of the state that calls.
pub(crate) async fn answers(svc: &StepFunctions, tx: &mut Tx, (id, turn): Of<'_>) -> Result<bool, AwsError> {
    let Some(mocks) = &svc.parts.mocks else { return Ok(false) };
    let root = root(tx, id).await?;
    let (case, frame) = (tx.row(&CaseKey(&root)).await?, tx.row(&FrameKey(id, turn.frame)).await?);
    let (Some(case), Some(frame)) = (case, frame) else { return Ok(false) };
    Ok(mocks.knows((&root.machine.name, &case.name), &frame.0.state))
}

/// Answers a call where the execution's case does. `false`: it is to be carried out.
pub(crate) async fn answered(svc: &StepFunctions, of: Of<'_>, resource: &Resource) -> Result<bool, AwsError> {
    if svc.parts.mocks.is_none() {
        return Ok(false);
    }
    updraft_store::run(&*svc.parts.store, |tx| once(svc, tx, of, resource)).await
}

/// Counted and told in one transaction: a call that is made again is the same one.
async fn once(svc: &StepFunctions, mut tx: Tx, (id, turn): Of<'_>, resource: &Resource) -> Result<bool, AwsError> {
    let root = root(&mut tx, id).await?;
    let (Some(mocks), Some(mut case)) = (&svc.parts.mocks, tx.row(&CaseKey(&root)).await?) else { return Ok(false) };
    let frame = tx.row(&FrameKey(id, turn.frame)).await?.map(|frame| frame.0);
    let calls = |frame: &Frame| frame.turn == turn.number && matches!(frame.phase, Phase::Calling(_));
    let Some(frame) = frame.filter(calls) else { return Ok(true) };
    let Some(came) = case.answer(mocks, &root.machine, &frame.state) else { return Ok(false) };
    tx.put_row(&CaseKey(&root), &case)?;
    for signal in signals(turn, resource, came) {
        step(svc, &mut tx, id, signal).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// The execution that a person began: calls of a distributed map's children count as its own.
async fn root(tx: &mut Tx, id: &ExecutionId) -> Result<ExecutionId, AwsError> {
    let mut root = id.clone();
    while let Some(child) = tx.row(&ChildOfKey(&root)).await? {
        root = table::map_run(tx, &child.run).await?.parent;
    }
    Ok(root)
}

/// What the execution is told.
pub(crate) fn signals(turn: Turn, resource: &Resource, came: Result<Value, Failed>) -> Vec<Signal> {
    let waits = matches!(resource, Resource::Service { pattern, .. } if *pattern != Pattern::Response);
    match came {
        Ok(output) => {
            let submitted = waits.then(|| Signal::Submitted(turn, json!({})));
            submitted.into_iter().chain([Signal::Succeeded(turn, output)]).collect()
        }
        Err(failed) => vec![Signal::Failed(turn, failed)],
    }
}
