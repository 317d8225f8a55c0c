//! What there is to tell of the nodes.

use std::time::Duration;

use updraft_kernel::UnixMillis;
use updraft_store::{Result, StoreExt};

use crate::beat;
use crate::decide::View;
use crate::member::Member;
use crate::rows::{NodeId, NodeRow, Phase};

/// What a node is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeState {
    /// The only one on its store, which no other process can open.
    Alone,
    Starting,
    Serving,
    /// Hands its work over and leaves.
    Draining,
    /// Has no part in the work until its clock is right again.
    Skewed,
    /// Was last seen alive so long ago that others have its work. The store's time.
    Dead {
        since: UnixMillis,
    },
    /// Has left.
    Gone,
}

/// One node. What an embedded store's only node doesn't have is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeInfo {
    pub id: Option<NodeId>,
    pub name: String,
    pub address: String,
    pub version: String,
    pub state: NodeState,
    /// The store's time.
    pub started: Option<UnixMillis>,
    /// How long ago its last heart-beat was.
    pub beat_age: Option<Duration>,
    /// How far its machine's clock is ahead of the store's.
    pub skew_millis: Option<i64>,
    /// How many leases it has; `None`: all there are.
    pub leases: Option<usize>,
}

impl NodeState {
    /// In one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Starting => "starting",
            Self::Serving => "serving",
            Self::Draining => "draining",
            Self::Skewed => "skewed",
            Self::Dead { .. } => "dead",
            Self::Gone => "gone",
        }
    }
}

impl From<Phase> for NodeState {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Starting => Self::Starting,
            Phase::Serving => Self::Serving,
            Phase::Draining => Self::Draining,
            Phase::Skewed => Self::Skewed,
        }
    }
}

/// The one entry of an embedded store.
pub(crate) fn alone() -> NodeInfo {
    NodeInfo {
        id: None,
        name: "this process".to_owned(),
        address: String::new(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        state: NodeState::Alone,
        started: None,
        beat_age: None,
        skew_millis: None,
        leases: None,
    }
}

/// All nodes that have a row, in order of their ids.
pub(crate) async fn list(member: &Member) -> Result<Vec<NodeInfo>> {
    let now = member.parts.store.now().await?;
    let view = beat::view(&mut member.parts.store.read().await?, now).await?;
    Ok(view.nodes.iter().map(|(id, row)| info(&view, *id, row)).collect())
}

fn info(view: &View, id: NodeId, row: &NodeRow) -> NodeInfo {
    let state = if row.is_live(view.now) { row.phase.into() } else { NodeState::Dead { since: row.expires } };
    NodeInfo {
        id: Some(id),
        name: row.name.clone(),
        address: row.address.clone(),
        version: row.version.clone(),
        state,
        started: Some(row.started),
        beat_age: Some(view.now.since(row.beat)),
        skew_millis: Some(row.skew_millis),
        leases: Some(view.leases.values().filter(|lease| lease.holder == Some(id)).count()),
    }
}
