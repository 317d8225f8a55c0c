//! Doors for fuzzing, and nothing else.

use crate::model::pattern::Pattern;
use crate::model::position::Cursor;

/// Any text as a filter pattern, and any line for it.
pub fn pattern(pattern: &str, line: &str) {
    if let Ok(pattern) = Pattern::parse(pattern) {
        std::hint::black_box(pattern.matches(line));
    }
}

/// Any text as a token: what is read is written again as something that is read as the same.
///
/// # Panics
/// If it isn't.
pub fn token(text: &str) {
    if let Ok(cursor) = Cursor::parse(text) {
        assert!(Cursor::parse(&cursor.token()).is_ok_and(|again| again == cursor), "{text}");
    }
}
