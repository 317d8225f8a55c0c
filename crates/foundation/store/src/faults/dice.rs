//! How likely what is.

use std::time::Duration;

use updraft_kernel::{Rng, RngExt};

/// How likely each fault is, in thousandths. All zero: none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// A commit is refused with [`Conflict`](crate::StoreError::Conflict).
    pub conflict: u32,
    /// A commit is applied and answered with [`Unknown`](crate::StoreError::Unknown).
    pub unknown_applied: u32,
    /// A commit is lost and answered so.
    pub unknown_lost: u32,
    /// A commit is answered so and arrives later, at a time of its own.
    pub unknown_late: u32,
    /// A beginning, a read or a commit is answered with [`Unavailable`](crate::StoreError::Unavailable).
    pub unavailable: u32,
    /// A call takes up to `longest`, before and after it is carried out.
    pub slow: u32,
    pub longest: Duration,
}

impl Faults {
    /// Nothing but pauses and lost answers is rare: a run that is short meets all of them.
    pub const FREQUENT: Self = Self {
        conflict: 20,
        unknown_applied: 20,
        unknown_lost: 20,
        unknown_late: 20,
        unavailable: 10,
        slow: 50,
        longest: Duration::from_millis(3),
    };

    /// What happens to a commit that arrives at the store.
    pub(super) fn of_commit(&self, rng: &dyn Rng) -> Fate {
        let dice = roll(rng);
        let ladder = [
            (self.conflict, Fate::Conflict),
            (self.unknown_applied, Fate::AnswerLost),
            (self.unknown_lost, Fate::Lost),
            (self.unknown_late, Fate::Late),
        ];
        let mut above = 0;
        for (share, fate) in ladder {
            above += share;
            if dice < above {
                return fate;
            }
        }
        Fate::Arrives
    }

    pub(super) fn is_away(&self, rng: &dyn Rng) -> bool {
        roll(rng) < self.unavailable
    }

    /// How long one way takes.
    pub(super) fn pause(&self, rng: &dyn Rng) -> Option<Duration> {
        let slow = roll(rng) < self.slow;
        let micros = u64::try_from(self.longest.as_micros()).unwrap_or(u64::MAX);
        slow.then(|| Duration::from_micros(rng.below(micros.saturating_add(1))))
    }
}

/// What becomes of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Arrives,
    Conflict,
    /// Applied, but nobody hears of it.
    AnswerLost,
    Lost,
    Late,
}

fn roll(rng: &dyn Rng) -> u32 {
    u32::try_from(rng.below(1000)).unwrap_or(0)
}
