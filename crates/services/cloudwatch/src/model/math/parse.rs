//! An expression's structure, by the precedence of its operators.

use super::lex::{Token, tokens};
use super::{Expr, Op, Wrong};

/// How deep an expression may be nested.
const DEPTH: usize = 50;

/// How many operators it may have: each is a step further down for whoever calculates.
const OPERATORS: usize = 250;

/// # Errors
/// What is wrong with the text.
pub(crate) fn parse(text: &str) -> Result<Expr, Wrong> {
    let all = tokens(text)?;
    if all.iter().filter(|token| matches!(token, Token::Op(_))).count() > OPERATORS {
        return Err(Wrong::new("The expression has too many operators."));
    }
    let mut parser = Parser { rest: &all, depth: 0 };
    let expr = parser.expression(0)?;
    match parser.rest.first() {
        None => Ok(expr),
        Some(token) => Err(unexpected(token)),
    }
}

fn unexpected(token: &Token) -> Wrong {
    Wrong::new(match token {
        Token::Number(number) => format!("Unexpected {number}."),
        Token::Text(text) => format!("Unexpected \"{text}\"."),
        Token::Name(name) => format!("Unexpected {name}."),
        Token::Op(_) => "Unexpected operator.".to_owned(),
        Token::Mark(mark) => format!("Unexpected '{mark}'."),
    })
}

/// Those that bind more have the greater number.
fn precedence(op: Op) -> u8 {
    match op {
        Op::Or => 1,
        Op::And => 2,
        Op::Equal | Op::Unequal | Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual => 3,
        Op::Plus | Op::Minus => 4,
        Op::Times | Op::Over => 5,
        Op::Power => 6,
    }
}

struct Parser<'a> {
    rest: &'a [Token],
    depth: usize,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<Token> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first.clone())
    }

    fn takes(&mut self, mark: char) -> bool {
        let found = self.rest.first() == Some(&Token::Mark(mark));
        if found {
            self.next();
        }
        found
    }

    /// Everything that binds more than `above`.
    fn expression(&mut self, above: u8) -> Result<Expr, Wrong> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Wrong::new("The expression is nested too deeply."));
        }
        let mut left = self.operand()?;
        while let Some(Token::Op(op)) = self.rest.first().cloned() {
            let binds = precedence(op);
            if binds <= above {
                break;
            }
            self.next();
            // Powers are counted from the right, all else from the left.
            let right = self.expression(if op == Op::Power { binds - 1 } else { binds })?;
            left = Expr::Both(op, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expr, Wrong> {
        match self.next() {
            None => Err(Wrong::new("The expression ends where an operand is missing.")),
            Some(Token::Number(number)) => Ok(Expr::Number(number)),
            Some(Token::Text(text)) => Ok(Expr::Text(text)),
            Some(Token::Op(Op::Minus)) => Ok(Expr::Negative(Box::new(self.expression(precedence(Op::Times))?))),
            Some(Token::Mark('(')) => {
                let inner = self.expression(0)?;
                if self.takes(')') { Ok(inner) } else { Err(Wrong::new("A parenthesis isn't closed.")) }
            }
            Some(Token::Mark('[')) => self.list(']').map(Expr::List),
            Some(Token::Name(name)) if self.takes('(') => Ok(Expr::Call(name, self.list(')')?)),
            Some(Token::Name(name)) => Ok(Expr::Name(name)),
            Some(token) => Err(unexpected(&token)),
        }
    }

    fn list(&mut self, end: char) -> Result<Vec<Expr>, Wrong> {
        let mut all = Vec::new();
        if self.takes(end) {
            return Ok(all);
        }
        loop {
            all.push(self.expression(0)?);
            if self.takes(end) {
                return Ok(all);
            }
            if !self.takes(',') {
                return Err(Wrong::new(format!("Expected ',' or '{end}'.")));
            }
        }
    }
}
