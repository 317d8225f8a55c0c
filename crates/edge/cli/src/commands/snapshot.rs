//! `updraft snapshot`: the state of a running platform in a file, and looking at such files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use http::Request;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::AsyncWriteExt;
use updraft_snapshot::{Head, Info, Totals, verify};

use crate::args::SnapshotArgs;
use crate::client::Client;
use crate::out;

/// # Errors
/// If nothing answers, or the file can't be written, isn't whole, or is there already.
pub async fn run(args: &SnapshotArgs) -> Result<()> {
    if args.info {
        let head = updraft_snapshot::head(open(&args.file).await?).await.with_context(|| told(&args.file))?;
        return print(args, &head, None);
    }
    let info = match args.verify {
        true => verified(&args.file).await?,
        false => take(args).await?,
    };
    print(args, &info.head, Some(info.totals))
}

/// Written beside, checked, synced, then renamed: the file is whole and good, or it isn't there.
async fn take(args: &SnapshotArgs) -> Result<Info> {
    if !args.force && fs::try_exists(&args.file).await? {
        bail!("{} is there already; choose another name, or say --force", args.file.display());
    }
    let partial = partial(&args.file)?;
    let outcome = write(args, &partial).await;
    if outcome.is_err() {
        drop(fs::remove_file(&partial).await);
    }
    outcome
}

async fn write(args: &SnapshotArgs, partial: &Path) -> Result<Info> {
    let advice = || format!("can't write {}", partial.display());
    let mut options = OpenOptions::new();
    // Everything that the platform knows is in it, customers' data too.
    let options = options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(partial).await.with_context(advice)?;
    let client = Client::new(&args.connection.endpoint);
    let request = Request::get("/_updraft/snapshot").body(bytes::Bytes::new())?;
    let mut body = client.open(request).await?;
    while let Some(piece) = body.next().await.context("the snapshot broke off")? {
        file.write_all(&piece).await.with_context(advice)?;
    }
    file.flush().await.with_context(advice)?;
    file.sync_all().await.with_context(advice)?;
    let info = verified(partial).await?;
    fs::rename(partial, &args.file).await.with_context(advice)?;
    let folder = args.file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).await.with_context(advice)?.sync_all().await.with_context(advice)?;
    Ok(info)
}

async fn verified(file: &Path) -> Result<Info> {
    let source = tokio::io::BufReader::with_capacity(1 << 20, open(file).await?);
    verify(source, &mut |_| {}).await.with_context(|| told(file))
}

async fn open(file: &Path) -> Result<File> {
    File::open(file).await.with_context(|| format!("can't read {}", file.display()))
}

fn told(file: &Path) -> String {
    format!("{} can't be used", file.display())
}

/// The same name with `.partial` behind it.
fn partial(file: &Path) -> Result<PathBuf> {
    let mut name = file.file_name().with_context(|| format!("{} is no file name", file.display()))?.to_owned();
    name.push(".partial");
    Ok(file.with_file_name(name))
}

fn moment(head: &Head) -> String {
    Timestamp::from_millisecond(head.created_at.0).map_or_else(|_| "?".to_owned(), |at| at.to_string())
}

fn shown(args: &SnapshotArgs, head: &Head, totals: Option<Totals>) -> Value {
    let mut value = json!({
        "file": args.file,
        "createdBy": head.created_by,
        "createdAt": moment(head),
        "source": head.source,
        "dataFormat": head.data_format,
    });
    if let (Some(Totals { rows, row_bytes, blobs, blob_bytes }), Some(object)) = (totals, value.as_object_mut()) {
        let counted = [("rows", rows), ("rowBytes", row_bytes), ("blobs", blobs), ("blobBytes", blob_bytes)];
        object.extend(counted.map(|(name, count)| (name.to_owned(), json!(count))));
    }
    value
}

fn print(args: &SnapshotArgs, head: &Head, totals: Option<Totals>) -> Result<()> {
    if args.connection.json {
        return Ok(out::line(&shown(args, head, totals).to_string())?);
    }
    let Head { created_by, source, .. } = head;
    let name = out::bold(&args.file.display().to_string());
    out::line(&format!("{name}  of {source}, at {}, by updraft {created_by}", moment(head)))?;
    if let Some(Totals { rows, row_bytes, blobs, blob_bytes }) = totals {
        out::line(&format!("whole: {rows} rows ({row_bytes} bytes), {blobs} blobs ({blob_bytes} bytes)"))?;
    }
    Ok(())
}
