//! A resource's policy and a request, for services that have their resource at hand.

use updraft_kernel::ports::Sender;
use updraft_kernel::{AccountId, Ctx, Identity, Principal, Region, UnixMillis};

use crate::context::{Context, Facts};
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

/// How what the platform's services send is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Sending<'a> {
    pub region: &'a Region,
    pub now: UnixMillis,
    /// As on AWS, a service needs a statement that lets it in, of whichever account its source is.
    pub strict: bool,
}

/// Whether the caller may do `action`. Parts of the platform may do what isn't denied; nobody has policies of their own
/// yet. A document that can't be read lets in nobody but the owner's account.
#[must_use]
pub fn ask(cx: &Ctx, action: &str, resource: Resource<'_>) -> Outcome {
    let of_platform = matches!(cx.identity.principal, Principal::Service(_));
    let anonymous = cx.identity.principal == Principal::Anonymous;
    let own = of_platform || (!anonymous && cx.identity.account == *resource.owner);
    let context = Context::of_request(cx);
    answer((&cx.identity, cx.region.partition()), own, (action, context), resource)
}

/// Whether a service of the platform may do `action` for what it sends for. AWS: it is asked with the service's principal
/// and the source, or as the role that the source's owner gave it. Within an account, what isn't denied may be sent,
/// unless that is to be strict; what is another account's needs a statement, always.
#[must_use]
pub fn ask_for(sender: &Sender, action: &str, resource: Resource<'_>, how: Sending<'_>) -> Outcome {
    let Some(identity) = sender.identity() else { return Outcome::NotAllowed(Side::Resource) };
    let own = identity.account == *resource.owner && !(how.strict && sender.is_service());
    let mut context = Context::of(Facts::within(&identity, how.region, how.now));
    context.put("aws:SourceArn", sender.source.to_string());
    if let Some(account) = sender.account() {
        context.put("aws:SourceAccount", account.as_str());
    }
    answer((&identity, how.region.partition()), own, (action, context), resource)
}

fn answer(
    (identity, partition): (&Identity, &str),
    own: bool,
    (action, mut context): (&str, Context),
    resource: Resource<'_>,
) -> Outcome {
    let said = match resource.policy.map(Policy::parse) {
        None => Spoken::Nothing,
        Some(Ok(policy)) => {
            let who = Who { identity, partition, canonical: None };
            context.put("aws:ResourceAccount", resource.owner.as_str());
            policy.evaluate(Request { who, action, resource: resource.arn, context: &context }).into()
        }
        Some(Err(_)) if own => Spoken::Nothing,
        Some(Err(_)) => return Outcome::NotAllowed(Side::Resource),
    };
    decide(Sides { own, identity: Spoken::Allow, resource: said, ceilings: &[] })
}
