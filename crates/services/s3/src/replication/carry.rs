//! Copying a version into another bucket.

use bytes::Bytes;
use updraft_api_s3::shapes;
use updraft_api_s3::types::ReplicationConfiguration;
use updraft_kernel::{Arn, AwsError, Ctx, Identity, Principal};
use updraft_policy::{Context, Facts, Policy, Request, Verdict, Who};
use updraft_store::{StoreExt as _, Tx};

use super::Errand;
use super::place::{self, Copied};
use crate::acting::SERVICE;
use crate::config::{self, Kind};
use crate::errors::{access_denied, invalid_request, no_such_bucket};
use crate::keys::{BucketKey, Numbered, ObjectVersionKey};
use crate::model::bucket::{Bucket, Versioning};
use crate::model::owner::canonical_id;
use crate::objects::aside::{self, State};
use crate::objects::encryption::{By, Opener};
use crate::objects::keys::PartKey;
use crate::objects::range::Span;
use crate::objects::receive::{Claimed, Claims, Keep, Received, receive};
use crate::objects::row::{Body, Encryption, Object, Part, Parts, Version};
use crate::objects::send::send;
use crate::objects::{table as versions, upload, write};
use crate::{S3, table};

/// # Errors
/// If it can't be copied: for good, unless the fault is ours.
pub(super) async fn carry(svc: &S3, errand: &Errand) -> Result<(), AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let Some((source, version)) = source(&mut tx, errand).await? else { return Ok(()) };
    let target = target(svc, &mut tx, &source, errand).await?;
    let id = version.id.text(errand.order);
    let there = versions::by_id(&mut tx, &target, &errand.key, &id).await?.is_some();
    let copied = match &version.object {
        Some(object) if !there => Some(copy(svc, &mut tx, (errand, &source), object).await?),
        _ => None,
    };
    drop(tx);
    let done = write::again(svc, || settle(svc, errand, copied.clone())).await;
    if done.is_err() {
        // Nobody names them; where it isn't known whether somebody does, the sweeper finds out.
        tracing::debug!(bucket = errand.bucket, to = errand.to, "a replica's bytes are left to the sweeper");
    }
    done
}

/// Says that it could not be.
///
/// # Errors
/// If the store fails.
pub(super) async fn give_up(svc: &S3, errand: &Errand) -> Result<(), AwsError> {
    write::again(svc, || async {
        let mut tx = svc.parts.store.write().await?;
        if let Some((source, _)) = source(&mut tx, errand).await? {
            told(&mut tx, &source, errand, State::Failed).await?;
            tx.commit().await?;
        }
        Ok(())
    })
    .await
}

/// Makes a replica of what was copied, or brings one that is there up to date, and says so.
async fn settle(svc: &S3, errand: &Errand, copied: Option<Copied>) -> Result<(), AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let Some((source, version)) = source(&mut tx, errand).await? else { return Ok(()) };
    let target = target(svc, &mut tx, &source, errand).await?;
    let cx = svc.acting(&target, SERVICE);
    let id = version.id.text(errand.order);
    match versions::by_id(&mut tx, &target, &errand.key, &id).await? {
        Some(found) => place::update(&mut tx, &target, (&errand.key, found), &version)?,
        None if version.object.is_some() && copied.is_none() => {
            return Err(AwsError::unavailable("a replica went while it was looked at"));
        }
        None => place::place(svc, &cx, (&mut tx, &target), (errand, version), copied).await?,
    }
    told(&mut tx, &source, errand, State::Completed).await?;
    tx.commit().await?;
    Ok(())
}

/// The version, if it is still there.
async fn source(tx: &mut Tx, errand: &Errand) -> Result<Option<(Bucket, Version)>, AwsError> {
    let bucket = tx.row(&BucketKey { account: &errand.account, name: &errand.bucket }).await?;
    let Some(bucket) = bucket.filter(|bucket| bucket.number == errand.number) else { return Ok(None) };
    let at = ObjectVersionKey { bucket: Numbered::of(&bucket), key: &errand.key, version: errand.order };
    let version = tx.row(&at).await?;
    Ok(version.map(|version| (bucket, version)))
}

/// The bucket that it goes to.
async fn target(svc: &S3, tx: &mut Tx, source: &Bucket, errand: &Errand) -> Result<Bucket, AwsError> {
    let target = table::named(tx, &errand.to).await?.ok_or_else(|| no_such_bucket(&errand.to))?;
    if target.versioning != Versioning::Enabled {
        return Err(invalid_request("Destination bucket must have versioning enabled."));
    }
    if target.account == source.account || lets_in(svc, tx, source, (&target, &errand.key)).await? {
        Ok(target)
    } else {
        Err(access_denied())
    }
}

/// Whether the policy of another account's bucket lets the role in that replicates.
async fn lets_in(svc: &S3, tx: &mut Tx, source: &Bucket, (target, key): (&Bucket, &str)) -> Result<bool, AwsError> {
    let what = (Kind::Replication, &shapes::ReplicationConfiguration);
    let Some(rules) = config::get::<ReplicationConfiguration>(tx, source, what).await? else { return Ok(false) };
    let Some(text) = config::get_text(tx, target, Kind::Policy, "").await? else { return Ok(false) };
    let (Ok(policy), Ok(role)) = (Policy::parse(&text), Arn::parse(&rules.role)) else { return Ok(false) };
    let role = role.resource.trim_start_matches("role/").to_owned();
    let session = "s3-replication".to_owned();
    let principal = Principal::AssumedRole { role_id: role.clone(), role, session };
    let identity = Identity { account: source.account.clone(), principal, access_key_id: String::new() };
    let facts = Facts::within(&identity, &target.region, svc.parts.clock.now());
    let canonical = canonical_id(&source.account);
    let request = Request {
        who: Who { identity: &identity, partition: target.region.partition(), canonical: Some(&canonical) },
        action: "s3:ReplicateObject",
        resource: &format!("{}/{key}", target.arn()),
        context: &Context::of(facts),
    };
    Ok(matches!(policy.evaluate(request), Verdict::Allow(_)))
}

async fn told(tx: &mut Tx, source: &Bucket, errand: &Errand, state: State) -> Result<(), AwsError> {
    let place = (errand.key.as_str(), errand.order);
    let mut known = aside::of(tx, source, place).await?;
    if known.reached(&errand.to, state) {
        aside::put(tx, source, place, &known).await?;
    }
    Ok(())
}

async fn copy(
    svc: &S3,
    tx: &mut Tx,
    (errand, source): (&Errand, &Bucket),
    object: &Object,
) -> Result<Copied, AwsError> {
    if matches!(object.encryption, Encryption::Customer(_)) {
        return Err(invalid_request("Objects that a client's key keeps can't be replicated."));
    }
    let at = ObjectVersionKey { bucket: Numbered::of(source), key: &errand.key, version: errand.order };
    let Body::Parts(parts) = &object.body else {
        let received = body(svc, tx, (at, object), (Span::whole(object.size), Keep::Object)).await?;
        let (key, encryption) = (received.key, received.encryption);
        return Ok(Copied {
            body: received.body,
            inline: received.inline,
            key: Some(key),
            encryption,
            parts: Vec::new(),
        });
    };
    let cx = svc.acting(source, SERVICE);
    let id = upload::new_id(&cx, &errand.key, &*svc.parts.rng);
    let mut copied: Vec<(u32, Part)> = Vec::new();
    let mut start = 0;
    for (number, part) in versions::parts(tx, PartKey { bucket: at.bucket, upload: &parts.upload, number: 0 }).await? {
        let span = Span { start, length: part.size };
        start += part.size;
        copied.push((number, again(svc, tx, &cx, (at, object), (span, part)).await?));
    }
    let body = Body::Parts(Parts { upload: id, ..parts.clone() });
    Ok(Copied { body, inline: None, key: None, encryption: Encryption::Installation, parts: copied })
}

/// A part as it was, with bytes of its own.
async fn again(
    svc: &S3,
    tx: &mut Tx,
    cx: &Ctx,
    of: (ObjectVersionKey<'_>, &Object),
    (span, part): (Span, Part),
) -> Result<Part, AwsError> {
    let received = body(svc, tx, of, (span, Keep::Part)).await?;
    let new = upload::part(cx, received)?;
    Ok(Part { blob: new.blob, key: new.key, ..part })
}

async fn body(
    svc: &S3,
    tx: &mut Tx,
    (at, object): (ObjectVersionKey<'_>, &Object),
    (span, keep): (Span, Keep),
) -> Result<Received, AwsError> {
    let opener = Opener::of(svc, object.encryption, None).await?;
    let bytes = if span.length == 0 {
        updraft_wire::ByteStream::whole(Bytes::new())
    } else {
        send(svc, tx, (at, object), span, opener).await?
    };
    let algorithm = object.checksum.as_ref().map(|checksum| checksum.algorithm);
    let checksum = algorithm.map(|algorithm| Claimed { algorithm, value: None, in_trailer: false });
    let seal = By::Installation.seal(svc).await?;
    receive(svc, &bytes, Claims { checksum, ..Claims::default() }, (keep, seal)).await
}
