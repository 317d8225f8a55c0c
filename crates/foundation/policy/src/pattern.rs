//! Texts with `*`, `?` and variables.

use crate::context::Context;

/// A piece of a pattern, or of what it has become with its variables filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// `${key}`, or `${key, 'default'}`.
    Variable {
        /// In lower case.
        key: String,
        default: Option<String>,
    },
}

/// A text that stands for others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    pieces: Vec<Piece>,
}

impl Pattern {
    /// `wild`: `*` and `?` stand for others; `variables`: `${…}` is filled in. AWS: not in documents of 2008.
    pub(crate) fn new(text: &str, wild: bool, variables: bool) -> Self {
        Self { text: text.to_owned(), pieces: pieces(text, wild, variables) }
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it stands for one text only.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, Piece::Char(_)))
    }

    /// What it says with its variables filled in, if it has no wildcards; `None`: a variable has no value.
    pub(crate) fn said(&self, context: &Context) -> Option<String> {
        let filled = self.filled(context)?;
        Some(filled.into_iter().map(|piece| if let Piece::Char(c) = piece { c } else { '*' }).collect())
    }

    pub(crate) fn matches(&self, text: &str, context: &Context) -> bool {
        let text: Vec<char> = text.chars().collect();
        self.filled(context).is_some_and(|pieces| like(&pieces, &text))
    }

    /// The same without a difference between large and small letters; such patterns have no variables.
    pub(crate) fn matches_any_case(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().map(|c| c.to_ascii_lowercase()).collect();
        let lower = |piece: &Piece| match piece {
            Piece::Char(c) => Piece::Char(c.to_ascii_lowercase()),
            other => other.clone(),
        };
        like(&self.pieces.iter().map(lower).collect::<Vec<_>>(), &text)
    }

    /// Matches an ARN part by part, so that no wildcard but the last part's goes over a colon.
    /// AWS: parts that are missing are anything.
    pub(crate) fn matches_arn(&self, arn: &str, context: &Context) -> bool {
        let Some(pieces) = self.filled(context) else { return false };
        if pieces == [Piece::Many] {
            return true;
        }
        let arn: Vec<char> = arn.chars().collect();
        let mut parts = arn.splitn(6, |c| *c == ':');
        let mut patterns = pieces.splitn(6, |piece| *piece == Piece::Char(':'));
        (0..6).all(|_| match (patterns.next(), parts.next()) {
            (Some(pattern), Some(part)) => like(pattern, part),
            (None, _) => true,
            (Some(_), None) => false,
        })
    }

    /// With variables filled in: what they stand for is no pattern.
    fn filled(&self, context: &Context) -> Option<Vec<Piece>> {
        let mut out = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            match piece {
                Piece::Variable { key, default } => {
                    let value = context.one(key).or(default.as_deref())?;
                    out.extend(value.chars().map(Piece::Char));
                }
                other => out.push(other.clone()),
            }
        }
        Some(out)
    }
}

fn pieces(text: &str, wild: bool, variables: bool) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((piece, after)) = variables.then(|| variable(rest)).flatten() {
            out.push(piece);
            rest = after;
            continue;
        }
        out.push(match c {
            '*' if wild => Piece::Many,
            '?' if wild => Piece::One,
            other => Piece::Char(other),
        });
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    out
}

/// The variable that the text begins with, and what comes after.
fn variable(text: &str) -> Option<(Piece, &str)> {
    let (inside, after) = text.strip_prefix("${")?.split_once('}')?;
    // AWS: so the characters themselves are meant.
    if let "*" | "?" | "$" = inside {
        return Some((Piece::Char(inside.chars().next()?), after));
    }
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => (key, Some(default.trim().strip_prefix('\'')?.strip_suffix('\'')?.to_owned())),
        None => (inside, None),
    };
    Some((Piece::Variable { key: key.trim().to_ascii_lowercase(), default }, after))
}

fn like(pattern: &[Piece], text: &[char]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(Piece::Many) => {
                star = Some((p, t));
                p += 1;
            }
            Some(piece) if *piece == Piece::One || matches!(piece, Piece::Char(c) if text.get(t) == Some(c)) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                p = at + 1;
                t = from + 1;
            }
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|piece| *piece == Piece::Many)
}
