//! `updraft restore`: a snapshot's state into an empty data folder or database, without a running platform.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use tokio::fs::File;
use tokio::io::BufReader;
use updraft_cli::{RestoreArgs, StartArgs, out};
use updraft_kernel::{OsRng, SystemClock};
use updraft_snapshot::{Info, Target, Totals, restore};
use updraft_store::Store;

use crate::config::Config;
use crate::data::DataFolder;
use crate::open;
use crate::places::StorePlace;

/// Bytes of the file read at once.
const READ: usize = 1 << 20;

/// # Errors
/// If the snapshot can't be used, or there is something where it is to go: with what to do.
pub(crate) async fn run(args: &RestoreArgs) -> Result<()> {
    let config = config(args)?;
    if config.store == StorePlace::Memory {
        bail!("what is restored into memory is lost at once; choose another --store");
    }
    // First the file: a typing error shouldn't make folders.
    let file = open_file(&args.file).await?;
    let data = DataFolder::open(config.data.as_deref())?;
    let store = open::store(&config, &data).await?;
    let restored = into(&*store, file, &config, &data).await;
    let closed = store.close().await;
    let info = restored.with_context(|| format!("{} can't be restored", args.file.display()))?;
    closed.context("the store can't be closed")?;
    print(&info, &open::described(&config, &data))
}

async fn into(store: &dyn Store, file: File, config: &Config, data: &DataFolder) -> Result<Info> {
    let blobs = open::blobs(config, data, Arc::new(OsRng), Arc::new(SystemClock::new())).await?;
    let size = file.metadata().await?.len();
    let mut told = Told { of: size.saturating_mul(2), tenths: 0 };
    let mut progress = move |read| told.progress(read);
    let target = Target { store, blobs: &*blobs };
    Ok(restore(BufReader::with_capacity(READ, file), target, &mut progress).await?)
}

fn config(args: &RestoreArgs) -> Result<Config> {
    Config::resolve(&StartArgs { places: args.places.clone(), ..StartArgs::default() })
}

async fn open_file(path: &Path) -> Result<File> {
    File::open(path).await.with_context(|| format!("can't read {}", path.display()))
}

/// From this size on it is told how far it is.
const LONG: u64 = 256 << 20;

/// What was told of how far it is.
struct Told {
    /// Twice the file's size: checking is the first half, restoring the second.
    of: u64,
    tenths: u64,
}

impl Told {
    /// A line at each tenth. That nobody reads them is no reason to stop.
    fn progress(&mut self, read: u64) {
        let tenths = read.saturating_mul(10) / self.of.max(1);
        if tenths > self.tenths && self.of >= LONG {
            self.tenths = tenths;
            let doing = if read <= self.of / 2 { "checked" } else { "restored" };
            drop(out::line(&out::dim(&format!("{doing}, {} % done", tenths * 10))));
        }
    }
}

fn print(info: &Info, place: &str) -> Result<()> {
    let Totals { rows, row_bytes, blobs, blob_bytes } = info.totals;
    out::line(&format!("restored into {}", out::bold(place)))?;
    Ok(out::line(&format!("{rows} rows ({row_bytes} bytes), {blobs} blobs ({blob_bytes} bytes)"))?)
}
