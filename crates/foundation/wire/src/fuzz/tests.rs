//! Properties of every decoder.

use proptest::prelude::*;
use updraft_kernel::UnixMillis;

use super::*;
use crate::Value;

/// Values of [`ANY`], as a decoder makes them: members in order, none of them null.
fn value() -> impl Strategy<Value = Value> {
    let leaf = scalars().prop_map(Value::Structure);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let many = prop::collection::vec(inner.clone(), 0..3);
        let keyed = prop::collection::btree_map("[a-z.%& <é]{1,4}", inner.clone(), 0..3);
        (scalars(), many, keyed, prop::option::of(inner)).prop_map(|(mut fields, many, keyed, inner)| {
            fields.push((7, Value::List(many)));
            fields.push((9, Value::Map(keyed.into_iter().collect())));
            fields.extend(inner.map(|inner| (12, inner)));
            Value::Structure(fields)
        })
    })
}

fn scalars() -> impl Strategy<Value = Vec<(u16, Value)>> {
    let text = "[ -~äß\n\t\"\\\\<&]{0,8}".prop_map(Value::Text);
    let date = (-1_000_000_000_000i64..10_000_000_000_000).prop_map(|at| Value::Timestamp(UnixMillis(at)));
    (
        text,
        any::<i32>().prop_map(|n| Value::Int(n.into())),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_filter("NaN is not itself", |n| !n.is_nan()).prop_map(Value::Float),
        any::<bool>().prop_map(Value::Bool),
        prop::collection::vec(any::<u8>(), 0..8).prop_map(|bytes| Value::Blob(bytes.into())),
        date,
    )
        .prop_map(|(a, b, c, d, e, f, g)| (0..).zip([a, b, c, d, e, f, g]).collect())
}

proptest! {
    #[test]
    fn json_reads_what_it_writes(value in value()) {
        let body = json::write::to_vec(&ANY, &value);
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok());
        prop_assert_eq!(json::read::body(Style::Plain, &ANY, &body).unwrap(), value);
    }

    #[test]
    fn cbor_reads_what_it_writes(value in value()) {
        prop_assert_eq!(cbor::read::body(&ANY, &cbor::write::to_vec(&ANY, &value)).unwrap(), value);
    }

    #[test]
    fn xml_reads_what_it_writes(value in value()) {
        let body = xml::document("http://example.com/", "Any", &ANY, &value);
        prop_assert_eq!(xml::read(&ANY, &body).unwrap(), value);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        json(&bytes);
        cbor(&bytes);
        xml(&bytes);
        query(&bytes);
        text(&bytes);
    }

    #[test]
    fn damaged_bodies_are_survived(value in value(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        for (mut body, enter) in [
            (json::write::to_vec(&ANY, &value), json as fn(&[u8])),
            (cbor::write::to_vec(&ANY, &value), cbor),
            (xml::document("", "Any", &ANY, &value), xml),
        ] {
            let at = at.index(body.len());
            body[at] = byte;
            enter(&body);
            enter(&body[..at]);
        }
    }

    #[test]
    fn json_agrees_with_another_parser_on_what_json_is(text in "[\\[\\]{}:,\"\\\\a0-9.eE+ tfnrulsx-]{0,12}") {
        let ours = {
            let mut reader = json::reader::Reader::new(&text);
            reader.skip().is_ok() && reader.is_done()
        };
        let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
        prop_assert_eq!(ours, theirs, "{}", text);
    }
}

/// AWS's own limit is far below; a stack overflow would take the whole process with it.
#[test]
fn deep_nesting_is_refused_not_died_of() {
    let deep = 200_000;
    json(&b"{\"Inner\":".repeat(deep));
    json(&[b"{\"Document\":".as_slice(), &b"[".repeat(deep)].concat());
    json(&[b"{\"x\":".as_slice(), &b"[".repeat(deep)].concat());
    cbor(&[&b"\xa1\x65Inner".repeat(deep), b"\xa0".as_slice()].concat());
    cbor(&[b"\xa1\x61x".as_slice(), &b"\xc1".repeat(deep)].concat());
    xml(&b"<Inner>".repeat(deep));
    query(&[b"Inner.".repeat(deep), b"Text=1".to_vec()].concat());
    let body = [b"{\"Inner\":".repeat(60), b"{}".to_vec(), b"}".repeat(60)].concat();
    assert!(json::read::body(Style::Plain, &ANY, &body).is_ok(), "what real requests nest is read");
}

#[test]
fn a_length_that_lies_costs_no_memory() {
    for head in [b"\x9b".as_slice(), b"\xbb", b"\x5b", b"\x7b"] {
        let body = [b"\xa1\x65Texts", head, &[0xff; 8]].concat();
        assert!(cbor::read::body(&ANY, &body).is_err());
    }
}
