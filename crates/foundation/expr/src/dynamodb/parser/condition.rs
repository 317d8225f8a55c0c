//! `a = :b AND NOT (size(c) BETWEEN :d AND :e)`

use std::cmp::Ordering;

use super::{Parser, Result};
use crate::dynamodb::compare;
use crate::dynamodb::condition::{Comparison, Condition, Operand};
use crate::dynamodb::lexer::Kind as Token;
use crate::dynamodb::value::AttributeValue;

/// How many operands `IN` may list.
const MAX_IN: usize = 100;

/// What a piece of a condition turned out to be. Boxed, so that deep nesting takes little of the stack.
pub(super) enum Node {
    Condition(Box<Condition>),
    Operand(Box<Operand>),
    /// Either, in parentheses, which matters for finding redundant ones.
    Parenthesised(Box<Node>),
}

impl Node {
    pub(super) fn condition(condition: Condition) -> Self {
        Self::Condition(Box::new(condition))
    }

    pub(super) fn operand(operand: Operand) -> Self {
        Self::Operand(Box::new(operand))
    }
}

impl Parser<'_> {
    pub(super) fn condition(&mut self) -> Result<Condition> {
        let node = self.disjunction()?;
        self.as_condition(node)
    }

    fn disjunction(&mut self) -> Result<Node> {
        let first = self.conjunction()?;
        if self.is_keyword("or") { self.alternatives(first) } else { Ok(first) }
    }

    fn alternatives(&mut self, first: Node) -> Result<Node> {
        let mut any = vec![self.as_condition(first)?];
        while self.take_keyword("or") {
            let next = self.conjunction()?;
            any.push(self.as_condition(next)?);
        }
        Ok(Node::condition(Condition::Or(any)))
    }

    fn conjunction(&mut self) -> Result<Node> {
        let first = self.negation()?;
        if self.is_keyword("and") { self.conjuncts(first) } else { Ok(first) }
    }

    fn conjuncts(&mut self, first: Node) -> Result<Node> {
        let mut all = vec![self.as_condition(first)?];
        while self.take_keyword("and") {
            let next = self.negation()?;
            all.push(self.as_condition(next)?);
        }
        Ok(Node::condition(Condition::And(all)))
    }

    fn negation(&mut self) -> Result<Node> {
        if !self.take_keyword("not") {
            return self.comparison();
        }
        let inner = self.nested(Self::negation)?;
        self.negated(inner)
    }

    fn negated(&self, inner: Node) -> Result<Node> {
        let inner = self.as_condition(inner)?;
        Ok(Node::condition(Condition::Not(Box::new(inner))))
    }

    fn comparison(&mut self) -> Result<Node> {
        let first = self.primary()?;
        if self.take_keyword("between") {
            return self.between(first);
        }
        if self.take_keyword("in") {
            return self.within(first);
        }
        match self.take_comparison() {
            Some(comparison) => self.compared(first, comparison),
            None => Ok(first),
        }
    }

    fn compared(&mut self, first: Node, comparison: Comparison) -> Result<Node> {
        let left = self.as_operand(first)?;
        let right = self.operand()?;
        self.check_comparison(comparison, &left, &right);
        Ok(Node::condition(Condition::Compare { comparison, left, right }))
    }

    fn take_comparison(&mut self) -> Option<Comparison> {
        let comparison = match self.peek() {
            "=" => Comparison::Equal,
            "<>" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return None,
        };
        self.at += 1;
        Some(comparison)
    }

    fn between(&mut self, first: Node) -> Result<Node> {
        let operand = self.as_operand(first)?;
        let low = self.operand()?;
        if !self.take_keyword("and") {
            return Err(self.syntax_error());
        }
        let high = self.operand()?;
        self.check_between(&low, &high);
        Ok(Node::condition(Condition::Between { operand, low, high }))
    }

    fn within(&mut self, first: Node) -> Result<Node> {
        let operand = self.as_operand(first)?;
        self.expect_symbol("(")?;
        let mut list = vec![self.operand()?];
        while self.take_symbol(",") {
            list.push(self.operand()?);
        }
        self.expect_symbol(")")?;
        if list.len() > MAX_IN {
            self.defer(self.wrong_count("IN", list.len() + 1));
        }
        if list.iter().any(|one| same_path(&operand, one)) {
            self.defer_indistinct("IN", &operand);
        }
        Ok(Node::condition(Condition::In { operand, list }))
    }

    pub(super) fn operand(&mut self) -> Result<Operand> {
        let node = self.primary()?;
        self.as_operand(node)
    }

    fn primary(&mut self) -> Result<Node> {
        match self.peek_kind() {
            Token::ValueRef => self.bound_value().map(|v| Node::operand(Operand::Value(v))),
            Token::Symbol if self.peek() == "(" => self.parenthesised(),
            Token::Word if self.is_reserved_syntax() => Err(self.syntax_error()),
            Token::Word if self.is_call() => self.call(),
            _ => self.path().map(|p| Node::operand(Operand::Path(p))),
        }
    }

    fn is_reserved_syntax(&self) -> bool {
        ["and", "or", "not", "between", "in"].iter().any(|word| self.is_keyword(word))
    }

    fn parenthesised(&mut self) -> Result<Node> {
        self.expect_symbol("(")?;
        let inner = self.nested(Self::disjunction)?;
        self.expect_symbol(")")?;
        if matches!(inner, Node::Parenthesised(_)) {
            self.defer(self.redundant_parentheses());
        }
        Ok(Node::Parenthesised(Box::new(inner)))
    }

    fn as_condition(&self, node: Node) -> Result<Condition> {
        match unwrap(node) {
            Node::Condition(condition) => Ok(*condition),
            Node::Operand(operand) if matches!(*operand, Operand::Size(_)) => Err(self.misused("size")),
            _ => Err(self.syntax_error()),
        }
    }

    pub(super) fn as_operand(&self, node: Node) -> Result<Operand> {
        match unwrap(node) {
            Node::Operand(operand) => Ok(*operand),
            Node::Condition(condition) => match function_of(&condition) {
                Some(function) => Err(self.misused(function)),
                None => Err(self.syntax_error()),
            },
            Node::Parenthesised(_) => Err(self.syntax_error()),
        }
    }

    fn check_comparison(&mut self, comparison: Comparison, left: &Operand, right: &Operand) {
        if same_path(left, right) {
            self.defer_indistinct(comparison.symbol(), left);
        }
        if comparison.is_ordering() {
            self.check_ordered(comparison.symbol(), left);
            self.check_ordered(comparison.symbol(), right);
        }
    }

    fn check_ordered(&mut self, operator: &str, operand: &Operand) {
        if let Operand::Value(value) = operand
            && !value.type_of().is_ordered()
        {
            self.defer(self.kind.wrong_operand(operator, value.type_of().name()));
        }
    }

    fn check_between(&mut self, low: &Operand, high: &Operand) {
        self.check_ordered("BETWEEN", low);
        self.check_ordered("BETWEEN", high);
        if let (Operand::Value(low), Operand::Value(high)) = (low, high) {
            self.check_bounds(low, high);
        }
    }

    fn check_bounds(&mut self, low: &AttributeValue, high: &AttributeValue) {
        let rule = match compare::order(low, high) {
            None => "same data type for lower and upper bounds",
            Some(Ordering::Greater) => "upper bound to be greater than or equal to lower bound",
            Some(_) => return,
        };
        self.defer(self.kind.invalid(format_args!(
            "The BETWEEN operator requires {rule}; lower bound operand: AttributeValue: {low}, \
             upper bound operand: AttributeValue: {high}"
        )));
    }

    pub(super) fn defer_indistinct(&mut self, operator: &str, operand: &Operand) {
        if let Operand::Path(path) = operand {
            self.defer(self.kind.invalid(format_args!(
                "The first operand must be distinct from the remaining operands for this operator or function; \
                 operator: {operator}, first operand: {path}"
            )));
        }
    }
}

fn unwrap(mut node: Node) -> Node {
    while let Node::Parenthesised(inner) = node {
        node = *inner;
    }
    node
}

pub(super) fn same_path(a: &Operand, b: &Operand) -> bool {
    matches!((a, b), (Operand::Path(a), Operand::Path(b)) if a == b)
}

/// The function a condition is a call of.
fn function_of(condition: &Condition) -> Option<&'static str> {
    match condition {
        Condition::Exists(_) => Some("attribute_exists"),
        Condition::NotExists(_) => Some("attribute_not_exists"),
        Condition::HasType(..) => Some("attribute_type"),
        Condition::BeginsWith(..) => Some("begins_with"),
        Condition::Contains(..) => Some("contains"),
        _ => None,
    }
}
