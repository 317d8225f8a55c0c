//! Any text as any of DynamoDB's expressions: never a panic, never a stack overflow; what is accepted can be applied.
#![no_main]

use libfuzzer_sys::fuzz_target;
use updraft_expr::dynamodb::{AttributeValue, Bindings, Item, Kind, parse_condition, parse_projection, parse_update};

fuzz_target!(|text: &str| {
    let item = item();
    let bindings = || Bindings::new(None, Some(values())).expect("these values are legal");
    if let Ok(condition) = parse_condition(Kind::Condition, text, &mut bindings()) {
        std::hint::black_box(condition.holds(&item));
    }
    if let Ok(update) = parse_update(text, &mut bindings()) {
        // Refused or applied: both are answers.
        drop(update.apply(&item));
    }
    let none = &mut Bindings::new(None, None).expect("nothing is legal");
    if let Ok(projection) = parse_projection(text, none) {
        std::hint::black_box(projection.apply(&item));
    }
});

fn item() -> Item {
    Item::from_iter([
        ("a".to_owned(), AttributeValue::S("text".to_owned())),
        ("b".to_owned(), AttributeValue::L(vec![AttributeValue::Bool(true), AttributeValue::Null])),
    ])
}

fn values() -> Item {
    Item::from_iter([(":v".to_owned(), AttributeValue::S("text".to_owned()))])
}
