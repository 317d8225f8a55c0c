//! What everybody may do with a bucket, whoever they are.

use updraft_kernel::{AwsError, Ctx};
use updraft_policy::{Context, Facts};
use updraft_store::Tx;

use crate::guard::{Ask, Asked, Rules, owned, put_tags};
use crate::model::bucket::Bucket;

/// Somebody who didn't say who they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker<'a> {
    pub(crate) cx: &'a Ctx,
    pub(crate) user_agent: Option<&'a str>,
    pub(crate) referer: Option<&'a str>,
}

/// Whether the bucket's policy or its list of grants lets them. `key`: of an object; `None`: the bucket.
///
/// # Errors
/// If the store fails.
pub(crate) async fn may(
    asker: Asker<'_>,
    (tx, bucket): (&mut Tx, &Bucket),
    action: &str,
    key: Option<&str>,
) -> Result<bool, AwsError> {
    let rules = Rules::read(tx, bucket).await?;
    let key = key.map(str::to_owned);
    let arn = key.as_ref().map_or_else(|| bucket.arn().to_string(), |key| format!("{}/{key}", bucket.arn()));
    let ask = Ask { action: action.to_owned(), bucket: bucket.name.clone(), key, version: None };
    let mut context = context(asker, bucket);
    if rules.asks_for_tags() {
        put_tags(tx, bucket, &ask, &mut context).await?;
    }
    let object = owned(tx, bucket, &ask, false).await?;
    let asked = Asked { ask: &ask, arn: &arn, context: &context, own: false, object: object.as_ref() };
    Ok(rules.decide(asker.cx, bucket, asked).is_allowed())
}

fn context(asker: Asker<'_>, bucket: &Bucket) -> Context {
    Context::of(Facts {
        identity: &asker.cx.identity,
        region: &bucket.region,
        now: asker.cx.now(),
        source_ip: asker.cx.source_ip,
        secure: false,
        user_agent: asker.user_agent,
        referer: asker.referer,
    })
}
