//! Conditions on the members of a line that is JSON.

use std::collections::BTreeMap;

use serde_json::Value;
use updraft_kernel::AwsError;

use super::{elsewhere, quoted, wrong};

/// How deep parentheses may be nested.
const DEPTH: usize = 50;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    Any(Vec<Expr>),
    All(Vec<Expr>),
    /// Where the member is, and what is said of it.
    Member(Vec<Step>, Condition),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Name(String),
    Index(usize),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    Is(Value),
    Missing,
    /// A text, with `*` for anything.
    Text {
        equal: bool,
        text: String,
    },
    Number(Op, f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Longer ones first.
const OPERATORS: [(&str, Op); 6] = [
    ("!=", Op::Unequal),
    ("<=", Op::LessOrEqual),
    (">=", Op::GreaterOrEqual),
    ("<", Op::Less),
    (">", Op::Greater),
    ("=", Op::Equal),
];

impl Expr {
    pub(crate) fn holds(&self, root: &Value) -> bool {
        match self {
            Self::Any(all) => all.iter().any(|one| one.holds(root)),
            Self::All(all) => all.iter().all(|one| one.holds(root)),
            Self::Member(path, condition) => condition.holds(found(root, path)),
        }
    }
}

impl Expr {
    pub(crate) fn extracted(&self, root: &Value) -> BTreeMap<String, String> {
        match self {
            Self::Any(all) | Self::All(all) => all.iter().flat_map(|one| one.extracted(root)).collect(),
            Self::Member(path, _) => {
                let value = found(root, path).and_then(shown);
                value.map(|value| (written(path), value)).into_iter().collect()
            }
        }
    }
}

/// Where a member is, as it is written in patterns.
fn written(path: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Name(name) => format!(".{name}"),
        Step::Index(index) => format!("[{index}]"),
    };
    std::iter::once("$".to_owned()).chain(path.iter().map(step)).collect()
}

fn found<'a>(root: &'a Value, path: &[Step]) -> Option<&'a Value> {
    path.iter().try_fold(root, |value, step| match step {
        Step::Name(name) => value.get(name),
        Step::Index(index) => value.get(index),
    })
}

impl Condition {
    fn holds(&self, member: Option<&Value>) -> bool {
        let Some(member) = member else { return *self == Self::Missing };
        match self {
            Self::Missing => false,
            Self::Is(value) => member == value,
            Self::Text { equal, text } => shown(member).is_some_and(|shown| is_like(&shown, text) == *equal),
            Self::Number(op, number) => match member.as_f64() {
                Some(value) => op.holds(value, *number),
                None => *op == Op::Unequal,
            },
        }
    }
}

/// A member as a text; lists and objects have none.
fn shown(member: &Value) -> Option<String> {
    match member {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(member.to_string()),
        _ => None,
    }
}

/// Whether a text fits one in which each `*` stands for anything.
fn is_like(text: &str, pattern: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return text == pattern };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return text.ends_with(part);
        }
        match text.split_once(part) {
            Some((_, behind)) => text = behind,
            None => return false,
        }
    }
    true
}

impl Op {
    #[expect(clippy::float_cmp, reason = "equal is what is asked for")]
    fn holds(self, a: f64, b: f64) -> bool {
        match self {
            Self::Equal => a == b,
            Self::Unequal => a != b,
            Self::Less => a < b,
            Self::LessOrEqual => a <= b,
            Self::Greater => a > b,
            Self::GreaterOrEqual => a >= b,
        }
    }
}

/// What is between the braces.
pub(super) fn parse(text: &str) -> Result<Expr, AwsError> {
    let mut parser = Parser { rest: text.trim(), depth: 0 };
    let expr = parser.any()?;
    if parser.rest.is_empty() { Ok(expr) } else { Err(wrong()) }
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn takes(&mut self, mark: &str) -> bool {
        let found = self.rest.strip_prefix(mark);
        if let Some(behind) = found {
            self.rest = behind.trim_start();
        }
        found.is_some()
    }

    /// Takes what is before the first character that doesn't belong.
    fn span(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let (word, rest) = self.rest.split_at(self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    fn any(&mut self) -> Result<Expr, AwsError> {
        let mut all = vec![self.all()?];
        while self.takes("||") {
            all.push(self.all()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expr::Any(all) })
    }

    fn all(&mut self) -> Result<Expr, AwsError> {
        let mut all = vec![self.one()?];
        while self.takes("&&") {
            all.push(self.one()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expr::All(all) })
    }

    fn one(&mut self) -> Result<Expr, AwsError> {
        if !self.takes("(") {
            let path = self.selector()?;
            return Ok(Expr::Member(path, self.condition()?));
        }
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(wrong());
        }
        let inner = self.any()?;
        self.depth -= 1;
        if self.takes(")") { Ok(inner) } else { Err(wrong()) }
    }

    fn selector(&mut self) -> Result<Vec<Step>, AwsError> {
        if !self.takes("$") {
            return Err(wrong());
        }
        let mut path = Vec::new();
        loop {
            if self.takes(".") {
                let name = self.span(|c| !c.is_whitespace() && !".[]=!<>()&|\"".contains(c));
                if name.is_empty() {
                    return Err(wrong());
                }
                path.push(Step::Name(name.to_owned()));
            } else if self.takes("[") {
                path.push(self.bracketed()?);
            } else {
                break;
            }
        }
        self.rest = self.rest.trim_start();
        if path.is_empty() { Err(wrong()) } else { Ok(path) }
    }

    fn bracketed(&mut self) -> Result<Step, AwsError> {
        let step = if self.rest.starts_with('"') {
            let (name, rest) = quoted(self.rest)?;
            self.rest = rest;
            Step::Name(name)
        } else {
            Step::Index(self.span(|c| c.is_ascii_digit()).parse().map_err(|_| wrong())?)
        };
        match self.rest.strip_prefix(']') {
            Some(behind) => self.rest = behind,
            None => return Err(wrong()),
        }
        Ok(step)
    }

    fn condition(&mut self) -> Result<Condition, AwsError> {
        for (sign, op) in OPERATORS {
            if self.takes(sign) {
                return self.compared(op);
            }
        }
        let mut word = || {
            let word = self.span(|c| c.is_ascii_alphabetic()).to_ascii_uppercase();
            self.rest = self.rest.trim_start();
            word
        };
        match (word().as_str(), word().as_str()) {
            ("IS", "NULL") => Ok(Condition::Is(Value::Null)),
            ("IS", "TRUE") => Ok(Condition::Is(Value::Bool(true))),
            ("IS", "FALSE") => Ok(Condition::Is(Value::Bool(false))),
            ("NOT", "EXISTS") => Ok(Condition::Missing),
            _ => Err(wrong()),
        }
    }

    fn compared(&mut self, op: Op) -> Result<Condition, AwsError> {
        let equal = op == Op::Equal;
        let is_text = equal || op == Op::Unequal;
        if self.rest.starts_with('%') {
            return Err(elsewhere("regular expressions"));
        }
        if self.rest.starts_with('"') {
            let (text, rest) = quoted(self.rest)?;
            self.rest = rest.trim_start();
            return if is_text { Ok(Condition::Text { equal, text }) } else { Err(wrong()) };
        }
        let word = self.span(|c| !c.is_whitespace() && !"()&|".contains(c));
        self.rest = self.rest.trim_start();
        match word.parse::<f64>().ok().filter(|number| number.is_finite()) {
            Some(number) => Ok(Condition::Number(op, number)),
            None if is_text && !word.is_empty() => Ok(Condition::Text { equal, text: word.to_owned() }),
            None => Err(wrong()),
        }
    }
}
