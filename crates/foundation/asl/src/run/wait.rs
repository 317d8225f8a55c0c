//! `Wait`.

use jiff::Timestamp;
use serde_json::Value;

use super::context::{Around, Found};
use super::engine::Engine;
use super::frame::{FrameId, Phase};
use super::{Timer, Trouble};
use crate::definition::{State, Waits, Written};
use crate::lang::{Env, Type};

/// The most seconds that a `Wait` may wait.
const LONGEST: i64 = 99_999_999;

impl Engine<'_> {
    pub(super) fn wait(&mut self, frame: FrameId, of: (&State, &Waits), around: &Around, input: &Value) -> Found<()> {
        let env = around.env(input, self);
        let until = match of.1 {
            Waits::Seconds(written) => {
                let seconds = seconds(written, &env)?;
                if seconds > LONGEST {
                    return Err(Trouble::runtime("Wait state delay is too long.".to_owned()));
                }
                self.now + seconds * 1_000
            }
            Waits::Timestamp(written) => {
                let until = moment(written, &env)?;
                if until - self.now > LONGEST * 1_000 {
                    return Err(Trouble::runtime("Wait state delay is too long.".to_owned()));
                }
                until
            }
        };
        self.wait_for(frame, Phase::Waiting, Timer::Wait, until);
        Ok(())
    }

    pub(super) fn waited(&mut self, frame: FrameId) {
        let Some(state) = self.state(frame) else { return };
        self.done(frame, state, None);
    }
}

fn seconds(written: &Written<u64>, env: &Env<'_>) -> Found<i64> {
    match written {
        Written::Fixed(seconds) => Ok(i64::try_from(*seconds).unwrap_or(i64::MAX)),
        Written::Path(path) => {
            let missing = format!("The SecondsPath parameter does not reference an input value: {}", path.text());
            let value = env.read(path).ok_or_else(|| Trouble::runtime(missing))?;
            let what = "The SecondsPath parameter cannot be parsed as a long value";
            whole(&value).ok_or_else(|| Trouble::runtime(format!("{what}: {} == {value}", path.text())))
        }
        Written::Call(_) => Ok(0),
        Written::Query(query) => {
            let value = query.evaluate(env, "Seconds")?;
            whole(&value).ok_or_else(|| query.unexpected("Seconds", Type::Number, &value))
        }
    }
}

/// Not negative, without a fraction.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().filter(|seconds| *seconds >= 0)
}

/// Milliseconds since 1970.
fn moment(written: &Written<String>, env: &Env<'_>) -> Found<i64> {
    let (text, complaint) = match written {
        Written::Fixed(text) => (text.clone(), String::new()),
        Written::Path(path) => {
            let missing = format!("The TimestampPath parameter does not reference an input value: {}", path.text());
            let text = plain(env.read(path).ok_or_else(|| Trouble::runtime(missing))?);
            let what = "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string";
            let complaint = format!("{what}: {} == {text}", path.text());
            (text, complaint)
        }
        Written::Call(_) => (String::new(), String::new()),
        Written::Query(query) => {
            let text = plain(query.evaluate(env, "Timestamp")?);
            let what = "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string";
            let parsed = text.parse::<Timestamp>();
            return parsed
                .map(Timestamp::as_millisecond)
                .map_err(|_| Trouble::query(format!("{what}: {text}"), "Timestamp"));
        }
    };
    text.parse::<Timestamp>().map(Timestamp::as_millisecond).map_err(|_| Trouble::runtime(complaint))
}

fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
