//! Which waiting transactions go together.

use std::collections::{BTreeMap, HashSet, VecDeque};

use bytes::Bytes;
use updraft_store::Durability;
use updraft_store::buffer::Write;
use xxhash_rust::xxh3::xxh3_64;

use super::{Blind, Queue};
use crate::apply::Batch;

/// Transactions and bytes of a group, at most; the first may be bigger. The transactions share a version's room, see
/// the sequence in the schema.
const MOST: (usize, usize) = (512, 4 << 20);

/// Transactions that become one of the database.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) members: Vec<Blind>,
    /// Hashes of what it writes.
    pub(crate) keys: HashSet<u64>,
}

/// Takes as many as fit, in their order. Who is left behind holds back those behind him that write the same.
pub(crate) fn gather(queue: &mut Queue) -> Option<Group> {
    let mut gathering = Gathering::new(&queue.flying);
    let mut left = VecDeque::new();
    while !gathering.is_full()
        && let Some(blind) = queue.waiting.pop_front()
    {
        if let Err(blind) = gathering.admit(blind) {
            left.push_back(*blind);
        }
    }
    let Gathering { members, keys, .. } = gathering;
    left.append(&mut queue.waiting);
    queue.waiting = left;
    if members.is_empty() {
        return None;
    }
    queue.flying.extend(&keys);
    Some(Group { members, keys })
}

struct Gathering<'a> {
    flying: &'a HashSet<u64>,
    members: Vec<Blind>,
    /// Keys that get a value in this group, to which nothing can be added in it.
    keys: HashSet<u64>,
    held_back: HashSet<u64>,
    bytes: usize,
}

impl<'a> Gathering<'a> {
    fn new(flying: &'a HashSet<u64>) -> Self {
        Self { flying, members: Vec::new(), keys: HashSet::new(), held_back: HashSet::new(), bytes: 0 }
    }

    fn is_full(&self) -> bool {
        self.members.len() >= MOST.0 || self.bytes >= MOST.1
    }

    fn admit(&mut self, blind: Blind) -> Result<(), Box<Blind>> {
        let marks = Touched::of(&blind);
        let waits = |hash: &u64| self.flying.contains(hash) || self.held_back.contains(hash);
        let too_big = !self.members.is_empty() && self.bytes + blind.writes.size() > MOST.1;
        let added_to_value = marks.adds.iter().any(|hash| self.keys.contains(hash) || waits(hash));
        if too_big || added_to_value || marks.values.iter().any(waits) {
            self.held_back.extend(marks.values.iter().chain(&marks.adds));
            return Err(Box::new(blind));
        }
        self.bytes += blind.writes.size();
        self.keys.extend(&marks.values);
        self.members.push(blind);
        Ok(())
    }
}

/// Hashes of what a transaction writes. Additions meet without harm and aren't kept apart from each other.
struct Touched {
    values: Vec<u64>,
    adds: Vec<u64>,
}

impl Touched {
    fn of(blind: &Blind) -> Self {
        let hashes = |adds: bool| {
            let keys = blind.writes.keys.iter().filter(move |(_, write)| matches!(write, Write::Add(_)) == adds);
            keys.map(|(key, _)| xxh3_64(key))
        };
        let prefixes = blind.writes.versioned.iter().map(|append| xxh3_64(&append.prefix));
        Self { values: hashes(false).chain(prefixes).collect(), adds: hashes(true).collect() }
    }
}

/// The batch of all members, each one's writes over those before it.
pub(crate) fn batch(members: &[Blind]) -> Batch {
    let mut keys = BTreeMap::new();
    let mut appends = Vec::new();
    for (place, member) in (0..).zip(members) {
        for (key, write) in &member.writes.keys {
            lay(&mut keys, key, write);
        }
        appends.extend(member.writes.versioned.iter().map(|append| (place, append.clone())));
    }
    let relaxed = members.iter().all(|member| member.durability == Durability::Relaxed);
    Batch { keys, appends, relaxed }
}

fn lay(keys: &mut BTreeMap<Bytes, Write>, key: &Bytes, write: &Write) {
    let write = match (write, keys.get(key)) {
        (Write::Add(more), Some(Write::Add(before))) => Write::Add(before.wrapping_add(*more)),
        (write, _) => write.clone(),
    };
    keys.insert(key.clone(), write);
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;
    use updraft_store::Limits;
    use updraft_store::buffer::Writes;

    use super::*;

    /// What one transaction does: `=a` writes a, `+a` adds to it, `>a` appends to it.
    fn blind(does: &[&'static str]) -> Blind {
        let mut writes = Writes::default();
        for act in does {
            let (kind, name) = act.split_at(1);
            let key = Bytes::from_static(name.as_bytes());
            match kind {
                "=" => writes.put(key, "x".into(), &Limits::HOUSE),
                "+" => writes.add(key, 1, &Limits::HOUSE),
                _ => writes.put_versioned(key, Bytes::new(), "x".into(), &Limits::HOUSE),
            }
        }
        let (answer, _) = oneshot::channel();
        let (durability, began) = (Durability::Durable, std::time::Duration::ZERO);
        Blind { writes, touches: Vec::new(), durability, began, answer }
    }

    fn queue(waiting: &[&[&'static str]]) -> Queue {
        Queue { waiting: waiting.iter().map(|does| blind(does)).collect(), ..Queue::default() }
    }

    fn taken(queue: &mut Queue) -> usize {
        gather(queue).map_or(0, |group| group.members.len())
    }

    #[test]
    fn what_a_lane_writes_waits_until_it_has_landed() {
        let mut queue = queue(&[&["=a"], &["=b", ">log"]]);
        assert_eq!(taken(&mut queue), 2);
        for does in [["=a"], [">log"], ["+b"], ["=c"], ["=d"]] {
            queue.waiting.push_back(blind(&does));
        }
        assert_eq!(taken(&mut queue), 2, "c and d");
        queue.flying.clear();
        assert_eq!(taken(&mut queue), 3);
    }

    #[test]
    fn who_waits_isnt_overtaken_by_those_who_write_the_same() {
        let mut queue = queue(&[&["=a"]]);
        assert_eq!(taken(&mut queue), 1);
        queue.waiting.extend([blind(&["=a", "=b"]), blind(&["=b"]), blind(&["=c"])]);
        assert_eq!(taken(&mut queue), 1, "only c: b is held back by whoever waits for a");
        assert_eq!(queue.waiting.len(), 2);
    }

    #[test]
    fn additions_meet_each_other_but_not_a_value() {
        let mut queue = queue(&[&["+n"], &["+n"], &["=m"], &["+m"], &["+n"]]);
        assert_eq!(taken(&mut queue), 4, "all but what is added to a value of the same group");
        queue.waiting.push_back(blind(&["+n"]));
        assert_eq!(taken(&mut queue), 1, "m is being written");
        queue.flying.clear();
        assert_eq!(taken(&mut queue), 1);
    }

    #[test]
    fn a_batch_is_its_members_one_over_the_other() {
        let members = [blind(&["=a", "+n"]), blind(&["=a", "+n", ">log"])];
        let batch = batch(&members);
        assert_eq!(batch.keys.get(&b"n"[..]), Some(&Write::Add(2)));
        assert_eq!(batch.keys.len(), 2);
        assert_eq!(batch.appends.first().map(|(place, _)| *place), Some(1), "with the version of the second");
        assert!(!batch.relaxed);
    }
}
