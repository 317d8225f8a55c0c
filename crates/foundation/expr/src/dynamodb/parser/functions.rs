//! The functions of conditions, and what is said of those that stand where they may not.

use super::condition::{Node, same_path};
use super::{Parser, Result};
use crate::dynamodb::condition::{Condition, Operand};
use crate::dynamodb::error::{Invalid, Kind};
use crate::dynamodb::path::Path;
use crate::dynamodb::value::{AttributeValue, Type};

impl Parser<'_> {
    /// `name(operand, …)` in a condition; the caller has seen that one is there.
    pub(super) fn call(&mut self) -> Result<Node> {
        let name = self.advance();
        self.check_condition_function(name)?;
        self.expect_symbol("(")?;
        let arguments = self.nested(Self::arguments)?;
        self.build(name, arguments)
    }

    /// Up to and with the closing parenthesis.
    fn arguments(&mut self) -> Result<Vec<Operand>> {
        let mut list = vec![self.operand()?];
        while self.take_symbol(",") {
            list.push(self.operand()?);
        }
        self.expect_symbol(")")?;
        Ok(list)
    }

    fn check_condition_function(&self, name: &str) -> Result<()> {
        match name {
            "attribute_exists" | "attribute_not_exists" | "attribute_type" | "begins_with" | "contains" | "size" => {
                Ok(())
            }
            "if_not_exists" | "list_append" => Err(self.not_allowed(name)),
            _ => Err(self.unknown_function(name)),
        }
    }

    fn build(&mut self, name: &str, arguments: Vec<Operand>) -> Result<Node> {
        let count = arguments.len();
        let mut arguments = arguments.into_iter();
        let node = match (name, arguments.next(), arguments.next(), arguments.next()) {
            ("attribute_exists", Some(of), None, None) => Node::condition(Condition::Exists(self.need_path(name, of)?)),
            ("attribute_not_exists", Some(of), None, None) => {
                Node::condition(Condition::NotExists(self.need_path(name, of)?))
            }
            ("size", Some(of), None, None) => self.size(of),
            ("attribute_type", Some(of), Some(wanted), None) => self.attribute_type(of, &wanted),
            ("begins_with", Some(whole), Some(prefix), None) => self.begins_with(whole, prefix),
            ("contains", Some(whole), Some(part), None) => self.contains(whole, part),
            _ => return Err(self.wrong_count(name, count)),
        };
        Ok(node)
    }

    fn need_path(&self, function: &str, operand: Operand) -> Result<Path> {
        match operand {
            Operand::Path(path) => Ok(path),
            _ => Err(self.requires_path(function)),
        }
    }

    fn size(&mut self, of: Operand) -> Node {
        if let Operand::Value(AttributeValue::N(_) | AttributeValue::Bool(_) | AttributeValue::Null) = &of {
            self.defer_wrong_type("size", &of);
        }
        Node::operand(Operand::Size(Box::new(of)))
    }

    fn attribute_type(&mut self, of: Operand, wanted: &Operand) -> Node {
        let Operand::Value(AttributeValue::S(name)) = wanted else {
            self.defer_wrong_type("attribute_type", wanted);
            return Node::condition(Condition::HasType(of, Type::Null));
        };
        let wanted = Type::from_name(name).unwrap_or_else(|| {
            self.defer(self.kind.invalid(format_args!(
                "Invalid attribute type name found; type: {name}, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}"
            )));
            Type::Null
        });
        Node::condition(Condition::HasType(of, wanted))
    }

    fn begins_with(&mut self, whole: Operand, prefix: Operand) -> Node {
        self.check_distinct("begins_with", &whole, &prefix);
        for operand in [&whole, &prefix] {
            if let Operand::Value(value) = operand
                && !matches!(value, AttributeValue::S(_) | AttributeValue::B(_))
            {
                self.defer_wrong_type("begins_with", operand);
            }
        }
        Node::condition(Condition::BeginsWith(whole, prefix))
    }

    fn contains(&mut self, whole: Operand, part: Operand) -> Node {
        self.check_distinct("contains", &whole, &part);
        Node::condition(Condition::Contains(whole, part))
    }

    fn check_distinct(&mut self, function: &str, first: &Operand, second: &Operand) {
        if same_path(first, second) {
            self.defer_indistinct(function, first);
        }
    }

    fn defer_wrong_type(&mut self, function: &str, operand: &Operand) {
        let type_name = match operand {
            Operand::Value(value) => value.type_of().name(),
            Operand::Size(_) => Type::N.name(),
            Operand::Path(_) => return self.defer(self.misused(function)),
        };
        self.defer(self.kind.wrong_operand(function, type_name));
    }

    pub(super) fn wrong_count(&self, function: &str, count: usize) -> Invalid {
        self.kind.invalid(format_args!(
            "Incorrect number of operands for operator or function; operator or function: {function}, \
             number of operands: {count}"
        ))
    }

    pub(super) fn requires_path(&self, function: &str) -> Invalid {
        self.kind
            .invalid(format_args!("Operator or function requires a document path; operator or function: {function}"))
    }

    pub(super) fn unknown_function(&self, name: &str) -> Invalid {
        self.kind.invalid(format_args!("Invalid function name; function: {name}"))
    }

    pub(super) fn not_allowed(&self, name: &str) -> Invalid {
        let place = match self.kind {
            Kind::Condition => "a condition",
            Kind::Filter => "a filter",
            Kind::KeyCondition => "a key condition",
            Kind::Projection => "a projection",
            Kind::Update => "an update",
        };
        self.kind.invalid(format_args!("The function is not allowed in {place} expression; function: {name}"))
    }

    pub(super) fn misused(&self, function: &str) -> Invalid {
        self.kind.invalid(format_args!(
            "The function is not allowed to be used this way in an expression; function: {function}"
        ))
    }
}
