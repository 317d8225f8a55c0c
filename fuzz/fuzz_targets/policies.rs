//! Any text as a policy, any request for it: never a panic, and what is denied is denied whatever else is allowed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use updraft_kernel::{AccountId, Identity};
use updraft_policy::{Context, Policy, Request, Verdict, Who};

fuzz_target!(|input: (&str, &str, &str, &str, &str)| {
    let (document, action, resource, key, value) = input;
    let Ok(policy) = Policy::parse(document) else { return };
    let identity = Identity::root(AccountId::local());
    let who = Who { identity: &identity, partition: "aws", canonical: None };
    let mut context = Context::default();
    context.put(key, value);
    let request = Request { who, action, resource, context: &context };
    let verdict = policy.evaluate(request);
    let sid = match verdict {
        Verdict::Allow(statement) | Verdict::Deny(statement) => statement.sid(),
        Verdict::Nothing => None,
    };
    std::hint::black_box(sid);
});
