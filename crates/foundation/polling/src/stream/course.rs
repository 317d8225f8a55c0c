//! What becomes of a batch: which of its records are handed over next, and which are given up. Pure.

use std::time::Duration;

use updraft_kernel::UnixMillis;
use updraft_kernel::ports::StreamReading;

use super::lanes::Token;
use crate::batch::{Batch, Item};

/// Why records are given up, in AWS's words.
pub(crate) const EXHAUSTED: &str = "RetryAttemptsExhausted";
pub(crate) const TOO_OLD: &str = "RecordAgeExceeded";

/// How it is told when a batch failed.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Records that are handed over together.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) batch: Batch<Token>,
    /// How often the function was called with just these, and failed.
    pub(crate) failed: u32,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Call(Piece),
    GiveUp(Piece, &'static str),
}

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Went {
    Failed,
    /// All before this one are dealt with.
    UpTo(usize),
}

/// What failed, and is to be dealt with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// At once.
    GoOn,
    Pause(Duration),
}

/// The pieces that are left of a batch, the first one last.
#[derive(Debug)]
pub(crate) struct Course {
    left: Vec<Piece>,
    bisect: bool,
    max_retries: Option<u32>,
    max_age: Duration,
}

impl Course {
    pub(crate) fn new(batch: Batch<Token>, reading: &StreamReading, retention: Duration) -> Self {
        Self {
            left: vec![Piece { batch, failed: 0 }],
            bisect: reading.bisect,
            max_retries: reading.max_retries,
            max_age: reading.max_age.map_or(retention, |age| age.min(retention)),
        }
    }

    /// `None`: all of it is dealt with.
    pub(crate) fn next(&mut self, now: UnixMillis) -> Option<Step> {
        let Piece { batch: Batch(mut items), failed } = self.left.pop()?;
        if self.max_retries.is_some_and(|most| failed > most) {
            return Some(Step::GiveUp(Piece { batch: Batch(items), failed }, EXHAUSTED));
        }
        // They came in the order of time.
        let old = items.iter().take_while(|item| now > item.token.at.plus(self.max_age)).count();
        let piece = |items| Piece { batch: Batch(items), failed };
        if old == 0 {
            return Some(Step::Call(piece(items)));
        }
        let young = items.split_off(old);
        if !young.is_empty() {
            self.left.push(piece(young));
        }
        Some(Step::GiveUp(piece(items), TOO_OLD))
    }

    /// A piece was handed over.
    pub(crate) fn went(&mut self, piece: Piece, went: Went) -> After {
        let Piece { batch: Batch(mut items), failed } = piece;
        match went {
            // Recorded: `test_dynamodb_report_batch_item_failures`. What is left behind the first failure is a batch of its own.
            Went::UpTo(first) if first > 0 => {
                let rest = items.split_off(first.min(items.len()));
                if rest.is_empty() {
                    return After::GoOn;
                }
                self.left.push(Piece { batch: Batch(rest), failed: 0 });
                After::Pause(FIRST_PAUSE)
            }
            // AWS: splitting takes nothing of the attempts.
            Went::Failed if self.bisect && items.len() > 1 => {
                let second = items.split_off(items.len() / 2);
                self.left.push(Piece { batch: Batch(second), failed });
                self.left.push(Piece { batch: Batch(items), failed });
                After::GoOn
            }
            _ => {
                let failed = failed.saturating_add(1);
                self.left.push(Piece { batch: Batch(items), failed });
                let gives_up = self.max_retries.is_some_and(|most| failed > most);
                if gives_up { After::GoOn } else { After::Pause(pause(failed)) }
            }
        }
    }

    /// It was not handed over, for a reason that it can't be blamed for.
    pub(crate) fn again(&mut self, piece: Piece) {
        self.left.push(piece);
    }
}

/// After so many failures.
fn pause(failed: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << failed.saturating_sub(1).min(16)).min(LONGEST_PAUSE)
}

/// The first of the records that a function has named.
pub(crate) fn first_named(items: &[Item<Token>], named: &[String]) -> usize {
    items.iter().position(|item| named.contains(&item.id)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use updraft_kernel::ports::StartingPosition;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000_000);
    const DAY: Duration = Duration::from_secs(86_400);

    fn batch(count: u128) -> Batch<Token> {
        let item = |place: u128| Item {
            id: place.to_string(),
            text: String::new(),
            trace: None,
            token: Token { place, at: NOW },
            hidden_until: UnixMillis::MAX,
        };
        Batch((0..count).map(item).collect())
    }

    fn reading() -> StreamReading {
        StreamReading {
            from: StartingPosition::TrimHorizon,
            parallel: 1,
            bisect: false,
            max_age: None,
            max_retries: None,
            tumbling: None,
            on_failure: None,
        }
    }

    fn course(count: u128, reading: &StreamReading) -> Course {
        Course::new(batch(count), reading, DAY)
    }

    fn places(piece: &Piece) -> Vec<u128> {
        piece.batch.0.iter().map(|item| item.token.place).collect()
    }

    fn call(course: &mut Course) -> Piece {
        match course.next(NOW) {
            Some(Step::Call(piece)) => piece,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_failed_batch_comes_again_as_often_as_it_may() {
        let mut course = course(2, &StreamReading { max_retries: Some(2), ..reading() });
        for pause in [Some(500), Some(1000), None] {
            let piece = call(&mut course);
            let after = course.went(piece, Went::Failed);
            let expected = pause.map_or(After::GoOn, |ms| After::Pause(Duration::from_millis(ms)));
            assert_eq!(after, expected);
        }
        match course.next(NOW) {
            Some(Step::GiveUp(piece, EXHAUSTED)) => assert_eq!((places(&piece), piece.failed), (vec![0, 1], 3)),
            other => panic!("{other:?}"),
        }
        assert_eq!(course.next(NOW), None);
    }

    /// Recorded: `test_dynamodb_report_batch_item_failures`, with three retries.
    #[test]
    fn what_is_left_behind_a_failure_has_attempts_of_its_own() {
        let mut course = course(3, &StreamReading { max_retries: Some(3), ..reading() });
        let piece = call(&mut course);
        assert_eq!(course.went(piece, Went::UpTo(2)), After::Pause(FIRST_PAUSE));
        for _ in 0..4 {
            let piece = call(&mut course);
            assert_eq!(places(&piece), [2]);
            course.went(piece, Went::UpTo(0));
        }
        assert!(matches!(course.next(NOW), Some(Step::GiveUp(Piece { failed: 4, .. }, EXHAUSTED))));
    }

    #[test]
    fn halves_of_a_failed_batch_come_in_order_until_the_bad_one_is_alone() {
        let mut course = course(4, &StreamReading { max_retries: Some(0), bisect: true, ..reading() });
        let (mut calls, mut given_up) = (Vec::new(), Vec::new());
        while let Some(step) = course.next(NOW) {
            match step {
                Step::Call(piece) => {
                    let called = places(&piece);
                    let went = if called.contains(&2) { Went::Failed } else { Went::UpTo(called.len()) };
                    calls.push(called);
                    assert_eq!(course.went(piece, went), After::GoOn);
                }
                Step::GiveUp(piece, _) => given_up.extend(places(&piece)),
            }
        }
        assert_eq!(calls, [vec![0, 1, 2, 3], vec![0, 1], vec![2, 3], vec![2], vec![3]]);
        assert_eq!(given_up, [2]);
    }

    #[test]
    fn both_sides_of_the_age_of_a_record() {
        let max_age = Duration::from_secs(60);
        let mut course = course(2, &StreamReading { max_age: Some(max_age), ..reading() });
        let piece = match course.next(NOW.plus(max_age)) {
            Some(Step::Call(piece)) => piece,
            other => panic!("{other:?}"),
        };
        course.went(piece, Went::Failed);
        let late = NOW.plus(max_age + Duration::from_millis(1));
        match course.next(late) {
            Some(Step::GiveUp(piece, TOO_OLD)) => assert_eq!((places(&piece), piece.failed), (vec![0, 1], 1)),
            other => panic!("{other:?}"),
        }
        let mut kept = Course::new(batch(1), &reading(), DAY);
        assert!(matches!(kept.next(NOW.plus(DAY)), Some(Step::Call(_))));
    }

    #[test]
    fn pauses_grow_up_to_a_minute() {
        assert_eq!([1, 2, 3, 8, 9, 40].map(|n| pause(n).as_millis()), [500, 1000, 2000, 60_000, 60_000, 60_000]);
    }
}
