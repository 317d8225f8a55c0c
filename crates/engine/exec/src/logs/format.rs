//! The platform's own log lines, as AWS writes them.

use std::time::Duration;

use jiff::Timestamp;
use updraft_kernel::UnixMillis;

use super::platform::Status;
use crate::failure::Failure;

/// What the `REPORT` line tells.
#[derive(Clone, Debug)]
pub(crate) struct Report<'a> {
    pub(crate) duration: Duration,
    pub(crate) memory_mb: u32,
    pub(crate) peak_bytes: Option<u64>,
    /// How long the instance's start took, if this was its first call.
    pub(crate) init: Option<Duration>,
    pub(crate) failure: Option<&'a Failure>,
}

impl Report<'_> {
    /// In milliseconds. AWS: each one that was begun.
    pub(crate) fn billed(&self) -> u128 {
        self.duration.as_nanos().div_ceil(1_000_000).max(1)
    }

    /// The highest memory use, in MB.
    pub(crate) fn peak_mb(&self) -> u64 {
        let memory = u64::from(self.memory_mb);
        self.peak_bytes.map_or(memory, |bytes| bytes.div_ceil(1 << 20).min(memory))
    }
}

pub(crate) fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}

/// `Platform`, of `platform`.
pub(crate) fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

pub(crate) fn start(request_id: &str, version: &str) -> String {
    format!("START RequestId: {request_id} Version: {version}\n")
}

pub(crate) fn end(request_id: &str) -> String {
    format!("END RequestId: {request_id}\n")
}

pub(crate) fn report(request_id: &str, report: &Report<'_>) -> String {
    let (billed, memory, peak) = (report.billed(), report.memory_mb, report.peak_mb());
    let mut line = format!(
        "REPORT RequestId: {request_id}\tDuration: {:.2} ms\tBilled Duration: {billed} ms\tMemory Size: {memory} MB\tMax Memory Used: {peak} MB\t",
        millis(report.duration),
    );
    if let Some(init) = report.init {
        line += &format!("Init Duration: {:.2} ms\t", millis(init));
    }
    match report.failure {
        Some(Failure::ResponseTooLarge(_)) | None => {}
        Some(Failure::TimedOut(_)) => line += "Status: timeout",
        Some(failure) => line += &format!("Status: error\tError Type: {}", failure.kind()),
    }
    line.push('\n');
    line
}

/// The line of a start; `note` says where this host differs from AWS.
pub(crate) fn init_start(version: &str, note: Option<&str>) -> String {
    match note {
        Some(note) => format!("INIT_START Runtime Version: {version}\tNote: {note}\n"),
        None => format!("INIT_START Runtime Version: {version}\n"),
    }
}

/// The line of a start that failed. AWS: there is none for others.
pub(crate) fn init_report(took: Duration, phase: &str, status: &Status) -> Option<String> {
    let head = format!("INIT_REPORT Init Duration: {:.2} ms\tPhase: {phase}\t", millis(took));
    match status {
        Status::Success => None,
        Status::Failure(kind) => Some(format!("{head}Status: error\tError Type: {kind}\n")),
        Status::Error => Some(format!("{head}Status: error\n")),
        Status::Timeout => Some(format!("{head}Status: timeout\n")),
    }
}

/// What the platform says about an invocation that it had to end; `None` where the function said it itself.
pub(crate) fn verdict(failure: &Failure, request_id: &str, now: UnixMillis) -> Option<String> {
    match failure {
        Failure::TimedOut(limit) => {
            let at = timestamp(now);
            Some(format!("{at} {request_id} Task timed out after {:.2} seconds\n\n", limit.as_secs_f64()))
        }
        Failure::Exited(_) | Failure::Truncated | Failure::Extension { .. } | Failure::Init { .. } => {
            Some(format!("{}\n{}\n", failure.message(request_id), failure.kind()))
        }
        Failure::ResponseTooLarge(_) => None,
    }
}

/// `2026-01-31T12:00:00.000Z`.
pub(crate) fn timestamp(at: UnixMillis) -> String {
    Timestamp::from_millisecond(at.0).map(|t| format!("{t:.3}")).unwrap_or_default()
}

/// `2026/01/31/[$LATEST]0123…`; `tail` is 32 hexadecimal digits.
pub(crate) fn stream(at: UnixMillis, version: &str, tail: &str) -> String {
    let date = Timestamp::from_millisecond(at.0).map(|t| t.strftime("%Y/%m/%d").to_string()).unwrap_or_default();
    format!("{date}/[{version}]{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    fn sample(failure: Option<&Failure>) -> Report<'_> {
        Report {
            duration: Duration::from_micros(3_010),
            memory_mb: 128,
            peak_bytes: Some(36 << 20),
            init: None,
            failure,
        }
    }

    #[test]
    fn a_report_reads_as_recorded() {
        let first = Report { init: Some(Duration::from_micros(110_100)), ..sample(None) };
        assert_eq!(
            report("id", &first),
            "REPORT RequestId: id\tDuration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tInit Duration: 110.10 ms\t\n"
        );
        assert_eq!(
            report("id", &sample(None)),
            "REPORT RequestId: id\tDuration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t\n"
        );
        let exited = Failure::Exited(Exit::Code(1));
        assert!(report("id", &sample(Some(&exited))).ends_with("\tStatus: error\tError Type: Runtime.ExitError\n"));
    }

    #[test]
    fn dates_are_written_as_aws_does() {
        let at = UnixMillis(1_769_860_800_123);
        assert_eq!(timestamp(at), "2026-01-31T12:00:00.123Z");
        assert_eq!(stream(at, "$LATEST", "00ff"), "2026/01/31/[$LATEST]00ff");
        let out = verdict(&Failure::TimedOut(Duration::from_secs(3)), "id", at).unwrap();
        assert_eq!(out, "2026-01-31T12:00:00.123Z id Task timed out after 3.00 seconds\n\n");
    }
}
