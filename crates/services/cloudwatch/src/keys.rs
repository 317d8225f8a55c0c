//! Where everything lies. All keys begin with the tag, the account and the region, and then a number that says what kind
//! of row it is.
//!
//! What was measured lies by *parts* of time, so that what moves on together lies together, and in a part by metric, so
//! that what is asked for together lies together. Several nodes write beside each other: each into rows of a number of
//! its own (`shard`), which are added up by whoever reads.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Result, Row, tags};

use crate::model::level::Level;
use crate::model::series::{Scope, SeriesId};
use crate::model::summary::Summary;
use crate::model::unit::Unit;

/// Kinds of rows; never reused.
const METRIC: u8 = 1;
const POINT: u8 = 2;
const PART: u8 = 3;

fn key(scope: &Scope, kind: u8) -> KeyBuilder {
    KeyBuilder::new(tags::CLOUDWATCH).scope(&scope.account, &scope.region).u8(kind)
}

/// A metric that there is, by its names.
#[derive(Clone, Debug)]
pub(crate) struct MetricKey<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    pub(crate) id: SeriesId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MetricRow {
    pub(crate) dimensions: Vec<(String, String)>,
    /// The latest value's moment, give or take [`crate::table::LAST_STEP`].
    pub(crate) last: UnixMillis,
}

impl Row for MetricRow {
    const VERSION: u8 = 1;
}

impl Key for MetricKey<'_> {
    type Row = MetricRow;

    fn encode(&self) -> Bytes {
        let names = key(self.scope, METRIC).str(self.namespace).str(self.name);
        names.bytes(&self.id.0.to_be_bytes()).build()
    }
}

impl MetricKey<'_> {
    /// All metrics, those of a namespace, or those of one name in it.
    pub(crate) fn range(scope: &Scope, namespace: Option<&str>, name: Option<&str>) -> KeyRange {
        let all = key(scope, METRIC);
        match (namespace, name) {
            (Some(namespace), Some(name)) => all.str(namespace).str(name).prefix_range(),
            (Some(namespace), None) => all.str(namespace).prefix_range(),
            (None, _) => all.prefix_range(),
        }
    }

    /// Namespace and name.
    pub(crate) fn names(key: &[u8]) -> Result<(String, String)> {
        let mut reader = KeyReader::new(key, tags::CLOUDWATCH)?;
        let (_account, _region, _kind) = (reader.str()?, reader.str()?, reader.u8()?);
        Ok((reader.str()?, reader.str()?))
    }
}

/// What was measured of one metric in one step of a level.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PointKey<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) level: Level,
    pub(crate) id: SeriesId,
    pub(crate) unit: Unit,
    /// In seconds; a multiple of the level's step.
    pub(crate) slot: i64,
    pub(crate) shard: u8,
}

impl Row for Summary {
    const VERSION: u8 = 1;
}

impl Key for PointKey<'_> {
    type Row = Summary;

    fn encode(&self) -> Bytes {
        let part = Part { level: self.level, start: self.level.part_of(self.slot) };
        let metric = part.points(self.scope).bytes(&self.id.0.to_be_bytes());
        metric.u8(self.unit.code()).i64(self.slot).u8(self.shard).build()
    }
}

/// What a point's key says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) id: SeriesId,
    /// `None`: of a newer version.
    pub(crate) unit: Option<Unit>,
    pub(crate) slot: i64,
}

impl Place {
    pub(crate) fn parse(key: &[u8]) -> Result<Self> {
        let mut reader = KeyReader::new(key, tags::CLOUDWATCH)?;
        let (_account, _region, _kind) = (reader.str()?, reader.str()?, reader.u8()?);
        let (_level, _part) = (reader.u8()?, reader.i64()?);
        let id: [u8; 16] = reader.bytes()?.try_into().unwrap_or_default();
        let (unit, slot) = (Unit::of_code(reader.u8()?), reader.i64()?);
        Ok(Self { id: SeriesId(u128::from_be_bytes(id)), unit, slot })
    }
}

/// A part of a level's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) level: Level,
    /// In seconds.
    pub(crate) start: i64,
}

impl Part {
    fn points(self, scope: &Scope) -> KeyBuilder {
        key(scope, POINT).u8(self.level.code()).i64(self.start)
    }

    /// Every point in it.
    pub(crate) fn all(self, scope: &Scope) -> KeyRange {
        self.points(scope).prefix_range()
    }

    /// One metric's points in it, in all units.
    pub(crate) fn of(self, scope: &Scope, id: SeriesId) -> KeyRange {
        self.points(scope).bytes(&id.0.to_be_bytes()).prefix_range()
    }
}

/// Says that the part has a timer, by which it moves on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartKey<'a>(pub(crate) &'a Scope, pub(crate) Part);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartRow;

impl Row for PartRow {
    const VERSION: u8 = 1;
}

impl Key for PartKey<'_> {
    type Row = PartRow;

    fn encode(&self) -> Bytes {
        key(self.0, PART).u8(self.1.level.code()).i64(self.1.start).build()
    }
}

#[cfg(test)]
mod tests {
    use updraft_kernel::{AccountId, Region};
    use updraft_store::{decode_row, encode_row};

    use super::*;

    fn scope() -> Scope {
        Scope { account: AccountId::local(), region: Region::default_region() }
    }

    fn point(scope: &Scope, slot: i64) -> PointKey<'_> {
        PointKey { scope, level: Level::Minute, id: SeriesId(7), unit: Unit::NONE, slot, shard: 3 }
    }

    #[test]
    fn a_part_holds_a_metrics_points_in_their_order() {
        let scope = scope();
        let part = Part { level: Level::Minute, start: 86_400 };
        let (first, second) = (point(&scope, 86_400).encode(), point(&scope, 86_460).encode());
        assert!(first < second);
        for range in [part.all(&scope), part.of(&scope, SeriesId(7))] {
            assert!(range.contains(&first) && range.contains(&point(&scope, 172_740).encode()));
            assert!(!range.contains(&point(&scope, 172_800).encode()), "the next part's");
            assert!(!range.contains(&PointKey { level: Level::Hour, ..point(&scope, 86_400) }.encode()));
        }
        assert!(!part.of(&scope, SeriesId(8)).contains(&first));
        let place = Place { id: SeriesId(7), unit: Some(Unit::NONE), slot: 86_400 };
        assert_eq!(Place::parse(&first).unwrap(), place);
    }

    #[test]
    fn metrics_lie_by_their_names() {
        let scope = scope();
        let row = |namespace, name| MetricKey { scope: &scope, namespace, name, id: SeriesId(1) }.encode();
        let range = MetricKey::range(&scope, Some("AWS/Lambda"), None);
        assert!(range.contains(&row("AWS/Lambda", "Errors")) && !range.contains(&row("AWS/LambdaX", "Errors")));
        let range = MetricKey::range(&scope, Some("AWS/Lambda"), Some("Errors"));
        assert!(range.contains(&row("AWS/Lambda", "Errors")) && !range.contains(&row("AWS/Lambda", "ErrorsX")));
        assert!(
            !MetricKey::range(&scope, None, None)
                .contains(&PartKey(&scope, Part { level: Level::Hour, start: 0 }).encode())
        );
        assert_eq!(MetricKey::names(&row("A", "b")).unwrap(), ("A".to_owned(), "b".to_owned()));
    }

    /// On disks: may never change.
    #[test]
    fn golden_keys_and_rows() {
        let scope = scope();
        let part = Part { level: Level::FiveMinutes, start: 432_000 };
        let metric = MetricKey { scope: &scope, namespace: "N", name: "m", id: SeriesId(1) };
        let shown = [metric.encode(), point(&scope, 86_460).encode(), PartKey(&scope, part).encode()]
            .map(|key| key.escape_ascii().to_string());
        let zeros = r"\x00\xff".repeat(15);
        let scope = r"\x1e\x02000000000000\x00\x02us-east-1\x00";
        let expected = [
            format!(r"{scope}\x15\x01\x02N\x00\x02m\x00\x01{zeros}\x01\x00"),
            format!(r"{scope}\x15\x02\x15\x01\x17\x01Q\x80\x01{zeros}\x07\x00\x14\x17\x01Q\xbc\x15\x03"),
            format!(r"{scope}\x15\x03\x15\x02\x17\x06\x97\x80"),
        ];
        assert_eq!(shown, expected);
        let row = MetricRow { dimensions: vec![("a".into(), "b".into())], last: UnixMillis(300) };
        let mut summary = Summary::of(1.5, 2.0);
        summary.add(3.0, 1.0);
        let bytes = [encode_row(&row).unwrap(), encode_row(&summary).unwrap(), encode_row(&PartRow).unwrap()];
        let shown = bytes.each_ref().map(|bytes| bytes.escape_ascii().to_string());
        let zeros = r"\x00\x00\x00\x00\x00\x00";
        let point = [r"\xf8?", r"\x00@", r"\x08@", r"\xf0?"].map(|end| format!("{zeros}{end}")).concat();
        let expected = [
            r"\x01\x01\x01a\x01b\xd8\x04".to_owned(),
            format!(r"\x01{zeros}\x08@{zeros}\x18@{zeros}\xf8?{zeros}\x08@\x02{point}"),
            r"\x01".to_owned(),
        ];
        assert_eq!(shown, expected);
        assert_eq!(decode_row::<MetricRow>(b"", &bytes[0]).unwrap(), row);
        assert_eq!(decode_row::<Summary>(b"", &bytes[1]).unwrap(), summary);
    }
}
