//! Messages, for a person at a terminal, for a pipe, or for a program.

use std::io;

use super::blocks::{self, Block};
use crate::feed::Entry;
use crate::out;
use crate::out::{Look, To};
use crate::report::is_platforms;

/// How wide a time of day is, with the space behind it.
const TIME: usize = 13;

/// Prints messages as they come.
#[derive(Debug)]
pub(crate) struct Printer {
    json: bool,
    filter: Option<String>,
    terminal: bool,
    /// The day of the last message; said where it changes.
    day: String,
}

impl Printer {
    pub(crate) fn new(json: bool, filter: Option<String>) -> Self {
        Self { json, filter, terminal: To::Answer.is_terminal(), day: String::new() }
    }

    /// # Errors
    /// If standard output can't be written.
    pub(crate) fn print(&mut self, entries: Vec<Entry>) -> io::Result<()> {
        for block in blocks::of(entries) {
            match (self.json, self.terminal) {
                _ if !self.wants(&block) => {}
                (true, _) => block.iter().try_for_each(as_json)?,
                (false, true) => self.for_person(&block)?,
                (false, false) => block.iter().try_for_each(plain)?,
            }
        }
        Ok(())
    }

    fn wants(&self, block: &Block) -> bool {
        let Some(wanted) = &self.filter else { return true };
        block.iter().any(|entry| entry.message.contains(wanted.as_str()))
    }

    fn for_person(&mut self, block: &Block) -> io::Result<()> {
        let Some(first) = block.first() else { return Ok(()) };
        let (day, time) = first.time.split_once('T').unwrap_or(("", &first.time));
        if day != self.day {
            out::line(&out::dim(&format!("── {day} ──")))?;
            day.clone_into(&mut self.day);
        }
        let look = look(block);
        let mut margin = format!("{:<TIME$}", time.trim_end_matches('Z'));
        for line in block.iter().flat_map(|entry| entry.message.trim_end().split('\n')) {
            let line = line.trim_end_matches('\r');
            let text = look.map_or_else(|| line.to_owned(), |look| To::Answer.paint(look, &line.replace('\t', "  ")));
            out::line(&format!("{}{text}", out::dim(&margin)))?;
            margin = " ".repeat(TIME);
        }
        Ok(())
    }
}

fn plain(entry: &Entry) -> io::Result<()> {
    out::line(&format!("{} {}", entry.time, entry.message.trim_end()))
}

fn as_json(entry: &Entry) -> io::Result<()> {
    out::line(&serde_json::to_string(entry)?)
}

/// The platform's own lines step back, errors and warnings stand out: however the language's logger marks them.
fn look(block: &Block) -> Option<Look> {
    const ERRORS: [&str; 6] =
        ["[ERROR]", "[CRITICAL]", "\tERROR\t", "\"level\":\"ERROR\"", "\"level\": \"ERROR\"", "Traceback (most recent"];
    const WARNINGS: [&str; 4] = ["[WARNING]", "\tWARN\t", "\"level\":\"WARN", "\"level\": \"WARN"];
    let first = block.first()?.message.as_str();
    let says = |marks: &[&str]| marks.iter().any(|mark| first.contains(mark));
    match () {
        () if is_platforms(first) => Some(Look::Dim),
        () if says(&ERRORS) || first.contains(" Task timed out after ") => Some(Look::Red),
        () if says(&WARNINGS) => Some(Look::Yellow),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, expected: Option<Look>) {
        let entry = Entry { time: String::new(), stream: String::new(), message: message.to_owned() };
        assert_eq!(look(&vec![entry]), expected, "{message}");
    }

    #[test]
    fn what_matters_stands_out() {
        check("REPORT RequestId: 1\tDuration: 1.00 ms", Some(Look::Dim));
        check("[ERROR]\t2030-01-01T00:00:00.000Z\t1\tno", Some(Look::Red));
        check("2030-01-01T00:00:00.000Z\t1\tERROR\tno", Some(Look::Red));
        check("2030-01-01T00:00:00.000Z 1 Task timed out after 3.00 seconds", Some(Look::Red));
        check("{\"level\":\"WARNING\"}", Some(Look::Yellow));
        check("an error? no", None);
    }

    #[test]
    fn only_what_has_the_text_is_wanted_and_a_trace_is_wanted_whole() {
        let printer = Printer { json: false, filter: Some("here".to_owned()), terminal: false, day: String::new() };
        let entry = |message: &str| Entry { time: String::new(), stream: String::new(), message: message.to_owned() };
        assert!(printer.wants(&vec![entry("not"), entry("but here")]));
        assert!(!printer.wants(&vec![entry("not")]));
    }
}
