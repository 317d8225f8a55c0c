//! Texts that no decent client sends, through the doors for fuzzing: a few thousand each time, without a fuzzer.

use updraft_kernel::{RngExt, SeededRng};
use updraft_sqs::fuzz;

const SEEDS: [&str; 8] = [
    "http://sqs.eu-west-1.localhost:4566/queue/eu-west-1/123456789012/q.fifo?x#y",
    "arn:aws:sqs:eu-west-1:123456789012:q",
    "AQEBAAAAAAAAAAEAAAAAAAAAAgAAAAAAAAADAAAABA==",
    "eyJ0YXNrSWQiOiJ0Iiwic291cmNlQXJuIjoiYXJuOmF3czpzcXM6dXMtZWFzdC0xOjAwMDAwMDAwMDAwMDpxIn0=",
    "cXVldWVzL25hbWU=",
    r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:q","maxReceiveCount":"3"}"#,
    r#"{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:q"]}"#,
    r#"{"Statement":[{"Sid":"l","Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}]}"#,
];
const BITS: [&str; 16] = [
    "",
    "/",
    "//",
    ":",
    ".",
    "-",
    "0",
    "?",
    "=",
    "\"",
    "{",
    "}",
    "[",
    "\0",
    "ä",
    "arn:aws:sqs:us-east-1:000000000000:",
];

/// One of the seeds with some of it cut out and something put in.
fn text(rng: &SeededRng) -> String {
    let pick = |texts: &[&'static str]| texts[usize::try_from(rng.below(texts.len() as u64)).unwrap()];
    let mut chars: Vec<char> = pick(&SEEDS).chars().collect();
    for _ in 0..=rng.below(3) {
        let at = |rng: &SeededRng| usize::try_from(rng.below(chars.len() as u64 + 1)).unwrap();
        let (one, other) = (at(rng), at(rng));
        let length = usize::try_from(rng.below(12)).unwrap();
        let to = one.max(other).min(one.min(other) + length);
        chars.splice(one.min(other)..to, pick(&BITS).chars());
    }
    chars.into_iter().collect()
}

#[test]
fn what_is_read_is_written_again_as_the_same_and_nothing_panics() {
    let rng = SeededRng::new(7);
    for seed in SEEDS {
        fuzz::queue(seed);
        fuzz::handle(seed);
        fuzz::policy(seed, "l");
    }
    for _ in 0..5_000 {
        let (one, other) = (text(&rng), text(&rng));
        fuzz::queue(&one);
        fuzz::handle(&one);
        fuzz::policy(&one, &other);
    }
}

#[test]
fn deep_policies_are_refused_like_others() {
    let deep = "[".repeat(100_000);
    fuzz::policy(&deep, "l");
    fuzz::handle(&deep);
}
