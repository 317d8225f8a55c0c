//! The calls that are under way for a mapping.

use std::sync::Arc;

use tokio::sync::watch;

/// Counts them, whichever revision of the mapping began them.
#[derive(Debug, Default)]
pub(crate) struct Load(watch::Sender<u32>);

/// One call, until it is dropped.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Load>);

impl Load {
    pub(crate) fn begin(self: &Arc<Self>) -> Busy {
        self.0.send_modify(|running| *running += 1);
        Busy(Arc::clone(self))
    }

    pub(crate) fn running(&self) -> u32 {
        *self.0.borrow()
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u32> {
        self.0.subscribe()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.0.send_modify(|running| *running = running.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_counts_until_it_is_over() {
        let load = Arc::<Load>::default();
        let changes = load.changes();
        let (one, two) = (load.begin(), load.begin());
        assert_eq!(load.running(), 2);
        drop(one);
        assert!(changes.has_changed().unwrap() && load.running() == 1);
        drop(two);
        assert_eq!(load.running(), 0);
    }
}
