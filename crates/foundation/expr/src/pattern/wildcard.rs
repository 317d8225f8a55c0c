//! `*` for any text, also none; `\*` and `\\` for these characters themselves.

use std::collections::HashSet;

/// So many places of a wildcard a text may be at, at once, while it is read. AWS has such a limit but doesn't say where
/// it is; ours is generous.
const MAX_STATES: usize = 25;
/// A wildcard of so many pieces never is.
const SIMPLE: usize = 3;
/// What is looked at before a wildcard is taken to be too complex.
const MAX_SETS: usize = 5_000;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Wildcard {
    /// What is between the asterisks, so one more than there are of these.
    pieces: Vec<String>,
}

impl Wildcard {
    /// The error is AWS's message.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (mut pieces, mut piece) = (Vec::new(), String::new());
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, next)| *next);
            match (c, next) {
                // AWS counts bytes, and the quote before the text as the first of them.
                ('*', Some('*')) => return Err(format!("Consecutive wildcard characters at pos {}", at + 1)),
                ('*', _) => pieces.push(std::mem::take(&mut piece)),
                ('\\', Some(escaped @ ('*' | '\\'))) => {
                    piece.push(escaped);
                    chars.next();
                }
                ('\\', _) => return Err(format!("Invalid escape character at pos {}", at + 1)),
                _ => piece.push(c),
            }
        }
        pieces.push(piece);
        Ok(Self { pieces })
    }

    pub(super) fn holds(&self, text: &str) -> bool {
        let Some((first, rest)) = self.pieces.split_first() else { return false };
        let Some((last, middle)) = rest.split_last() else { return text == first };
        let Some(text) = text.strip_prefix(first.as_str()).and_then(|text| text.strip_suffix(last.as_str())) else {
            return false;
        };
        // The first place where each piece fits leaves the most for the pieces behind it.
        let found =
            middle.iter().try_fold(text, |text, piece| text.split_once(piece.as_str()).map(|(_, behind)| behind));
        found.is_some()
    }

    /// Which every text has that this holds of.
    pub(super) fn longest_piece(&self) -> &str {
        self.pieces.iter().max_by_key(|piece| piece.len()).map_or("", String::as_str)
    }

    /// Whether there are texts that are at very many places of this at once.
    pub(super) fn is_too_complex(&self) -> bool {
        if self.pieces.len() <= SIMPLE {
            return false;
        }
        let steps = self.steps();
        let letters: HashSet<u8> = steps.iter().flatten().copied().collect();
        let start = spread(&steps, vec![0]);
        let (mut seen, mut todo) = (HashSet::from([start.clone()]), vec![start]);
        while let Some(states) = todo.pop() {
            if states.len() > MAX_STATES || seen.len() > MAX_SETS {
                return true;
            }
            for letter in &letters {
                let next = spread(&steps, step(&steps, &states, *letter));
                if seen.insert(next.clone()) {
                    todo.push(next);
                }
            }
        }
        false
    }

    /// Byte by byte; none: an asterisk.
    fn steps(&self) -> Vec<Option<u8>> {
        let pieces = self.pieces.iter().map(|piece| piece.bytes().map(Some).collect::<Vec<_>>());
        pieces.reduce(|steps, piece| [steps, vec![None], piece].concat()).unwrap_or_default()
    }
}

fn step(steps: &[Option<u8>], states: &[usize], letter: u8) -> Vec<usize> {
    let moved = |state: &usize| match steps.get(*state) {
        Some(None) => Some(*state),
        Some(Some(byte)) if *byte == letter => Some(state + 1),
        _ => None,
    };
    states.iter().filter_map(moved).collect()
}

/// With what is reached by asterisks that stand for nothing; sorted.
fn spread(steps: &[Option<u8>], mut states: Vec<usize>) -> Vec<usize> {
    let behind: Vec<usize> =
        states.iter().filter(|state| steps.get(**state) == Some(&None)).map(|state| state + 1).collect();
    states.extend(behind);
    states.sort_unstable();
    states.dedup();
    states
}
