//! Components that take events as they are: one instance for all calls.

use std::sync::Arc;

use bytes::Bytes;
use updraft_exec::{End, Life, Work};
use wasmtime::{Result, Store};

use crate::bindings::exports::updraft::lambda::handler::{Context, Failure};
use crate::bindings::{Function, FunctionPre};
use crate::failure;
use crate::files::Tmp;
use crate::guest::run;
use crate::machine::Machine;
use crate::state::{State, store};

pub(crate) async fn live(machine: &Machine, program: &FunctionPre<State>, life: &Arc<Life>, tmp: &Tmp) -> End {
    match serve(machine, program, life, tmp).await {
        Ok(()) => End::Exited(0),
        Err(error) => failure::end(&error, life),
    }
}

async fn serve(machine: &Machine, program: &FunctionPre<State>, life: &Arc<Life>, tmp: &Tmp) -> Result<()> {
    let mut store = store(machine, life, tmp)?;
    let spent = store.data().share.spent();
    let function = run(machine, life, spent, program.instantiate_async(&mut store)).await?;
    while let Some(work) = life.next().await {
        let answer = call(machine, life, (&function, &mut store), &work).await?;
        life.answer(&work, answer);
    }
    Ok(())
}

async fn call(
    machine: &Machine,
    life: &Life,
    (function, store): (&Function, &mut Store<State>),
    work: &Work,
) -> Result<Result<Bytes, Bytes>> {
    let (payload, context) = (work.payload(), context(life, work));
    let spent = store.data().share.spent();
    let handler = function.updraft_lambda_handler();
    let answer = run(machine, life, spent, handler.call_handle(store, &payload, &context)).await?;
    Ok(match answer {
        Ok(result) => Ok(result.into()),
        Err(Failure { kind, message }) => Err(failure::payload(&kind, &message)),
    })
}

fn context(life: &Life, work: &Work) -> Context {
    Context {
        request_id: work.request_id().to_owned(),
        invoked_function_arn: work.invoked_arn().to_owned(),
        deadline_ms: u64::try_from(life.deadline(work).0).unwrap_or(0),
        trace_id: work.trace(),
        client_context: work.client_context().map(str::to_owned),
    }
}
