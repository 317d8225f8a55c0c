//! The platform's own lines in a function's log, as AWS writes them.

use std::time::Duration;

use serde_json::Value;

/// What a `REPORT` line tells of a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    pub(crate) duration: Duration,
    pub(crate) billed: Duration,
    pub(crate) memory_mb: u32,
    pub(crate) peak_mb: u32,
    /// How long the instance's start took, where this was its first call.
    pub(crate) init: Option<Duration>,
}

impl Report {
    /// The last one of a log.
    pub(crate) fn last(log: &str) -> Option<Self> {
        log.lines().rev().find_map(Self::parse)
    }

    /// `None`: the line is another one.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        if line.starts_with('{') { Self::of_object(line) } else { Self::of_text(line) }
    }

    /// In a log in JSON.
    fn of_object(line: &str) -> Option<Self> {
        let event: Value = serde_json::from_str(line).ok()?;
        if event.get("type")?.as_str()? != "platform.report" {
            return None;
        }
        let metrics = event.pointer("/record/metrics")?;
        let span = |name| Duration::try_from_secs_f64(metrics.get(name)?.as_f64()? / 1000.0).ok();
        let megabytes = |name| u32::try_from(metrics.get(name)?.as_u64()?).ok();
        Some(Self {
            duration: span("durationMs")?,
            billed: span("billedDurationMs")?,
            memory_mb: megabytes("memorySizeMB")?,
            peak_mb: megabytes("maxMemoryUsedMB")?,
            init: span("initDurationMs"),
        })
    }

    fn of_text(line: &str) -> Option<Self> {
        let fields = line.strip_prefix("REPORT ")?.split('\t');
        let pairs: Vec<_> = fields.filter_map(|field| field.trim().split_once(": ")).collect();
        let field = |name| pairs.iter().find(|(found, _)| *found == name).map(|(_, value)| *value);
        Some(Self {
            duration: millis(field("Duration")?)?,
            billed: millis(field("Billed Duration")?)?,
            memory_mb: megabytes(field("Memory Size")?)?,
            peak_mb: megabytes(field("Max Memory Used")?)?,
            init: field("Init Duration").and_then(millis),
        })
    }
}

fn millis(text: &str) -> Option<Duration> {
    let number: f64 = text.strip_suffix(" ms")?.parse().ok()?;
    Duration::try_from_secs_f64(number / 1000.0).ok()
}

fn megabytes(text: &str) -> Option<u32> {
    text.strip_suffix(" MB")?.parse().ok()
}

/// Whether the platform wrote this line, and not the function.
pub(crate) fn is_platforms(line: &str) -> bool {
    const BEGINNINGS: [&str; 5] =
        ["START RequestId: ", "END RequestId: ", "REPORT RequestId: ", "INIT_START ", "INIT_REPORT "];
    let in_json = line.starts_with('{') && line.contains("\"type\":\"platform.");
    in_json || BEGINNINGS.iter().any(|beginning| line.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "START RequestId: 1 Version: 3\nhello\nEND RequestId: 1\nREPORT RequestId: 1\tDuration: 3.01 ms\t\
                       Billed Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tInit Duration: 110.10 ms\t\n";

    #[test]
    fn the_last_report_of_a_log_is_read() {
        let report = Report::last(LOG).unwrap();
        assert_eq!((report.memory_mb, report.peak_mb), (128, 36));
        assert_eq!((report.duration, report.billed), (Duration::from_micros(3_010), Duration::from_millis(4)));
        assert_eq!(report.init, Some(Duration::from_micros(110_100)));
    }

    #[test]
    fn a_report_in_json_is_read_too() {
        let line = r#"{"time":"2030-01-01T00:00:00.000Z","type":"platform.report","record":{"requestId":"1","metrics":{"durationMs":3.01,"billedDurationMs":4,"memorySizeMB":128,"maxMemoryUsedMB":36},"status":"success"}}"#;
        let report = Report::last(&format!("{line}\n")).unwrap();
        assert_eq!((report.memory_mb, report.peak_mb, report.init), (128, 36, None));
        assert_eq!((report.duration, report.billed), (Duration::from_micros(3_010), Duration::from_millis(4)));
        assert!(is_platforms(line));
    }

    #[test]
    fn what_is_no_report_is_none() {
        for line in [
            "",
            "REPORT",
            "{\"type\":\"platform.start\"}",
            "REPORT RequestId: 1\tDuration: x ms",
            "hello REPORT RequestId: 1",
        ] {
            assert_eq!(Report::parse(line), None, "{line}");
        }
    }

    #[test]
    fn the_platforms_lines_are_told_from_the_functions() {
        assert_eq!(LOG.lines().map(is_platforms).collect::<Vec<_>>(), [true, false, true, true]);
    }
}
