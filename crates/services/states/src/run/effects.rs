//! What a step asks for: in its own transaction it becomes deliveries, timers and rows.

use updraft_asl::definition::Resource;
use updraft_asl::run::{Call, Effect, Timer, Turn};
use updraft_kernel::AwsError;
use updraft_store::Tx;

use super::work::{self, Work};
use super::{activities, names, status, timers};
use crate::StepFunctions;
use crate::keys::{Token, TokenKey, TokenOfKey, TokenText};
use crate::maps;
use crate::mocks::case;
use crate::model::execution::{End, Execution, How};
use crate::model::name::ExecutionId;

pub(super) async fn ask(
    svc: &StepFunctions,
    tx: &mut Tx,
    (id, execution): (&ExecutionId, &mut Execution),
    effect: Effect,
) -> Result<(), AwsError> {
    match effect {
        Effect::Call(call) => ask_call(svc, tx, id, call).await,
        Effect::MapRun(run) => maps::begin(svc, tx, (id, execution), *run).await,
        Effect::RedriveRun(turn, arn) => maps::redrive(svc, tx, (id, turn), &arn).await,
        Effect::StopRun(arn) => maps::stop(svc, tx, id, &arn).await,
        Effect::Timer { turn, at, timer } => timers::set(svc, tx, (id, turn), timer, at).await,
        Effect::Cancel(turn) => cancel(svc, tx, id, turn).await,
        Effect::Ended(ending) => {
            let end = End::of(ending, svc.parts.clock.now());
            let took = end.at.0.saturating_sub(execution.started.0);
            // Of a map's children, the run is what is told of.
            if !id.machine.is_of_a_map() {
                status::ended(svc, tx, id, (end.how, took)).await?;
            }
            if end.how != How::Succeeded && !id.is_express() {
                timers::settled(svc, tx, id).await?;
            }
            execution.end = Some(end);
            timers::not_overdue(svc, tx, id).await?;
            maps::child_ended(svc, tx, (id, execution)).await?;
            match &execution.waiter {
                Some(_) => work::enqueue(svc, tx, format!("states/{}/ended", id.arn()), &Work::Ended(id.clone())).await,
                None => Ok(()),
            }
        }
    }
}

async fn ask_call(svc: &StepFunctions, tx: &mut Tx, id: &ExecutionId, call: Call) -> Result<(), AwsError> {
    if let Some(token) = &call.token {
        let key = TokenKey { account: &id.machine.account, region: &id.machine.region, token };
        tx.put_row(&key, &Token { execution: id.clone(), turn: call.turn })?;
        tx.put_row(&TokenOfKey(id, call.turn), &TokenText(token.clone()))?;
    }
    if let Resource::Activity(arn) = &call.resource
        && !case::answers(svc, tx, (id, call.turn)).await?
    {
        return activities::ask(tx, id, &call, arn, svc.parts.clock.now());
    }
    let work = Work::Call {
        execution: id.clone(),
        turn: call.turn,
        resource: call.resource,
        arguments: call.arguments.to_string(),
    };
    work::enqueue(svc, tx, names::call(id, call.turn), &work).await
}

/// What is under way for that turn is of no use anymore. What has begun goes on, and isn't heard.
async fn cancel(svc: &StepFunctions, tx: &mut Tx, id: &ExecutionId, turn: Turn) -> Result<(), AwsError> {
    for timer in [Timer::Wait, Timer::Retry, Timer::Timeout, Timer::Heartbeat] {
        timers::forget(svc, tx, (id, turn), timer).await?;
    }
    svc.parts.outbox.cancel(tx, &names::call(id, turn)).await?;
    forget_token(tx, id, turn).await
}

/// The turn's token ends nothing anymore.
async fn forget_token(tx: &mut Tx, id: &ExecutionId, turn: Turn) -> Result<(), AwsError> {
    if let Some(TokenText(token)) = tx.row(&TokenOfKey(id, turn)).await? {
        tx.delete_row(&TokenOfKey(id, turn));
        tx.delete_row(&TokenKey { account: &id.machine.account, region: &id.machine.region, token: &token });
    }
    Ok(())
}
