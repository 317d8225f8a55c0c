//! Who may do what: in front of the service, for every operation.
//!
//! It finds out what is asked for, lets the bucket's policy and its ACL speak, and calls the operation as the bucket's
//! owner's; operations check nothing of that. Who is of the owner's account may do what isn't denied, all others what is
//! allowed (ADR 20).

mod actions;
mod context;
mod grants;
mod input;
mod many;
mod rules;

use std::sync::Arc;

use updraft_kernel::{AwsError, BoxFuture, Ctx, Principal};
use updraft_policy::{Context, Outcome};
use updraft_store::StoreExt as _;
use updraft_wire::{Operation, Service, ServiceModel, Streaming, Value};

pub(crate) use self::actions::Ask;
use self::actions::{asks, check_signed};
pub(crate) use self::rules::{Asked, Owned, Rules, owned, put_tags};
use crate::errors::{access_denied, denied_by_policy};
use crate::model::bucket::Bucket;
use crate::{S3, table};

/// The service behind its guard.
#[derive(Debug)]
pub(crate) struct Guarded {
    inner: Arc<dyn Service>,
    s3: Arc<S3>,
}

/// The service as the edge is to have it.
#[must_use]
pub fn guarded(s3: Arc<S3>) -> Arc<dyn Service> {
    let unguarded: Arc<dyn updraft_api_s3::S3> = s3.clone();
    Arc::new(Guarded { inner: updraft_api_s3::service(unguarded), s3 })
}

/// What became of asking.
struct Admitted {
    /// What the operation is called with.
    cx: Ctx,
    /// It may not be told that a key isn't there.
    blind: bool,
}

impl Service for Guarded {
    fn model(&self) -> &'static ServiceModel {
        self.inner.model()
    }

    fn admits_unsigned(&self) -> bool {
        true
    }

    fn call<'a>(&'a self, cx: &'a Ctx, op: &'static Operation, input: Value) -> BoxFuture<'a, Result<Value, AwsError>> {
        Box::pin(async move {
            if op.name == "DeleteObjects" {
                return many::delete(&self.s3, cx, op, input).await;
            }
            let admitted = self.admit(cx, op, &input).await?;
            let answer = self.inner.call(&admitted.cx, op, input).await;
            answer.map_err(|error| if admitted.blind { unseen(error) } else { error })
        })
    }

    fn stream<'a>(
        &'a self,
        cx: &'a Ctx,
        op: &'static Operation,
        input: Value,
    ) -> BoxFuture<'a, Result<Streaming<Value, Value>, AwsError>> {
        Box::pin(async move {
            let admitted = self.admit(cx, op, &input).await?;
            let answer = self.inner.stream(&admitted.cx, op, input).await;
            answer.map_err(|error| if admitted.blind { unseen(error) } else { error })
        })
    }
}

impl Guarded {
    async fn admit(&self, cx: &Ctx, op: &'static Operation, input: &Value) -> Result<Admitted, AwsError> {
        check_signed(op, &cx.identity.principal)?;
        let mut admitted = Admitted { cx: cx.clone(), blind: false };
        // Making a bucket is about none that is there.
        let asked = if op.name == "CreateBucket" { Vec::new() } else { asks(op, input)? };
        if asked.is_empty() && cx.identity.principal == Principal::Anonymous {
            return Err(access_denied());
        }
        for (place, ask) in asked.into_iter().enumerate() {
            let Some(judge) = Judge::of(&self.s3, cx, &ask.bucket).await? else {
                // Nobody is of no account, whose bucket it could be by now.
                if cx.identity.principal == Principal::Anonymous {
                    return Err(table::missing(&ask.bucket));
                }
                continue;
            };
            judge.check(cx, (op, input), &ask).await?;
            if place == 0 {
                admitted.blind = judge.is_blind(cx, (op, input), &ask).await?;
                admitted.cx.account = judge.bucket.account;
            }
        }
        Ok(admitted)
    }
}

/// AWS: who may not list a bucket isn't told what isn't in it.
fn unseen(error: AwsError) -> AwsError {
    if error.code().name == "NoSuchKey" { access_denied() } else { error }
}

/// A bucket, and what it says of a caller.
pub(crate) struct Judge<'a> {
    s3: &'a S3,
    pub(crate) bucket: Bucket,
    /// `None`: the caller is of the owner's account, and nothing is said that could stop it.
    rules: Option<Rules>,
}

impl<'a> Judge<'a> {
    /// `None`: there is no such bucket; its operation says so.
    pub(crate) async fn of(s3: &'a S3, cx: &Ctx, name: &str) -> Result<Option<Self>, AwsError> {
        let mut tx = s3.parts.store.read().await?;
        let Some(bucket) = table::near(&mut tx, &cx.identity.account, name).await? else { return Ok(None) };
        let own = is_own(cx, &bucket);
        let rules = if own && !Rules::may_deny(&bucket) { None } else { Some(Rules::read(&mut tx, &bucket).await?) };
        Ok(Some(Self { s3, bucket, rules }))
    }

    /// # Errors
    /// If it isn't allowed.
    pub(crate) async fn check(
        &self,
        cx: &Ctx,
        (op, input): (&'static Operation, &Value),
        ask: &Ask,
    ) -> Result<(), AwsError> {
        let Some(rules) = &self.rules else { return Ok(()) };
        let context = self.context(cx, (op, input), (rules, ask)).await?;
        let object = self.object(cx, ask).await?;
        match self.decide(cx, rules, (ask, &context, object.as_ref())) {
            Outcome::Allowed => Ok(()),
            Outcome::Denied(_) if is_own(cx, &self.bucket) => {
                let who = cx.identity.arn(self.bucket.region.partition());
                Err(denied_by_policy(&who, &ask.action, &self.arn(ask)))
            }
            _ => Err(access_denied()),
        }
    }

    /// Whether the caller may not know what is in the bucket.
    async fn is_blind(&self, cx: &Ctx, (op, input): (&'static Operation, &Value), ask: &Ask) -> Result<bool, AwsError> {
        let Some(rules) = self.rules.as_ref().filter(|_| ask.key.is_some()) else { return Ok(false) };
        let list = Ask { action: "s3:ListBucket".to_owned(), bucket: ask.bucket.clone(), key: None, version: None };
        let context = self.context(cx, (op, input), (rules, &list)).await?;
        Ok(!self.decide(cx, rules, (&list, &context, None)).is_allowed())
    }

    /// What the ACL of the object says that something is asked of.
    async fn object(&self, cx: &Ctx, ask: &Ask) -> Result<Option<Owned>, AwsError> {
        if self.bucket.owner_enforced() {
            return Ok(None);
        }
        let mut tx = self.s3.parts.store.read().await?;
        owned(&mut tx, &self.bucket, ask, is_own(cx, &self.bucket)).await
    }

    fn decide(&self, cx: &Ctx, rules: &Rules, (ask, context, object): (&Ask, &Context, Option<&Owned>)) -> Outcome {
        let asked = rules::Asked { ask, arn: &self.arn(ask), context, own: is_own(cx, &self.bucket), object };
        rules.decide(cx, &self.bucket, asked)
    }

    async fn context(
        &self,
        cx: &Ctx,
        (op, input): (&'static Operation, &Value),
        (rules, ask): (&Rules, &Ask),
    ) -> Result<Context, AwsError> {
        let mut context = context::context(cx, &self.bucket, op, input);
        if rules.asks_for_tags() && ask.key.is_some() {
            let mut tx = self.s3.parts.store.read().await?;
            rules::put_tags(&mut tx, &self.bucket, ask, &mut context).await?;
        }
        Ok(context)
    }

    fn arn(&self, ask: &Ask) -> String {
        match &ask.key {
            Some(key) => format!("{}/{key}", self.bucket.arn()),
            None => self.bucket.arn().to_string(),
        }
    }
}

pub(crate) fn is_own(cx: &Ctx, bucket: &Bucket) -> bool {
    cx.identity.principal != Principal::Anonymous && cx.identity.account == bucket.account
}
