//! One heart-beat: one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use updraft_kernel::UnixMillis;
use updraft_store::{Key, KeyRange, Result, ScanOptions, Topic, Tx, run};

use crate::decide::{Me, Plan, View, decide};
use crate::lease::Standing;
use crate::member::Member;
use crate::rows::{LeaseKey, NodeId, NodeKey};
use crate::skew::{self, Tick};

/// Touched when another node can begin something before its next heart-beat.
pub(crate) fn topic() -> Topic {
    Topic::of(&[b"nodes"])
}

/// Writes this node's row, takes and hands over leases. Answers how long after its begin the first of the others will
/// be dead, if it is silent from now on.
pub(crate) async fn beat(member: &Member) -> Result<Option<Duration>> {
    let tick = skew::look(&*member.parts.store, member.clock()).await?;
    let me = member.me(tick.skew);
    let (plan, expiry) = run(&*member.parts.store, |tx| attempt(member, &me, tick, tx)).await?;
    for change in &plan.changes {
        tracing::debug!(lease = change.lease, holder = ?change.to.holder, epoch = change.to.epoch, "a lease has moved");
    }
    member.beaten(me.phase, tick, plan);
    Ok(expiry.map(|at| at.since(tick.now)))
}

async fn attempt(member: &Member, me: &Me, tick: Tick, mut tx: Tx) -> Result<(Plan, Option<UnixMillis>)> {
    let view = view(&mut tx, tick.now).await?;
    let plan = decide(&view, me);
    rely(&view, me, &plan, &mut tx).await?;
    write(member, me, tick, &plan, &mut tx)?;
    stand_back(member, &plan);
    if plan.changes.is_empty() {
        tx.commit_relaxed().await?;
    } else {
        tx.commit().await?;
    }
    Ok((plan, view.first_expiry(me.id)))
}

/// What is handed over isn't held from the moment on at which it may be gone.
fn stand_back(member: &Member, plan: &Plan) {
    for change in plan.changes.iter().filter(|change| change.to.holder.is_none()) {
        member.table.set(&change.lease, Standing::default());
    }
}

fn write(member: &Member, me: &Me, tick: Tick, plan: &Plan, tx: &mut Tx) -> Result<()> {
    for change in &plan.changes {
        tx.put_row(&LeaseKey(&change.lease), &change.to)?;
    }
    for id in &plan.forget {
        tx.delete_row(&NodeKey(*id));
    }
    match plan.leaves {
        true => tx.delete_row(&NodeKey(me.id)),
        false => tx.put_row(&NodeKey(me.id), &member.row(me.phase, tick))?,
    }
    if plan.wake {
        tx.touch(topic());
    }
    Ok(())
}

/// The view is untracked, so that heart-beats of different nodes don't conflict. What this one relies on is read once
/// more, to be as it was seen when this commits:
/// * its own row: an earlier heart-beat of which no answer came may arrive late, and would take back what this one says;
/// * the leases it keeps: another node may take them before this commits, if this node was silent for long enough;
/// * the leases it changes, and the rows of the dead it takes them from: one that is only slow comes back.
async fn rely(view: &View, me: &Me, plan: &Plan, tx: &mut Tx) -> Result<()> {
    let kept = plan.standings.iter().filter(|(_, standing)| standing.held.is_some()).map(|(lease, _)| lease);
    let changed = plan.changes.iter().map(|change| &change.lease);
    let leases: BTreeSet<&String> = kept.chain(changed).collect();
    let holders = leases.iter().filter_map(|lease| view.leases.get(*lease)?.holder);
    let nodes: BTreeSet<NodeId> = holders.chain([me.id]).collect();
    let rows = nodes.into_iter().map(|id| NodeKey(id).encode());
    let rows: Vec<Bytes> = rows.chain(leases.into_iter().map(|lease| LeaseKey(lease).encode())).collect();
    tx.raw().get_many(&rows).await?;
    Ok(())
}

/// All nodes and all leases.
pub(crate) async fn view(tx: &mut Tx, now: UnixMillis) -> Result<View> {
    let nodes = all::<NodeKey, _>(tx, NodeKey::all(), NodeKey::decode).await?;
    let leases = all::<LeaseKey<'_>, _>(tx, LeaseKey::all(), LeaseKey::decode).await?;
    Ok(View { now, nodes, leases })
}

async fn all<K: Key, P: Ord>(
    tx: &mut Tx,
    range: KeyRange,
    decode: impl Fn(&[u8]) -> Result<P>,
) -> Result<BTreeMap<P, K::Row>> {
    let mut found = BTreeMap::new();
    let mut rest = range;
    loop {
        let page = tx.rows::<K>(rest.clone(), ScanOptions::default().untracked()).await?;
        let resume: Option<Bytes> = page.resume().cloned();
        for (key, row) in page.rows {
            found.insert(decode(&key)?, row);
        }
        match resume {
            Some(key) => rest = rest.after(&key),
            None => return Ok(found),
        }
    }
}
