//! [`Nodes`]: this node among the others.

use std::sync::Arc;

use tokio::sync::watch;

use crate::lease::{Epoch, Lease, Standing};

/// This node, and what it knows of the others. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Nodes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    alone: watch::Sender<Standing>,
}

impl Nodes {
    /// The only one on its store: holds every lease from the beginning, and writes nothing.
    #[must_use]
    pub fn alone() -> Self {
        let standing = Standing { held: Some(Epoch(1)), wanted: false };
        Self(Arc::new(Inner { alone: watch::Sender::new(standing) }))
    }

    /// A handle on the lease of this name, which exists by being asked for: all nodes ask for the same names.
    #[must_use]
    pub fn lease(&self, name: &str) -> Lease {
        Lease::new(name.to_owned(), self.0.alone.subscribe())
    }

    /// This node's part of a limit that all nodes together must keep, at least 1 while `total` is.
    #[must_use]
    pub fn share(&self, total: u32) -> u32 {
        total
    }
}
