//! Schedules: each that was made occurs at each of its moments, once, and no other does.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use updraft_api_scheduler::Scheduler as _;
use updraft_api_scheduler::types::{
    ActionAfterCompletion, CreateScheduleInput, FlexibleTimeWindow, FlexibleTimeWindowMode, Target,
};
use updraft_kernel::{BoxFuture, Clock, RngExt, UnixMillis};

use super::outside::Outside;
use crate::model::{Known, Model, Sent, Step};
use crate::world::World;

const QUEUE: &str = "scheduled";
/// When one occurs first, from when it is made: longer than whoever makes it may be held up.
const AHEAD: u64 = 15;
const SPREAD: u64 = 5;
/// Of a rate.
const MINUTE: Duration = Duration::from_secs(60);
/// How often such a schedule occurs.
const TIMES: u32 = 3;

/// Makes schedules.
pub(super) struct Schedules {
    sent: Sent,
    outside: Arc<Outside>,
    /// Whether this seed has schedules that occur several times: minutes of virtual time, which take their time.
    repeats: bool,
    /// When each occurs.
    moments: Mutex<BTreeMap<u64, Vec<String>>>,
}

/// As schedules and their targets write it.
fn written(at: UnixMillis) -> String {
    let day = at.secs().rem_euclid(86_400);
    format!("2030-01-{:02}T{:02}:{:02}:{:02}", 1 + (at.secs() - START) / 86_400, day / 3_600, day / 60 % 60, day % 60)
}

/// 2030-01-01T00:00:00Z, when simulations begin.
const START: i64 = 1_893_456_000;

impl Schedules {
    pub(super) fn new(outside: Arc<Outside>, seed: u64) -> Self {
        Self { sent: Sent::default(), outside, repeats: seed % 4 == 1, moments: Mutex::default() }
    }

    fn make(&self, number: u64, start: UnixMillis) -> CreateScheduleInput {
        let target = Target {
            arn: format!("arn:aws:sqs:us-east-1:000000000000:{QUEUE}"),
            role_arn: "arn:aws:iam::000000000000:role/r".into(),
            input: Some(format!(r#"{{"n": {number}, "at": "<aws.scheduler.scheduled-time>"}}"#)),
            ..Target::default()
        };
        let once = CreateScheduleInput {
            name: format!("s{number}"),
            schedule_expression: format!("at({})", written(start)),
            target,
            flexible_time_window: FlexibleTimeWindow {
                mode: FlexibleTimeWindowMode::Off,
                maximum_window_in_minutes: None,
            },
            action_after_completion: Some(ActionAfterCompletion::Delete),
            ..CreateScheduleInput::default()
        };
        let times = if self.repeats && number.is_multiple_of(2) { TIMES } else { 1 };
        let moments = (0..times).map(|nth| written(start.plus(MINUTE * nth)) + "Z").collect();
        self.moments.lock().insert(number, moments);
        if times == 1 {
            return once;
        }
        CreateScheduleInput {
            schedule_expression: "rate(1 minute)".into(),
            start_date: Some(start),
            end_date: Some(start.plus(MINUTE * (TIMES - 1) + MINUTE / 2)),
            ..once
        }
    }
}

impl Model for Schedules {
    fn name(&self) -> &'static str {
        "schedules"
    }

    fn step<'a>(&'a self, Step { node, rng }: Step<'a>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let number = self.sent.next();
            let ahead = Duration::from_secs(AHEAD + rng.below(SPREAD));
            let start = UnixMillis(node.clock.now().plus(ahead).secs() * 1_000);
            let known = match node.scheduler.create_schedule(&node.cx(), self.make(number, start)).await {
                Ok(_) => Known::Acknowledged,
                Err(err) if err.is_conflict() => Known::Refused,
                Err(err) if err.code().status == 503 => Known::Sent,
                Err(err) => return node.journal.wrong(format_args!("schedule {number} on {}: {err:?}", node.name)),
            };
            self.sent.now(number, known);
            node.journal.note(format_args!("schedule {number} on {}: {known:?}", node.name));
        })
    }

    fn settled<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        let occurrence =
            |body: &serde_json::Value| Some((body.get("n")?.as_u64()?, body.get("at")?.as_str()?.to_owned()));
        // Each occurrence is one message, however often that came.
        let occurred = match self.outside.told(QUEUE, occurrence) {
            Ok(told) => told,
            Err(why) => {
                world.journal.wrong(why);
                return Box::pin(std::future::ready(()));
            }
        };
        let moments = self.moments.lock().clone();
        for (number, known) in self.sent.all() {
            let there: Vec<&str> = occurred.keys().filter(|(n, _)| *n == number).map(|(_, at)| at.as_str()).collect();
            let wanted = moments.get(&number).map(Vec::as_slice).unwrap_or_default();
            let right = match known {
                Known::Acknowledged => there == wanted,
                Known::Refused => there.is_empty(),
                Known::Sent => there == wanted || there.is_empty(),
            };
            if !right {
                let why = format_args!("schedule {number} ({known:?}) occurred at {there:?}, not at {wanted:?}");
                world.journal.wrong(why);
            }
        }
        Box::pin(std::future::ready(()))
    }
}
