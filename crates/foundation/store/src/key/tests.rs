//! Byte order is tuple order, and what was written is what is read.

use proptest::prelude::*;
use updraft_kernel::UnixMillis;

use super::*;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Element {
    Bytes(Vec<u8>),
    Text(String),
    Int(i64),
}

fn build(tuple: &[Element]) -> KeyBuilder {
    tuple.iter().fold(KeyBuilder::new(7), |key, element| match element {
        Element::Bytes(b) => key.bytes(b),
        Element::Text(t) => key.str(t),
        Element::Int(i) => key.i64(*i),
    })
}

fn read(key: &[u8], shape: &[Element]) -> Vec<Element> {
    let mut reader = KeyReader::new(key, 7).unwrap();
    let out = shape
        .iter()
        .map(|element| match element {
            Element::Bytes(_) => Element::Bytes(reader.bytes().unwrap()),
            Element::Text(_) => Element::Text(reader.str().unwrap()),
            Element::Int(_) => Element::Int(reader.i64().unwrap()),
        })
        .collect();
    reader.done().unwrap();
    out
}

fn any_int() -> impl Strategy<Value = i64> {
    // Around each change of length as often as anywhere.
    prop_oneof![
        any::<i64>(),
        (0u32..63, -2i64..=2, any::<bool>()).prop_map(|(bit, off, neg)| {
            let value = (1i64 << bit).wrapping_add(off);
            if neg { value.wrapping_neg() } else { value }
        })
    ]
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![Just(0u8), Just(1), Just(254), Just(255), any::<u8>()], 0..6)
}

fn any_tuple() -> impl Strategy<Value = Vec<Element>> {
    let element = prop_oneof![
        any_bytes().prop_map(Element::Bytes),
        "[\0\u{1}a\u{ff}é]{0,4}".prop_map(Element::Text),
        any_int().prop_map(Element::Int),
    ];
    prop::collection::vec(element, 0..4)
}

proptest! {
    #[test]
    fn byte_order_is_tuple_order(a in any_tuple(), b in any_tuple()) {
        prop_assert_eq!(build(&a).build().cmp(&build(&b).build()), a.cmp(&b));
    }

    #[test]
    fn what_was_written_is_read(tuple in any_tuple()) {
        prop_assert_eq!(read(&build(&tuple).build(), &tuple), tuple);
    }

    #[test]
    fn a_prefix_range_holds_the_tuples_that_begin_so(prefix in any_tuple(), other in any_tuple()) {
        let range = build(&prefix).prefix_range();
        prop_assert_eq!(range.contains(&build(&other).build()), other.starts_with(&prefix));
        let longer = [prefix, other].concat();
        prop_assert!(range.contains(&build(&longer).build()));
    }

    #[test]
    fn an_open_element_holds_what_starts_so(head in any_bytes(), whole in any_bytes()) {
        let range = KeyBuilder::new(7).bytes_starting(&head);
        prop_assert_eq!(range.contains(&KeyBuilder::new(7).bytes(&whole).u8(3).build()), whole.starts_with(&head));
    }
}

/// The encoding is on disks: these bytes may never change.
#[test]
fn golden_keys() {
    let hex = |key: KeyBuilder| key.build().iter().map(|b| format!("{b:02x}")).collect::<String>();
    let key = || KeyBuilder::new(0x10);
    assert_eq!(hex(key().str("a\0b")), "10026100ff6200");
    assert_eq!(hex(key().bytes(&[0, 255])), "100100ffff00");
    assert_eq!(hex(key().u64(0).u8(1).u16(256).u32(u32::MAX)), "101415011601001".to_owned() + "8ffffffff");
    assert_eq!(hex(key().u64(u64::MAX)), "101cffffffffffffffff");
    assert_eq!(hex(key().i64(-1).i64(-255).i64(-256)), "1013fe130012feff");
    assert_eq!(hex(key().i64(i64::MIN)), "100c7fffffffffffffff");
    assert_eq!(hex(key().millis(UnixMillis(1_700_000_000_000))), "101a018bcfe56800");
}

#[test]
fn a_key_of_another_shape_is_corrupt() {
    let key = KeyBuilder::new(7).str("x").build();
    assert!(KeyReader::new(&key, 8).is_err(), "another tag");
    assert!(KeyReader::new(&key, 7).unwrap().u64().is_err(), "text read as a number");
    assert!(KeyReader::new(&key, 7).unwrap().done().is_err(), "an element left");
    let cut = key.slice(..key.len() - 1);
    assert!(KeyReader::new(&cut, 7).unwrap().str().is_err(), "a cut key");
}

#[test]
fn versions_are_read_raw() {
    let mut key = KeyBuilder::new(7).str("log").build().to_vec();
    key.extend(9u64.to_be_bytes());
    let mut reader = KeyReader::new(&key, 7).unwrap();
    reader.str().unwrap();
    assert_eq!(reader.version().unwrap().0, 9);
    reader.done().unwrap();
}
