//! From a pattern's text to rules: objects, lists of values and `$or`.

use std::sync::Arc;

use super::error::PatternError;
use super::matcher::Matcher;
use super::reader::{Reader, Token};
use super::{Numbers, Rule, Tests, cidr, number, operators};

const OR: &str = "$or";
/// No event is worth more than so many combinations of `$or`'s branches, or of these and the names in them.
const MAX_RULES: usize = 1000;
const MAX_TERMS: usize = 50_000;

/// AWS: names that can't be a field's within `$or`.
const RESERVED: &[&str] = &[
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

pub(super) type Result<T> = std::result::Result<T, PatternError>;

/// What is being compiled: the text, and where in the pattern it has come to.
pub(super) struct Source<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) numbers: Numbers,
    path: Vec<String>,
    terms: usize,
}

pub(super) fn compile(text: &str, numbers: Numbers) -> Result<Vec<Rule>> {
    let mut source = Source { reader: Reader::new(text), numbers, path: Vec::new(), terms: 0 };
    if source.reader.next()? != Token::StartObject {
        return source.reader.fail("Filter is not an object");
    }
    let mut rules = vec![Rule::new()];
    source.object(&mut rules, false)?;
    Ok(rules)
}

impl Source<'_> {
    /// The fields of an object that was begun, added to each of `rules`.
    fn object(&mut self, rules: &mut Vec<Rule>, within_or: bool) -> Result<()> {
        let mut empty = true;
        while let Token::Name(name) = self.reader.next()? {
            empty = false;
            if name == OR {
                self.or(rules)?;
            } else if within_or && RESERVED.contains(&name.as_str()) {
                return self
                    .reader
                    .fail(format!("{name} is Ruler reserved fieldName which cannot be used inside {OR}."));
            } else {
                self.field(name, rules, within_or)?;
            }
        }
        if empty { self.reader.fail("Empty objects are not allowed") } else { Ok(()) }
    }

    fn field(&mut self, name: String, rules: &mut Vec<Rule>, within_or: bool) -> Result<()> {
        match self.reader.next()? {
            Token::StartObject => {
                self.path.push(name);
                self.object(rules, within_or)?;
                self.path.pop();
                Ok(())
            }
            Token::StartArray => {
                self.path.push(name);
                let any_of = self.values()?;
                self.add(rules, &Tests { any_of, depth: self.path.len() })?;
                self.path.pop();
                Ok(())
            }
            _ => self.reader.fail(format!("\"{name}\" must be an object or an array")),
        }
    }

    fn add(&mut self, rules: &mut [Rule], tests: &Tests) -> Result<()> {
        self.terms += rules.len();
        if self.terms > MAX_TERMS {
            return Err(too_many_rules());
        }
        let path = self.path.join(".");
        for rule in rules {
            // AWS: of a path that is given twice, the last counts.
            rule.insert(path.clone(), tests.clone());
        }
        Ok(())
    }

    /// Every branch of `$or` makes its own copy of the rules so far.
    fn or(&mut self, rules: &mut Vec<Rule>) -> Result<()> {
        if self.reader.next()? != Token::StartArray {
            return self.reader.fail(format!("It must be an Array followed with {OR}."));
        }
        let before = std::mem::take(rules);
        let mut branches = 0;
        loop {
            match self.reader.next()? {
                Token::StartObject => {
                    let mut branch = before.clone();
                    self.terms += branch.len();
                    self.object(&mut branch, true)?;
                    rules.append(&mut branch);
                }
                Token::EndArray => break,
                _ => return self.reader.fail(format!("Only JSON object is allowed in array of {OR} relationship.")),
            }
            branches += 1;
            if rules.len() > MAX_RULES {
                return Err(too_many_rules());
            }
        }
        if branches < 2 {
            return self.reader.fail(format!("There must have at least 2 Objects in {OR} relationship."));
        }
        Ok(())
    }

    /// The list of what a field may be, which was begun.
    fn values(&mut self) -> Result<Arc<[Matcher]>> {
        let mut values = Vec::new();
        loop {
            values.push(match self.reader.next()? {
                Token::EndArray => break,
                Token::StartObject => operators::expression(self)?,
                Token::Text => exactly(self.reader.text()?),
                Token::Number(text) => Matcher::Number { value: self.number(text).ok(), text: text.to_owned() },
                Token::True => Matcher::Bool(true),
                Token::False => Matcher::Bool(false),
                Token::Null => Matcher::Null,
                _ => return self.reader.fail("Match value must be String, number, true, false, or null"),
            });
        }
        if values.is_empty() {
            return self.reader.fail("Empty arrays are not allowed");
        }
        Ok(values.into())
    }

    /// A number as it is compared; the error doesn't say where.
    pub(super) fn number(&self, text: &str) -> Result<i64> {
        number::within(text, self.numbers)
    }
}

/// AWS: an address stands for itself however it is written.
fn exactly(text: String) -> Matcher {
    match cidr::address(&text) {
        Some(address) => Matcher::Cidr(cidr::Block::of(address)),
        None => Matcher::Text(text),
    }
}

// AWS says that there is a limit, but not in which words.
fn too_many_rules() -> PatternError {
    PatternError::new(format!("Rule is too complex - the branches of {OR} make too many combinations"))
}
