//! Disks that fail.

use nix::errno::Errno;

use super::plan::Plan;

/// How a disk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A sync says that it couldn't.
    Sync,
    /// There is no room for what is written or made.
    Full,
    /// A write takes half of what it is given. No fault, really: callers have to go on.
    Short,
}

/// Which call fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Faults {
    fault: Option<Fault>,
    /// Counted from 1 among the calls that can.
    nth: usize,
    /// All later ones fail as well.
    lasting: bool,
    seen: usize,
    struck: usize,
}

pub(crate) enum Injected {
    Fails(Errno),
    Shortened,
}

impl Faults {
    pub(crate) const NONE: Self = Self { fault: None, nth: 0, lasting: false, seen: 0, struck: 0 };

    pub(crate) const fn at(fault: Fault, nth: usize, lasting: bool) -> Self {
        Self { fault: Some(fault), nth, lasting, seen: 0, struck: 0 }
    }

    /// How often it struck.
    pub(crate) const fn struck(&self) -> usize {
        self.struck
    }

    /// Whether this call fails, and how.
    pub(crate) fn strike(&mut self, plan: &Plan) -> Option<Injected> {
        let injected = match self.fault? {
            Fault::Sync if matches!(plan, Plan::Sync(_)) => Injected::Fails(Errno::EIO),
            Fault::Full if plan.needs_room() => Injected::Fails(Errno::ENOSPC),
            Fault::Short if plan.can_be_short() => Injected::Shortened,
            _ => return None,
        };
        self.seen += 1;
        let strikes = self.seen == self.nth || self.lasting && self.seen > self.nth;
        self.struck += usize::from(strikes);
        strikes.then_some(injected)
    }
}
