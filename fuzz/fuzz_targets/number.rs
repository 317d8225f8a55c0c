//! Any text as a DynamoDB number: what is accepted reads back from its text and from its key bytes as itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use updraft_expr::dynamodb::Number;

fuzz_target!(|text: &str| {
    if let Ok(number) = Number::parse(text) {
        let again = Number::parse(&number.to_string()).expect("its own text is a number");
        assert!(number == again, "{text} changed");
        assert!(Number::from_key_bytes(&number.to_key_bytes()) == Some(number), "{text} changed in a key");
    }
});
