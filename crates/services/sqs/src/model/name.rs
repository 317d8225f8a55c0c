//! Which names a queue may have.

use updraft_kernel::AwsError;

use crate::errors::invalid_parameter;

const MAX: usize = 80;
const FIFO: &str = ".fifo";
const PLAIN: &str = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";

/// Whether a new queue's name fits its kind.
///
/// # Errors
/// In AWS's words.
pub(crate) fn check(name: &str, fifo: bool) -> Result<(), AwsError> {
    let stem = if fifo { name.strip_suffix(FIFO) } else { Some(name) };
    if name.len() <= MAX && stem.is_some_and(is_plain) {
        return Ok(());
    }
    Err(invalid_parameter(if fifo {
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo \
         suffix and be 1 to 80 in length."
    } else {
        PLAIN
    }))
}

/// Whether a text may be the label of a permission.
///
/// # Errors
/// In AWS's words.
pub(crate) fn check_label(label: &str) -> Result<(), AwsError> {
    if label.len() <= MAX && is_plain(label) { Ok(()) } else { Err(invalid_parameter(PLAIN)) }
}

fn is_plain(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !text.is_empty() && text.bytes().all(legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_their_kind() {
        let long = "a".repeat(80);
        for (name, fifo) in [("a", false), ("A-b_9", false), (long.as_str(), false), ("a.fifo", true)] {
            assert!(check(name, fifo).is_ok(), "{name}");
        }
        let (longer, fifo) = ("a".repeat(81), format!("{}.fifo", "a".repeat(76)));
        for (name, fifo) in [
            ("", false),
            ("a.b", false),
            ("a.fifo", false),
            ("ä", false),
            (longer.as_str(), false),
            ("a", true),
            (".fifo", true),
            (fifo.as_str(), true),
        ] {
            assert_eq!(check(name, fifo).unwrap_err().code().name, "InvalidParameterValueException", "{name}");
        }
    }
}
