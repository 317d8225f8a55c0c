//! Settings of the sandbox.

use std::path::PathBuf;

use crate::Level;

/// Settings of [`crate::ProcessBackend`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Sandboxes are refused on hosts that isolate less. Default: [`Level::Full`].
    pub minimum: Level,
    /// The program whose `main` calls [`crate::init_main`] first. Default: the running one.
    pub helper: PathBuf,
    /// Whether control groups are used where there are any. Default: true. Without them, no level above
    /// [`Level::NoCgroup`] is reached.
    pub control_groups: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self { minimum: Level::Full, helper: "/proc/self/exe".into(), control_groups: true }
    }
}
