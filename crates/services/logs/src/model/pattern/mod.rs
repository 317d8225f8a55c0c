//! Filter patterns: what a line must have in it.
//!
//! Words and quoted texts must all be there; of those with `?` one; those with `-` must not. `{ … }` asks for members of a
//! line that is JSON. Patterns of columns (`[a, b]`) and regular expressions (`%…%`) are refused.

mod json;

use std::collections::BTreeMap;

use updraft_kernel::AwsError;

use crate::errors::invalid;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pattern {
    /// Also that of nothing at all.
    Words(Words),
    Json(json::Expr),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    /// # Errors
    /// AWS's, where it is none; ours, where it is one that isn't here.
    pub(crate) fn parse(text: &str) -> Result<Self, AwsError> {
        let text = text.trim();
        if text.starts_with('[') {
            return Err(elsewhere("patterns of columns"));
        }
        if let Some(body) = text.strip_prefix('{') {
            let body = body.strip_suffix('}').ok_or_else(wrong)?;
            return json::parse(body).map(Self::Json);
        }
        words(text).map(Self::Words)
    }

    pub(crate) fn matches(&self, line: &str) -> bool {
        match self {
            Self::Words(words) => words.match_line(line),
            Self::Json(expr) => serde_json::from_str(line).is_ok_and(|root| expr.holds(&root)),
        }
    }
}

impl Pattern {
    /// The members of a line that are asked for, by where they are.
    pub(crate) fn extracted(&self, line: &str) -> BTreeMap<String, String> {
        match (self, serde_json::from_str(line)) {
            (Self::Json(expr), Ok(root)) => expr.extracted(&root),
            _ => BTreeMap::new(),
        }
    }
}

fn wrong() -> AwsError {
    invalid("Invalid filter pattern")
}

fn elsewhere(what: &str) -> AwsError {
    invalid(format!("Invalid filter pattern: {what} are not implemented"))
}

impl Words {
    fn match_line(&self, line: &str) -> bool {
        let has = |word: &String| line.contains(word.as_str());
        // AWS: where any word must be there, those with a question mark say nothing.
        let any = !self.all.is_empty() || self.any.is_empty() || self.any.iter().any(has);
        any && self.all.iter().all(has) && !self.none.iter().any(has)
    }
}

fn words(text: &str) -> Result<Words, AwsError> {
    let mut words = Words::default();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let list = match first {
            '?' => &mut words.any,
            '-' => &mut words.none,
            _ => &mut words.all,
        };
        let behind = rest.strip_prefix(['?', '-']).unwrap_or(rest);
        let (word, left) = word(behind)?;
        list.push(word);
        rest = left.trim_start();
    }
    Ok(words)
}

/// The first word, and what is behind it.
fn word(text: &str) -> Result<(String, &str), AwsError> {
    if text.starts_with('"') {
        return quoted(text);
    }
    let (word, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    if word.starts_with('%') {
        return Err(elsewhere("regular expressions"));
    }
    if word.is_empty() || word.contains(['"', '{', '}', '[', ']']) {
        return Err(wrong());
    }
    Ok((word.to_owned(), rest))
}

/// A text in quotation marks, which may be in it behind a backslash; and what is behind it.
fn quoted(text: &str) -> Result<(String, &str), AwsError> {
    let mut out = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((out, text.get(at + 1..).unwrap_or_default())),
            '\\' => out.extend(chars.next().map(|(_, c)| c)),
            c => out.push(c),
        }
    }
    Err(wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, line: &str) -> bool {
        Pattern::parse(pattern).unwrap_or_else(|err| panic!("{pattern}: {err:?}")).matches(line)
    }

    #[test]
    fn words_and_texts() {
        for (pattern, line, expected) in [
            ("", "anything", true),
            ("ERROR", "an ERROR here", true),
            ("ERROR", "an error here", false),
            ("ERROR", "[ERROR] 400", true),
            ("ERROR here", "here is an ERROR", true),
            ("ERROR gone", "here is an ERROR", false),
            ("\"an ERROR\"", "here is an ERROR", true),
            ("\"ERROR an\"", "here is an ERROR", false),
            (r#""say \"hi\"""#, r#"they say "hi" now"#, true),
            ("?ERROR ?WARN", "a WARN", true),
            ("?ERROR ?WARN", "an INFO", false),
            ("?\"a b\" ?WARN", "x a b", true),
            ("?ERROR INFO", "an INFO", true),
            ("-INFO", "an INFO", false),
            ("ERROR -INFO", "an ERROR", true),
            ("ERROR -\"of mine\"", "an ERROR of mine", false),
        ] {
            assert_eq!(check(pattern, line), expected, "{pattern} of {line}");
        }
    }

    #[test]
    fn members_of_json() {
        let line = r#"{"level":"error","code":404,"ok":false,"none":null,"ip":"10.0.3.4","user":{"name":"Ann","roles":["a","b"]},"a b":1}"#;
        for (pattern, expected) in [
            (r#"{ $.level = "error" }"#, true),
            ("{$.level=error}", true),
            (r#"{ $.level = "Error" }"#, false),
            (r#"{ $.level != "info" }"#, true),
            (r#"{ $.level = "err*" }"#, true),
            (r#"{ $.level = "*rr*" }"#, true),
            (r#"{ $.level = "*x*" }"#, false),
            ("{ $.ip = 10.0.* }", true),
            ("{ $.ip != 10.0.* }", false),
            ("{ $.code = 404 }", true),
            ("{ $.code = 404.0 }", true),
            ("{ $.code >= 400 && $.code < 500 }", true),
            ("{ $.code > 404 }", false),
            ("{ $.code <= -1 }", false),
            ("{ $.level > 3 }", false),
            ("{ ($.code = 1 || $.level = error) && $.ok IS FALSE }", true),
            ("{ $.code = 1 || $.level = error && $.ok IS TRUE }", false),
            ("{ $.none IS NULL }", true),
            ("{ $.code IS NULL }", false),
            ("{ $.gone IS NULL }", false),
            ("{ $.gone NOT EXISTS }", true),
            ("{ $.none NOT EXISTS }", false),
            ("{ $.gone = 1 }", false),
            ("{ $.gone != 1 }", false),
            (r#"{ $.user.name = "Ann" }"#, true),
            (r#"{ $.user.roles[1] = "b" }"#, true),
            (r#"{ $.user.roles[2] = "b" }"#, false),
            (r#"{ $["a b"] = 1 }"#, true),
        ] {
            assert_eq!(check(pattern, line), expected, "{pattern}");
        }
        assert!(!check("{ $.level = * }", "no JSON"));
    }

    #[test]
    fn what_is_no_pattern_and_what_isnt_here() {
        for (pattern, said) in [
            ("\"open", "Invalid filter pattern"),
            ("{ $.a = 1", "Invalid filter pattern"),
            ("{ }", "Invalid filter pattern"),
            ("{ $.a }", "Invalid filter pattern"),
            ("{ a = 1 }", "Invalid filter pattern"),
            ("{ $.a = 1 && }", "Invalid filter pattern"),
            ("{ ($.a = 1 }", "Invalid filter pattern"),
            ("{ $.a IS BLUE }", "Invalid filter pattern"),
            ("{ $.a < b }", "Invalid filter pattern"),
            ("-", "Invalid filter pattern"),
            ("[a, b]", "Invalid filter pattern: patterns of columns are not implemented"),
            ("%ERR.*%", "Invalid filter pattern: regular expressions are not implemented"),
            ("{ $.a = %x% }", "Invalid filter pattern: regular expressions are not implemented"),
        ] {
            assert_eq!(Pattern::parse(pattern).unwrap_err().message(), said, "{pattern}");
        }
        let deep = format!("{{ {} }}", "(".repeat(500));
        assert!(Pattern::parse(&deep).is_err(), "and no stack runs over");
    }
}
