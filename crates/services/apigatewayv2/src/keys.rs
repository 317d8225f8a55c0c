//! Every key of this service.
//!
//! `(tag, 0, api id)` is where an API lives and how often it changed: a request over HTTP knows nothing but the id, and
//! reads this one row. All else is `(tag, account, region, kind, api id, id)`.

use std::marker::PhantomData;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, AwsError, Ctx, Region};
use updraft_store::{Key, KeyBuilder, KeyRange, Row, tags};

use crate::model::ApiRow;

const INDEX: u8 = 0;
const API: u8 = 0;

/// Where an API lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Located {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    /// Grows with each change of the API or anything in it.
    pub(crate) version: u64,
}

impl Row for Located {
    const VERSION: u8 = 1;
}

/// By the API's id alone, which is unique over all accounts and regions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IndexKey<'a>(pub(crate) &'a str);

impl Key for IndexKey<'_> {
    type Row = Located;
    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::APIGATEWAYV2).u8(INDEX).str(self.0).build()
    }
}

/// One API of an account and region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ApiRef<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    pub(crate) id: &'a str,
}

impl<'a> ApiRef<'a> {
    pub(crate) fn of(cx: &'a Ctx, id: &'a str) -> Self {
        Self { account: &cx.account, region: &cx.region, id }
    }

    fn scope(&self) -> KeyBuilder {
        KeyBuilder::new(tags::APIGATEWAYV2).scope(self.account, self.region)
    }
}

impl Key for ApiRef<'_> {
    type Row = ApiRow;
    fn encode(&self) -> Bytes {
        self.scope().u8(API).str(self.id).build()
    }
}

/// All APIs of an account and region.
pub(crate) fn apis(cx: &Ctx) -> KeyRange {
    ApiRef::of(cx, "").scope().u8(API).prefix_range()
}

/// A row that belongs to an API.
pub(crate) trait Child: Row {
    /// Part of the key: never given twice.
    const KIND: u8;
    fn id(&self) -> &str;
    /// What a caller is told who asks for one that isn't there.
    fn not_found(id: &str) -> AwsError;
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ChildKey<'a, R> {
    pub(crate) api: ApiRef<'a>,
    pub(crate) id: &'a str,
    row: PhantomData<R>,
}

impl<'a, R> ChildKey<'a, R> {
    pub(crate) fn new(api: ApiRef<'a>, id: &'a str) -> Self {
        Self { api, id, row: PhantomData }
    }
}

impl<R: Child> Key for ChildKey<'_, R> {
    type Row = R;
    fn encode(&self) -> Bytes {
        self.api.scope().u8(R::KIND).str(self.api.id).str(self.id).build()
    }
}

/// All of the API's rows of one kind.
pub(crate) fn children<R: Child>(api: ApiRef<'_>) -> KeyRange {
    api.scope().u8(R::KIND).str(api.id).prefix_range()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DeploymentRow, IntegrationRow, RouteRow, Snapshot, StageRow};

    #[test]
    fn kinds_are_apart_and_ranges_hold_their_own() {
        let (account, region) = (AccountId::local(), Region::default_region());
        let api = |id| ApiRef { account: &account, region: &region, id };
        let route = ChildKey::<RouteRow>::new(api("a"), "r").encode();
        assert!(children::<RouteRow>(api("a")).contains(&route));
        assert!(!children::<RouteRow>(api("ab")).contains(&route));
        assert!(!children::<RouteRow>(api("")).contains(&route));
        assert!(!children::<IntegrationRow>(api("a")).contains(&route));
        assert!(!children::<RouteRow>(api("a")).contains(&IndexKey("a").encode()));
        let kinds = [API, RouteRow::KIND, IntegrationRow::KIND, StageRow::KIND, DeploymentRow::KIND, Snapshot::KIND];
        assert_eq!(kinds, [0, 1, 2, 3, 4, 5], "on disks: these never change");
    }

    /// On disks: may never change.
    #[test]
    fn golden_keys_and_row() {
        let (account, region) = (AccountId::local(), Region::default_region());
        let api = ApiRef { account: &account, region: &region, id: "a" };
        let keys = [
            (IndexKey("a").encode(), r"\x12\x14\x02a\x00"),
            (api.encode(), r"\x12\x02000000000000\x00\x02us-east-1\x00\x14\x02a\x00"),
            (
                ChildKey::<RouteRow>::new(api, "r").encode(),
                r"\x12\x02000000000000\x00\x02us-east-1\x00\x15\x01\x02a\x00\x02r\x00",
            ),
        ];
        let shown = keys.each_ref().map(|(key, _)| key.escape_ascii().to_string());
        assert_eq!(shown, keys.map(|(_, bytes)| bytes.to_owned()));
        let row = Located { account: account.clone(), region: region.clone(), version: 300 };
        assert_eq!(
            updraft_store::encode_row(&row).unwrap().escape_ascii().to_string(),
            r"\x01\x0c000000000000\tus-east-1\xac\x02"
        );
    }
}
