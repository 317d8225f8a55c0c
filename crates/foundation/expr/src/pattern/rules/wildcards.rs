//! Wildcards: where there are many, one pass over a text finds those whose longest piece is in it, and only these are
//! tried.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use slab::Slab;

use super::Map;
use super::keyed::{self, Ids};
use crate::pattern::wildcard::Wildcard;

/// So few are simply tried.
const FEW: usize = 8;

#[derive(Debug, Default)]
pub(super) struct Wildcards {
    all: Slab<(Wildcard, Ids)>,
    places: Map<Wildcard, usize>,
    /// Made when it is first needed after a change. None: it can't be.
    finder: OnceLock<Option<Finder>>,
}

#[derive(Debug)]
struct Finder {
    pieces: AhoCorasick,
    /// Which wildcards have the piece.
    of: Vec<Vec<usize>>,
    /// Those that have only asterisks.
    without: Vec<usize>,
}

impl Wildcards {
    pub(super) fn set(&mut self, wildcard: &Wildcard, id: usize, wanted: bool) {
        let place = match self.places.get(wildcard) {
            Some(place) => *place,
            None => self.all.insert((wildcard.clone(), Ids::new())),
        };
        self.places.insert(wildcard.clone(), place);
        let Some((_, ids)) = self.all.get_mut(place) else { return };
        keyed::set(ids, id, wanted);
        if ids.is_empty() {
            self.all.remove(place);
            self.places.remove(wildcard);
        }
        self.finder = OnceLock::new();
    }

    pub(super) fn find(&self, text: &str, found: &mut Ids) {
        let finder = || self.finder.get_or_init(|| Finder::new(&self.all)).as_ref();
        match (self.all.len() > FEW).then(finder).flatten() {
            Some(finder) => finder.within(text).into_iter().for_each(|place| self.try_one(place, text, found)),
            None => self.all.iter().for_each(|(place, _)| self.try_one(place, text, found)),
        }
    }

    fn try_one(&self, place: usize, text: &str, found: &mut Ids) {
        if let Some((wildcard, ids)) = self.all.get(place)
            && wildcard.holds(text)
        {
            found.extend_from_slice(ids);
        }
    }
}

impl Finder {
    fn new(all: &Slab<(Wildcard, Ids)>) -> Option<Self> {
        let mut by_piece: Map<&str, Vec<usize>> = Map::default();
        for (place, (wildcard, _)) in all {
            by_piece.entry(wildcard.longest_piece()).or_default().push(place);
        }
        let without = by_piece.remove("").unwrap_or_default();
        let (texts, of): (Vec<&str>, Vec<Vec<usize>>) = by_piece.into_iter().unzip();
        let pieces = AhoCorasick::new(texts).ok()?;
        Some(Self { pieces, of, without })
    }

    /// Wildcards whose longest piece is in the text.
    fn within(&self, text: &str) -> Vec<usize> {
        let mut pieces: Vec<usize> =
            self.pieces.find_overlapping_iter(text).map(|found| found.pattern().as_usize()).collect();
        pieces.sort_unstable();
        pieces.dedup();
        let wildcards = pieces.into_iter().filter_map(|piece| self.of.get(piece)).flatten();
        self.without.iter().chain(wildcards).copied().collect()
    }
}
