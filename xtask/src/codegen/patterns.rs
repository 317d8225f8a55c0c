//! Patterns that Rust's regex engine reads differently than AWS's, or not at all.

/// Pattern → the same for the `regex` crate, or `None` where it is left unchecked, with the reason beside it.
const TRANSLATED: &[(&str, Option<&str>)] = &[];

/// The expression that builds the pattern in the tables.
pub(crate) fn expression(pattern: &str) -> Result<String, String> {
    match TRANSLATED.iter().find(|(text, _)| *text == pattern) {
        Some((_, Some(syntax))) => Ok(format!("t::Pattern::translated({pattern:?}, {syntax:?})")),
        Some((_, None)) => Ok(format!("t::Pattern::unchecked({pattern:?})")),
        None => match regex::Regex::new(&format!(r"\A(?:{pattern})\z")) {
            Ok(_) => Ok(format!("t::Pattern::new({pattern:?})")),
            Err(_) => {
                eprintln!("BAD {pattern}");
                Ok(format!("t::Pattern::unchecked({pattern:?})"))
            }
        },
    }
}
