//! Format 1: of a stream only label and view, and nothing was recorded.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;

use super::{Billing, Index, KeyAttribute, Keys, Throughput};

#[derive(Serialize, Deserialize)]
struct Stream {
    label: String,
    view: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Table {
    id: u64,
    name: String,
    uuid: String,
    created: UnixMillis,
    definitions: Vec<KeyAttribute>,
    keys: Keys,
    billing: Billing,
    locals: Vec<Index>,
    globals: Vec<Index>,
    next_index: u32,
    stream: Option<Stream>,
    ttl: Option<String>,
    tags: BTreeMap<String, String>,
    protected: bool,
    class: Option<String>,
    kms_key: Option<String>,
    warm: Option<Throughput>,
    most_on_demand: Option<Throughput>,
}

pub(super) fn read(body: &[u8]) -> Option<super::Table> {
    let old: Table = postcard::from_bytes(body).ok()?;
    Some(super::Table {
        id: old.id,
        name: old.name,
        uuid: old.uuid,
        created: old.created,
        definitions: old.definitions,
        keys: old.keys,
        billing: old.billing,
        locals: old.locals,
        globals: old.globals,
        next_index: old.next_index,
        // It never began: there is no such stream to describe. Enabled again, there is.
        stream: old.stream.map(|stream| super::Stream { label: stream.label, view: None, id: 0, shards: 0 }),
        ttl: old.ttl,
        tags: old.tags,
        protected: old.protected,
        class: old.class,
        kms_key: old.kms_key,
        warm: old.warm,
        most_on_demand: old.most_on_demand,
    })
}
