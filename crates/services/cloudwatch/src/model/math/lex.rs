//! Words of an expression.

use super::{Op, Wrong};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    Name(String),
    Op(Op),
    /// One of `()[],`.
    Mark(char),
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Wrong> {
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, len) = match first {
            '(' | ')' | '[' | ']' | ',' => (Token::Mark(first), 1),
            '"' | '\'' => quoted(rest, first)?,
            _ if first.is_ascii_digit() || first == '.' => number(rest)?,
            _ if first.is_ascii_alphabetic() || first == '_' => name(rest),
            _ => operator(rest)?,
        };
        all.push(token);
        rest = rest.get(len..).unwrap_or_default().trim_start();
    }
    Ok(all)
}

fn quoted(rest: &str, quote: char) -> Result<(Token, usize), Wrong> {
    let body = rest.get(1..).unwrap_or_default();
    let end = body.find(quote).ok_or_else(|| Wrong::new("A quoted text has no end."))?;
    Ok((Token::Text(body.get(..end).unwrap_or_default().to_owned()), end + 2))
}

fn number(rest: &str) -> Result<(Token, usize), Wrong> {
    let len = span(rest, |c| c.is_ascii_digit() || c == '.');
    let text = rest.get(..len).unwrap_or_default();
    let value = text.parse().map_err(|_| Wrong::new(format!("{text} is no number.")))?;
    Ok((Token::Number(value), len))
}

fn name(rest: &str) -> (Token, usize) {
    let len = span(rest, |c| c.is_ascii_alphanumeric() || c == '_');
    let text = rest.get(..len).unwrap_or_default();
    let token = match text {
        "AND" => Token::Op(Op::And),
        "OR" => Token::Op(Op::Or),
        _ => Token::Name(text.to_owned()),
    };
    (token, len)
}

fn span(rest: &str, belongs: impl Fn(char) -> bool) -> usize {
    rest.find(|c| !belongs(c)).unwrap_or(rest.len())
}

/// Longer ones first.
const OPERATORS: [(&str, Op); 13] = [
    ("&&", Op::And),
    ("||", Op::Or),
    ("==", Op::Equal),
    ("!=", Op::Unequal),
    ("<=", Op::LessOrEqual),
    (">=", Op::GreaterOrEqual),
    ("<", Op::Less),
    (">", Op::Greater),
    ("+", Op::Plus),
    ("-", Op::Minus),
    ("*", Op::Times),
    ("/", Op::Over),
    ("^", Op::Power),
];

fn operator(rest: &str) -> Result<(Token, usize), Wrong> {
    let found = OPERATORS.iter().find(|(sign, _)| rest.starts_with(sign));
    let (sign, op) =
        found.ok_or_else(|| Wrong::new(format!("Unexpected {:?}.", rest.chars().next().unwrap_or(' '))))?;
    Ok((Token::Op(*op), sign.len()))
}
