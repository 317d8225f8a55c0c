//! What of a sandbox outlives it, for the next one of the same function.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use super::cgroup::Group;
use super::reaper::Reaper;
use super::sys::mount;

/// The `/tmp` of a sandbox in which nobody is left, and the control group that its files are counted in. Whoever goes on
/// with it has the same host user. Dropping it removes both.
#[derive(Debug)]
pub struct Remains {
    pub(super) tmp: Option<OwnedFd>,
    pub(super) group: Option<Arc<dyn Group>>,
    pub(super) uid: u32,
    pub(super) reaper: Reaper,
}

impl Remains {
    /// How much there is in `/tmp`, in bytes. `None`: nobody knows.
    #[must_use]
    pub fn tmp_bytes(&self) -> Option<u64> {
        self.tmp.as_ref().and_then(|tmp| mount::used(tmp).ok())
    }

    /// Both, for a sandbox of the same user.
    pub(super) fn taken(mut self) -> (Option<OwnedFd>, Option<Arc<dyn Group>>) {
        (self.tmp.take(), self.group.take())
    }
}

impl Drop for Remains {
    fn drop(&mut self) {
        // First the files, or the group would be gone before what is counted in it.
        drop(self.tmp.take());
        if let Some(group) = self.group.take() {
            self.reaper.remove(group);
        }
    }
}
