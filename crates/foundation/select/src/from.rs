//! What the parser doesn't know of the language, taken out of its tokens before: paths behind `FROM`, and `IS MISSING`.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, Word};

use crate::expr::Step;
use crate::query::From;
use crate::wrong::{self, Wrong};

/// What every query is from.
const OBJECT: &str = "S3Object";

/// The tokens without the path, and the path.
///
/// # Errors
/// If nothing is said of where from, or from what isn't there.
pub(crate) fn path(tokens: Vec<Token>) -> Result<(Vec<Token>, Vec<From>), Wrong> {
    let tokens: Vec<Token> = tokens.into_iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect();
    let from = place(&tokens).ok_or(wrong::MISSING_FROM)?;
    let (head, rest) = tokens.split_at(from + 1);
    let Some((Token::Word(object), mut rest)) = rest.split_first() else { return Err(wrong::MISSING_FROM) };
    if !object.value.eq_ignore_ascii_case(OBJECT) {
        return Err(wrong::NO_BINDING);
    }
    let mut path = Vec::new();
    while let Some((step, after)) = step(rest) {
        path.push(step);
        rest = after;
    }
    // AWS: the first is said of the object, whose documents are asked one by one anyway.
    if path.first() == Some(&From::Each) {
        path.remove(0);
    }
    let mut kept = head.to_vec();
    kept.push(Token::Word(object.clone()));
    kept.extend(rest.iter().cloned());
    Ok((missing(kept), path))
}

/// Where the `FROM` is that isn't a function's.
fn place(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0_i32;
    tokens.iter().position(|token| {
        match token {
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
        depth == 0 && is_word(token, Keyword::FROM)
    })
}

fn is_word(token: &Token, keyword: Keyword) -> bool {
    matches!(token, Token::Word(word) if word.keyword == keyword)
}

fn step(tokens: &[Token]) -> Option<(From, &[Token])> {
    match tokens {
        [Token::Period, Token::Word(word), rest @ ..] => Some((From::To(named(word)), rest)),
        [Token::LBracket, Token::Mul, Token::RBracket, rest @ ..] => Some((From::Each, rest)),
        [Token::LBracket, Token::Number(number, _), Token::RBracket, rest @ ..] => {
            Some((From::To(Step::Index(number.parse().ok()?)), rest))
        }
        [Token::LBracket, Token::SingleQuotedString(name), Token::RBracket, rest @ ..] => {
            Some((From::To(Step::Name { name: name.clone(), exact: true }), rest))
        }
        _ => None,
    }
}

fn named(word: &Word) -> Step {
    Step::Name { name: word.value.clone(), exact: word.quote_style.is_some() }
}

/// `MISSING` is said by what the parser knows, and the language has not.
fn missing(mut tokens: Vec<Token>) -> Vec<Token> {
    for at in 1..tokens.len() {
        let (before, behind) = tokens.split_at_mut(at);
        let (Some(last), Some(next)) = (before.last(), behind.first_mut()) else { continue };
        let is = is_word(last, Keyword::IS) || is_word(last, Keyword::NOT);
        if is && matches!(next, Token::Word(word) if word.value.eq_ignore_ascii_case("missing")) {
            *next = Token::make_keyword("UNKNOWN");
        }
    }
    tokens
}
