//! The functions there are.

use std::ops::RangeInclusive;

use serde_json::Value;
use updraft_kernel::{Rng, RngExt};

use super::{arrays, format, texts, values};

/// AWS documents what each does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Array,
    ArrayContains,
    ArrayGetItem,
    ArrayLength,
    ArrayPartition,
    ArrayRange,
    ArrayUnique,
    Base64Decode,
    Base64Encode,
    Format,
    Hash,
    JsonMerge,
    JsonToString,
    MathAdd,
    MathRandom,
    StringSplit,
    StringToJson,
    Uuid,
}

/// What a function gives, or what is wrong with what it was given.
pub(super) type Outcome = Result<Value, String>;

impl Function {
    const ALL: [(&'static str, Self, RangeInclusive<usize>); 18] = [
        ("Array", Self::Array, 0..=usize::MAX),
        ("ArrayContains", Self::ArrayContains, 2..=2),
        ("ArrayGetItem", Self::ArrayGetItem, 2..=2),
        ("ArrayLength", Self::ArrayLength, 1..=1),
        ("ArrayPartition", Self::ArrayPartition, 2..=2),
        ("ArrayRange", Self::ArrayRange, 3..=3),
        ("ArrayUnique", Self::ArrayUnique, 1..=1),
        ("Base64Decode", Self::Base64Decode, 1..=1),
        ("Base64Encode", Self::Base64Encode, 1..=1),
        ("Format", Self::Format, 1..=usize::MAX),
        ("Hash", Self::Hash, 2..=2),
        ("JsonMerge", Self::JsonMerge, 3..=3),
        ("JsonToString", Self::JsonToString, 1..=1),
        ("MathAdd", Self::MathAdd, 2..=2),
        ("MathRandom", Self::MathRandom, 2..=3),
        ("StringSplit", Self::StringSplit, 2..=2),
        ("StringToJson", Self::StringToJson, 1..=1),
        ("UUID", Self::Uuid, 0..=0),
    ];

    /// `name` is with its `States.`.
    pub(super) fn named(name: &str) -> Option<Self> {
        let short = name.strip_prefix("States.")?;
        Self::ALL.iter().find(|(name, ..)| *name == short).map(|(_, function, _)| *function)
    }

    /// How many arguments it takes.
    pub(super) fn arity(self) -> RangeInclusive<usize> {
        let found = Self::ALL.iter().find(|(_, function, _)| *function == self);
        found.map_or(0..=0, |(.., arity)| arity.clone())
    }

    /// Arguments that aren't there were refused when the call was read.
    pub(super) fn apply(self, arguments: &[Value], rng: &dyn Rng) -> Outcome {
        let nothing = Value::Null;
        let nth = |at: usize| arguments.get(at).unwrap_or(&nothing);
        match self {
            Self::Array => Ok(Value::Array(arguments.to_vec())),
            Self::ArrayContains => arrays::contains(nth(0), nth(1)),
            Self::ArrayGetItem => arrays::get_item(nth(0), nth(1)),
            Self::ArrayLength => arrays::length(nth(0)),
            Self::ArrayPartition => arrays::partition(nth(0), nth(1)),
            Self::ArrayRange => arrays::range(nth(0), nth(1), nth(2)),
            Self::ArrayUnique => arrays::unique(nth(0)),
            Self::Base64Decode => texts::base64_decode(nth(0)),
            Self::Base64Encode => texts::base64_encode(nth(0)),
            Self::Format => format::format(nth(0), arguments.get(1..).unwrap_or_default()),
            Self::Hash => texts::hash(nth(0), nth(1)),
            Self::JsonMerge => values::merge(nth(0), nth(1), nth(2)),
            Self::JsonToString => Ok(Value::from(nth(0).to_string())),
            Self::MathAdd => values::add(nth(0), nth(1)),
            Self::MathRandom => values::random(nth(0), nth(1), arguments.get(2), rng),
            Self::StringSplit => texts::split(nth(0), nth(1)),
            Self::StringToJson => values::from_text(nth(0)),
            Self::Uuid => Ok(Value::from(rng.uuid())),
        }
    }
}
