//! What deliveries and timers are called: a step that is taken twice asks for the same.

use updraft_asl::run::{Timer, Turn};

use crate::model::name::ExecutionId;

pub(super) fn call(id: &ExecutionId, turn: Turn) -> String {
    format!("states/{}/{}/{}", id.arn(), turn.frame, turn.number)
}

pub(super) fn timer(id: &ExecutionId, turn: Turn, timer: Timer) -> String {
    format!("{}/{}/{}/{}", id.arn(), turn.frame, turn.number, kind(timer))
}

/// The timer that ends an execution which takes too long.
pub(super) fn overdue(id: &ExecutionId) -> String {
    format!("{}/overdue", id.arn())
}

/// The timer after which an execution can't be redriven.
pub(super) fn settled(id: &ExecutionId) -> String {
    format!("{}/settled", id.arn())
}

const fn kind(timer: Timer) -> &'static str {
    match timer {
        Timer::Wait => "wait",
        Timer::Retry => "retry",
        Timer::Timeout => "timeout",
        Timer::Heartbeat => "heartbeat",
    }
}
