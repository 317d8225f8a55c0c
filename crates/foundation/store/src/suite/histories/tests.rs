//! Hand-made histories, good and bad: a check that finds nothing in these is no check.

use super::record::{Event, Outcome, Record};
use super::*;
use crate::seam::{CommitVersion, KeyRange};

fn got(key: &'static str, list: &[u64]) -> Event {
    Event::Got { key: key.into(), list: list.to_vec() }
}

fn put(key: &'static str, list: &[u64]) -> Event {
    Event::Put { key: key.into(), list: list.to_vec() }
}

fn deleted(key: &'static str) -> Event {
    Event::Deleted { key: key.into() }
}

fn scanned(rows: &[(&'static str, &[u64])]) -> Event {
    let rows = rows.iter().map(|(key, list)| ((*key).into(), list.to_vec())).collect();
    Event::Scanned { range: KeyRange::new("a", "z"), rows }
}

fn added(set: &'static str, elem: u64) -> Event {
    Event::Added { set: set.into(), elem }
}

fn members(set: &'static str, members: &[u64]) -> Event {
    Event::Members { set: set.into(), members: members.to_vec() }
}

fn at(start: u64, end: u64, events: Vec<Event>) -> Record {
    Record { start, end, outcome: Outcome::Committed(None), events }
}

/// All at the same time.
fn together(transactions: Vec<Vec<Event>>) -> Vec<Record> {
    transactions.into_iter().map(|events| at(0, 100, events)).collect()
}

fn aborted(events: Vec<Event>) -> Record {
    Record { start: 0, end: u64::MAX, outcome: Outcome::Aborted, events }
}

/// The transactions of the cycle, if it is what is found.
fn cycle(history: &[Record]) -> Vec<usize> {
    let found = check(history);
    let [Anomaly::Cycle(steps)] = &found[..] else { panic!("no cycle: {found:?}") };
    assert!(found[0].to_string().contains("and so on from T"), "{}", found[0]);
    let mut members: Vec<_> = steps.iter().map(|(from, _)| *from).collect();
    members.sort_unstable();
    members
}

#[test]
fn a_good_history_is_found_good() {
    let mut history = together(vec![
        vec![got("x", &[]), put("x", &[1]), got("x", &[1]), put("x", &[1, 2])],
        vec![got("x", &[1, 2]), put("x", &[1, 2, 3]), added("n", 50)],
        vec![scanned(&[("x", &[1, 2])]), got("y", &[]), members("n", &[])],
        vec![put("y", &[4])],
        vec![scanned(&[("x", &[1, 2, 3]), ("y", &[4])]), deleted("y"), got("y", &[])],
    ]);
    history.push(aborted(vec![got("x", &[]), put("x", &[9])]));
    history.push(at(200, 210, vec![scanned(&[("x", &[1, 2, 3])]), members("n", &[50])]));
    assert_eq!(check(&history), []);
}

#[test]
fn a_write_skew_is_found() {
    let history = together(vec![vec![got("x", &[]), put("y", &[1])], vec![got("y", &[]), put("x", &[2])]]);
    assert_eq!(cycle(&history), [0, 1]);
}

#[test]
fn a_lost_update_is_found() {
    let history = together(vec![
        vec![got("x", &[]), put("x", &[1])],
        vec![got("x", &[1]), put("x", &[1, 2])],
        vec![got("x", &[1]), put("x", &[1, 3])],
    ]);
    assert!(matches!(check(&history)[..], [Anomaly::Diverged { .. }]));
}

#[test]
fn a_long_fork_is_found() {
    let history = together(vec![
        vec![put("x", &[1])],
        vec![put("y", &[2])],
        vec![got("x", &[1]), got("y", &[])],
        vec![got("x", &[]), got("y", &[2])],
    ]);
    assert_eq!(cycle(&history), [0, 1, 2, 3]);
}

#[test]
fn a_phantom_is_found() {
    let history = together(vec![vec![scanned(&[]), put("p", &[1])], vec![scanned(&[]), put("q", &[2])]]);
    assert_eq!(cycle(&history), [0, 1]);
}

#[test]
fn a_phantom_deletion_is_found() {
    let history = together(vec![
        vec![put("p", &[1]), put("q", &[2])],
        vec![scanned(&[("p", &[1]), ("q", &[2])]), deleted("p")],
        vec![scanned(&[("p", &[1]), ("q", &[2])]), deleted("q")],
    ]);
    assert_eq!(cycle(&history), [1, 2]);
}

#[test]
fn an_aborted_read_is_found() {
    let history = [aborted(vec![put("x", &[1])]), at(0, 9, vec![got("x", &[1])])];
    assert!(matches!(check(&history)[..], [Anomaly::AbortedRead { reader: 1, writer: 0, elem: 1, .. }]));
}

#[test]
fn what_was_tried_again_after_it_was_applied_is_found() {
    // The first attempt's outcome was unknown, the second one's operation row was absent: so the first is aborted.
    let history = [
        aborted(vec![got("x", &[]), put("x", &[1])]),
        at(5, 9, vec![got("x", &[1]), put("x", &[1, 2])]),
        at(10, 11, vec![got("x", &[1, 2])]),
    ];
    assert!(matches!(check(&history)[0], Anomaly::AbortedRead { reader: 1, writer: 0, .. }));
    let history = [at(0, 1, vec![put("x", &[1])]), at(2, 3, vec![got("x", &[1, 1])])];
    assert!(check(&history).iter().any(|found| matches!(found, Anomaly::Twice { elem: 1, .. })));
}

#[test]
fn an_intermediate_read_is_found() {
    let history = together(vec![vec![put("x", &[1]), got("x", &[1]), put("x", &[1, 2])], vec![got("x", &[1])]]);
    assert!(matches!(check(&history)[..], [Anomaly::IntermediateRead { reader: 1, writer: 0, elem: 1, .. }]));
}

#[test]
fn a_read_that_doesnt_repeat_is_found() {
    let history = together(vec![vec![put("x", &[1])], vec![got("x", &[]), got("x", &[1])]]);
    assert!(matches!(check(&history)[..], [Anomaly::NonRepeatable { reader: 1, .. }]));
    let history = together(vec![vec![got("x", &[]), put("x", &[1]), got("x", &[])]]);
    assert!(matches!(check(&history)[..], [Anomaly::NonRepeatable { .. }]), "its own write isn't there");
}

#[test]
fn a_value_of_nobodys_is_found() {
    assert!(matches!(check(&[at(0, 1, vec![got("x", &[7])])])[..], [Anomaly::MadeUp { elem: 7, .. }]));
}

#[test]
fn a_write_that_is_lost_after_its_answer_is_found() {
    let history = [at(0, 1, vec![put("x", &[1])]), at(2, 3, vec![got("x", &[])])];
    assert_eq!(cycle(&history), [0, 1]);
    let history = [at(0, 1, vec![added("n", 1)]), at(2, 3, vec![members("n", &[])])];
    assert_eq!(cycle(&history), [0, 1]);
    let history = [at(0, 2, vec![put("x", &[1])]), at(2, 3, vec![got("x", &[])])];
    assert_eq!(check(&history), [], "they overlap");
}

#[test]
fn a_snapshot_from_the_past_is_found() {
    let history = [
        at(0, 1, vec![put("x", &[1])]),
        at(2, 3, vec![got("x", &[1]), put("x", &[1, 2]), deleted("y")]),
        at(4, 5, vec![got("x", &[1])]),
    ];
    assert_eq!(cycle(&history), [1, 2], "though all of it is serialisable if time doesn't count");
}

#[test]
fn a_row_that_is_back_after_its_deletion_is_found() {
    let made = at(0, 1, vec![put("p", &[1])]);
    let gone = at(2, 3, vec![got("p", &[1]), deleted("p")]);
    assert_eq!(cycle(&[made.clone(), gone.clone(), at(4, 5, vec![got("p", &[1])])]), [1, 2]);
    assert_eq!(check(&[made, gone, at(4, 5, vec![got("p", &[])])]), []);
}

#[test]
fn an_append_below_one_that_was_seen_is_found() {
    let places = |seen: &[(u64, u64)]| Event::Places {
        set: "log".into(),
        places: seen.iter().map(|(version, elem)| (CommitVersion(*version), *elem)).collect(),
    };
    let wrote = |elem| vec![added("log", elem)];
    let mut history = together(vec![wrote(1), wrote(2)]);
    history.push(at(0, 50, vec![places(&[(8, 2)])]));
    history.push(at(200, 201, vec![places(&[(7, 1), (8, 2)])]));
    assert!(matches!(check(&history)[..], [Anomaly::Overtaken { reader: 2, missed: 1, .. }]));
    history[0].outcome = Outcome::Committed(Some(CommitVersion(9)));
    assert!(check(&history).iter().any(|found| matches!(found, Anomaly::Misplaced { writer: 0, .. })));
}
