//! Where the command line writes for people. Everything else logs.

use std::io::{self, IsTerminal, Write};

/// Writes a line to standard output. A closed pipe (`updraft logs | head`) is no error.
///
/// # Errors
/// If standard output can't be written for another reason.
pub fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(err) if err.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Bold on a terminal, plain elsewhere.
#[must_use]
pub fn bold(text: &str) -> String {
    style(text, "1")
}

/// Dim on a terminal, plain elsewhere.
#[must_use]
pub fn dim(text: &str) -> String {
    style(text, "2")
}

/// Green on a terminal, plain elsewhere.
#[must_use]
pub fn green(text: &str) -> String {
    style(text, "32")
}

/// Yellow on a terminal, plain elsewhere.
#[must_use]
pub fn yellow(text: &str) -> String {
    style(text, "33")
}

fn style(text: &str, code: &str) -> String {
    if io::stdout().is_terminal() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}
