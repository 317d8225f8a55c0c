//! What the engine says, in the words of the language's reference, which are AWS's.

use std::collections::BTreeSet;

use super::Fault;

/// Those that always say the same. Some come under another code from the engine.
const FIXED: [(&str, &str); 8] = [
    (
        "D1011",
        "U1001: Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive.",
    ),
    ("D1012", "U1001: Expression evaluation timeout: Check for infinite loop"),
    ("D3001", "D3001: Attempting to invoke string function on Infinity or NaN"),
    ("T1006", "T1006: Attempted to invoke a non-function"),
    ("T2003", "T2003: The left side of the range operator (..) must evaluate to an integer"),
    ("T2004", "T2004: The right side of the range operator (..) must evaluate to an integer"),
    ("T2006", "T2006: The right side of the function application operator ~> must be a function"),
    ("S0106", "S0106: Comment has no closing tag"),
];

/// `calls` are the functions that the expression calls: the engine doesn't say which one refused an argument.
pub(super) fn fault(message: &str, calls: &BTreeSet<String>) -> Fault {
    let Some((code, rest)) = coded(message) else { return Fault(message.to_owned()) };
    let fixed = FIXED.into_iter().find(|(known, _)| *known == code).map(|(_, text)| text.to_owned());
    Fault(fixed.unwrap_or_else(|| match code {
        "T0410" => {
            format!("T0410: Argument {} of function {}does not match function signature", argument(rest), name(calls))
        }
        "T0412" => format!(
            "T0412: Argument {} of function {}must be an array of {}",
            argument(rest),
            name(calls),
            rest.split_once("array of ").map_or("", |(_, of)| of)
        ),
        "T2001" | "T2002" => format!("{code}: {}", quoted(rest)),
        _ => format!("{code}: {rest}"),
    }))
}

/// The code and what stands behind it, wherever it begins.
fn coded(message: &str) -> Option<(&str, &str)> {
    let is_code = |word: &str| {
        let mut chars = word.chars();
        word.len() == 5 && chars.next().is_some_and(|c| c.is_ascii_uppercase()) && chars.all(|c| c.is_ascii_digit())
    };
    let mut from = 0;
    while let Some((before, rest)) = message.get(from..)?.split_once(": ") {
        let word = before.rsplit(' ').next().unwrap_or(before);
        if is_code(word) {
            return Some((word, rest));
        }
        from += before.len() + 2;
    }
    None
}

/// Which argument is meant, from 1. Of too many it is the first that is too much, of too few the first that isn't there.
fn argument(rest: &str) -> usize {
    let mut numbers = rest.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse::<usize>().ok());
    match (rest.contains("count mismatch"), numbers.next(), numbers.next()) {
        (true, Some(expected), Some(found)) => expected.min(found) + 1,
        (_, first, _) => first.unwrap_or(1),
    }
}

/// With a space behind, or nothing where it isn't known.
fn name(calls: &BTreeSet<String>) -> String {
    let mut calls = calls.iter();
    match (calls.next(), calls.next()) {
        (Some(only), None) => format!("\"{only}\" "),
        _ => String::new(),
    }
}

/// The operator in quotes.
fn quoted(rest: &str) -> String {
    let parts = rest.split_once(" of the ").and_then(|(before, rest)| Some((before, rest.split_once(" operator ")?)));
    match parts {
        Some((before, (operator, rest))) if !operator.starts_with('"') => {
            format!("{before} of the \"{operator}\" operator {rest}")
        }
        _ => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_the_references() {
        let calls = BTreeSet::from(["abs".to_owned()]);
        for (message, wanted) in [
            (
                "T0410: Argument 1 must be Number",
                "T0410: Argument 1 of function \"abs\" does not match function signature",
            ),
            (
                "Signature validation failed: T0410: Argument count mismatch: expected 2, got 3",
                "T0410: Argument 3 of function \"abs\" does not match function signature",
            ),
            (
                "T0412: Argument 1 must be an array of Number",
                "T0412: Argument 1 of function \"abs\" must be an array of Number",
            ),
            ("Invalid syntax: S0213: The literal value 7: no", "S0213: The literal value 7: no"),
            (
                "T2001: The left side of the + operator must evaluate to a number",
                "T2001: The left side of the \"+\" operator must evaluate to a number",
            ),
            ("no code: at all", "no code: at all"),
        ] {
            assert_eq!(fault(message, &calls), Fault(wanted.to_owned()));
        }
        let several = BTreeSet::from(["abs".to_owned(), "sum".to_owned()]);
        let unnamed = "T0410: Argument 1 of function does not match function signature";
        assert_eq!(fault("T0410: Argument 1 must be Number", &several), Fault(unnamed.to_owned()));
    }
}
