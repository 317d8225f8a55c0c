//! The statement that writes: all of a commit in one, of the parts that it needs.

use std::collections::BTreeMap;

use bytes::Bytes;
use tokio_postgres::types::ToSql;
use updraft_store::buffer::{Versioned, Write, Writes};

use crate::keys::{Columns, HEAD};

/// What is written together: one transaction, or several that are carried out as one.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) keys: BTreeMap<Bytes, Write>,
    /// Each with its transaction's place in the batch, which is its version's distance from the batch's.
    pub(crate) appends: Vec<(i64, Versioned)>,
    /// Answered before it is on the disk.
    pub(crate) relaxed: bool,
}

impl Batch {
    /// Of a single transaction.
    pub(crate) fn of(writes: Writes, relaxed: bool) -> Self {
        let appends = writes.versioned.into_iter().map(|append| (0, append)).collect();
        Self { keys: writes.keys, appends, relaxed }
    }

    /// The keys that are counted up, for whoever folds counters.
    pub(crate) fn counters(&self) -> impl Iterator<Item = &Bytes> {
        self.keys.iter().filter(|(_, write)| matches!(write, Write::Add(_))).map(|(key, _)| key)
    }

    /// The locks that keep appends to the same prefix in the order of their versions.
    pub(crate) fn locks(&self) -> Vec<i64> {
        let id = |(_, append): &(i64, Versioned)| lock_id(&append.prefix);
        let mut ids: Vec<_> = self.appends.iter().map(id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// How appends to a prefix wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Locking {
    /// By PostgreSQL's locks on numbers: whoever waited doesn't conflict.
    Advisory,
    /// By a row of the prefix: who comes second runs again. For databases without locks on numbers.
    Rows,
}

/// Prefixes that collide only wait for each other.
pub(crate) fn lock_id(prefix: &[u8]) -> i64 {
    xxhash_rust::xxh3::xxh3_64(prefix).cast_signed()
}

/// A statement in the making.
pub(crate) struct Statement<'a> {
    pub(crate) sql: String,
    params: Vec<Box<dyn ToSql + Sync + Send + 'a>>,
}

impl<'a> Statement<'a> {
    /// Applies the batch and leaves `mark` as a sign that it did. Answers the batch's version.
    pub(crate) fn new(mark: &'a [u8], batch: &'a Batch, locking: Locking) -> Self {
        let mut statement = Self { sql: String::from("WITH "), params: Vec::new() };
        statement.version(batch, locking);
        let mark = statement.param(mark, "bytea");
        statement.part(&format!("), mark AS (INSERT INTO commits (id, version) SELECT {mark}, base FROM v"));
        statement.puts(batch);
        statement.deletes(batch);
        statement.adds(batch);
        statement.appends(batch);
        statement.sql.push_str(") SELECT base FROM v");
        statement
    }

    pub(crate) fn params(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.params.iter().map(|param| &**param as &(dyn ToSql + Sync)).collect()
    }

    fn part(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }

    /// Its place in the text.
    fn param(&mut self, value: impl ToSql + Sync + Send + 'a, kind: &str) -> String {
        self.params.push(Box::new(value));
        format!("${}::{kind}", self.params.len())
    }

    fn columns(&mut self, columns: Columns<'a>) -> [String; 3] {
        [
            self.param(columns.heads, "bytea[]"),
            self.param(columns.rests, "bytea[]"),
            self.param(columns.tails, "bytea[]"),
        ]
    }

    /// The version, taken once nobody else can append to the same prefixes until this has committed.
    fn version(&mut self, batch: &'a Batch, locking: Locking) {
        let locks = batch.locks();
        let mut conditions = vec!["true"];
        if batch.relaxed {
            // For this transaction only: it is looked at when it commits.
            conditions.push("set_config('synchronous_commit', 'off', true) IS NOT NULL");
        }
        let mut from = String::new();
        if !locks.is_empty() {
            let ids = self.param(locks, "int8[]");
            conditions.push("locked.n > 0");
            from = match locking {
                Locking::Advisory => {
                    format!(
                        " FROM (SELECT count(pg_advisory_xact_lock(id)::text) AS n FROM unnest({ids}) AS id) AS locked"
                    )
                }
                Locking::Rows => {
                    self.part(&format!(
                        "rows AS (INSERT INTO prefixes (id, n) SELECT id, 1 FROM unnest({ids}) AS id \
                         ON CONFLICT (id) DO UPDATE SET n = prefixes.n + 1 RETURNING n), "
                    ));
                    " FROM (SELECT count(*) AS n FROM rows) AS locked".to_owned()
                }
            };
        }
        let conditions = conditions.join(" AND ");
        self.part(&format!("v AS MATERIALIZED (SELECT nextval('version') AS base{from} WHERE {conditions}"));
    }

    fn puts(&mut self, batch: &'a Batch) {
        let puts: Vec<_> = batch.keys.iter().filter_map(|(key, write)| Some((key, put(write)?))).collect();
        if puts.is_empty() {
            return;
        }
        let [heads, rests, tails] = self.columns(puts.iter().map(|(key, _)| *key).collect());
        let values = self.param(puts.iter().map(|(_, value)| *value).collect::<Vec<_>>(), "bytea[]");
        self.part(&format!(
            "), puts AS (INSERT INTO kv (head, rest, tail, value) \
             SELECT * FROM unnest({heads}, {rests}, {tails}, {values}) \
             ON CONFLICT (head, rest) DO UPDATE SET value = excluded.value, counter = NULL"
        ));
    }

    fn deletes(&mut self, batch: &'a Batch) {
        let gone: Columns<'_> =
            batch.keys.iter().filter(|(_, write)| **write == Write::Delete).map(|(key, _)| key).collect();
        if gone.heads.is_empty() {
            return;
        }
        let (heads, rests) = (self.param(gone.heads, "bytea[]"), self.param(gone.rests, "bytea[]"));
        self.part(&format!(
            "), deletes AS (DELETE FROM kv USING unnest({heads}, {rests}) AS gone(head, rest) \
             WHERE kv.head = gone.head AND kv.rest = gone.rest"
        ));
    }

    /// Additions are rows of their own, so that two transactions that count the same don't meet. A counter is made at
    /// its first addition, out of nothing or out of the eight bytes that are there.
    fn adds(&mut self, batch: &'a Batch) {
        let adds: Vec<_> = batch.keys.iter().filter_map(|(key, write)| Some((key, add(write)?))).collect();
        if adds.is_empty() {
            return;
        }
        let [heads, rests, tails] = self.columns(adds.iter().map(|(key, _)| *key).collect());
        let deltas = self.param(adds.iter().map(|(_, delta)| *delta).collect::<Vec<_>>(), "int8[]");
        let zero = "'\\x0000000000000000'::bytea";
        self.part(&format!(
            "), adding AS MATERIALIZED (SELECT * FROM unnest({heads}, {rests}, {tails}, {deltas}) \
                AS k(head, rest, tail, delta)\
             ), made AS (INSERT INTO kv (head, rest, tail, value, counter) \
                SELECT head, rest, tail, {zero}, nextval('number') FROM adding \
                ON CONFLICT (head, rest) DO NOTHING RETURNING head, rest, counter\
             ), turned AS (UPDATE kv SET counter = nextval('number') FROM adding k \
                WHERE kv.head = k.head AND kv.rest = k.rest AND kv.counter IS NULL \
                RETURNING kv.head, kv.rest, kv.counter\
             ), known AS (SELECT kv.head, kv.rest, kv.counter FROM adding k \
                JOIN kv ON kv.head = k.head AND kv.rest = k.rest WHERE kv.counter IS NOT NULL\
             ), added AS (INSERT INTO adds (counter, id, delta) SELECT c.counter, nextval('number'), k.delta \
                FROM adding k JOIN (SELECT * FROM made UNION ALL SELECT * FROM turned UNION ALL SELECT * FROM known) c \
                ON c.head = k.head AND c.rest = k.rest"
        ));
    }

    fn appends(&mut self, batch: &'a Batch) {
        if batch.appends.is_empty() {
            return;
        }
        let long = batch.appends.iter().any(|(_, append)| append.prefix.len() + 8 + append.suffix.len() > HEAD);
        let rows = &batch.appends;
        let prefixes = self.param(rows.iter().map(|(_, row)| &row.prefix[..]).collect::<Vec<_>>(), "bytea[]");
        let suffixes = self.param(rows.iter().map(|(_, row)| &row.suffix[..]).collect::<Vec<_>>(), "bytea[]");
        let values = self.param(rows.iter().map(|(_, row)| &row.value[..]).collect::<Vec<_>>(), "bytea[]");
        let places = self.param(rows.iter().map(|(place, _)| *place).collect::<Vec<_>>(), "int8[]");
        let split = if long {
            format!(
                "substr(k, 1, {HEAD}), CASE WHEN octet_length(k) > {HEAD} THEN sha256(substr(k, {HEAD} + 1)) ELSE ''::bytea END, substr(k, {HEAD} + 1)"
            )
        } else {
            "k, ''::bytea, ''::bytea".to_owned()
        };
        self.part(&format!(
            "), appends AS (INSERT INTO kv (head, rest, tail, value) SELECT {split}, value FROM (\
                SELECT r.prefix || decode(lpad(to_hex(v.base + r.place), 16, '0'), 'hex') || r.suffix AS k, r.value \
                FROM v, unnest({prefixes}, {suffixes}, {values}, {places}) AS r(prefix, suffix, value, place)) AS rows \
             ON CONFLICT (head, rest) DO UPDATE SET value = excluded.value, counter = NULL"
        ));
    }
}

fn put(write: &Write) -> Option<&[u8]> {
    if let Write::Put(value) = write { Some(value) } else { None }
}

fn add(write: &Write) -> Option<i64> {
    if let Write::Add(delta) = write { Some(*delta) } else { None }
}
