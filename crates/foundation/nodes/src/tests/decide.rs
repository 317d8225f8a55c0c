//! The rules, case by case.

use std::collections::BTreeMap;

use updraft_kernel::UnixMillis;

use crate::decide::{Change, Me, Plan, View, decide};
use crate::lease::{Epoch, Standing};
use crate::rows::{LeaseRow, NodeId, NodeRow, Phase};

const NOW: UnixMillis = UnixMillis(10_000);
const ME: NodeId = NodeId(1);
const OTHER: NodeId = NodeId(2);

fn node(phase: Phase, expires: i64) -> NodeRow {
    let text = String::new;
    let (started, beat, expires) = (UnixMillis(0), UnixMillis(0), UnixMillis(expires));
    NodeRow { name: text(), address: text(), version: text(), phase, started, beat, expires, skew_millis: 0 }
}

fn held_by(holder: NodeId, epoch: u64) -> LeaseRow {
    LeaseRow { holder: Some(holder), epoch }
}

/// A view with me serving, `other` if given, and one lease "x" if it has a row.
fn view(other: Option<NodeRow>, lease: Option<LeaseRow>) -> View {
    let mut nodes = BTreeMap::from([(ME, node(Phase::Serving, 11_000))]);
    nodes.extend(other.map(|row| (OTHER, row)));
    View { now: NOW, nodes, leases: lease.map(|row| ("x".to_owned(), row)).into_iter().collect() }
}

fn me(phase: Phase, could_go: bool) -> Me {
    Me { id: ME, phase, asked: BTreeMap::from([("x".to_owned(), could_go)]), at_once: false }
}

fn standing(plan: &Plan) -> (Option<u64>, bool) {
    let Standing { held, wanted } = plan.standings["x"];
    (held.map(|Epoch(epoch)| epoch), wanted)
}

fn written(plan: &Plan) -> Option<LeaseRow> {
    assert!(plan.changes.len() <= 1);
    plan.changes.first().map(|Change { to, .. }| *to)
}

#[test]
fn what_nobody_has_is_taken_under_a_new_epoch() {
    let free = LeaseRow { holder: None, epoch: 4 };
    let dead = Some(node(Phase::Serving, NOW.0));
    for (other, row, epoch) in [
        (None, None, 1),
        (None, Some(free), 5),
        (dead.clone(), Some(held_by(OTHER, 4)), 5),
        (None, Some(held_by(OTHER, 4)), 5),
    ] {
        let plan = decide(&view(other, row), &me(Phase::Serving, false));
        assert_eq!(written(&plan), Some(held_by(ME, epoch)));
        assert_eq!(standing(&plan), (Some(epoch), false));
    }
}

#[test]
fn what_a_living_node_has_is_left_to_it_whatever_it_does() {
    for phase in [Phase::Serving, Phase::Draining, Phase::Skewed] {
        let other = node(phase, NOW.0 + 1);
        let plan = decide(&view(Some(other), Some(held_by(OTHER, 4))), &me(Phase::Serving, false));
        assert_eq!((written(&plan), standing(&plan)), (None, (None, false)));
    }
}

#[test]
fn only_a_node_that_serves_takes_anything() {
    for phase in [Phase::Starting, Phase::Draining, Phase::Skewed] {
        let plan = decide(&view(None, Some(LeaseRow::default())), &me(phase, false));
        assert_eq!((written(&plan), standing(&plan)), (None, (None, false)));
    }
}

#[test]
fn what_isnt_ones_own_any_more_is_wanted_and_then_freed() {
    let mine = view(None, Some(held_by(ME, 4)));
    let keep = decide(&mine, &me(Phase::Serving, true));
    assert_eq!((written(&keep), standing(&keep)), (None, (Some(4), false)));
    for phase in [Phase::Draining, Phase::Skewed] {
        let wanted = decide(&mine, &me(phase, false));
        assert_eq!((written(&wanted), standing(&wanted)), (None, (Some(4), true)));
        let freed = decide(&mine, &me(phase, true));
        let row = LeaseRow { holder: None, epoch: 4 };
        assert_eq!((written(&freed), standing(&freed)), (Some(row), (None, false)));
        assert!(freed.wake);
        let forced = decide(&mine, &Me { at_once: true, ..me(phase, false) });
        assert_eq!(written(&forced), Some(row));
    }
}

#[test]
fn a_node_leaves_when_it_has_nothing_any_more() {
    let mine = view(None, Some(held_by(ME, 4)));
    assert!(!decide(&mine, &me(Phase::Draining, false)).leaves);
    assert!(decide(&mine, &me(Phase::Draining, true)).leaves);
    assert!(!decide(&mine, &me(Phase::Serving, true)).leaves);
}

/// Two nodes and one lease: it is either's, so seen from both sides exactly one takes it and the other announces it.
#[test]
fn nodes_agree_on_whose_it_is_and_make_a_new_name_known() {
    let both = view(Some(node(Phase::Serving, 11_000)), None);
    let mine = decide(&both, &me(Phase::Serving, false));
    let others = decide(&both, &Me { id: OTHER, ..me(Phase::Serving, false) });
    let mut rows = [written(&mine).unwrap(), written(&others).unwrap()];
    rows.sort_by_key(|row| row.epoch);
    assert_eq!(rows[0], LeaseRow::default(), "made known");
    assert_eq!(rows[1].epoch, 1);
    assert_eq!((mine.crew, others.crew), (vec![ME, OTHER], vec![ME, OTHER]));
}

#[test]
fn what_this_node_hasnt_asked_for_it_doesnt_take() {
    let nobody = Me { asked: BTreeMap::new(), ..me(Phase::Serving, false) };
    let plan = decide(&view(None, Some(LeaseRow::default())), &nobody);
    assert_eq!(plan.changes, []);
    let had = decide(&view(None, Some(held_by(ME, 3))), &nobody);
    assert_eq!(written(&had), Some(LeaseRow { holder: None, epoch: 3 }), "it can't work on it");
}

#[test]
fn others_are_woken_when_a_node_begins_to_serve_and_not_at_each_beat() {
    let alone = view(None, None);
    assert!(!decide(&alone, &me(Phase::Serving, false)).wake);
    let mut starting = alone;
    starting.nodes.insert(ME, node(Phase::Starting, 11_000));
    assert!(decide(&starting, &me(Phase::Serving, false)).wake);
}

#[test]
fn the_dead_are_remembered_for_ten_minutes() {
    for (expired, forgotten) in [(599_999, false), (600_000, true)] {
        let dead = node(Phase::Serving, NOW.0 - expired);
        let plan = decide(&view(Some(dead), None), &me(Phase::Serving, false));
        assert_eq!(!plan.forget.is_empty(), forgotten);
    }
}

#[test]
fn the_first_expiry_is_of_the_others_that_live() {
    let seen = |expires| view(Some(node(Phase::Serving, expires)), None).first_expiry(ME);
    assert_eq!(seen(NOW.0 + 7), Some(UnixMillis(NOW.0 + 7)));
    assert_eq!(seen(NOW.0), None);
}
