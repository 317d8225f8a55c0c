//! What this host can isolate, as found by trying.

use serde::{Deserialize, Serialize};

/// How well functions are kept apart here. Ordered: a greater level protects more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// Nothing that deserves the name.
    #[default]
    None,
    /// File access and system calls are restricted, but processes and network are shared.
    LandlockOnly,
    /// All but a network of its own.
    NoNetns,
    /// All but hard limits on memory, processor time and number of processes.
    NoCgroup,
    /// Every escape tried by the probe failed and every limit held.
    Full,
}

impl Level {
    /// The name used in logs, the health page and configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::NoCgroup => "no-cgroup",
            Self::NoNetns => "no-netns",
            Self::LandlockOnly => "landlock-only",
            Self::None => "none",
        }
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One line of what `updraft doctor` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Capability {
    /// Short name, such as `network-namespace`.
    pub name: &'static str,
    /// Whether the probe saw it work.
    pub found: bool,
    /// What it protects.
    pub protects: &'static str,
    /// What happens without it.
    pub without: &'static str,
    /// How to get it.
    pub mend: &'static str,
    /// The highest level that can be reached while this is missing.
    pub caps_at: Level,
}

/// The result of a probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The level that results from the rows.
    pub level: Level,
    /// One row per capability, found or not.
    pub rows: Vec<Capability>,
    /// Why the probe itself could not go on, if it could not.
    pub trouble: Option<String>,
}

impl Report {
    /// Derives the level from the rows.
    #[must_use]
    pub fn from_rows(rows: Vec<Capability>) -> Self {
        let level = rows.iter().filter(|row| !row.found).map(|row| row.caps_at).min().unwrap_or(Level::Full);
        Self { level, rows, trouble: None }
    }

    /// The first missing capability that keeps this host below `minimum`.
    #[must_use]
    pub fn obstacle(&self, minimum: Level) -> Option<&Capability> {
        self.rows.iter().find(|row| !row.found && row.caps_at < minimum)
    }
}
