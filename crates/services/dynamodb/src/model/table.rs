//! What a table is.

mod v1;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use updraft_expr::dynamodb::{KeySchema, Type};
use updraft_kernel::UnixMillis;
use updraft_store::Row;

/// The type of a key attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Scalar {
    S,
    N,
    B,
}

impl Scalar {
    pub(crate) fn of(self) -> Type {
        match self {
            Self::S => Type::S,
            Self::N => Type::N,
            Self::B => Type::B,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyAttribute {
    pub(crate) name: String,
    pub(crate) scalar: Scalar,
}

/// The key attributes of a table or an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Keys {
    pub(crate) hash: KeyAttribute,
    pub(crate) range: Option<KeyAttribute>,
}

impl Keys {
    /// Partition key first.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.hash).chain(&self.range)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.attributes().map(|a| a.name.as_str())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.names().any(|n| n == name)
    }

    pub(crate) fn schema(&self) -> KeySchema {
        let one = |a: &KeyAttribute| (a.name.clone(), a.scalar.of());
        KeySchema { hash: one(&self.hash), range: self.range.as_ref().map(one) }
    }
}

/// Which attributes an index holds beside the keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Projected {
    All,
    KeysOnly,
    Include(Vec<String>),
}

/// Provisioned units; zero in tables that are billed per request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Throughput {
    pub(crate) read: i64,
    pub(crate) write: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Index {
    /// Never given again within a table.
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) keys: Keys,
    pub(crate) projected: Projected,
    pub(crate) throughput: Throughput,
    /// False while existing items are being put in.
    pub(crate) ready: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Billing {
    pub(crate) per_request: bool,
    pub(crate) throughput: Throughput,
    pub(crate) per_request_since: Option<UnixMillis>,
}

/// A stream's label is the moment it was enabled, and part of its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stream {
    pub(crate) label: String,
    /// As on the wire; `None`: disabled since.
    pub(crate) view: Option<String>,
    /// Its records lie behind this. Never given again.
    pub(crate) id: u64,
    pub(crate) shards: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Table {
    /// New for each creation, so that nothing of a deleted table of the same name is ever seen.
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) uuid: String,
    pub(crate) created: UnixMillis,
    pub(crate) definitions: Vec<KeyAttribute>,
    pub(crate) keys: Keys,
    pub(crate) billing: Billing,
    pub(crate) locals: Vec<Index>,
    pub(crate) globals: Vec<Index>,
    pub(crate) next_index: u32,
    pub(crate) stream: Option<Stream>,
    pub(crate) ttl: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) protected: bool,
    pub(crate) class: Option<String>,
    /// The key given for encryption, empty if AWS's own was asked for; `None`: not asked for.
    pub(crate) kms_key: Option<String>,
    pub(crate) warm: Option<Throughput>,
    pub(crate) most_on_demand: Option<Throughput>,
}

impl Row for Table {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        (version == 1).then(|| v1::read(body)).flatten()
    }
}

impl Table {
    /// Whether changes of its items are recorded in a stream.
    pub(crate) fn records(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.view.is_some())
    }

    pub(crate) fn indexes(&self) -> impl Iterator<Item = &Index> {
        self.locals.iter().chain(&self.globals)
    }

    pub(crate) fn is_local(&self, index: &Index) -> bool {
        self.locals.iter().any(|local| local.id == index.id)
    }

    pub(crate) fn index(&self, name: &str) -> Option<&Index> {
        self.indexes().find(|index| index.name == name)
    }
}

#[cfg(test)]
mod tests {
    use updraft_store::{decode_row, encode_row};

    use super::*;

    fn attribute(name: &str, scalar: Scalar) -> KeyAttribute {
        KeyAttribute { name: name.to_owned(), scalar }
    }

    fn index(id: u32, projected: Projected) -> Index {
        let keys = Keys { hash: attribute("g", Scalar::B), range: None };
        Index { id, name: "i".into(), keys, projected, throughput: Throughput { read: 1, write: 2 }, ready: true }
    }

    /// With everything set.
    fn table() -> Table {
        let throughput = Throughput { read: 3, write: 4 };
        Table {
            id: 300,
            name: "t".into(),
            uuid: "u".into(),
            created: UnixMillis(1),
            definitions: vec![attribute("p", Scalar::S), attribute("r", Scalar::N)],
            keys: Keys { hash: attribute("p", Scalar::S), range: Some(attribute("r", Scalar::N)) },
            billing: Billing { per_request: true, throughput, per_request_since: Some(UnixMillis(2)) },
            locals: vec![index(1, Projected::All)],
            globals: vec![index(2, Projected::KeysOnly), index(3, Projected::Include(vec!["a".into()]))],
            next_index: 4,
            stream: Some(Stream { label: "l".into(), view: Some("NEW_IMAGE".into()), id: 300, shards: 4 }),
            ttl: Some("e".into()),
            tags: BTreeMap::from([("k".to_owned(), "v".to_owned())]),
            protected: true,
            class: Some("STANDARD".into()),
            kms_key: Some("m".into()),
            warm: Some(throughput),
            most_on_demand: Some(throughput),
        }
    }

    /// On disks: may never change.
    #[test]
    fn golden_row() {
        let bytes = encode_row(&table()).unwrap();
        assert_eq!(
            bytes.escape_ascii().to_string(),
            r"\x02\xac\x02\x01t\x01u\x02\x02\x01p\x00\x01r\x01\x01p\x00\x01\x01r\x01\x01\x06\x08\x01\x04\x01\x01\x01i\x01g\x02\x00\x00\x02\x04\x01\x02\x02\x01i\x01g\x02\x00\x01\x02\x04\x01\x03\x01i\x01g\x02\x00\x02\x01\x01a\x02\x04\x01\x04\x01\x01l\x01\tNEW_IMAGE\xac\x02\x04\x01\x01e\x01\x01k\x01v\x01\x01\x08STANDARD\x01\x01m\x01\x06\x08\x01\x06\x08"
        );
        assert_eq!(decode_row::<Table>(b"", &bytes).unwrap(), table());
    }

    /// On disks: format 1, which recorded nothing. Its stream is one that was disabled since.
    #[test]
    fn golden_row_of_format_1() {
        let bytes = b"\x01\xac\x02\x01t\x01u\x02\x02\x01p\x00\x01r\x01\x01p\x00\x01\x01r\x01\x01\x06\x08\x01\x04\x01\x01\x01i\x01g\x02\x00\x00\x02\x04\x01\x02\x02\x01i\x01g\x02\x00\x01\x02\x04\x01\x03\x01i\x01g\x02\x00\x02\x01\x01a\x02\x04\x01\x04\x01\x01l\x01\tNEW_IMAGE\x01\x01e\x01\x01k\x01v\x01\x01\x08STANDARD\x01\x01m\x01\x06\x08\x01\x06\x08";
        let stream = Some(Stream { label: "l".into(), view: None, id: 0, shards: 0 });
        assert_eq!(decode_row::<Table>(b"", bytes).unwrap(), Table { stream, ..table() });
    }
}
