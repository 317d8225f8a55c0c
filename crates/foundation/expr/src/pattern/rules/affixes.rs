//! Beginnings and ends of texts: for each length that one of them has, what a text begins or ends with is looked up.

use std::collections::BTreeMap;

use super::keyed::{Ids, Keyed};

#[derive(Clone, Copy, Debug)]
pub(super) enum Side {
    Beginning,
    End,
}

#[derive(Debug)]
pub(super) struct Affixes {
    side: Side,
    texts: Keyed<String>,
    /// How many texts of each length there are, in bytes.
    lengths: BTreeMap<usize, usize>,
}

impl Affixes {
    pub(super) fn new(side: Side) -> Self {
        Self { side, texts: Keyed::default(), lengths: BTreeMap::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    pub(super) fn set(&mut self, text: &str, id: usize, wanted: bool) {
        let known = !self.texts.of(text).is_empty();
        self.texts.set(text.to_owned(), id, wanted);
        let gone = self.texts.tidy(text);
        let count = self.lengths.entry(text.len()).or_default();
        match (known, gone) {
            (false, false) => *count += 1,
            (true, true) => *count = count.saturating_sub(1),
            _ => {}
        }
        if *count == 0 {
            self.lengths.remove(&text.len());
        }
    }

    pub(super) fn find(&self, text: &str, found: &mut Ids) {
        for length in self.lengths.keys().take_while(|length| **length <= text.len()) {
            let part = match self.side {
                Side::Beginning => text.get(..*length),
                Side::End => text.get(text.len() - length..),
            };
            found.extend_from_slice(part.map_or(&[], |part| self.texts.of(part)));
        }
    }
}
