//! `ResultWriter`: what children came to, in files of S3.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use updraft_asl::run::{Failed, Writer};
use updraft_kernel::ports::ApiCall;
use updraft_kernel::{AwsError, Ctx};

use super::Kept;
use super::pending::Pending;
use super::results::{Form, Results};
use crate::StepFunctions;
use crate::model::map_run::MapRun;
use crate::model::name::MapRunId;

/// A file isn't made larger than this by one more child; AWS's may have gigabytes.
const LARGEST: usize = 8 << 20;

/// Why it couldn't be done.
pub(super) enum Unwritten {
    Never(Failed),
    ForNow(AwsError),
}

impl From<AwsError> for Unwritten {
    fn from(error: AwsError) -> Self {
        Self::ForNow(error)
    }
}

/// Where files go.
struct Place<'a> {
    svc: &'a StepFunctions,
    cx: &'a Ctx,
    bucket: &'a str,
    folder: String,
    /// `JSONL`: a line each.
    lines: bool,
}

/// Writes everything again where it was written before, so that doing it twice does no harm. Answers the state's output.
pub(super) async fn export(
    (svc, cx): (&StepFunctions, &Ctx),
    (run, kept, row): (&MapRunId, &Kept, &MapRun),
    writer: &Writer,
) -> Result<Value, Unwritten> {
    let text = |name: &str| writer.arguments.get(name).and_then(Value::as_str).unwrap_or_default();
    let prefix = text("Prefix").trim_end_matches('/');
    let folder = if prefix.is_empty() { run.name().to_owned() } else { format!("{prefix}/{}", run.name()) };
    let lines = writer.config.get("OutputType").and_then(Value::as_str) == Some("JSONL");
    let place = Place { svc, cx, bucket: text("Bucket"), folder, lines };
    let form = Form::of(&writer.config, Form::None);
    let (mut succeeded, mut failed) = (Files::new("SUCCEEDED"), Files::new("FAILED"));
    let mut results = Results::new(svc, run);
    while let Some(came) = results.next().await? {
        let files = if came.well() { &mut succeeded } else { &mut failed };
        for shown in form.shown(&came) {
            files.add(&place, &shown).await?;
        }
    }
    succeeded.write(&place).await?;
    failed.write(&place).await?;
    let pending = pending(&place, (run, kept, row)).await?;
    let manifest = json!({
        "DestinationBucket": place.bucket,
        "MapRunArn": run.arn().to_string(),
        "ResultFiles": { "FAILED": failed.written, "PENDING": pending.written, "SUCCEEDED": succeeded.written },
    });
    let key = format!("{}/manifest.json", place.folder);
    place.put(&key, manifest.to_string()).await?;
    let details = json!({ "Bucket": place.bucket, "Key": key });
    Ok(json!({ "MapRunArn": run.arn().to_string(), "ResultWriterDetails": details }))
}

/// What was never begun.
async fn pending(place: &Place<'_>, (run, kept, row): (&MapRunId, &Kept, &MapRun)) -> Result<Files, Unwritten> {
    let mut files = Files::new("PENDING");
    if let Some(at) = &row.cursor {
        let definition = super::definition(place.svc, run, kept).await?;
        let mut pending = Pending::new((place.svc, place.cx, kept), &definition, at.clone())?;
        while let Some(shown) = pending.next().await? {
            files.add(place, &shown).await?;
        }
    }
    files.write(place).await?;
    Ok(files)
}

/// Files of one status.
struct Files {
    status: &'static str,
    open: String,
    written: Vec<Value>,
}

impl Files {
    const fn new(status: &'static str) -> Self {
        Self { status, open: String::new(), written: Vec::new() }
    }

    async fn add(&mut self, place: &Place<'_>, shown: &Value) -> Result<(), Unwritten> {
        let text = shown.to_string();
        if !self.open.is_empty() && self.open.len() + text.len() > LARGEST {
            self.write(place).await?;
        }
        let before = match (place.lines, self.open.is_empty()) {
            (true, true) => "",
            (true, false) => "\n",
            (false, true) => "[",
            (false, false) => ",",
        };
        self.open.push_str(before);
        self.open.push_str(&text);
        Ok(())
    }

    /// The file that is open, if there is one.
    async fn write(&mut self, place: &Place<'_>) -> Result<(), Unwritten> {
        let mut text = std::mem::take(&mut self.open);
        if text.is_empty() {
            return Ok(());
        }
        text.push_str(if place.lines { "\n" } else { "]" });
        let kind = if place.lines { "jsonl" } else { "json" };
        let key = format!("{}/{}_{}.{kind}", place.folder, self.status, self.written.len());
        self.written.push(json!({ "Key": key, "Size": text.len() }));
        place.put(&key, text).await
    }
}

impl Place<'_> {
    async fn put(&self, key: &str, text: String) -> Result<(), Unwritten> {
        let input = json!({ "Bucket": self.bucket, "Key": key, "Body": STANDARD.encode(text) });
        let call = ApiCall { service: "s3".to_owned(), operation: "putObject".to_owned(), input };
        match self.svc.parts.dispatch.call(self.cx, call).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_conflict() || error.code().status >= 500 => Err(Unwritten::ForNow(error)),
            Err(error) => {
                let (message, code) = (error.message(), error.code().name);
                let cause = Some(format!("{message} (Service: Amazon S3; Error Code: {code})"));
                Err(Unwritten::Never(Failed { error: Some("States.ResultWriterFailed".to_owned()), cause }))
            }
        }
    }
}
