//! [`Nodes`]: this node among the others.

use std::sync::Arc;

use tokio::sync::watch;
use updraft_kernel::{RngExt, Tasks};
use updraft_store::Result;

use crate::beat::beat;
use crate::health::Health;
use crate::info::{self, NodeInfo, NodeState};
use crate::lease::{Epoch, Lease, Standing};
use crate::life;
use crate::member::Member;
use crate::rows::NodeId;
use crate::settings::{JoinError, Parts};
use crate::skew;

/// This node, and what it knows of the others. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Nodes(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Alone(Arc<Alone>),
    Many(Arc<Member>),
}

#[derive(Debug)]
struct Alone {
    standing: watch::Sender<Standing>,
    health: watch::Sender<Health>,
    crew_size: watch::Sender<usize>,
}

impl Nodes {
    /// The only one on its store: holds every lease from the beginning, and writes nothing.
    #[must_use]
    pub fn alone() -> Self {
        let standing = watch::Sender::new(Standing { held: Some(Epoch(1)), wanted: false });
        let health = watch::Sender::new(Health::of(NodeState::Alone));
        Self(Kind::Alone(Arc::new(Alone { standing, health, crew_size: watch::Sender::new(1) })))
    }

    /// One of many on a shared store. The others see it from now on; it has its part in the work from [`Self::start`]
    /// on, before which everything asks for its leases.
    ///
    /// # Errors
    /// If this machine's clock is too far off the store's, the settings don't fit, or the store fails.
    pub async fn join(parts: Parts) -> std::result::Result<Self, JoinError> {
        let (beat_span, ttl) = (parts.settings.beat, parts.settings.ttl);
        if beat_span.is_zero() || ttl < beat_span * 2 {
            return Err(JoinError::Beat { beat: beat_span, ttl });
        }
        let tick = skew::look(&*parts.store, &*parts.clock).await?;
        if tick.skew.is_over(parts.settings.max_skew) {
            return Err(JoinError::Skewed { millis: tick.skew.millis, allowed: parts.settings.max_skew });
        }
        let id = NodeId(parts.rng.u64());
        let member = Arc::new(Member::new(id, parts, tick));
        beat(&member).await?;
        Ok(Self(Kind::Many(member)))
    }

    /// Begins to have a part in the work, until [`Self::leave`] or a shutdown, which both hand it over. To be called
    /// once.
    pub fn start(&self, tasks: &Tasks) {
        if let Kind::Many(member) = &self.0 {
            member.go_to_work();
            tasks.spawn("nodes", life::run(Arc::clone(member), tasks.shutdown()));
        }
    }

    /// Hands everything over and leaves: begins nothing new, waits until what is under way is finished and released
    /// (for as long as the settings' grace), and answers when the others have been told.
    pub async fn leave(&self) {
        let Kind::Many(member) = &self.0 else { return };
        if !member.is_at_work() {
            life::leave_at_once(member).await;
            member.gone();
        }
        member.begin_to_leave();
        let mut health = member.health.subscribe();
        if health.wait_for(|health| health.state == NodeState::Gone).await.is_err() {
            tracing::debug!("this node is gone already");
        }
    }

    /// All nodes of this store, in order of their ids; an embedded store has only this one.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn list(&self) -> Result<Vec<NodeInfo>> {
        match &self.0 {
            Kind::Alone(_) => Ok(vec![info::alone()]),
            Kind::Many(member) => info::list(member).await,
        }
    }

    /// How this node is, now and when it changes.
    #[must_use]
    pub fn health(&self) -> watch::Receiver<Health> {
        match &self.0 {
            Kind::Alone(alone) => alone.health.subscribe(),
            Kind::Many(member) => member.health.subscribe(),
        }
    }

    /// How many nodes share the work, now and when that changes: with it changes [`Self::share`].
    #[must_use]
    pub fn crew_size(&self) -> watch::Receiver<usize> {
        match &self.0 {
            Kind::Alone(alone) => alone.crew_size.subscribe(),
            Kind::Many(member) => member.crew_size.subscribe(),
        }
    }

    /// How this node calls itself; `None` on an embedded store.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match &self.0 {
            Kind::Alone(_) => None,
            Kind::Many(member) => Some(&member.parts.settings.name),
        }
    }

    /// A handle on the lease of this name, which exists by being asked for: all nodes ask for the same names.
    #[must_use]
    pub fn lease(&self, name: &str) -> Lease {
        match &self.0 {
            Kind::Alone(alone) => Lease::new(name.to_owned(), alone.standing.subscribe(), None),
            Kind::Many(member) => Lease::new(name.to_owned(), member.table.ask(name), Some(Arc::clone(member))),
        }
    }

    /// This node's part of a limit that all nodes together must keep, at least 1 while `total` is.
    #[must_use]
    pub fn share(&self, total: u32) -> u32 {
        match &self.0 {
            Kind::Alone(_) => total,
            Kind::Many(member) => member.share(total),
        }
    }
}

#[cfg(test)]
impl Nodes {
    /// To step it by hand.
    pub(crate) fn member(&self) -> &Arc<Member> {
        match &self.0 {
            Kind::Many(member) => member,
            Kind::Alone(_) => panic!("it has joined nothing"),
        }
    }
}
