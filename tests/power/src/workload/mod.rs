//! What the recorded processes do. Each says what it does (`say`), so that a recording holds both the writes and the
//! promises made between them.

mod blobs;
mod engine;
mod say;
mod script;
mod store;

use std::path::Path;

use anyhow::Result;

pub(crate) use blobs::{content, name_key, names, open_blobs};
pub(crate) use engine::{Engine, store_folder};
pub(crate) use say::Line;
pub(crate) use script::{
    ACCOUNTS, Rows, Script, account_key, again_key, all, counter_key, log_key, log_suffix, rows_of, step_key,
};
pub(crate) use store::number;

/// A workload, as it is named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    Store,
    Blobs,
    /// Fills the store until its journal is nearly as long as a journal gets.
    Fill,
    /// The store workload behind that: a new journal is begun, and the old one deleted.
    Rotate,
}

/// So many large rows leave room for less than one in a journal of fjall, which ends at 64,000,000 bytes.
const FILL: u8 = 160;

/// Runs one on the folder.
///
/// # Errors
/// If anything isn't acknowledged.
pub(crate) async fn run(kind: Kind, engine: Engine, folder: &Path, clients: usize, steps: usize) -> Result<()> {
    match kind {
        Kind::Store => store::run(engine, folder, Script { clients, steps }).await,
        Kind::Blobs => blobs::run(engine, folder, steps).await,
        Kind::Fill => store::fill(engine, folder, FILL).await,
        Kind::Rotate => {
            store::fill(engine, folder, 1).await?;
            store::run(engine, folder, Script { clients, steps }).await
        }
    }
}
