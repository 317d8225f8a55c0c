//! The operators of conditions.

/// What two values are compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    Text,
    TextAnyCase,
    TextLike,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Address,
    Arn,
    /// Whether the key is there.
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// How many of a request's values are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Many {
    /// It has one.
    One,
    ForAll,
    ForAny,
}

/// An operator, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) many: Many,
    pub(crate) test: Test,
    pub(crate) negated: bool,
    pub(crate) if_exists: bool,
}

impl Operator {
    /// `None`: there is no such operator.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (many, name) = match name.split_once(':') {
            Some(("ForAllValues", rest)) => (Many::ForAll, rest),
            Some(("ForAnyValue", rest)) => (Many::ForAny, rest),
            Some(_) => return None,
            None => (Many::One, name),
        };
        let (name, if_exists) = name.strip_suffix("IfExists").map_or((name, false), |name| (name, true));
        let (test, negated) = test(name)?;
        // AWS: whether a key is there is asked plainly.
        let plain = many == Many::One && !if_exists;
        (test != Test::Null || plain).then_some(Self { many, test, negated, if_exists })
    }
}

fn test(name: &str) -> Option<(Test, bool)> {
    let found = match name {
        "StringEquals" => (Test::Text, false),
        "StringNotEquals" => (Test::Text, true),
        "StringEqualsIgnoreCase" => (Test::TextAnyCase, false),
        "StringNotEqualsIgnoreCase" => (Test::TextAnyCase, true),
        "StringLike" => (Test::TextLike, false),
        "StringNotLike" => (Test::TextLike, true),
        "Bool" => (Test::Bool, false),
        "BinaryEquals" => (Test::Binary, false),
        "IpAddress" => (Test::Address, false),
        "NotIpAddress" => (Test::Address, true),
        "ArnEquals" | "ArnLike" => (Test::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Test::Arn, true),
        "Null" => (Test::Null, false),
        other => return ordered(other),
    };
    Some(found)
}

fn ordered(name: &str) -> Option<(Test, bool)> {
    let (test, order): (fn(Order) -> Test, &str) = match name.strip_prefix("Numeric") {
        Some(order) => (Test::Number, order),
        None => (Test::Date, name.strip_prefix("Date")?),
    };
    let (order, negated) = match order {
        "Equals" => (Order::Equal, false),
        "NotEquals" => (Order::Equal, true),
        "LessThan" => (Order::Less, false),
        "LessThanEquals" => (Order::LessOrEqual, false),
        "GreaterThan" => (Order::Greater, false),
        "GreaterThanEquals" => (Order::GreaterOrEqual, false),
        _ => return None,
    };
    Some((test(order), negated))
}
