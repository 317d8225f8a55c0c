//! The bytes of a file, with holes where nothing was written.

use std::collections::BTreeMap;
use std::sync::Arc;

const PAGE: usize = 4_096;

type Page = [u8; PAGE];

/// Cheap to copy: pages are shared until they are written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pages {
    pages: BTreeMap<u64, Arc<Page>>,
    len: u64,
}

impl Pages {
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Longer: with zeros. Shorter: what is cut off doesn't come back.
    pub(crate) fn resize(&mut self, len: u64) {
        if len < self.len {
            let (page, inside) = split(len);
            drop(self.pages.split_off(&page.saturating_add(u64::from(inside > 0))));
            if let Some(last) = self.pages.get_mut(&page) {
                Arc::make_mut(last).iter_mut().skip(inside).for_each(|byte| *byte = 0);
            }
        }
        self.len = len;
    }

    pub(crate) fn write(&mut self, at: u64, bytes: &[u8]) {
        let (mut at, mut rest) = (at, bytes);
        while !rest.is_empty() {
            let (page, inside) = split(at);
            let (piece, behind) = rest.split_at(rest.len().min(PAGE - inside));
            let page = Arc::make_mut(self.pages.entry(page).or_insert_with(|| Arc::new([0; PAGE])));
            page.iter_mut().skip(inside).zip(piece).for_each(|(to, from)| *to = *from);
            at += piece.len() as u64;
            rest = behind;
        }
        self.len = self.len.max(at);
    }

    /// These are the bytes.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        let mut other = Self::default();
        other.write(0, bytes);
        self.len == other.len && self.pieces().eq(other.pieces())
    }

    /// The pieces that were written, with where they begin; the rest is zeros.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.pages.iter().filter_map(|(number, page)| {
            let at = number * PAGE as u64;
            let inside = usize::try_from(self.len.checked_sub(at)?).unwrap_or(PAGE).min(PAGE);
            page.get(..inside).filter(|piece| !piece.is_empty()).map(|piece| (at, piece))
        })
    }
}

/// The page and the place in it.
fn split(at: u64) -> (u64, usize) {
    let page = PAGE as u64;
    (at / page, usize::try_from(at % page).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pages: &Pages) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(pages.len()).unwrap()];
        for (at, piece) in pages.pieces() {
            let at = usize::try_from(at).unwrap();
            bytes[at..at + piece.len()].copy_from_slice(piece);
        }
        bytes
    }

    #[test]
    fn bytes_are_where_they_were_written() {
        let (mut pages, mut plain) = (Pages::default(), vec![0; 20_000]);
        for (at, len, byte) in [(0, 10, 1), (4_090, 20, 2), (8_192, 8_192, 3), (19_999, 1, 4)] {
            pages.write(at as u64, &vec![byte; len]);
            plain[at..at + len].fill(byte);
        }
        assert_eq!(all(&pages), plain);
    }

    #[test]
    fn what_was_cut_off_doesnt_come_back() {
        for cut in [0, 1, 4_095, 4_096, 4_097, 9_000] {
            let mut pages = Pages::default();
            pages.write(0, &[7; 10_000]);
            pages.resize(cut);
            assert_eq!(all(&pages), vec![7; usize::try_from(cut).unwrap()]);
            pages.resize(10_000);
            assert_eq!(all(&pages).iter().filter(|byte| **byte == 7).count() as u64, cut);
        }
    }
}
