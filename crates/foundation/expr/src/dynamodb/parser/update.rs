//! `SET a = b + :c REMOVE d[0] ADD e :f DELETE g :h`

use super::{Parser, Result};
use crate::dynamodb::lexer::Kind as Token;
use crate::dynamodb::path::Path;
use crate::dynamodb::update::{Action, SetOperand, SetValue, Update};
use crate::dynamodb::value::AttributeValue;

const SECTIONS: [&str; 4] = ["SET", "REMOVE", "ADD", "DELETE"];

impl Parser<'_> {
    pub(super) fn update(&mut self) -> Result<Update> {
        let mut actions = Vec::new();
        let mut seen = Vec::new();
        while self.peek_kind() != Token::End {
            let section = self.section()?;
            if seen.contains(&section) {
                return Err(self.kind.invalid(format_args!(
                    "The \"{section}\" section can only be used once in an update expression;"
                )));
            }
            seen.push(section);
            self.actions(section, &mut actions)?;
        }
        let paths: Vec<&Path> = actions.iter().map(Action::path).collect();
        self.check_clashes(&paths);
        Ok(Update { actions })
    }

    fn section(&mut self) -> Result<&'static str> {
        let found = SECTIONS.into_iter().find(|word| self.take_keyword(word));
        found.ok_or_else(|| self.syntax_error())
    }

    fn actions(&mut self, section: &str, into: &mut Vec<Action>) -> Result<()> {
        loop {
            let path = self.path()?;
            into.push(match section {
                "SET" => Action::Set(path, self.assigned()?),
                "REMOVE" => Action::Remove(path),
                "ADD" => Action::Add(path, self.add_operand()?),
                _ => Action::Delete(path, self.delete_operand()?),
            });
            if !self.take_symbol(",") {
                return Ok(());
            }
        }
    }

    fn add_operand(&mut self) -> Result<AttributeValue> {
        let value = self.bound_value()?;
        if !(value.type_of().is_set() || matches!(value, AttributeValue::N(_))) {
            self.defer_set_operand("ADD", &value);
        }
        Ok(value)
    }

    fn delete_operand(&mut self) -> Result<AttributeValue> {
        let value = self.bound_value()?;
        if !value.type_of().is_set() {
            self.defer_set_operand("DELETE", &value);
        }
        Ok(value)
    }

    fn defer_set_operand(&mut self, operator: &str, value: &AttributeValue) {
        let found = value.type_of().long_name();
        self.defer(self.kind.invalid(format_args!(
            "Incorrect operand type for operator or function; operator: {operator}, operand type: {found}, \
             typeSet: ALLOWED_FOR_{operator}_OPERAND"
        )));
    }

    fn assigned(&mut self) -> Result<SetValue> {
        self.expect_symbol("=")?;
        self.set_value()
    }

    fn set_value(&mut self) -> Result<SetValue> {
        let first = match self.set_group()? {
            SetValue::Operand(operand) => operand,
            // AWS: a sum in parentheses is a whole value, never an operand.
            sum => return Ok(sum),
        };
        if self.take_symbol("+") {
            let second = self.set_operand()?;
            self.check_numbers("+", [&first, &second]);
            return Ok(SetValue::Plus(first, second));
        }
        if self.take_symbol("-") {
            let second = self.set_operand()?;
            self.check_numbers("-", [&first, &second]);
            return Ok(SetValue::Minus(first, second));
        }
        Ok(SetValue::Operand(first))
    }

    /// An operand, or a whole value in parentheses.
    fn set_group(&mut self) -> Result<SetValue> {
        if self.peek() != "(" {
            return self.set_operand().map(SetValue::Operand);
        }
        self.expect_symbol("(")?;
        let inner = self.nested(Self::set_value)?;
        self.expect_symbol(")")?;
        Ok(inner)
    }

    fn check_numbers(&mut self, operator: &str, operands: [&SetOperand; 2]) {
        for operand in operands {
            match operand {
                SetOperand::Value(AttributeValue::N(_)) => {}
                SetOperand::Value(other) => {
                    self.defer(self.kind.wrong_operand(operator, other.type_of().name()));
                }
                SetOperand::ListAppend(..) => self.defer(self.kind.wrong_operand(operator, "L")),
                SetOperand::Path(_) | SetOperand::IfNotExists(..) => {}
            }
        }
    }

    fn set_operand(&mut self) -> Result<SetOperand> {
        match self.peek_kind() {
            Token::ValueRef => self.bound_value().map(SetOperand::Value),
            Token::Word if self.is_call() => self.set_call(),
            Token::Symbol if self.peek() == "(" => self.set_parenthesised(),
            _ => self.path().map(SetOperand::Path),
        }
    }

    fn set_parenthesised(&mut self) -> Result<SetOperand> {
        self.expect_symbol("(")?;
        let inner = self.nested(Self::set_operand)?;
        self.expect_symbol(")")?;
        Ok(inner)
    }

    fn set_call(&mut self) -> Result<SetOperand> {
        let name = self.advance();
        match name {
            "if_not_exists" | "list_append" => {}
            "attribute_exists" | "attribute_not_exists" | "attribute_type" | "begins_with" | "contains" | "size" => {
                return Err(self.not_allowed(name));
            }
            _ => return Err(self.unknown_function(name)),
        }
        self.expect_symbol("(")?;
        let mut arguments = self.nested(Self::set_arguments)?.into_iter();
        let count = arguments.len();
        match (arguments.next(), arguments.next(), arguments.next()) {
            (Some(first), Some(second), None) => self.set_function(name, first, second),
            _ => Err(self.wrong_count(name, count)),
        }
    }

    fn set_arguments(&mut self) -> Result<Vec<SetOperand>> {
        let mut list = vec![self.set_operand()?];
        while self.take_symbol(",") {
            list.push(self.set_operand()?);
        }
        self.expect_symbol(")")?;
        Ok(list)
    }

    fn set_function(&mut self, name: &str, first: SetOperand, second: SetOperand) -> Result<SetOperand> {
        if name == "list_append" {
            for operand in [&first, &second] {
                if let SetOperand::Value(value) = operand
                    && !matches!(value, AttributeValue::L(_))
                {
                    self.defer(self.kind.wrong_operand(name, value.type_of().name()));
                }
            }
            return Ok(SetOperand::ListAppend(Box::new(first), Box::new(second)));
        }
        match first {
            SetOperand::Path(path) => Ok(SetOperand::IfNotExists(path, Box::new(second))),
            _ => Err(self.requires_path(name)),
        }
    }
}
