//! Names, paths and values.

use super::{Parser, Result};
use crate::dynamodb::lexer::Kind as Token;
use crate::dynamodb::path::{Path, Step};
use crate::dynamodb::reserved;
use crate::dynamodb::value::AttributeValue;

impl Parser<'_> {
    /// `a.b[2].#c`
    pub(super) fn path(&mut self) -> Result<Path> {
        let root = self.name()?;
        let mut steps = Vec::new();
        loop {
            if self.take_symbol(".") {
                steps.push(Step::Field(self.name()?));
            } else if self.take_symbol("[") {
                steps.push(Step::Index(self.index()?));
                self.expect_symbol("]")?;
            } else {
                return Ok(Path { root, steps });
            }
        }
    }

    fn name(&mut self) -> Result<String> {
        match self.peek_kind() {
            Token::Word => Ok(self.plain_name()),
            Token::NameRef => Ok(self.placeholder_name()),
            _ => Err(self.syntax_error()),
        }
    }

    fn plain_name(&mut self) -> String {
        let name = self.advance();
        if reserved::is_reserved(name) {
            let what = format!("Attribute name is a reserved keyword; reserved keyword: {name}");
            self.defer(self.kind.invalid(what));
        }
        name.to_owned()
    }

    fn placeholder_name(&mut self) -> String {
        let placeholder = self.advance();
        self.bindings.name(placeholder).unwrap_or_else(|| {
            let what = format!(
                "An expression attribute name used in the document path is not defined; attribute name: {placeholder}"
            );
            self.defer(self.kind.invalid(what));
            placeholder.to_owned()
        })
    }

    fn index(&mut self) -> Result<usize> {
        if self.peek_kind() != Token::Integer {
            return Err(self.syntax_error());
        }
        let index = self.peek().parse().map_err(|_| self.syntax_error())?;
        self.at += 1;
        Ok(index)
    }

    /// `:value`; the caller has seen that one is there.
    pub(super) fn bound_value(&mut self) -> Result<AttributeValue> {
        if self.peek_kind() != Token::ValueRef {
            return Err(self.syntax_error());
        }
        let placeholder = self.advance();
        Ok(self.bindings.value(placeholder).unwrap_or_else(|| {
            let what = format!(
                "An expression attribute value used in expression is not defined; attribute value: {placeholder}"
            );
            self.defer(self.kind.invalid(what));
            AttributeValue::Null
        }))
    }

    /// Whether a word and an opening parenthesis come next.
    pub(super) fn is_call(&self) -> bool {
        self.peek_kind() == Token::Word && self.text_at(self.at + 1) == "("
    }
}
