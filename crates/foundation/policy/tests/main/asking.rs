//! A resource and the platform's own requests.

use std::sync::Arc;

use serde_json::json;
use updraft_kernel::ports::Sender;
use updraft_kernel::{Arn, Ctx, Identity, OsRng, Region, RequestId, UnixMillis, VirtualClock};
use updraft_policy::{Outcome, Resource, Sending, Side, ask, ask_for};

use crate::support::{OBJECT, ONE, TWO, account, anonymous, policy, root};

fn outcome(identity: &Identity, policy: Option<&str>) -> Outcome {
    let cx = Ctx {
        account: identity.account.clone(),
        identity: Arc::new(identity.clone()),
        region: Region::default_region(),
        request_id: RequestId::new("r"),
        clock: Arc::new(VirtualClock::new(0, UnixMillis(0))),
        rng: Arc::new(OsRng),
        endpoint: "".into(),
        trace: None,
        source_ip: None,
        via: None,
    };
    ask(&cx, "s3:GetObject", Resource { arn: OBJECT, owner: &account(ONE), policy })
}

#[test]
fn owners_others_and_the_platform() {
    let service = Identity::service(account(TWO), "sns.amazonaws.com");
    let refused = Outcome::NotAllowed(Side::Resource);
    for policy in [None, Some("{")] {
        assert_eq!(outcome(&root(ONE), policy), Outcome::Allowed);
        assert_eq!(outcome(&root(TWO), policy), refused);
        assert_eq!(outcome(&anonymous(), policy), refused);
    }
    assert_eq!(outcome(&service, None), Outcome::Allowed);
    let allow = policy(&json!({ "Principal": { "AWS": TWO } })).to_string();
    assert_eq!(outcome(&root(TWO), Some(&allow)), Outcome::Allowed);
    assert_eq!(outcome(&service, Some(&allow)), Outcome::Allowed);
    let deny = policy(&json!({ "Effect": "Deny" })).to_string();
    for identity in [root(ONE), root(TWO), service, anonymous()] {
        assert_eq!(outcome(&identity, Some(&deny)), Outcome::Denied(Side::Resource));
    }
}

#[test]
fn services_that_send() {
    let region = Region::default_region();
    let outcome = |sender: &Sender, strict, policy: Option<&str>| {
        let resource = Resource { arn: OBJECT, owner: &account(ONE), policy };
        ask_for(sender, "s3:GetObject", resource, Sending { region: &region, now: UnixMillis(0), strict })
    };
    let of = |account: &str| {
        Sender::new("sns.amazonaws.com", Arn::parse(&format!("arn:aws:sns:us-east-1:{account}:t")).unwrap())
    };
    let unsaid = Outcome::NotAllowed(Side::Resource);
    for (sender, strict, expected) in [
        (of(ONE), false, Outcome::Allowed),
        (of(ONE), true, unsaid),
        (of(TWO), false, unsaid),
        (of(TWO), true, unsaid),
        (Sender::new("s3.amazonaws.com", Arn::parse("arn:aws:s3:::b").unwrap()), false, unsaid),
    ] {
        assert_eq!(outcome(&sender, strict, None), expected, "{sender:?} {strict}");
        assert_eq!(outcome(&sender, strict, Some("{")), expected, "{sender:?} {strict}");
    }
    let condition =
        json!({ "StringEquals": { "aws:SourceAccount": TWO }, "ArnLike": { "aws:SourceArn": "arn:aws:sns:*" } });
    let services = json!({ "Principal": { "Service": "sns.amazonaws.com" }, "Condition": condition });
    let services = policy(&services).to_string();
    assert_eq!(outcome(&of(TWO), true, Some(&services)), Outcome::Allowed);
    assert_eq!(outcome(&of(ONE), true, Some(&services)), unsaid, "of another source");
    let accounts = policy(&json!({ "Principal": { "AWS": TWO } })).to_string();
    assert_eq!(outcome(&of(TWO), false, Some(&accounts)), unsaid, "a service is in no account");
    let role = of(TWO).acting_as(Some(&format!("arn:aws:iam::{TWO}:role/r")));
    assert_eq!(outcome(&role, true, Some(&accounts)), Outcome::Allowed, "a role is");
    assert_eq!(outcome(&role, false, None), unsaid);
}
