//! Whatever is written: an answer, and soon.

use std::time::Duration;

use proptest::prelude::*;

use super::evaluate_within;
use crate::jsonata::{Expression, Limits};

/// Texts that look like what is meant.
fn fragments() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "$states",
        ".",
        "input",
        "$list",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "'a'",
        ":",
        ",",
        ";",
        ":=",
        "$x",
        "function",
        "($x)",
        "{$x}",
        "+",
        "-",
        "*",
        "**",
        "/",
        "%",
        "&",
        "=",
        "?",
        "~>",
        "^",
        "<",
        ">",
        "..",
        "1",
        "20",
        "$sum",
        "$map",
        "$join",
        "$string",
        "$partition",
        "@$v",
        "#$i",
        "|",
        " ",
        "and",
        "in",
        "null",
        "/a/",
        "`b`",
        "é",
    ]);
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_read_and_what_is_read_can_be_evaluated(text in prop_oneof![fragments(), "\\PC{0,30}"]) {
        let limits = Limits { time: Duration::from_secs(2), depth: 300, items: 1000, bytes: 10_000 };
        if Expression::parse(&text).is_ok() {
            // A value or an error: both are answers.
            drop(evaluate_within(&text, limits));
        }
    }
}
