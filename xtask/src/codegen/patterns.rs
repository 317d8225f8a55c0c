//! Patterns that Rust's regex engine reads differently than AWS's, or not at all.

use anyhow::{Context as _, Result};
use regex::{Regex, RegexBuilder};

/// Pattern → the same for the `regex` crate, or `None` where it is left unchecked, with the reason beside it.
const TRANSLATED: &[(&str, Option<&str>)] = &[
    (r"\p{Print}+", Some(r"[\x20-\x7e]+")),
    (
        r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*",
        Some(r"[\x20-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}\r\n\t]*"),
    ),
    (r"^(?!\s*$).+", Some(r".*\S.*")),
    // The length stands in the shape as well.
    (r"^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$", Some(r"[a-z0-9]+(?:-[a-z0-9]+)*")),
    (r"(?!^[0-9]+$)([a-zA-Z0-9-_]+)", Some(r"[0-9a-zA-Z_-]*[a-zA-Z_-][0-9a-zA-Z_-]*")),
    (
        r"(^(?!(system\x2e)))(^[_a-zA-Z0-9])([^$]*)",
        Some(
            r"[_a-rt-zA-Z0-9][^$]*|s(?:[^y$][^$]*|y(?:[^s$][^$]*|s(?:[^t$][^$]*|t(?:[^e$][^$]*|e(?:[^m$][^$]*|m(?:[^.$][^$]*)?)?)?)?)?)?",
        ),
    ),
    (
        r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]{1,64})(:((?!\d+$)[0-9a-zA-Z-_]+))?",
        Some(
            r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]{1,64})(:[0-9a-zA-Z_-]*[a-zA-Z_-][0-9a-zA-Z_-]*)?",
        ),
    ),
    (r"((?!^\d+$)^[0-9a-zA-Z-_]+$)", Some(r"[0-9a-zA-Z_-]*[a-zA-Z_-][0-9a-zA-Z_-]*")),
    (r"[0-9A-Za-z\.\-_]*(?<!\.)", Some(r"(?:[0-9A-Za-z.\-_]*[0-9A-Za-z\-_])?")),
    (r"[\w-_]*", Some(r"[\w-]*")),
    (r".*(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w/_-]+(\[(\d+|\*)\])*)*).*", Some(r".*[/.\-_A-Za-z0-9].*|\$.*")),
    (r"(?!\s*$).+|(\$(\.[\w/_-]+(\[(\d+|\*)\])*)*)", Some(r".*\S.*")),
    (
        r"(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w_-]+(\[(\d+|\*)\])*)*)",
        Some(r"[/.\-_A-Zb-z0-9].*|a(?:[^w].*|w(?:[^s].*|s(?:[^.].*)?)?)?|\$(?:\.[\w-]+(?:\[(?:\d+|\*)\])*)*"),
    ),
    (
        r"^arn:aws[a-z0-9-]*:iam::\d{12}:role\/[\w-\/.@+=,]{1,1017}$",
        Some(r"^arn:aws[a-z0-9-]*:iam::\d{12}:role\/[\w\-/.@+=,]{1,1017}$"),
    ),
    // The length is beyond the engine's size limit, and stands in the shape as well.
    (r"^.{1,100000}$", Some(r".+")),
    // Back references: an ISO 8601 date in all its forms, which the service reads for itself.
    (
        r"^([\-]?\d{4}(?!\d{2}\b))((-?)((0[1-9]|1[0-2])(\3([12]\d|0[1-9]|3[01]))?|W([0-4]\d|5[0-2])(-?[1-7])?|(00[1-9]|0[1-9]\d|[12]\d{2}|3([0-5]\d|6[1-6])))([T\s]((([01]\d|2[0-3])((:?)[0-5]\d)?|24\:?00)([\.,]\d(?!:))?)?(\17[0-5]\d([\.,]\d)?)?([zZ]|([\-])([01]\d|2[0-3]):?([0-5]\d)?)?)?)?$",
        None,
    ),
    (r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$", Some(r"[a-zA-Z0-9_\-.]*[a-zA-Z_\-.][a-zA-Z0-9_\-.]*")),
];

/// The expression that builds the pattern in the tables.
pub(crate) fn expression(pattern: &str) -> Result<String> {
    let (expression, syntax) = match TRANSLATED.iter().find(|(text, _)| *text == pattern) {
        Some((_, Some(syntax))) => (format!("t::Pattern::translated({pattern:?}, {syntax:?})"), *syntax),
        Some((_, None)) => return Ok(format!("t::Pattern::unchecked({pattern:?})")),
        None => (format!("t::Pattern::new({pattern:?})"), pattern),
    };
    let whole = format!(r"\A(?:{syntax})\z");
    // As `updraft_wire::model::Pattern` does it.
    RegexBuilder::new(&whole)
        .unicode(false)
        .build()
        .or_else(|_| Regex::new(&whole))
        .with_context(|| format!("{pattern:?} needs a translation in codegen/patterns.rs"))?;
    Ok(expression)
}
