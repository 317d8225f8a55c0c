//! Where everything lies in the store. All keys begin with the tag, the account and the region.

pub(crate) mod streams;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_expr::dynamodb::{AttributeValue, Comparison, SortCondition};
use updraft_kernel::{AccountId, Arn, Ctx, Region, UnixMillis};
use updraft_store::{Key, KeyBuilder, KeyRange, Row, tags};
use xxhash_rust::xxh3::xxh3_64;

use crate::model::backups::Recovery;
use crate::model::key::{PrimaryKey, key_bytes};
use crate::model::table::Table;

/// The account and region that tables belong to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
}

impl Scope {
    pub(crate) fn of(cx: &Ctx) -> Self {
        Self { account: cx.account.clone(), region: cx.region.clone() }
    }

    /// The account and region of a resource.
    pub(crate) fn of_arn(arn: &Arn) -> Option<Self> {
        Some(Self { account: AccountId::parse(&arn.account).ok()?, region: Region::parse(&arn.region).ok()? })
    }

    fn key(&self) -> KeyBuilder {
        KeyBuilder::new(tags::DYNAMODB).scope(&self.account, &self.region)
    }

    /// All tables, by name.
    pub(crate) fn tables(&self) -> KeyRange {
        self.key().str("table").prefix_range()
    }
}

/// A table's definition, by name.
#[derive(Clone, Debug)]
pub(crate) struct TableKey<'a>(pub(crate) &'a Scope, pub(crate) &'a str);

impl Key for TableKey<'_> {
    type Row = Table;

    fn encode(&self) -> Bytes {
        self.0.key().str("table").str(self.1).build()
    }
}

/// The id that the next table will have.
#[derive(Clone, Debug)]
pub(crate) struct NextIdKey<'a>(pub(crate) &'a Scope);

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct NextId(pub(crate) u64);

impl Row for NextId {
    const VERSION: u8 = 1;
}

impl Key for NextIdKey<'_> {
    type Row = NextId;

    fn encode(&self) -> Bytes {
        self.0.key().str("next").build()
    }
}

/// A table's point-in-time recovery, by the table's id: among [`Rows::whole_table`], so that it goes with the table.
#[derive(Clone, Debug)]
pub(crate) struct RecoveryKey<'a>(pub(crate) &'a Scope, pub(crate) u64);

impl Key for RecoveryKey<'_> {
    type Row = Recovery;

    fn encode(&self) -> Bytes {
        self.0.key().u64(self.1).str("recovery").build()
    }
}

/// What a `ClientRequestToken` was used for.
#[derive(Clone, Debug)]
pub(crate) struct TokenKey<'a>(pub(crate) &'a Scope, pub(crate) &'a str);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Token {
    /// Of the request.
    pub(crate) hash: u128,
    pub(crate) until: UnixMillis,
}

impl Row for Token {
    const VERSION: u8 = 1;
}

impl Key for TokenKey<'_> {
    type Row = Token;

    fn encode(&self) -> Bytes {
        self.0.key().str("token").str(self.1).build()
    }
}

/// Work on many rows that outlives the request that caused it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Job {
    /// All rows of a deleted table.
    DropTable,
    /// All rows of a deleted index.
    DropIndex,
    /// Existing items into a new index of this table.
    Backfill { table: String },
    /// When existing items of this table expire.
    Expiries { table: String },
    /// What is known of it, of a table whose items expire no more.
    NoExpiries,
}

/// Stands for an index where a job is of a table's expiries.
pub(crate) const EXPIRIES: u32 = u32::MAX;

impl Row for Job {
    const VERSION: u8 = 1;
}

/// A job of a table, or of one of its indexes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct JobKey {
    pub(crate) scope: Scope,
    pub(crate) table: u64,
    pub(crate) index: u32,
}

impl JobKey {
    /// AWS knows no empty account, so that all jobs lie together where a restart finds them.
    fn home() -> KeyBuilder {
        KeyBuilder::new(tags::DYNAMODB).str("").str("").str("job")
    }

    pub(crate) fn all() -> KeyRange {
        Self::home().prefix_range()
    }

    pub(crate) fn parse(key: &[u8]) -> updraft_store::Result<Self> {
        let mut reader = updraft_store::KeyReader::new(key, tags::DYNAMODB)?;
        let mut parts = || reader.str();
        let (_, _, _, account, region) = (parts()?, parts()?, parts()?, parts()?, parts()?);
        let corrupt = |why: updraft_kernel::InvalidId| updraft_store::StoreError::Corrupt {
            key: key.to_vec(),
            why: why.to_string(),
        };
        let scope = Scope {
            account: AccountId::parse(&account).map_err(corrupt)?,
            region: Region::parse(&region).map_err(corrupt)?,
        };
        Ok(Self { scope, table: reader.u64()?, index: reader.u32()? })
    }
}

impl Key for JobKey {
    type Row = Job;

    fn encode(&self) -> Bytes {
        let home = Self::home().scope(&self.scope.account, &self.scope.region);
        home.u64(self.table).u32(self.index).build()
    }
}

/// The rows of one table's items, or of one of its indexes.
#[derive(Clone, Debug)]
pub(crate) struct Rows<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) table: u64,
    /// `None`: the items themselves.
    pub(crate) index: Option<u32>,
}

impl Rows<'_> {
    fn key(&self) -> KeyBuilder {
        let table = self.scope.key().u64(self.table);
        match self.index {
            None => table.str("i"),
            Some(index) => table.str("g").u32(index),
        }
    }

    /// Everything that a table has: items, index rows, counters, what is kept about it beside its definition.
    pub(crate) fn whole_table(&self) -> KeyRange {
        self.scope.key().u64(self.table).prefix_range()
    }

    pub(crate) fn all(&self) -> KeyRange {
        self.key().prefix_range()
    }

    /// Segment `segment` of `total`, which share out the hashes of partition keys.
    pub(crate) fn segment(&self, segment: u32, total: u32) -> KeyRange {
        let bound = |n: u32| u64::from(n) * (u64::from(u16::MAX) + 1) / u64::from(total.max(1));
        let start = self.key().u64(bound(segment)).build();
        KeyRange::new(start, self.key().u64(bound(segment + 1)).build())
    }

    fn partition(&self, hash: &[u8]) -> KeyBuilder {
        self.key().u16(hash16(hash)).bytes(hash)
    }

    /// The row of an item.
    pub(crate) fn item(&self, key: &PrimaryKey) -> Bytes {
        ranged(self.partition(&key.hash), key).build()
    }

    /// The row of an index: its own key, and then that of the item, since index keys needn't be unique.
    pub(crate) fn entry(&self, key: &PrimaryKey, item: &PrimaryKey) -> Bytes {
        ranged(ranged(self.partition(&key.hash), key).bytes(&item.hash), item).build()
    }

    /// What a key condition asks for.
    pub(crate) fn query(&self, hash: &AttributeValue, sort: Option<&SortCondition>) -> KeyRange {
        let partition = self.partition(&key_bytes(hash));
        match sort {
            None => partition.prefix_range(),
            Some(SortCondition::BeginsWith(prefix)) => partition.bytes_starting(&key_bytes(prefix)),
            Some(SortCondition::Between(low, high)) => {
                let start = partition.clone().bytes(&key_bytes(low)).build();
                KeyRange::new(start, partition.bytes(&key_bytes(high)).prefix_range().end)
            }
            Some(SortCondition::Compare(comparison, bound)) => compared(partition, *comparison, &key_bytes(bound)),
        }
    }

    /// When this item expires, in seconds: first things first.
    pub(crate) fn expiry(&self, at: i64, key: &PrimaryKey) -> Bytes {
        ranged(self.scope.key().u64(self.table).str("t").i64(at).bytes(&key.hash), key).build()
    }

    pub(crate) fn expiries(&self) -> KeyRange {
        self.scope.key().u64(self.table).str("t").prefix_range()
    }

    /// The counter of bytes of all items with one partition key, and of what local indexes have of them.
    pub(crate) fn collection(&self, hash: &[u8]) -> Bytes {
        self.scope.key().u64(self.table).str("c").bytes(hash).build()
    }

    /// The counter of rows or of bytes.
    pub(crate) fn counter(&self, of: Counter) -> Bytes {
        let name = match of {
            Counter::Items => "items",
            Counter::Bytes => "bytes",
        };
        let table = self.scope.key().u64(self.table).str("n").str(name);
        match self.index {
            None => table.build(),
            Some(index) => table.u32(index).build(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counter {
    Items,
    Bytes,
}

/// When, and which item, in such a key.
pub(crate) fn expiry_in(key: &[u8]) -> updraft_store::Result<(i64, PrimaryKey)> {
    let mut reader = updraft_store::KeyReader::new(key, tags::DYNAMODB)?;
    let (_account, _region, _table, _kind) = (reader.str()?, reader.str()?, reader.u64()?, reader.str()?);
    let (at, hash) = (reader.i64()?, reader.bytes()?);
    // Nothing is left where the table has no sort key.
    Ok((at, PrimaryKey { hash, range: reader.bytes().ok() }))
}

fn ranged(key: KeyBuilder, of: &PrimaryKey) -> KeyBuilder {
    match &of.range {
        Some(range) => key.bytes(range),
        None => key,
    }
}

fn compared(partition: KeyBuilder, comparison: Comparison, bound: &[u8]) -> KeyRange {
    let whole = partition.clone().prefix_range();
    let at = partition.bytes(bound).prefix_range();
    match comparison {
        Comparison::Equal => at,
        Comparison::NotEqual => whole,
        Comparison::Less => KeyRange::new(whole.start, at.start),
        Comparison::LessOrEqual => KeyRange::new(whole.start, at.end),
        Comparison::Greater => KeyRange::new(at.end, whole.end),
        Comparison::GreaterOrEqual => KeyRange::new(at.start, whole.end),
    }
}

/// Scatters partitions over a table, so that a scan's order says nothing and segments are of like size.
fn hash16(partition_key: &[u8]) -> u16 {
    let [high, low, ..] = xxh3_64(partition_key).to_be_bytes();
    u16::from_be_bytes([high, low])
}

#[cfg(test)]
mod tests {
    use updraft_store::encode_row;

    use super::*;

    fn scope() -> Scope {
        Scope { account: AccountId::local(), region: Region::default_region() }
    }

    fn key(hash: &str, range: &str) -> PrimaryKey {
        PrimaryKey { hash: hash.as_bytes().to_vec(), range: Some(range.as_bytes().to_vec()) }
    }

    fn s(text: &str) -> AttributeValue {
        AttributeValue::S(text.into())
    }

    #[test]
    fn sort_conditions_are_ranges() {
        let scope = scope();
        let rows = Rows { scope: &scope, table: 7, index: None };
        let all = ["", "a", "a\0", "ab", "b", "ba"];
        let admitted = |sort: SortCondition| {
            let range = rows.query(&s("p"), Some(&sort));
            let inside = all.iter().filter(|r| range.contains(&rows.item(&key("p", r)))).copied().collect::<Vec<_>>();
            let meant = all.iter().filter(|r| sort.admits(&s(r))).copied().collect::<Vec<_>>();
            assert_eq!(inside, meant, "{sort:?}");
            assert!(!range.contains(&rows.item(&key("q", "a"))));
        };
        for comparison in [
            Comparison::Equal,
            Comparison::Less,
            Comparison::LessOrEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
        ] {
            all.iter().for_each(|bound| admitted(SortCondition::Compare(comparison, s(bound))));
        }
        admitted(SortCondition::BeginsWith(s("a")));
        admitted(SortCondition::Between(s("a"), s("b")));
    }

    #[test]
    fn segments_share_out_a_table() {
        let scope = scope();
        let rows = Rows { scope: &scope, table: 7, index: None };
        for total in [1, 2, 3, 16, 1_000_000] {
            for n in 0..50 {
                let row = rows.item(&key(&n.to_string(), "r"));
                let hash = u32::from(hash16(n.to_string().as_bytes()));
                let near = u32::try_from(u64::from(hash) * u64::from(total) / 65_536).unwrap();
                let around = near.saturating_sub(20)..(near + 20).min(total);
                let holding = around.filter(|segment| rows.segment(*segment, total).contains(&row)).count();
                assert_eq!(holding, 1, "item {n} of {total}");
            }
        }
    }

    #[test]
    fn an_index_row_is_not_an_item_and_another_table_is_apart() {
        let scope = scope();
        let rows = |table, index| Rows { scope: &scope, table, index };
        let entry = rows(7, Some(1)).entry(&key("g", "h"), &key("p", "r"));
        assert!(!rows(7, None).all().contains(&entry) && rows(7, Some(1)).all().contains(&entry));
        assert!(!rows(7, Some(2)).all().contains(&entry) && rows(7, None).whole_table().contains(&entry));
        assert!(!rows(8, None).whole_table().contains(&entry));
        assert!(rows(7, None).whole_table().contains(&rows(7, Some(1)).counter(Counter::Items)));
        let recovery = RecoveryKey(&scope, 7).encode();
        assert!(rows(7, None).whole_table().contains(&recovery) && !rows(7, None).all().contains(&recovery));
        assert!(!rows(7, Some(1)).all().contains(&recovery) && !rows(8, None).whole_table().contains(&recovery));
    }

    #[test]
    fn what_expires_first_comes_first_and_is_read_back() {
        let scope = scope();
        let rows = Rows { scope: &scope, table: 7, index: None };
        let single = PrimaryKey { hash: b"p".to_vec(), range: None };
        let keys = [(5, key("z", "r")), (300, key("a", "r")), (70_000, single)];
        let rows: Vec<Bytes> = keys.iter().map(|(at, key)| rows.expiry(*at, key)).collect();
        assert!(rows.is_sorted());
        let range = Rows { scope: &scope, table: 7, index: None }.expiries();
        for (row, key) in rows.iter().zip(&keys) {
            assert!(range.contains(row));
            assert_eq!(expiry_in(row).unwrap(), *key);
        }
    }

    #[test]
    fn a_job_is_read_back_from_its_key() {
        let key = JobKey { scope: scope(), table: 9, index: 2 };
        assert_eq!(JobKey::parse(&key.encode()).unwrap(), key);
        assert!(JobKey::all().contains(&key.encode()));
    }

    /// On disks: may never change.
    #[test]
    fn golden_keys() {
        let scope = scope();
        let rows = |index| Rows { scope: &scope, table: 300, index };
        let keys = [
            (TableKey(&scope, "t").encode(), r"\x10\x02000000000000\x00\x02us-east-1\x00\x02table\x00\x02t\x00"),
            (NextIdKey(&scope).encode(), r"\x10\x02000000000000\x00\x02us-east-1\x00\x02next\x00"),
            (RecoveryKey(&scope, 7).encode(), r"\x10\x02000000000000\x00\x02us-east-1\x00\x15\x07\x02recovery\x00"),
            (TokenKey(&scope, "c").encode(), r"\x10\x02000000000000\x00\x02us-east-1\x00\x02token\x00\x02c\x00"),
            (
                JobKey { scope: scope.clone(), table: 7, index: 2 }.encode(),
                r"\x10\x02\x00\x02\x00\x02job\x00\x02000000000000\x00\x02us-east-1\x00\x15\x07\x15\x02",
            ),
            (
                rows(None).item(&key("p", "r")),
                r"\x10\x02000000000000\x00\x02us-east-1\x00\x16\x01,\x02i\x00\x16\xbe \x01p\x00\x01r\x00",
            ),
            (
                rows(None).item(&PrimaryKey { hash: b"p".to_vec(), range: None }),
                r"\x10\x02000000000000\x00\x02us-east-1\x00\x16\x01,\x02i\x00\x16\xbe \x01p\x00",
            ),
            (
                rows(Some(2)).entry(&key("g", "h"), &key("p", "r")),
                r"\x10\x02000000000000\x00\x02us-east-1\x00\x16\x01,\x02g\x00\x15\x02\x16\xaa\x19\x01g\x00\x01h\x00\x01p\x00\x01r\x00",
            ),
            (
                rows(None).counter(Counter::Items),
                r"\x10\x02000000000000\x00\x02us-east-1\x00\x16\x01,\x02n\x00\x02items\x00",
            ),
            (
                rows(Some(2)).counter(Counter::Bytes),
                r"\x10\x02000000000000\x00\x02us-east-1\x00\x16\x01,\x02n\x00\x02bytes\x00\x15\x02",
            ),
        ];
        let shown = keys.each_ref().map(|(key, _)| key.escape_ascii().to_string());
        assert_eq!(shown, keys.map(|(_, bytes)| bytes.to_owned()));
    }

    /// On disks: may never change.
    #[test]
    fn golden_rows() {
        let bytes = |row: updraft_store::Result<Bytes>| row.unwrap().escape_ascii().to_string();
        assert_eq!(bytes(encode_row(&NextId(300))), r"\x01\xac\x02");
        assert_eq!(bytes(encode_row(&Token { hash: 300, until: UnixMillis(1) })), r"\x01\xac\x02\x02");
        assert_eq!(bytes(encode_row(&Job::DropTable)), r"\x01\x00");
        assert_eq!(bytes(encode_row(&Job::DropIndex)), r"\x01\x01");
        assert_eq!(bytes(encode_row(&Job::Backfill { table: "t".into() })), r"\x01\x02\x01t");
    }
}
