//! `{"prefix": "a"}` and its kind: one test, named by an object's only field.

use super::compile::{Result, Source};
use super::error::PatternError;
use super::matcher::Matcher;
use super::reader::Token;
use super::wildcard::Wildcard;
use super::{anything_but, cidr, number};

const ONE_KEY: &str = "Only one key allowed in match expression";

/// The test of an object that was begun.
pub(super) fn expression(source: &mut Source) -> Result<Matcher> {
    let Token::Name(operator) = source.reader.next()? else {
        return source.reader.fail("Match expression name not found");
    };
    match operator.as_str() {
        "exactly" => string(source, "exact").map(Matcher::Text),
        "prefix" => affix(source, "prefix", Matcher::Prefix, Matcher::PrefixIgnoreCase),
        "suffix" => affix(source, "suffix", Matcher::Suffix, Matcher::SuffixIgnoreCase),
        "equals-ignore-case" => {
            string(source, "equals-ignore-case").map(|text| Matcher::IgnoreCase(text.to_lowercase()))
        }
        "numeric" => number::expression(source),
        "anything-but" => anything_but::expression(source),
        "exists" => exists(source),
        // AWS: it does say "prefix" here.
        "cidr" => string(source, "prefix").and_then(|text| block(&text)),
        "wildcard" => wildcard(source),
        _ => source.reader.fail(format!("Unrecognized match type {operator}")),
    }
}

fn string(source: &mut Source, operator: &str) -> Result<String> {
    let text = bare_string(source, operator)?;
    close(source)?;
    Ok(text)
}

fn bare_string(source: &mut Source, operator: &str) -> Result<String> {
    match source.reader.next()? {
        Token::Text => source.reader.text(),
        _ => source.reader.fail(format!("{operator} match pattern must be a string")),
    }
}

/// The end of the object, after the only value in it.
fn close(source: &mut Source) -> Result<()> {
    match source.reader.next()? {
        Token::EndObject => Ok(()),
        _ => source.reader.fail(ONE_KEY),
    }
}

/// `prefix` and `suffix`, which may be of a text or of `{"equals-ignore-case": text}`.
fn affix(
    source: &mut Source,
    operator: &str,
    exact: fn(String) -> Matcher,
    ignoring_case: fn(String) -> Matcher,
) -> Result<Matcher> {
    match source.reader.next()? {
        Token::Text => {
            let text = source.reader.text()?;
            close(source).map(|()| exact(text))
        }
        Token::StartObject => {
            inner_name(source, operator)?;
            let text = string(source, "equals-ignore-case")?;
            close(source).map(|()| ignoring_case(text.to_lowercase()))
        }
        _ => source.reader.fail(format!("{operator} match pattern must be a string")),
    }
}

fn inner_name(source: &mut Source, operator: &str) -> Result<()> {
    match source.reader.next()? {
        Token::Name(name) if name == "equals-ignore-case" => Ok(()),
        Token::Name(name) => source.reader.fail(format!("Unsupported {operator} pattern: {name}")),
        _ => {
            let capital: String = operator.get(..1).unwrap_or_default().to_uppercase();
            let rest = operator.get(1..).unwrap_or_default();
            source.reader.fail(format!("{capital}{rest} expression name not found"))
        }
    }
}

fn exists(source: &mut Source) -> Result<Matcher> {
    let matcher = match source.reader.next()? {
        Token::True => Matcher::Exists,
        Token::False => Matcher::Absent,
        _ => return source.reader.fail("exists match pattern must be either true or false."),
    };
    close(source).map(|()| matcher)
}

/// AWS: what is wrong with a block is said without the place.
fn block(text: &str) -> Result<Matcher> {
    cidr::Block::parse(text).map(Matcher::Cidr).map_err(PatternError::new)
}

fn wildcard(source: &mut Source) -> Result<Matcher> {
    let text = bare_string(source, "wildcard")?;
    let wildcard = compiled_wildcard(source, &text)?;
    close(source).map(|()| Matcher::Wildcard(wildcard))
}

pub(super) fn compiled_wildcard(source: &Source, text: &str) -> Result<Wildcard> {
    let wildcard = Wildcard::parse(text).map_err(|reason| source.reader.error(reason))?;
    if wildcard.is_too_complex() {
        return Err(PatternError::new(
            "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a \
             wildcard character",
        ));
    }
    Ok(wildcard)
}
