//! How important a line is, as `SystemLogLevel` and `ApplicationLogLevel` name it.

use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

impl Level {
    /// AWS: what isn't a level counts as `INFO`.
    pub(crate) fn named(name: &str) -> Self {
        match name.to_ascii_uppercase().as_str() {
            "TRACE" => Self::Trace,
            "DEBUG" => Self::Debug,
            "WARN" | "WARNING" => Self::Warn,
            "ERROR" => Self::Error,
            "FATAL" | "CRITICAL" => Self::Fatal,
            _ => Self::Info,
        }
    }

    /// Of a line that a function has printed. AWS: of an object it is what its `level` says; anything else is kept.
    pub(crate) fn of_line(line: &str) -> Option<Self> {
        let object = line.trim_start().starts_with('{').then(|| serde_json::from_str::<Value>(line).ok()).flatten()?;
        let level = object.as_object()?.get("level").and_then(Value::as_str);
        Some(level.map_or(Self::Info, Self::named))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_level_that_it_says() {
        assert_eq!(Level::of_line("{\"level\": \"debug\", \"msg\": 1}\n"), Some(Level::Debug));
        assert_eq!(Level::of_line("{\"level\": 7}"), Some(Level::Info));
        assert_eq!(Level::of_line("{\"msg\": 1}"), Some(Level::Info));
        assert_eq!(Level::of_line("plain"), None);
        assert_eq!(Level::of_line("{ not JSON"), None);
        assert!(Level::Trace < Level::Debug && Level::Warn < Level::Error && Level::Error < Level::Fatal);
    }
}
