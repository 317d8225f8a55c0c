//! A resource and the platform's own requests.

use std::sync::Arc;

use serde_json::json;
use updraft_kernel::{Ctx, Identity, OsRng, Region, RequestId, UnixMillis, VirtualClock};
use updraft_policy::{Outcome, Resource, Side, ask};

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
