//! Histories as AWS writes them, and what they come to.

use super::*;

fn event(id: u64, previous: u64, kind: &str, name: &str) -> Event {
    let fault = (kind.ends_with("Failed")).then(|| Fault { error: "Oops".to_owned(), cause: "it broke".to_owned() });
    let at = i64::try_from(id).unwrap() * 10;
    Event { id, previous, at, kind: kind.to_owned(), name: name.to_owned(), fault, ..Event::default() }
}

fn item(id: u64, previous: u64, kind: &str, (name, index): (&str, u32)) -> Event {
    Event { index: Some(index), ..event(id, previous, kind, name) }
}

fn outcomes(trace: &Trace) -> Vec<(&str, Outcome)> {
    trace.visits.iter().map(|visit| (visit.name.as_str(), visit.outcome)).collect()
}

#[test]
fn retries_are_counted_and_what_is_caught_is_told() {
    let trace = fold(&[
        event(1, 0, "ExecutionStarted", ""),
        event(2, 0, "TaskStateEntered", "Pay"),
        event(3, 2, "TaskScheduled", ""),
        event(4, 3, "TaskStarted", ""),
        event(5, 4, "TaskFailed", ""),
        event(6, 5, "TaskScheduled", ""),
        event(7, 6, "TaskFailed", ""),
        event(8, 7, "TaskStateExited", "Pay"),
        event(9, 8, "PassStateEntered", "Refund"),
    ]);
    assert_eq!(outcomes(&trace), [("Pay", Outcome::Caught), ("Refund", Outcome::Running)]);
    assert_eq!((trace.visits[0].tries, trace.visits[0].to), (2, Some(80)));
    assert_eq!(trace.visit_of(6), Some(0));
}

#[test]
fn items_of_a_map_fail_by_themselves_and_take_the_others_with_them() {
    let trace = fold(&[
        event(1, 0, "ExecutionStarted", ""),
        event(2, 0, "MapStateEntered", "Each"),
        event(3, 2, "MapStateStarted", ""),
        item(4, 3, "MapIterationStarted", ("Each", 0)),
        item(5, 3, "MapIterationStarted", ("Each", 1)),
        event(6, 4, "TaskStateEntered", "One"),
        event(7, 5, "TaskStateEntered", "One"),
        event(8, 6, "TaskScheduled", ""),
        event(9, 8, "TaskFailed", ""),
        item(10, 9, "MapIterationFailed", ("Each", 0)),
        event(11, 9, "TaskStateAborted", ""),
        Event { fault: Some(Fault::default()), ..event(12, 9, "MapStateFailed", "") },
        event(13, 12, "ExecutionFailed", ""),
    ]);
    assert_eq!(trace.visits[0].fault, trace.visits[1].fault);
    let (failed, aborted) = (Outcome::Failed, Outcome::Aborted);
    assert_eq!(outcomes(&trace), [("Each", failed), ("One", failed), ("One", aborted)]);
    assert_eq!(trace.visits[0].items.values().collect::<Vec<_>>(), [&failed, &aborted]);
    assert_eq!(trace.culprit().unwrap().0, 1);
    assert_eq!(trace.items_around(1), [Pick { map: 0, item: 0 }]);
    assert!(trace.is_picked(1, Some(Pick { map: 0, item: 0 })) && !trace.is_picked(2, Some(Pick { map: 0, item: 0 })));
}

#[test]
fn what_is_redriven_goes_on_where_it_was() {
    let mut events = vec![
        event(1, 0, "ExecutionStarted", ""),
        event(2, 0, "ParallelStateEntered", "Both"),
        event(3, 2, "ParallelStateStarted", ""),
        event(4, 3, "MapStateEntered", "Each"),
        event(5, 4, "MapStateStarted", ""),
        item(6, 5, "MapIterationStarted", ("Each", 0)),
        event(7, 6, "TaskStateEntered", "One"),
        event(8, 7, "TaskScheduled", ""),
        event(9, 8, "TaskFailed", ""),
        item(10, 9, "MapIterationFailed", ("Each", 0)),
        event(11, 9, "MapStateFailed", ""),
        event(12, 11, "ParallelStateFailed", ""),
        event(13, 12, "ExecutionFailed", ""),
        event(14, 13, "ExecutionRedriven", ""),
        item(15, 14, "MapIterationStarted", ("Each", 0)),
        event(16, 15, "TaskScheduled", ""),
    ];
    let running = Outcome::Running;
    assert_eq!(outcomes(&fold(&events)), [("Both", running), ("Each", running), ("One", running)]);
    events.push(event(17, 16, "TaskSucceeded", ""));
    events.push(event(18, 17, "TaskStateExited", "One"));
    let trace = fold(&events);
    assert_eq!((trace.visits[2].outcome, trace.visits[2].tries), (Outcome::Succeeded, 2));
}

#[test]
fn branches_are_within_their_state_and_what_comes_after_is_not() {
    let trace = fold(&[
        event(1, 0, "ExecutionStarted", ""),
        event(2, 0, "ParallelStateEntered", "Both"),
        event(3, 2, "ParallelStateStarted", ""),
        event(4, 3, "PassStateEntered", "A"),
        event(5, 4, "PassStateExited", "A"),
        event(6, 3, "PassStateEntered", "B"),
        event(7, 5, "PassStateEntered", "A2"),
        event(8, 7, "PassStateExited", "A2"),
        event(9, 6, "PassStateExited", "B"),
        event(10, 9, "ParallelStateSucceeded", ""),
        event(11, 9, "ParallelStateExited", "Both"),
        event(12, 11, "SucceedStateEntered", "Done"),
        event(13, 12, "SucceedStateExited", "Done"),
        event(14, 13, "ExecutionSucceeded", ""),
    ]);
    let inside: Vec<_> = trace.visits.iter().map(|visit| (visit.name.as_str(), visit.inside)).collect();
    let within = Some((0, None));
    assert_eq!(inside, [("Both", None), ("A", within), ("B", within), ("A2", within), ("Done", None)]);
    assert!(trace.visits.iter().all(|visit| visit.outcome == Outcome::Succeeded));
}

#[test]
fn variables_are_those_of_the_way_and_around_it() {
    let trace = fold(&[
        event(1, 0, "PassStateEntered", "First"),
        event(2, 1, "PassStateExited", "First"),
        event(3, 2, "MapStateEntered", "Each"),
        event(4, 3, "MapStateStarted", ""),
        item(5, 4, "MapIterationStarted", ("Each", 0)),
        event(6, 5, "PassStateEntered", "In"),
        event(7, 6, "PassStateExited", "In"),
        event(8, 7, "PassStateEntered", "Last"),
        item(9, 4, "MapIterationStarted", ("Each", 1)),
        event(10, 9, "PassStateEntered", "In"),
    ]);
    assert_eq!(trace.left_before(3), [0, 2]);
    assert_eq!(trace.left_before(4), [0]);
    assert_eq!(trace.left_before(0), Vec::<usize>::new());
}

#[test]
fn events_that_fit_nowhere_do_no_harm() {
    let trace = fold(&[
        event(5, 99, "TaskFailed", ""),
        event(6, 5, "MapStateExited", "Nowhere"),
        item(7, 6, "MapIterationFailed", ("Each", 3)),
        event(8, 7, "ExecutionFailed", ""),
    ]);
    assert!(trace.visits.is_empty());
}
