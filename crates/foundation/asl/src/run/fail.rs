//! A state fails: it is tried again, caught, or its machine fails with it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use updraft_kernel::RngExt;

use super::context::Found;
use super::engine::Engine;
use super::frame::{FrameId, Phase};
use super::leave::{self, Leaving};
use super::{Failed, Timer};
use crate::definition::{After, Catcher, Kind, Language, State, takes_in};
use crate::lang::Env;

impl Engine<'_> {
    /// `of_a_task`: what was called failed, not what is around it.
    pub(super) fn fail(&mut self, frame: FrameId, failed: Failed, of_a_task: bool) {
        let Some(state) = self.state(frame) else { return };
        let error = failed.error.clone().unwrap_or_default();
        self.see(|seen| seen.failed = Some(failed.clone()));
        if self.try_again(frame, state, &error, of_a_task) {
            return;
        }
        self.tell(frame, state);
        let mut catchers = state.handling.catch.iter().enumerate();
        let catcher = catchers.find(|(_, catcher)| takes_in(&catcher.errors, &error, of_a_task));
        match catcher {
            None => self.broken(frame, failed),
            Some((n, catcher)) => match self.caught(frame, state, catcher, &failed) {
                Ok(leaving) => {
                    self.drop_within(frame);
                    self.see(|seen| seen.catcher = Some(n));
                    if let Err(too_large) = self.leave(frame, state, leaving) {
                        self.broken(frame, too_large);
                    }
                }
                Err(trouble) => {
                    let cause =
                        trouble.whole(&state.name, self.run.frames.get(&frame).map_or(0, |frame| frame.entered));
                    self.broken(frame, Failed { error: Some(trouble.error.to_owned()), cause: Some(cause) });
                }
            },
        }
    }

    fn try_again(&mut self, frame: FrameId, state: &State, error: &str, of_a_task: bool) -> bool {
        let retriers = &state.handling.retry;
        let Some(n) = retriers.iter().position(|retrier| takes_in(&retrier.errors, error, of_a_task)) else {
            return false;
        };
        let Some(retrier) = retriers.get(n) else { return false };
        let Some(tried) = self.run.frames.get(&frame).and_then(|frame| frame.tries.get(n)).copied() else {
            return false;
        };
        if tried >= retrier.most {
            return false;
        }
        let millis = to_millis(retrier.delay(tried));
        let delay = if retrier.jitter { self.chance.below(millis + 1) } else { millis };
        if let Some(standing) = self.run.edit(frame) {
            standing.retries += 1;
            standing.tries.iter_mut().skip(n).take(1).for_each(|tries| *tries += 1);
        }
        self.drop_within(frame);
        let delay = i64::try_from(delay).unwrap_or(i64::MAX / 2);
        self.see(|seen| seen.retrier = Some((n, delay)));
        let at = self.now + delay;
        self.wait_for(frame, Phase::Retrying, Timer::Retry, at);
        true
    }

    /// AWS: a Map and a Parallel tell that they failed even where that is caught.
    fn tell(&mut self, frame: FrameId, state: &State) {
        if matches!(state.kind, Kind::Map(_) | Kind::Parallel(_)) {
            self.next_event(frame, format!("{}StateFailed", state.kind.name()), None);
        }
    }

    fn caught(&self, frame: FrameId, state: &State, catcher: &Catcher, failed: &Failed) -> Found<Leaving> {
        let around = self.around(frame);
        let raw = self.raw(frame);
        let input = self.input_of(&state.data, &around, &raw)?;
        // AWS: where there is an error without a cause, the cause is empty; where there is neither, both are null.
        let cause = failed.cause.clone().or_else(|| failed.error.as_ref().map(|_| String::new()));
        let error = json!({ "Error": failed.error, "Cause": cause });
        let after = After::Next(catcher.next.clone());
        match state.language {
            Language::Paths => {
                let assigned = leave::assigned(&catcher.assign, &around.env(&error, self))?;
                Ok(Leaving { output: leave::place(&catcher.result, &raw, error)?, assigned, after })
            }
            Language::Jsonata => {
                let env = Env { error: Some(&error), ..around.env(&input, self) };
                let assigned: BTreeMap<_, Value> = leave::assigned(&catcher.assign, &env)?;
                let output = catcher.output.as_ref().map(|output| output.evaluate(&env, "Output")).transpose()?;
                Ok(Leaving { output: output.unwrap_or(error), assigned, after })
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between nothing and a year, in milliseconds"
)]
fn to_millis(seconds: f64) -> u64 {
    (seconds * 1_000.0) as u64
}
