//! What a node does at a heart-beat: all of the rules, and no I/O.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use updraft_kernel::UnixMillis;

use crate::lease::{Epoch, Standing};
use crate::rows::{LeaseRow, NodeId, NodeRow, Phase};
use crate::spread::spread;

/// How long a dead node is still shown.
const REMEMBERED: Duration = Duration::from_secs(600);

/// What one transaction sees of the others.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// The store's time, read before the rows.
    pub(crate) now: UnixMillis,
    pub(crate) nodes: BTreeMap<NodeId, NodeRow>,
    pub(crate) leases: BTreeMap<String, LeaseRow>,
}

/// The one who decides.
#[derive(Clone, Debug)]
pub(crate) struct Me {
    pub(crate) id: NodeId,
    pub(crate) phase: Phase,
    /// The leases this node has work for, and which of them it could let go: nothing is under way.
    pub(crate) asked: BTreeMap<String, bool>,
    /// Lets everything go, whatever is under way.
    pub(crate) at_once: bool,
}

/// A lease's row to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) lease: String,
    pub(crate) to: LeaseRow,
}

/// What is to be written, and what is then true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) changes: Vec<Change>,
    /// How this node stands to each lease it has asked for, once the changes are committed.
    pub(crate) standings: BTreeMap<String, Standing>,
    /// Others can begin something: wake them.
    pub(crate) wake: bool,
    /// Nothing is left to hand over: this node's row goes.
    pub(crate) leaves: bool,
    /// Rows of nodes that died long ago.
    pub(crate) forget: Vec<NodeId>,
    /// The nodes that share the work, in order.
    pub(crate) crew: Vec<NodeId>,
}

impl View {
    /// Every node's row but `me`'s.
    fn others(&self, me: NodeId) -> impl Iterator<Item = (&NodeId, &NodeRow)> {
        self.nodes.iter().filter(move |(id, _)| **id != me)
    }

    /// Who may be given work. What the decider is, it knows better than its row.
    fn crew(&self, me: &Me) -> Vec<NodeId> {
        let serves = |row: &NodeRow| row.phase == Phase::Serving && row.is_live(self.now);
        let others = self.others(me.id).filter(|(_, row)| serves(row)).map(|(id, _)| *id);
        let myself = (me.phase == Phase::Serving).then_some(me.id);
        let crew: BTreeSet<_> = others.chain(myself).collect();
        crew.into_iter().collect()
    }

    fn is_live(&self, node: NodeId) -> bool {
        self.nodes.get(&node).is_some_and(|row| row.is_live(self.now))
    }

    fn forgettable(&self, me: NodeId) -> Vec<NodeId> {
        let old = |row: &NodeRow| row.expires.plus(REMEMBERED) <= self.now;
        self.others(me).filter(|(_, row)| old(row)).map(|(id, _)| *id).collect()
    }

    /// When the first of the others would count as dead, if it is silent from now on.
    pub(crate) fn first_expiry(&self, me: NodeId) -> Option<UnixMillis> {
        self.others(me).map(|(_, row)| row.expires).filter(|at| *at > self.now).min()
    }
}

pub(crate) fn decide(view: &View, me: &Me) -> Plan {
    let crew = view.crew(me);
    let names: BTreeSet<_> = view.leases.keys().chain(me.asked.keys()).map(String::as_str).collect();
    let owners = spread(&crew, &names.iter().copied().collect::<Vec<_>>());
    let mut plan = Plan { forget: view.forgettable(me.id), ..Plan::default() };
    for name in names {
        let one = One { view, me, name, row: view.leases.get(name), owner: owners.get(name).copied() };
        one.decide(&mut plan);
    }
    plan.leaves = me.phase == Phase::Draining && plan.standings.values().all(|standing| standing.held.is_none());
    plan.wake |= plan.leaves || view.nodes.get(&me.id).map(|row| row.phase) != Some(me.phase);
    plan.crew = crew;
    plan
}

/// One lease, as the decider sees it.
struct One<'a> {
    view: &'a View,
    me: &'a Me,
    name: &'a str,
    row: Option<&'a LeaseRow>,
    owner: Option<NodeId>,
}

impl One<'_> {
    fn decide(&self, plan: &mut Plan) {
        let asked = self.me.asked.get(self.name).copied();
        let row = self.row.copied().unwrap_or_default();
        let mine = self.owner == Some(self.me.id);
        let (standing, change) = match row.holder {
            Some(holder) if holder == self.me.id => self.keep(row, mine, asked),
            Some(holder) if self.view.is_live(holder) => (Standing::default(), None),
            // Free, or a dead node's.
            _ if mine && asked.is_some() => self.take(row),
            // All nodes spread the same leases, so each says at once which ones it knows.
            _ => (Standing::default(), self.row.is_none().then_some(row)),
        };
        plan.wake |= row.holder.is_some() && change.is_some_and(|to| to.holder.is_none());
        plan.changes.extend(change.map(|to| Change { lease: self.name.to_owned(), to }));
        if asked.is_some() {
            plan.standings.insert(self.name.to_owned(), standing);
        }
    }

    /// Kept for as long as it is this node's; then let go, as soon as nothing is under way.
    fn keep(&self, row: LeaseRow, mine: bool, asked: Option<bool>) -> (Standing, Option<LeaseRow>) {
        let held = Some(Epoch(row.epoch));
        match asked {
            Some(_) if mine => (Standing { held, wanted: false }, None),
            Some(false) if !self.me.at_once => (Standing { held, wanted: true }, None),
            _ => (Standing::default(), Some(LeaseRow { holder: None, ..row })),
        }
    }

    fn take(&self, row: LeaseRow) -> (Standing, Option<LeaseRow>) {
        let epoch = row.epoch + 1;
        let standing = Standing { held: Some(Epoch(epoch)), wanted: false };
        (standing, Some(LeaseRow { holder: Some(self.me.id), epoch }))
    }
}
