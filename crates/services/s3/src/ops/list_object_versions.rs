//! `ListObjectVersions`: all versions and markers, the newest of each key first.

use updraft_api_s3::types::{
    CommonPrefix, DeleteMarkerEntry, ListObjectVersionsInput, ListObjectVersionsOutput, ObjectVersion,
    ObjectVersionStorageClass, Owner,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::errors::invalid_value;
use crate::objects::list::Asked;
use crate::objects::listed::{self, Encoding, Owners, some};
use crate::objects::row::Object;
use crate::objects::table::Found;
use crate::objects::versions::{Entry, versions};
use crate::{S3, table};

pub(crate) async fn list_object_versions(
    svc: &S3,
    cx: &Ctx,
    input: ListObjectVersionsInput,
) -> Result<ListObjectVersionsOutput, AwsError> {
    let encoding = Encoding::parse(input.encoding_type.as_ref())?;
    let (max_keys, most) = listed::most("max-keys", input.max_keys)?;
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let (prefix, delimiter) = (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
    let key_marker = input.key_marker.unwrap_or_default();
    let version_marker = input.version_id_marker.unwrap_or_default();
    if key_marker.is_empty() && !version_marker.is_empty() {
        let message = "A version-id marker cannot be specified without a key marker.";
        return Err(invalid_value("version-id-marker", &version_marker, message));
    }
    let asked = Asked { prefix: &prefix, delimiter: &delimiter, after: &key_marker, most };
    let after = Some(version_marker.as_str()).filter(|marker| !marker.is_empty());
    let page = versions(&mut tx, &bucket, asked, after).await?;
    let (next_key, next_version) = match page.entries.last().filter(|_| page.more) {
        None => (None, None),
        Some(Entry::Prefix(prefix)) => (Some(encoding.write(prefix)), None),
        Some(Entry::Version { key, found, .. }) => (Some(encoding.write(key)), Some(found.id())),
    };
    let lists = Lists::of(page.entries, encoding, &Owners::new(&bucket));
    Ok(ListObjectVersionsOutput {
        is_truncated: Some(page.more),
        key_marker: Some(encoding.write(&key_marker)),
        version_id_marker: Some(version_marker),
        next_key_marker: next_key,
        next_version_id_marker: next_version,
        versions: (!lists.versions.is_empty()).then_some(lists.versions),
        delete_markers: (!lists.markers.is_empty()).then_some(lists.markers),
        name: Some(bucket.name),
        prefix: Some(encoding.write(&prefix)),
        delimiter: some(Some(encoding.write(&delimiter))),
        max_keys: Some(max_keys),
        common_prefixes: (!lists.prefixes.is_empty()).then_some(lists.prefixes),
        encoding_type: encoding.told(),
        ..Default::default()
    })
}

#[derive(Default)]
struct Lists {
    versions: Vec<ObjectVersion>,
    markers: Vec<DeleteMarkerEntry>,
    prefixes: Vec<CommonPrefix>,
}

impl Lists {
    fn of(entries: Vec<Entry>, encoding: Encoding, owners: &Owners<'_>) -> Self {
        let mut lists = Self::default();
        for entry in entries {
            match entry {
                Entry::Prefix(prefix) => {
                    lists.prefixes.push(CommonPrefix { prefix: Some(encoding.write(&prefix)) });
                }
                Entry::Version { key, found, latest } => {
                    let key = encoding.write(&key);
                    match &found.version.object {
                        Some(object) => lists.versions.push(version(key, object, (&found, latest), owners.of(object))),
                        None => lists.markers.push(marker(key, (&found, latest), owners.usual())),
                    }
                }
            }
        }
        lists
    }
}

fn version(key: String, object: &Object, (found, latest): (&Found, bool), owner: Owner) -> ObjectVersion {
    let (checksum_algorithm, checksum_type) = listed::sum(object);
    ObjectVersion {
        e_tag: Some(format!("\"{}\"", object.etag)),
        checksum_algorithm,
        checksum_type,
        size: i64::try_from(object.size).ok(),
        storage_class: Some(ObjectVersionStorageClass::from(
            object.about.storage_class.as_deref().unwrap_or("STANDARD"),
        )),
        key: Some(key),
        version_id: Some(found.id()),
        is_latest: Some(latest),
        last_modified: Some(found.version.at),
        owner: Some(owner),
        ..Default::default()
    }
}

fn marker(key: String, (found, latest): (&Found, bool), owner: Owner) -> DeleteMarkerEntry {
    DeleteMarkerEntry {
        owner: Some(owner),
        key: Some(key),
        version_id: Some(found.id()),
        is_latest: Some(latest),
        last_modified: Some(found.version.at),
    }
}
