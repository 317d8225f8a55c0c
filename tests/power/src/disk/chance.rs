//! What of the unsynced survives.

/// A way in which a power cut may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Survival {
    /// Only what was synced.
    Synced,
    /// All that was done.
    Everything,
    /// Some of it, drawn from the seed: blocks torn and reordered, sizes and names of any moment since the sync.
    Some(u64),
}

/// How changes of names that weren't synced survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// As a journal gives it: those before a moment.
    Prefix,
    /// As POSIX allows it: any of them.
    Any,
}

/// Draws what survives; the same seed draws the same.
#[derive(Clone, Debug)]
pub(crate) struct Chance {
    survival: Survival,
    state: u64,
}

impl Chance {
    pub(crate) fn new(survival: Survival) -> Self {
        let seed = if let Survival::Some(seed) = survival { seed } else { 0 };
        Self { survival, state: seed }
    }

    /// How many of the first `of` survive.
    pub(crate) fn first(&mut self, of: usize) -> usize {
        match self.survival {
            Survival::Synced => 0,
            Survival::Everything => of,
            Survival::Some(_) => self.below(of + 1),
        }
    }

    /// A way of names for one cut.
    pub(crate) fn names(&mut self) -> Names {
        let any = self.below(2) == 0 && matches!(self.survival, Survival::Some(_));
        if any { Names::Any } else { Names::Prefix }
    }

    /// Disks write whole sectors, kernels whole pages: what tears is a multiple of this.
    pub(crate) fn block(&mut self) -> u64 {
        if self.below(2) == 0 { 512 } else { 4_096 }
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or(0)
    }

    /// Splitmix64: small, and the same forever.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
