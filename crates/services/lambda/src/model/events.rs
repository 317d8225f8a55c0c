//! What becomes of asynchronous calls: settings, pauses, and the decision after each attempt. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;
use updraft_store::Row;

/// AWS: seconds that an event is kept at most, and unless something less is set.
const MOST_AGE: Duration = Duration::from_secs(6 * 3600);
/// AWS: so often a call is tried again after the function failed, unless less is set.
const MOST_RETRIES: u32 = 2;
/// AWS: the pauses after a function failed.
const AFTER_FAILURES: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(120)];
/// AWS: the pause after an event found no room, or the platform failed, is a second, doubled each time up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// `PutFunctionEventInvokeConfig`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EventSettings {
    pub(crate) modified: UnixMillis,
    pub(crate) retries: Option<u32>,
    pub(crate) max_age_secs: Option<u32>,
    pub(crate) on_success: Option<String>,
    pub(crate) on_failure: Option<String>,
}

impl Row for EventSettings {
    const VERSION: u8 = 1;
}

impl EventSettings {
    fn retries(&self) -> u32 {
        self.retries.unwrap_or(MOST_RETRIES)
    }

    fn max_age(&self) -> Duration {
        self.max_age_secs.map_or(MOST_AGE, |secs| Duration::from_secs(secs.into()))
    }
}

/// Why an event was settled, in AWS's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Success,
    RetriesExhausted,
    EventAgeExceeded,
    ZeroReservedConcurrency,
    /// AWS: such events are dropped, too. What it calls this isn't known.
    RecursiveInvocation,
}

impl Condition {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::RetriesExhausted => "RetriesExhausted",
            Self::EventAgeExceeded => "EventAgeExceeded",
            Self::ZeroReservedConcurrency => "ZeroReservedConcurrency",
            Self::RecursiveInvocation => "RecursiveInvocation",
        }
    }
}

/// How far an event has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) enqueued: UnixMillis,
    /// Of the attempt just made, or about to be made; those that found no room don't count.
    pub(crate) attempt: u32,
    /// How often it found no room since the last attempt that counted.
    pub(crate) busy: u32,
}

/// How an attempt went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Went {
    Well,
    /// The function failed.
    Wrong,
    /// There was no room, or the platform failed.
    Nowhere,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Settle(Condition),
    /// After this pause; counts as a retry.
    Retry(Duration),
    /// After this pause; doesn't count.
    Wait(Duration),
}

/// Whether an event may be tried at all.
pub(crate) fn before(
    settings: &EventSettings,
    event: Event,
    reserved: Option<u32>,
    now: UnixMillis,
) -> Option<Condition> {
    if reserved == Some(0) {
        return Some(Condition::ZeroReservedConcurrency);
    }
    (now.since(event.enqueued) > settings.max_age()).then_some(Condition::EventAgeExceeded)
}

/// What follows from an attempt.
pub(crate) fn after(settings: &EventSettings, event: Event, went: Went, now: UnixMillis) -> Next {
    let end = event.enqueued.plus(settings.max_age());
    match went {
        Went::Well => Next::Settle(Condition::Success),
        Went::Wrong if event.attempt > settings.retries() => Next::Settle(Condition::RetriesExhausted),
        Went::Wrong => {
            let pause = pause_after_failure(event.attempt);
            // AWS: it isn't waited for if it would come too late (recorded: `test_maxeventage`).
            if now.plus(pause) > end { Next::Settle(Condition::EventAgeExceeded) } else { Next::Retry(pause) }
        }
        Went::Nowhere if now >= end => Next::Settle(Condition::EventAgeExceeded),
        Went::Nowhere => Next::Wait(pause_without_room(event.busy).min(end.since(now))),
    }
}

fn pause_after_failure(attempt: u32) -> Duration {
    let nth = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    AFTER_FAILURES.get(nth).or(AFTER_FAILURES.last()).copied().unwrap_or_default()
}

/// After `busy` times without room before this one.
pub(crate) fn pause_without_room(busy: u32) -> Duration {
    Duration::from_secs(1 << busy.min(16)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: UnixMillis = UnixMillis(1_000_000);

    fn settings(retries: Option<u32>, max_age_secs: Option<u32>) -> EventSettings {
        EventSettings { retries, max_age_secs, ..EventSettings::default() }
    }

    fn event(attempt: u32, busy: u32) -> Event {
        Event { enqueued: START, attempt, busy }
    }

    fn at(secs: u64) -> UnixMillis {
        START.plus(Duration::from_secs(secs))
    }

    fn retry(secs: u64) -> Next {
        Next::Retry(Duration::from_secs(secs))
    }

    fn wait(secs: u64) -> Next {
        Next::Wait(Duration::from_secs(secs))
    }

    #[test]
    fn a_failure_is_tried_again_as_often_as_it_is_set() {
        let went = |retries, attempt| after(&settings(retries, None), event(attempt, 0), Went::Wrong, at(0));
        assert_eq!([went(None, 1), went(None, 2)], [retry(60), retry(120)]);
        assert_eq!(went(None, 3), Next::Settle(Condition::RetriesExhausted));
        assert_eq!(went(Some(0), 1), Next::Settle(Condition::RetriesExhausted));
        assert_eq!([went(Some(1), 1), went(Some(1), 2)], [retry(60), Next::Settle(Condition::RetriesExhausted)]);
    }

    #[test]
    fn what_would_come_too_late_is_not_waited_for() {
        let went = |age, now| after(&settings(None, Some(age)), event(1, 0), Went::Wrong, at(now));
        assert_eq!(went(60, 0), retry(60));
        assert_eq!(went(60, 1), Next::Settle(Condition::EventAgeExceeded));
        assert_eq!(before(&settings(None, Some(60)), event(2, 0), None, at(60)), None);
        let late = before(&settings(None, Some(60)), event(2, 0), None, at(60).plus(Duration::from_millis(1)));
        assert_eq!(late, Some(Condition::EventAgeExceeded));
        assert_eq!(before(&settings(None, None), event(1, 0), None, at(6 * 3600)), None);
        let late = before(&settings(None, None), event(1, 0), None, at(6 * 3600 + 1));
        assert_eq!(late, Some(Condition::EventAgeExceeded));
    }

    #[test]
    fn without_room_pauses_grow_up_to_five_minutes_and_the_last_is_at_the_end() {
        let went = |busy, now| after(&settings(None, Some(3600)), event(1, busy), Went::Nowhere, at(now));
        let pauses: Vec<_> = (0..11).map(|busy| went(busy, 0)).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map(wait));
        assert_eq!(went(u32::MAX, 3590), wait(10));
        assert_eq!(went(u32::MAX, 3600), Next::Settle(Condition::EventAgeExceeded));
    }

    #[test]
    fn a_function_that_may_never_run_settles_at_once() {
        let reserved = |count| before(&settings(None, None), event(1, 0), count, at(0));
        assert_eq!(reserved(Some(0)), Some(Condition::ZeroReservedConcurrency));
        assert_eq!((reserved(Some(1)), reserved(None)), (None, None));
        assert_eq!(after(&settings(None, None), event(1, 0), Went::Well, at(0)), Next::Settle(Condition::Success));
    }
}
