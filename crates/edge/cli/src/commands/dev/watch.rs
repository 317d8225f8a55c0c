//! What is saved in a folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use updraft_kernel::{Clock, SystemClock};

use super::package::is_left_out;

/// Saving is over when nothing happened for so long: editors write a file in several steps, and several files.
const QUIET: Duration = Duration::from_millis(20);
/// What goes on for longer is looked at in between.
const LONGEST: Duration = Duration::from_secs(1);

/// A folder that is watched until this is dropped.
pub(super) struct Changes {
    folder: PathBuf,
    events: UnboundedReceiver<notify::Result<Event>>,
    clock: SystemClock,
    _watcher: RecommendedWatcher,
}

/// What was saved at about the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Saved {
    /// Relative to the folder.
    pub(super) names: BTreeSet<String>,
    /// How long ago the first of it was.
    pub(super) ago: Duration,
}

impl Saved {
    /// Nothing was, but the function must be made once more.
    pub(super) fn again() -> Self {
        Self { names: BTreeSet::new(), ago: Duration::ZERO }
    }
}

impl Changes {
    pub(super) fn watch(folder: &Path) -> Result<Self> {
        let advice = || {
            format!(
                "{} can't be watched; if it has very many folders, raise fs.inotify.max_user_watches",
                folder.display()
            )
        };
        let (to, events) = unbounded_channel();
        let mut watcher = notify::recommended_watcher(move |event| drop(to.send(event))).with_context(advice)?;
        watcher.watch(folder, RecursiveMode::Recursive).with_context(advice)?;
        Ok(Self { folder: folder.to_owned(), events, clock: SystemClock::new(), _watcher: watcher })
    }

    /// The next save that matters, when it is over.
    pub(super) async fn next(&mut self) -> Result<Saved> {
        let mut names = BTreeSet::new();
        while names.is_empty() {
            let event = self.events.recv().await.context("the folder isn't watched any more")?;
            names.extend(self.changed(&event?));
        }
        let from = self.clock.monotonic();
        while self.clock.monotonic() - from < LONGEST {
            tokio::select! {
                event = self.events.recv() => names.extend(self.changed(&event.context("the folder isn't watched any more")??)),
                () = self.clock.pause(QUIET) => break,
            }
        }
        Ok(Saved { names, ago: self.clock.monotonic() - from })
    }

    fn changed(&self, event: &Event) -> Vec<String> {
        if event.need_rescan() {
            return vec!["much at once".to_owned()];
        }
        let matters = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
            // Reading is no change, and we read everything.
            EventKind::Access(_) => false,
            _ => true,
        };
        let names = event.paths.iter().filter_map(|path| path.strip_prefix(&self.folder).ok());
        let names = names.filter(|name| !name.iter().any(is_left_out));
        names.map(|name| name.display().to_string()).filter(|name| matters && !name.is_empty()).collect()
    }
}
