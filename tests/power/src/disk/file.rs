//! One file: what of it is on the disk, and what was done to it since.

use std::collections::{BTreeMap, VecDeque};

use super::chance::Chance;
use super::pages::Pages;

#[derive(Clone, Debug, Default)]
pub(crate) struct File {
    durable: Pages,
    since: VecDeque<Change>,
    /// How many changes there were before those in `since`.
    settled: u64,
}

#[derive(Clone, Debug)]
enum Change {
    Write {
        at: u64,
        bytes: Vec<u8>,
    },
    Resize(u64),
    /// At least this long: what a write did whose bytes were forgotten.
    Grow(u64),
}

impl File {
    pub(crate) fn durable(durable: Pages) -> Self {
        Self { durable, ..Self::default() }
    }

    pub(crate) fn write(&mut self, at: u64, bytes: &[u8]) {
        self.since.push_back(Change::Write { at, bytes: bytes.to_vec() });
    }

    pub(crate) fn resize(&mut self, len: u64) {
        self.since.push_back(Change::Resize(len));
    }

    /// How many changes there were ever.
    pub(crate) fn done(&self) -> u64 {
        self.settled + self.since.len() as u64
    }

    /// The changes before this count are durable.
    pub(crate) fn settle(&mut self, upto: u64) {
        while self.settled < upto {
            let Some(change) = self.since.pop_front() else { return };
            change.apply(&mut self.durable);
            self.settled += 1;
        }
    }

    /// The bytes of the changes before this count will never be written, as the kernel takes them for written. The
    /// size isn't theirs: it is the journal's.
    pub(crate) fn forget(&mut self, upto: u64) {
        let count = usize::try_from(upto.saturating_sub(self.settled)).unwrap_or(usize::MAX);
        for change in self.since.iter_mut().take(count) {
            if let Change::Write { at, bytes } = change {
                *change = Change::Grow(*at + bytes.len() as u64);
            }
        }
    }

    /// Sizes survive in order, as they are metadata; blocks each for itself, in the state of any moment since the
    /// sync. What was written behind a lost truncation is lost with it.
    pub(crate) fn after_cut(&self, chance: &mut Chance) -> Pages {
        if self.since.is_empty() {
            return self.durable.clone();
        }
        let sizes = chance.first(self.since.len());
        let reach = sizes + self.since.iter().skip(sizes).take_while(|change| !change.cuts()).count();
        let block = chance.block();
        let mut versions = self.versions(reach, block, chance);
        let (mut content, mut len) = (self.durable.clone(), self.durable.len());
        for (number, change) in self.since.iter().take(reach).enumerate() {
            if number < sizes {
                len = change.len(len);
            }
            match change {
                Change::Write { at, bytes } => write_survivors(&mut content, *at, bytes, (block, &mut versions)),
                Change::Resize(to) if number < sizes => content.resize(*to),
                Change::Resize(_) | Change::Grow(_) => {}
            }
        }
        content.resize(len);
        content
    }

    /// For each block that was written, how many of its writes survive.
    fn versions(&self, reach: usize, block: u64, chance: &mut Chance) -> BTreeMap<u64, usize> {
        let mut versions = BTreeMap::new();
        for change in self.since.iter().take(reach) {
            if let Change::Write { at, bytes } = change {
                for (number, _, _) in blocks(*at, bytes, block) {
                    *versions.entry(number).or_insert(0) += 1;
                }
            }
        }
        versions.values_mut().for_each(|count| *count = chance.first(*count));
        versions
    }
}

impl Change {
    fn apply(&self, content: &mut Pages) {
        match self {
            Self::Write { at, bytes } => content.write(*at, bytes),
            Self::Resize(len) => content.resize(*len),
            Self::Grow(len) => content.resize(content.len().max(*len)),
        }
    }

    /// The size after this, given the one before.
    fn len(&self, before: u64) -> u64 {
        match self {
            Self::Write { at, bytes } => before.max(*at + bytes.len() as u64),
            Self::Resize(len) => *len,
            Self::Grow(len) => before.max(*len),
        }
    }

    /// It may take bytes away. (That it makes the file longer isn't known here, and is only the milder case.)
    fn cuts(&self) -> bool {
        matches!(self, Self::Resize(_))
    }
}

fn write_survivors(content: &mut Pages, at: u64, bytes: &[u8], (block, left): (u64, &mut BTreeMap<u64, usize>)) {
    for (number, at, piece) in blocks(at, bytes, block) {
        if let Some(left) = left.get_mut(&number).filter(|left| **left > 0) {
            *left -= 1;
            content.write(at, piece);
        }
    }
}

/// The write in pieces of one block each: the block's number, where the piece begins, the piece.
fn blocks(at: u64, bytes: &[u8], block: u64) -> impl Iterator<Item = (u64, u64, &[u8])> {
    let (mut at, mut rest) = (at, bytes);
    std::iter::from_fn(move || {
        let room = usize::try_from(block - at % block).unwrap_or(usize::MAX);
        let (piece, behind) = rest.split_at(rest.len().min(room));
        let found = (at / block, at, piece);
        at += piece.len() as u64;
        rest = behind;
        (!piece.is_empty()).then_some(found)
    })
}
