//! The values of attributes, parsed: past this type there is no malformed number, no empty set and no deep nesting.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;

use super::number::Number;

/// How deep lists and maps may lie in each other, the attribute's own value counted as the first level.
pub const MAX_DEPTH: usize = 32;

/// An item, or the contents of a map.
pub type Item = BTreeMap<String, AttributeValue>;

/// A value of one of DynamoDB's ten types. Sets keep the order they came in and have no duplicates.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeValue {
    S(String),
    N(Number),
    B(Bytes),
    Bool(bool),
    Null,
    Ss(Vec<String>),
    Ns(Vec<Number>),
    Bs(Vec<Bytes>),
    L(Vec<AttributeValue>),
    M(Item),
}

/// The type of a value, as expressions name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    S,
    N,
    B,
    Bool,
    Null,
    Ss,
    Ns,
    Bs,
    L,
    M,
}

impl Type {
    const ALL: [Self; 10] =
        [Self::S, Self::N, Self::B, Self::Bool, Self::Null, Self::Ss, Self::Ns, Self::Bs, Self::L, Self::M];

    /// As on the wire: `SS`, `BOOL`, `NULL`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::N => "N",
            Self::B => "B",
            Self::Bool => "BOOL",
            Self::Null => "NULL",
            Self::Ss => "SS",
            Self::Ns => "NS",
            Self::Bs => "BS",
            Self::L => "L",
            Self::M => "M",
        }
    }

    /// The long name, which some messages use.
    #[must_use]
    pub fn long_name(self) -> &'static str {
        match self {
            Self::S => "STRING",
            Self::N => "NUMBER",
            Self::B => "BINARY",
            Self::Bool => "BOOLEAN",
            Self::Null => "NULL",
            Self::Ss => "STRING_SET",
            Self::Ns => "NUMBER_SET",
            Self::Bs => "BINARY_SET",
            Self::L => "LIST",
            Self::M => "MAP",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }

    /// Types that `<` and `BETWEEN` order.
    #[must_use]
    pub fn is_ordered(self) -> bool {
        matches!(self, Self::S | Self::N | Self::B)
    }

    #[must_use]
    pub fn is_set(self) -> bool {
        matches!(self, Self::Ss | Self::Ns | Self::Bs)
    }
}

impl AttributeValue {
    #[must_use]
    pub fn type_of(&self) -> Type {
        match self {
            Self::S(_) => Type::S,
            Self::N(_) => Type::N,
            Self::B(_) => Type::B,
            Self::Bool(_) => Type::Bool,
            Self::Null => Type::Null,
            Self::Ss(_) => Type::Ss,
            Self::Ns(_) => Type::Ns,
            Self::Bs(_) => Type::Bs,
            Self::L(_) => Type::L,
            Self::M(_) => Type::M,
        }
    }

    /// Bytes this counts for in item sizes and capacity, as AWS documents it.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::S(s) => s.len(),
            Self::N(n) => number_size(n),
            Self::B(b) => b.len(),
            Self::Bool(_) | Self::Null => 1,
            Self::Ss(set) => set.iter().map(String::len).sum(),
            Self::Ns(set) => set.iter().map(number_size).sum(),
            Self::Bs(set) => set.iter().map(Bytes::len).sum(),
            Self::L(list) => 3 + list.iter().map(|v| 1 + v.size()).sum::<usize>(),
            Self::M(map) => 3 + map.iter().map(|(k, v)| 1 + k.len() + v.size()).sum::<usize>(),
        }
    }

    /// How many lists and maps lie in each other here; 0 for scalars and sets.
    #[must_use]
    pub fn depth(&self) -> usize {
        match self {
            Self::L(list) => 1 + list.iter().map(Self::depth).max().unwrap_or(0),
            Self::M(map) => 1 + map.values().map(Self::depth).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// Whether this is nested deeper than an item may hold.
    #[must_use]
    pub fn is_too_deep(&self) -> bool {
        self.depth() >= MAX_DEPTH
    }

    /// Equal as `=` means it: sets regardless of their order, at any depth.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Ss(a), Self::Ss(b)) => same_set(a, b),
            (Self::Ns(a), Self::Ns(b)) => same_set(a, b),
            (Self::Bs(a), Self::Bs(b)) => same_set(a, b),
            (Self::L(a), Self::L(b)) => a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.same(y)),
            (Self::M(a), Self::M(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|((k, x), (l, y))| k == l && x.same(y))
            }
            _ => self == other,
        }
    }
}

/// One byte, one for a minus, and one for two significant digits on each side of the point.
///
/// AWS: the developer guide rounds differently; this is what the 400 KB limit was measured to count.
fn number_size(n: &Number) -> usize {
    let (whole, fraction) = n.digits_around_point();
    1 + whole.div_ceil(2) + fraction.div_ceil(2) + usize::from(n.is_negative())
}

fn same_set<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    a.len() == b.len() && a.iter().all(|x| b.contains(x))
}

/// Bytes the whole item counts for: names and values.
#[must_use]
pub fn item_size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value.size()).sum()
}

impl fmt::Display for AttributeValue {
    /// `{S:abc}`, as AWS's messages quote a scalar operand.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S(s) => write!(f, "{{S:{s}}}"),
            Self::N(n) => write!(f, "{{N:{n}}}"),
            Self::B(b) => write!(f, "{{B:java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]}}", b.len()),
            Self::Bool(b) => write!(f, "{{BOOL:{b}}}"),
            Self::Null => f.write_str("{NULL:true}"),
            other => write!(f, "{{{}:…}}", other.type_of().name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(raw: &str) -> AttributeValue {
        AttributeValue::N(Number::parse(raw).unwrap())
    }

    #[test]
    fn sizes_are_as_documented() {
        let s = |t: &str| AttributeValue::S(t.into());
        for (value, size) in [
            (s("é"), 2),
            (n("0"), 1),
            (n("1"), 2),
            (n("12"), 2),
            (n("123"), 3),
            (n("-123"), 4),
            (n("3.14159"), 5),
            (n("123456"), 4),
            (n("1E125"), 2),
            (n("0.001"), 2),
            (AttributeValue::Bool(true), 1),
            (AttributeValue::Null, 1),
            (AttributeValue::L(vec![]), 3),
            (AttributeValue::L(vec![s("ab"), s("c")]), 8),
            (AttributeValue::M(Item::from([("ab".into(), s("c"))])), 7),
            (AttributeValue::Ss(vec!["a".into(), "bc".into()]), 3),
        ] {
            assert_eq!(value.size(), size, "{value:?}");
        }
        assert_eq!(item_size(&Item::from([("Username".into(), s("Fred"))])), 12);
    }

    #[test]
    fn sets_are_the_same_in_any_order() {
        let set = |items: &[&str]| AttributeValue::Ss(items.iter().map(|s| (*s).to_owned()).collect());
        assert!(set(&["a", "b"]).same(&set(&["b", "a"])));
        assert!(!set(&["a", "b"]).same(&set(&["a"])));
        assert!(AttributeValue::L(vec![set(&["a", "b"])]).same(&AttributeValue::L(vec![set(&["b", "a"])])));
    }

    #[test]
    fn types_know_their_names() {
        assert!(Type::ALL.into_iter().all(|t| Type::from_name(t.name()) == Some(t)));
        assert_eq!(Type::from_name("bool"), None);
    }
}
