//! An answer, for a person or for a program.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use crate::args::InvokeArgs;
use crate::lambda::Answer;
use crate::out::{Look, To};
use crate::report::{Report, is_platforms};
use crate::{out, pretty};

/// Prints an answer that took `took`.
pub(super) fn answer(args: &InvokeArgs, answer: &Answer, took: Duration) -> Result<()> {
    if args.call.connection.json {
        return Ok(out::line(&as_json(answer, took).to_string())?);
    }
    if let (true, Some(log)) = (args.log, &answer.log) {
        tail(log)?;
    }
    if args.event {
        return handed_over(args, answer);
    }
    match answer.failure() {
        None => body(&answer.payload)?,
        Some(what) => failure(&what, &answer.payload)?,
    }
    if To::Remark.is_terminal() {
        let failed = answer.error.is_some();
        let mark = if failed { To::Remark.paint(Look::Red, "✗") } else { To::Remark.paint(Look::Green, "✓") };
        out::remark(&format!("{mark} {}", To::Remark.paint(Look::Dim, &summary(answer, took))))?;
    }
    Ok(())
}

/// The log's end, beside the answer. What the platform wrote into it is less important.
pub(super) fn tail(log: &str) -> Result<()> {
    for line in log.lines() {
        let line = if is_platforms(line) { To::Remark.paint(Look::Dim, line) } else { line.to_owned() };
        out::remark(&line)?;
    }
    Ok(())
}

/// As the function gave it, or easier to read on a terminal.
fn body(payload: &[u8]) -> Result<()> {
    let value = serde_json::from_slice::<Value>(payload).ok().filter(|_| To::Answer.is_terminal());
    match value {
        Some(value) => out::line(&pretty::json(&value))?,
        None => To::Answer.bytes(&[payload, b"\n"].concat())?,
    }
    Ok(())
}

/// What the function failed with: on a terminal as a language would print it.
fn failure(what: &str, payload: &[u8]) -> Result<()> {
    if !To::Answer.is_terminal() {
        body(payload)?;
        return Ok(out::remark(&format!("updraft: the function failed: {what}"))?);
    }
    out::line(&out::red(what))?;
    let value: Value = serde_json::from_slice(payload).unwrap_or_default();
    let trace = value.get("stackTrace").or_else(|| value.get("trace")).and_then(Value::as_array);
    for step in trace.into_iter().flatten().filter_map(Value::as_str) {
        // Node's trace begins with the error itself.
        for line in step.trim_end().lines().filter(|line| *line != what) {
            out::line(&out::dim(line))?;
        }
    }
    Ok(())
}

fn handed_over(args: &InvokeArgs, answer: &Answer) -> Result<()> {
    let id = answer.request_id.as_deref().unwrap_or("?");
    out::line(&format!("{} handed over as {id}", out::green("✓")))?;
    let advice = format!("`updraft logs {} --follow` shows what becomes of it", args.function);
    Ok(out::remark(&To::Remark.paint(Look::Dim, &advice))?)
}

fn summary(answer: &Answer, took: Duration) -> String {
    let mut parts = vec![format!("{:.1} ms", took.as_secs_f64() * 1000.0)];
    if let Some(report) = answer.log.as_deref().and_then(Report::last) {
        parts.push(format!("billed {} ms", report.billed.as_millis()));
        parts.push(format!("{} of {} MB", report.peak_mb, report.memory_mb));
        parts.extend(report.init.map(|init| format!("cold start {:.0} ms", init.as_secs_f64() * 1000.0)));
    }
    parts.extend(answer.version.iter().filter(|version| *version != "$LATEST").map(|v| format!("version {v}")));
    parts.extend(answer.execution.iter().cloned());
    parts.join(" · ")
}

fn as_json(answer: &Answer, took: Duration) -> Value {
    let payload = String::from_utf8_lossy(&answer.payload);
    let payload = serde_json::from_str(&payload).unwrap_or_else(|_| Value::from(payload.into_owned()));
    let millis = |span: Duration| (span.as_secs_f64() * 1_000_000.0).round() / 1000.0;
    let report = answer.log.as_deref().and_then(Report::last).map(|report| {
        json!({
            "durationMillis": millis(report.duration), "billedMillis": millis(report.billed),
            "memoryMB": report.memory_mb, "maxMemoryUsedMB": report.peak_mb, "initMillis": report.init.map(millis),
        })
    });
    json!({
        "statusCode": answer.status, "functionError": answer.error, "payload": payload,
        "executedVersion": answer.version, "requestId": answer.request_id,
        "durableExecutionArn": answer.execution, "tookMillis": millis(took), "report": report, "log": answer.log,
    })
}
