//! A resource's policy and a request, for services that have their resource at hand.

use updraft_kernel::{AccountId, Ctx, Principal};

use crate::context::Context;
use crate::decide::{Outcome, Side, Sides, Spoken, decide};
use crate::document::{Policy, Request};
use crate::principal::Who;

/// What has a policy.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'a> {
    pub arn: &'a str,
    pub owner: &'a AccountId,
    /// The document; `None`: it has none.
    pub policy: Option<&'a str>,
}

/// Whether the caller may do `action`. Parts of the platform may do what isn't denied; nobody has policies of their own
/// yet. A document that can't be read lets in nobody but the owner's account.
#[must_use]
pub fn ask(cx: &Ctx, action: &str, resource: Resource<'_>) -> Outcome {
    let of_platform = matches!(cx.identity.principal, Principal::Service(_));
    let anonymous = cx.identity.principal == Principal::Anonymous;
    let own = of_platform || (!anonymous && cx.identity.account == *resource.owner);
    let said = match resource.policy.map(Policy::parse) {
        None => Spoken::Nothing,
        Some(Ok(policy)) => {
            let who = Who { identity: &cx.identity, partition: cx.region.partition(), canonical: None };
            let mut context = Context::of_request(cx);
            context.put("aws:ResourceAccount", resource.owner.as_str());
            policy.evaluate(Request { who, action, resource: resource.arn, context: &context }).into()
        }
        Some(Err(_)) if own => Spoken::Nothing,
        Some(Err(_)) => return Outcome::NotAllowed(Side::Resource),
    };
    decide(Sides { own, identity: Spoken::Allow, resource: said, ceilings: &[] })
}
