//! Watches: level-triggered, lossy wake-ups. A watcher always reads again; it never learns *what* changed.

use std::sync::Arc;

use tokio::sync::Notify;

/// What is watched: any bytes, hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Topic(pub u64);

/// Subscribed from the moment it was made: a touch between making and awaiting isn't missed.
#[derive(Debug)]
pub struct Watch {
    notify: Arc<Notify>,
}
