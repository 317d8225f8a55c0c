//! How long an execution may go on that doesn't say so itself. Only what waits for long gets a timer for it.

use updraft_asl::definition::{Pattern, Resource};
use updraft_asl::run::{Effect, Signal, Turn};
use updraft_kernel::UnixMillis;

use crate::model::execution::{Execution, LONGEST};

/// Whether its time is over, whatever comes.
pub(super) fn is_over(execution: &Execution, now: UnixMillis, signal: &Signal) -> bool {
    now >= execution.started.plus(LONGEST) && !matches!(signal, Signal::Start(_) | Signal::Stop { .. })
}

/// Whether something that was asked for may take as long.
pub(super) fn may_be_reached(execution: &Execution, asked: &[Effect]) -> bool {
    let until = execution.started.plus(LONGEST);
    let is_timed = |turn: &Turn| {
        asked.iter().any(|effect| matches!(effect, Effect::Timer { turn: of, at, .. } if of == turn && *at < until.0))
    };
    asked.iter().any(|effect| match effect {
        Effect::Timer { at, .. } => *at >= until.0,
        Effect::Call(call) => ends_elsewhere(&call.resource) && !is_timed(&call.turn),
        Effect::MapRun(_) => true,
        _ => false,
    })
}

/// Nothing says that it ever does.
fn ends_elsewhere(resource: &Resource) -> bool {
    match resource {
        Resource::Function(_) => false,
        Resource::Activity(_) => true,
        Resource::Service { pattern, .. } => *pattern != Pattern::Response,
    }
}
