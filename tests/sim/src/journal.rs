//! What happened, and what was wrong.

use std::collections::VecDeque;
use std::fmt::Display;

use parking_lot::Mutex;
use updraft_kernel::Clock;
use xxhash_rust::xxh3::Xxh3;

use crate::clock::SimClock;

/// How much is told of what went before something wrong.
const REMEMBERED: usize = 60;

pub(crate) struct Journal {
    clock: SimClock,
    loud: bool,
    pages: Mutex<Pages>,
}

#[derive(Default)]
struct Pages {
    hash: Xxh3,
    lines: u64,
    last: VecDeque<String>,
    wrong: Vec<String>,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").finish_non_exhaustive()
    }
}

impl Journal {
    pub(crate) fn new(clock: SimClock, loud: bool) -> Self {
        Self { clock, loud, pages: Mutex::default() }
    }

    #[expect(clippy::print_stdout, reason = "it was asked to")]
    pub(crate) fn note(&self, what: impl Display) {
        let line = format!("{:>9} ms  {what}", self.clock.monotonic().as_millis());
        if self.loud {
            println!("{line}");
        }
        let mut pages = self.pages.lock();
        pages.hash.update(line.as_bytes());
        pages.lines += 1;
        if pages.last.len() >= REMEMBERED {
            pages.last.pop_front();
        }
        pages.last.push_back(line);
    }

    /// Something that may not be.
    pub(crate) fn wrong(&self, what: impl Display) {
        let what = what.to_string();
        self.note(format_args!("WRONG: {what}"));
        self.pages.lock().wrong.push(what);
    }

    pub(crate) fn is_right(&self) -> bool {
        self.pages.lock().wrong.is_empty()
    }

    /// What was wrong, and what went before.
    pub(crate) fn report(&self) -> (Vec<String>, Vec<String>) {
        let pages = self.pages.lock();
        (pages.wrong.clone(), pages.last.iter().cloned().collect())
    }

    /// Of all lines, and how many they are: equal for equal runs.
    pub(crate) fn digest(&self) -> (u64, u64) {
        let pages = self.pages.lock();
        (pages.hash.digest(), pages.lines)
    }
}
