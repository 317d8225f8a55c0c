//! The trace that a call belongs to, as `X-Amzn-Trace-Id` says it, and how often its chain of calls came by a function:
//! `Root=1-67…;Parent=53…;Sampled=0;Lineage=1:a87bd80c:0`. SDKs in functions pass it on with whatever they call.

use sha2::{Digest, Sha256};
use updraft_kernel::{Rng, UnixMillis, hex};

/// AWS: a chain of calls that came by a function so often is a loop, and doesn't come by once more.
pub(crate) const LOOP: u32 = 16;
/// In bytes. What is longer is no trace.
const LONGEST: usize = 1024;
/// So many functions of a chain are remembered; the one that it came by last is the last.
const REMEMBERED: usize = 8;
const LINEAGE: &str = "Lineage=";

/// What stands for a function in traces.
pub(crate) fn mark(arn: &str) -> String {
    hex(Sha256::digest(arn).get(..4).unwrap_or_default())
}

/// The trace of a call: a new one, where it comes with none.
pub(crate) fn rooted(given: Option<&str>, at: UnixMillis, rng: &dyn Rng) -> String {
    match given.filter(|given| given.len() <= LONGEST && given.contains("Root=")) {
        Some(given) => given.to_owned(),
        None => {
            let mut id = [0; 20];
            rng.fill(&mut id);
            let (root, parent) = id.split_at(12);
            format!("Root=1-{:08x}-{};Parent={};Sampled=0", at.secs(), hex(root), hex(parent))
        }
    }
}

/// A trace as a function gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Passed {
    pub(crate) header: String,
    /// How often its chain came by the function before.
    pub(crate) before: u32,
}

/// On its way to the function of this mark.
pub(crate) fn passed_on(trace: &str, mark: &str) -> Passed {
    // Python's SDK escapes what stands between two.
    let lineage =
        trace.split(';').find_map(|field| field.strip_prefix(LINEAGE)).unwrap_or_default().replace("%7C", "|");
    let mut seen: Vec<(&str, u32)> = lineage.split('|').filter_map(entry).collect();
    let last = seen.iter().find(|(one, _)| *one == mark).map(|(_, times)| *times);
    let before = last.map_or(0, |last| last.saturating_add(1));
    seen.retain(|(one, _)| *one != mark);
    let from = (seen.len() + 1).saturating_sub(REMEMBERED);
    seen.push((mark, before));

    let mut header: String = trace.split(';').filter(|field| !field.starts_with(LINEAGE)).fold(String::new(), joined);
    for (number, (mark, times)) in seen.iter().skip(from).enumerate() {
        header.push_str(if number == 0 { ";Lineage=1:" } else { "|1:" });
        header.push_str(mark);
        header.push(':');
        header.push_str(&times.to_string());
    }
    Passed { header, before }
}

fn joined(mut header: String, field: &str) -> String {
    if !header.is_empty() {
        header.push(';');
    }
    header.push_str(field);
    header
}

/// `1:a87bd80c:0`, or without the number in front: a function, and how often it was come by after the first time.
fn entry(text: &str) -> Option<(&str, u32)> {
    let (rest, times) = text.rsplit_once(':')?;
    Some((rest.rsplit(':').next()?, times.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use updraft_testkit::World;

    use super::*;

    #[test]
    fn a_chain_is_counted_by_function() {
        let first = passed_on("Root=1-2-3;Parent=4;Sampled=1", "aa");
        assert_eq!((first.header.as_str(), first.before), ("Root=1-2-3;Parent=4;Sampled=1;Lineage=1:aa:0", 0));
        let second = passed_on(&first.header, "bb");
        assert_eq!((second.header.as_str(), second.before), ("Root=1-2-3;Parent=4;Sampled=1;Lineage=1:aa:0|1:bb:0", 0));
        let third = passed_on(&second.header.replace('|', "%7C"), "aa");
        assert_eq!((third.header.as_str(), third.before), ("Root=1-2-3;Parent=4;Sampled=1;Lineage=1:bb:0|1:aa:1", 1));
        assert_eq!(passed_on("Root=1;Lineage=aa:15", "aa").before, 16, "as others write it");
    }

    #[test]
    fn what_is_no_lineage_counts_nothing() {
        for wrong in ["Root=1;Lineage=", "Root=1;Lineage=x", "Root=1;Lineage=aa:-1", "Root=1;Lineage=:|::"] {
            let passed = passed_on(wrong, "aa");
            assert_eq!(passed.before, 0, "{wrong}");
            assert!(passed.header.starts_with("Root=1;Lineage=1:") && passed.header.ends_with("1:aa:0"), "{passed:?}");
        }
        assert_eq!(passed_on("Root=1;Lineage=aa:4294967295", "aa").before, u32::MAX);
    }

    #[test]
    fn a_header_stays_short() {
        let mut trace = "Root=1-2-3".to_owned();
        for number in 0..100 {
            trace = passed_on(&trace, &format!("{number:08x}")).header;
        }
        assert!(trace.len() < 200 && trace.ends_with("1:00000063:0"), "{trace}");
    }

    #[test]
    fn a_call_without_a_trace_gets_one() {
        let world = World::new(updraft_store_mem::open().unwrap());
        let rooted = |given| rooted(given, UnixMillis(1_700_000_000_000), &*world.rng);
        assert_eq!(rooted(Some("Root=1-2-3")), "Root=1-2-3");
        let long = format!("Root=1{}", "x".repeat(LONGEST));
        for given in [None, Some("Lineage=1:aa:3"), Some(long.as_str())] {
            let made = rooted(given);
            let (id, rest) = made.split_once(';').unwrap();
            assert!(id.starts_with("Root=1-6553f100-") && id.len() == "Root=1-".len() + 8 + 1 + 24, "{made}");
            assert!(rest.starts_with("Parent=") && rest.ends_with(";Sampled=0"), "{made}");
        }
        assert_ne!(rooted(None), rooted(None));
    }
}
