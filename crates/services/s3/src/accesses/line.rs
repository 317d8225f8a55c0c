//! A record as AWS writes it: a line of fields between spaces, `-` for what isn't known or doesn't apply.

use std::time::Duration;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use updraft_access::Access;
use updraft_kernel::{Identity, Principal, SignedBy, UnixMillis};

use super::{BATCH_DELETE, names};
use crate::acting::SERVICE;
use crate::model::bucket::Bucket;
use crate::model::owner::canonical_id;

const NOTHING: &str = "-";
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'*');

/// Without what ends it.
pub(super) fn of(bucket: &Bucket, access: &Access) -> String {
    let operation = names::of(access);
    let fields = [
        canonical_id(&bucket.account),
        bucket.name.clone(),
        format!("[{}]", time(access.at)),
        access.source_ip.map_or_else(nothing, |ip| ip.to_string()),
        access.requester.as_ref().map_or_else(nothing, |who| requester(who, bucket)),
        access.request_id.clone(),
        access.key.as_deref().map_or_else(nothing, |key| key_of(&operation, key)),
    ];
    let [owner, name, time, ip, requester, request, key] = fields;
    let by_rule = operation.starts_with("S3.");
    let apart = by_rule || operation.starts_with("BATCH.");
    let target = match access.target.as_str() {
        // AWS: what rules do has a request that is none, what is one of many has none.
        "" if by_rule => quoted(None),
        "" => nothing(),
        target => format!("\"{} {target}\"", access.method),
    };
    let status = if access.status == 0 { nothing() } else { access.status.to_string() };
    let error = access.error.as_deref().unwrap_or(NOTHING);
    let sent = if access.sent == 0 { nothing() } else { access.sent.to_string() };
    let size = access.size.map_or_else(nothing, |size| size.to_string());
    let millis = |span: Duration| if apart { nothing() } else { span.as_millis().to_string() };
    let (took, turned) = (millis(access.took), millis(access.turned));
    let header = |text: &Option<String>| if apart && !by_rule { nothing() } else { quoted(text.as_deref()) };
    let (referer, agent) = (header(&access.referer), header(&access.user_agent));
    let version = access.version_id.as_deref().unwrap_or(NOTHING);
    let (signature, authenticated) = signed(access);
    let host = access.host.as_deref().unwrap_or(NOTHING);
    // There is neither TLS nor an access point, and nobody looks which of the two let a request in, policy or ACL.
    format!(
        "{owner} {name} {time} {ip} {requester} {request} {operation} {key} {target} {status} {error} {sent} {size} {took} \
         {turned} {referer} {agent} {version} {request} {signature} - {authenticated} {host} - - - {}",
        bucket.region
    )
}

fn nothing() -> String {
    NOTHING.to_owned()
}

fn quoted(text: Option<&str>) -> String {
    format!("\"{}\"", text.unwrap_or(NOTHING))
}

fn time(at: UnixMillis) -> String {
    let at = Timestamp::from_millisecond(at.0).unwrap_or_default();
    at.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
}

/// AWS: an account's root by its canonical id, others by their ARNs.
fn requester(who: &Identity, bucket: &Bucket) -> String {
    match &who.principal {
        Principal::Anonymous => nothing(),
        Principal::Root => canonical_id(&who.account),
        Principal::Service(SERVICE) => "AmazonS3".to_owned(),
        _ => who.arn(bucket.region.partition()),
    }
}

/// AWS: encoded twice, but once by what works through many keys.
fn key_of(operation: &str, key: &str) -> String {
    let once = utf8_percent_encode(key, PLAIN).to_string();
    match operation {
        BATCH_DELETE => once,
        rule if rule.starts_with("S3.") => once,
        _ => utf8_percent_encode(&once, PLAIN).to_string(),
    }
}

fn signed(access: &Access) -> (&'static str, &'static str) {
    let Some(signature) = access.signed else { return (NOTHING, NOTHING) };
    let version = if signature.version == 2 { "SigV2" } else { "SigV4" };
    match signature.by {
        SignedBy::Header => (version, "AuthHeader"),
        SignedBy::Query => (version, "QueryString"),
        SignedBy::Form => (version, NOTHING),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use updraft_access::AccessSignature;
    use updraft_kernel::{AccountId, Region};

    use super::*;
    use crate::model::bucket::Versioning;

    pub(in crate::accesses) fn access() -> Access {
        Access {
            bucket: "b".into(),
            key: Some("a b/é".into()),
            request_id: "r1".into(),
            operation: "GetObject",
            method: "GET".into(),
            target: "/b/a%20b/%C3%A9 HTTP/1.1".into(),
            host: Some("localhost:4566".into()),
            referer: None,
            user_agent: Some("aws cli".into()),
            copied_from: None,
            at: UnixMillis(1_549_411_238_000),
            source_ip: Some([192, 0, 2, 3].into()),
            requester: Some(Identity::root(AccountId::local())),
            signed: Some(AccessSignature { version: 4, by: SignedBy::Header }),
            status: 206,
            error: None,
            sent: 10,
            size: Some(2_000),
            version_id: None,
            took: Duration::from_micros(7_900),
            turned: Duration::from_millis(5),
        }
    }

    fn bucket() -> Bucket {
        Bucket {
            number: 1,
            name: "b".into(),
            account: AccountId::local(),
            region: Region::default_region(),
            location: None,
            created: UnixMillis(0),
            versioning: Versioning::Never,
            object_lock: false,
            ownership: None,
            configured: 0,
        }
    }

    #[test]
    fn a_record_has_the_fields_in_their_order() {
        let owner = canonical_id(&AccountId::local());
        let expected = format!(
            "{owner} b [06/Feb/2019:00:00:38 +0000] 192.0.2.3 {owner} r1 REST.GET.OBJECT a%2520b/%25C3%25A9 \
             \"GET /b/a%20b/%C3%A9 HTTP/1.1\" 206 - 10 2000 7 5 \"-\" \"aws cli\" - r1 SigV4 - AuthHeader localhost:4566 \
             - - - us-east-1"
        );
        assert_eq!(of(&bucket(), &access()), expected);
    }

    #[test]
    fn nobody_and_nothing_are_dashes() {
        let nobody = Identity { principal: Principal::Anonymous, ..Identity::root(AccountId::local()) };
        let refused = Access {
            key: None,
            requester: Some(nobody),
            signed: None,
            source_ip: None,
            status: 403,
            error: Some("AccessDenied".into()),
            sent: 0,
            size: None,
            ..access()
        };
        let line = of(&bucket(), &refused);
        assert!(line.contains("+0000] - - r1 REST.GET.OBJECT - \"GET"), "{line}");
        assert!(line.contains("\" 403 AccessDenied - - 7 5 \"-\""), "{line}");
        assert!(line.ends_with(" r1 - - - localhost:4566 - - - us-east-1"), "{line}");
    }

    #[test]
    fn keys_of_many_are_encoded_once() {
        assert_eq!(key_of("BATCH.DELETE.OBJECT", "a b"), "a%20b");
        assert_eq!(key_of("REST.DELETE.OBJECT", "a b"), "a%2520b");
    }
}
