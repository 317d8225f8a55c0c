use std::collections::{BTreeMap, BTreeSet, HashMap};

use updraft_kernel::{RngExt, SeededRng};

use super::*;

fn lane(target: &str, order: Option<&str>) -> LaneId {
    LaneId { kind: "k".into(), target: target.into(), ordering_key: order.map(str::to_owned) }
}

fn key(n: usize) -> Bytes {
    Bytes::copy_from_slice(&n.to_be_bytes())
}

fn logged(lane: &LaneId, n: usize, id: &str) -> Logged {
    Logged { lane: lane.clone(), key: key(n), id: id.to_owned() }
}

fn start(lanes: &mut Lanes) -> Option<Entry> {
    lanes.start(|_| 2).map(|(_, entry)| entry)
}

#[test]
fn a_full_lane_does_not_hold_up_another() {
    let mut lanes = Lanes::default();
    for n in 0..5 {
        lanes.add(logged(&lane("slow", None), n, &format!("s{n}")));
    }
    lanes.add(logged(&lane("quick", None), 9, "q"));
    let started: BTreeSet<_> = std::iter::from_fn(|| start(&mut lanes)).map(|entry| entry.id).collect();
    assert_eq!(started, ["q", "s0", "s1"].map(str::to_owned).into());
}

#[test]
fn ordering_keys_of_one_target_share_what_may_be_under_way_to_it() {
    let mut lanes = Lanes::default();
    for (n, order) in ["a", "b", "c"].into_iter().enumerate() {
        lanes.add(logged(&lane("t", Some(order)), n, order));
    }
    let (first, entry) = lanes.start(|_| 2).unwrap();
    assert_eq!(start(&mut lanes).unwrap().id, "b");
    assert!(start(&mut lanes).is_none());
    lanes.finished(&first, &entry, Left::Nothing);
    assert_eq!(start(&mut lanes).unwrap().id, "c");
}

#[test]
fn an_ordered_lane_goes_on_only_behind_its_head() {
    let mut lanes = Lanes::default();
    let id = lane("t", Some("a"));
    lanes.add(logged(&id, 1, "first"));
    lanes.add(logged(&id, 2, "second"));
    let (arc, first) = lanes.start(|_| 2).unwrap();
    assert!(start(&mut lanes).is_none(), "one at a time");
    lanes.finished(&arc, &first, Left::Blocked);
    assert!(start(&mut lanes).is_none(), "the head waits for its timer");
    lanes.add(logged(&id, 3, "first"));
    let again = start(&mut lanes).unwrap();
    assert_eq!(again, Entry { id: "first".into(), keys: vec![key(1), key(3)] });
    lanes.finished(&arc, &again, Left::Nothing);
    let (scope, from) = lanes.wanted().unwrap();
    assert_eq!(from, key(2), "who waited behind it was left in the log");
    lanes.refill(&scope, vec![logged(&id, 2, "second")], None);
    assert_eq!(start(&mut lanes).unwrap().id, "second");
}

#[test]
fn a_timer_that_fires_while_its_delivery_is_looked_at_is_not_lost() {
    let mut lanes = Lanes::default();
    let id = lane("t", Some("a"));
    lanes.add(logged(&id, 1, "first"));
    let (arc, first) = lanes.start(|_| 2).unwrap();
    lanes.add(logged(&id, 2, "first"));
    lanes.finished(&arc, &first, Left::Blocked);
    let again = start(&mut lanes).unwrap();
    assert_eq!(again.keys, [key(1), key(2)]);
    lanes.add(logged(&id, 3, "first"));
    lanes.finished(&arc, &again, Left::Nothing);
    assert_eq!(start(&mut lanes).unwrap().keys, [key(3)], "left in the log, to be removed");
}

/// Its first entry is looked at anew, for it isn't known that the store has it wait; and it is back already.
#[test]
fn two_entries_of_one_delivery_are_not_taken_for_each_other() {
    let mut lanes = Lanes::default();
    let id = lane("t", None);
    lanes.add(logged(&id, 1, "one"));
    let (arc, first) = lanes.start(|_| 2).unwrap();
    lanes.add(logged(&id, 2, "one"));
    let second = start(&mut lanes).unwrap();
    lanes.finished(&arc, &second, Left::Again);
    assert_eq!(start(&mut lanes).unwrap(), second);
    lanes.finished(&arc, &second, Left::Nothing);
    lanes.finished(&arc, &first, Left::Again);
    assert_eq!(start(&mut lanes).unwrap(), first, "both names leave the log");
}

#[test]
fn a_long_backlog_stays_in_the_log() {
    let mut lanes = Lanes::default();
    let id = lane("t", None);
    let Room { lane, .. } = lanes.room;
    for n in 0..lane * 3 {
        lanes.add(logged(&id, n, &format!("{n}")));
    }
    assert!(lanes.wanted().is_none(), "not before there is room");
    for _ in 0..lane {
        let (arc, entry) = lanes.start(|_| 2).unwrap();
        lanes.finished(&arc, &entry, Left::Nothing);
    }
    let (scope, from) = lanes.wanted().unwrap();
    assert_eq!(from, key(lane));
    lanes.refill(&scope, vec![logged(&id, lane, "next")], None);
    assert_eq!(start(&mut lanes).unwrap().id, "next");
}

#[test]
fn a_hundred_thousand_lanes_take_no_more_room_than_one() {
    let mut lanes = Lanes::default();
    for n in 0..100_000 {
        lanes.add(logged(&lane(&format!("t{}", n % 50_000), Some(&format!("{n}"))), n, &format!("{n}")));
    }
    let Room { all, .. } = lanes.room;
    assert_eq!((lanes.all.entries, lanes.lanes.len()), (all, all));
    assert!(lanes.targets.len() <= all && lanes.look_at.len() <= all);
    assert_eq!(lanes.left.scopes().count(), 1);
}

/// A worker over a log in memory, with outcomes by chance.
struct Model {
    rng: SeededRng,
    lanes: Lanes,
    log: BTreeMap<Bytes, (LaneId, String)>,
    read_to: Bytes,
    next_key: usize,
    under_way: Vec<(Arc<LaneId>, Entry)>,
    /// Deliveries whose timers will fire.
    waiting: Vec<(LaneId, String)>,
    done: Vec<(LaneId, usize)>,
}

impl Model {
    fn new(seed: u64) -> Self {
        // So little room that every bound is met all the time.
        let room = Room { lane: 4, target: 8, all: 40, under_way: 10 };
        let lanes = Lanes { room, ..Lanes::default() };
        let (rng, log, read_to) = (SeededRng::new(seed), BTreeMap::new(), Bytes::new());
        let (under_way, waiting, done) = (Vec::new(), Vec::new(), Vec::new());
        Self { rng, lanes, log, read_to, next_key: 1, under_way, waiting, done }
    }

    fn append(&mut self, lane: LaneId, id: String) {
        self.log.insert(key(self.next_key), (lane, id));
        self.next_key += 1;
    }

    fn page(&self, from: &Bytes, to: Option<&Bytes>) -> (Vec<Logged>, bool) {
        const PAGE: usize = 50;
        let rows = self.log.range(from.clone()..).take_while(|(key, _)| to.is_none_or(|to| *key <= to));
        let logged = |(key, (lane, id)): (&Bytes, &(LaneId, String))| Logged {
            lane: lane.clone(),
            key: key.clone(),
            id: id.clone(),
        };
        let mut page: Vec<_> = rows.take(PAGE + 1).map(logged).collect();
        let more = page.len() > PAGE;
        page.truncate(PAGE);
        (page, more)
    }

    fn read(&mut self) -> bool {
        let from: Bytes = [&self.read_to[..], &[0]].concat().into();
        let (page, more) = self.page(&from, None);
        for logged in page {
            self.read_to = logged.key.clone();
            self.lanes.add(logged);
        }
        let Some((scope, from)) = self.lanes.wanted() else { return more };
        let (page, more) = self.page(&from, Some(&self.read_to));
        let rest = page.last().filter(|_| more).map(|last| Bytes::from([&last.key[..], &[0]].concat()));
        self.lanes.refill(&scope, page, rest.as_ref());
        true
    }

    fn finish_one(&mut self) {
        let nth = usize::try_from(self.rng.below(self.under_way.len() as u64)).unwrap();
        let (id, entry) = self.under_way.swap_remove(nth);
        let left = match self.rng.below(10) {
            0 => Left::Again,
            1 | 2 if !self.waiting.iter().any(|(_, waits)| *waits == entry.id) => self.wait(&id, &entry),
            _ => self.remove(&id, &entry),
        };
        self.lanes.finished(&id, &entry, left);
    }

    fn wait(&mut self, id: &Arc<LaneId>, entry: &Entry) -> Left {
        if self.done.contains(&((**id).clone(), entry.id.parse().unwrap())) {
            return self.remove(id, entry);
        }
        self.waiting.push(((**id).clone(), entry.id.clone()));
        if id.ordering_key.is_some() {
            return Left::Blocked;
        }
        entry.keys.iter().for_each(|key| drop(self.log.remove(key)));
        Left::Nothing
    }

    fn remove(&mut self, id: &Arc<LaneId>, entry: &Entry) -> Left {
        entry.keys.iter().for_each(|key| drop(self.log.remove(key)));
        let done = ((**id).clone(), entry.id.parse().unwrap());
        // A second entry of it that came late finds it gone.
        if !self.done.contains(&done) {
            self.done.push(done);
        }
        Left::Nothing
    }

    fn fire_some(&mut self) {
        let keep = self.rng.below(self.waiting.len() as u64 + 1);
        for (lane, id) in self.waiting.split_off(usize::try_from(keep).unwrap()) {
            self.append(lane, id);
        }
    }

    fn start_all(&mut self) {
        while let Some(started) = self.lanes.start(|_| 4) {
            assert!(self.lanes.all.running <= 10 && self.lanes.all.entries <= 40);
            assert!(!self.under_way.iter().any(|(_, entry)| entry.id == started.1.id), "twice at once");
            self.under_way.push(started);
        }
    }

    fn is_done(&self) -> bool {
        self.log.is_empty() && self.waiting.is_empty()
    }
}

/// Some targets with many keys, some with one, some without order.
fn random_lane(rng: &SeededRng) -> LaneId {
    match rng.below(4) {
        0 => lane("unordered", None),
        1 => lane("one key", Some("a")),
        2 => lane("many keys", Some(&format!("{}", rng.below(200)))),
        _ => lane(&format!("small {}", rng.below(300)), None),
    }
}

#[test]
fn whatever_happens_everything_is_through_once_and_in_order_in_bounded_room() {
    for seed in 0..20 {
        let mut model = Model::new(seed);
        let mut enqueued: HashMap<LaneId, Vec<usize>> = HashMap::new();
        let mut left = 1_000;
        for step in 0..2_000_000 {
            assert!(step < 1_999_999, "seed {seed}: stuck with {} in the log", model.log.len());
            if left > 0 && model.rng.below(3) == 0 {
                let burst = model.rng.below(200).min(left);
                for _ in 0..burst {
                    let id = random_lane(&model.rng);
                    enqueued.entry(id.clone()).or_default().push(usize::try_from(left).unwrap());
                    model.append(id, left.to_string());
                    left -= 1;
                }
            }
            let read = model.read();
            model.start_all();
            if model.under_way.is_empty() {
                if left == 0 && model.is_done() {
                    break;
                }
                assert!(read || left > 0 || !model.waiting.is_empty(), "seed {seed}: nothing goes on");
                model.fire_some();
            } else {
                model.finish_one();
            }
        }
        check(&model, &enqueued, seed);
    }
}

fn check(model: &Model, enqueued: &HashMap<LaneId, Vec<usize>>, seed: u64) {
    assert_eq!(model.done.len(), 1_000, "seed {seed}");
    for (id, all) in enqueued {
        let mut done: Vec<_> = model.done.iter().filter(|(of, _)| of == id).map(|(_, n)| *n).collect();
        if id.ordering_key.is_none() {
            done.sort_by(|a, b| b.cmp(a));
        }
        assert_eq!(done, *all, "seed {seed}, {id:?}");
    }
    let Lanes { lanes, all, left, .. } = &model.lanes;
    assert!(lanes.is_empty() && left.is_empty(), "seed {seed}");
    assert_eq!((all.entries, all.running, all.blocked), (0, 0, 0), "seed {seed}");
}
