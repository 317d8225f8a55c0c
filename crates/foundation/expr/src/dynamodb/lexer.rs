//! Expressions taken apart into tokens.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word: keyword, function or attribute name.
    Word,
    /// `#name`
    NameRef,
    /// `:value`
    ValueRef,
    /// Digits.
    Integer,
    /// Punctuation and operators, and any character that belongs nowhere.
    Symbol,
    End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub span: Range<usize>,
}

/// All tokens of `text`, the last of which is [`Kind::End`]. Nothing is refused here: the parser says where it is wrong.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (kind, length) = next(rest);
        if let Some(kind) = kind {
            out.push(Token { kind, span: at..at + length });
        }
        at += length;
    }
    out.push(Token { kind: Kind::End, span: text.len()..text.len() });
    out
}

/// The kind and length of what `rest` begins with; no kind: white space.
fn next(rest: &str) -> (Option<Kind>, usize) {
    let Some(first) = rest.chars().next() else { return (None, 1) };
    let tail = |from: usize| from + run(rest.get(from..).unwrap_or(""), is_word);
    match first {
        ' ' | '\t' | '\n' | '\r' => (None, 1),
        'a'..='z' | 'A'..='Z' => (Some(Kind::Word), tail(1)),
        '#' if tail(1) > 1 => (Some(Kind::NameRef), tail(1)),
        ':' if tail(1) > 1 => (Some(Kind::ValueRef), tail(1)),
        '0'..='9' => (Some(Kind::Integer), run(rest, |b| b.is_ascii_digit())),
        _ if ["<>", "<=", ">="].iter().any(|op| rest.starts_with(op)) => (Some(Kind::Symbol), 2),
        _ => (Some(Kind::Symbol), first.len_utf8()),
    }
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

fn run(text: &str, belongs: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|b| belongs(*b)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_cover_everything_but_white_space() {
        let text = "a_1<=:v AND #n[12].b<>é";
        let found: Vec<&str> = tokens(text).iter().map(|t| &text[t.span.clone()]).collect();
        assert_eq!(found, ["a_1", "<=", ":v", "AND", "#n", "[", "12", "]", ".", "b", "<>", "é", ""]);
    }

    #[test]
    fn a_lone_sigil_is_a_symbol() {
        assert_eq!(tokens(": x")[0].kind, Kind::Symbol);
        assert_eq!(tokens("_x")[0], Token { kind: Kind::Symbol, span: 0..1 });
    }
}
