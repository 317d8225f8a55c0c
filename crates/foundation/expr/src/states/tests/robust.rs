//! Whatever is written: an answer, and soon.

use proptest::prelude::*;
use serde_json::{Value, json};
use updraft_kernel::SeededRng;

use super::{store, variables};
use crate::states::{Expression, Path, ReferencePath, Scope};

/// Texts that look like what is meant.
fn fragments() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "$",
        "$$",
        ".",
        "..",
        "[",
        "]",
        "*",
        "?",
        "(",
        ")",
        "@",
        "'",
        "\"",
        ",",
        ":",
        "-1",
        "0",
        "2",
        "store",
        "book",
        "price",
        ".length()",
        "==",
        "<",
        "=~",
        "/a/",
        "&&",
        "||",
        "!",
        "\\",
        " ",
        "States.",
        "Format(",
        "Array(",
        "'{}'",
        "$list",
        "é",
        "in",
        "null",
        "[?(@.price)]",
        "[*]",
        "..*",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_read_and_what_is_read_can_be_followed(text in prop_oneof![fragments(), "\\PC{0,40}"]) {
        let (input, context, variables) = (store(), json!({}), variables());
        let scope = Scope { input: &input, context: &context, variables: &variables };
        if let Ok(expression) = Expression::parse(&text) {
            prop_assert_eq!(expression.text(), text.as_str());
            let first = expression.evaluate("f.$", &scope, &SeededRng::new(1));
            prop_assert_eq!(first, expression.evaluate("f.$", &scope, &SeededRng::new(1)));
        }
        if let Ok(path) = ReferencePath::parse(&text) {
            let mut value = json!({});
            if path.insert(&mut value, json!(1)).is_ok() {
                prop_assert_eq!(path.path().read_from(&value), Ok(json!(1)));
            }
        }
    }
}

#[test]
fn nesting_has_a_limit() {
    for text in [
        format!("$[?({}@.a{})]", "(".repeat(10_000), ")".repeat(10_000)),
        format!("$[?({}@.a)]", "!".repeat(10_000)),
        "$[?(@".repeat(10_000),
        "States.Array(".repeat(10_000),
    ] {
        assert!(Expression::parse(&text).is_err());
    }
}

#[test]
fn a_path_that_looks_everywhere_again_and_again_is_given_up() {
    let deep = (0..60).fold(json!(1), |inner, _| json!({ "a": inner }));
    let wide = Value::Array(vec![deep; 40]);
    let path = Path::parse(&format!("${}", "..*".repeat(20))).unwrap();
    assert_eq!(path.read_from(&wide).unwrap_err().reason(), "The path visits too many places");
    let few = Path::parse("$..*").unwrap().read_from(&wide).unwrap();
    assert_eq!(few.as_array().map(Vec::len), Some(40 * 61));
}
