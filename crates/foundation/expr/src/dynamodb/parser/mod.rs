//! A parser for each kind of expression, over one token cursor.
//!
//! Syntax errors are answered at once; what is wrong with names and values is kept until the syntax is known to be
//! right, since that is the order in which AWS answers.

mod condition;
mod functions;
mod operand;
mod projection;
mod update;

use super::bindings::Bindings;
use super::condition::Condition;
use super::error::{Invalid, Kind};
use super::lexer::{self, Token};
use super::projection::Projection;
use super::update::Update;

type Result<T> = std::result::Result<T, Invalid>;

/// Bytes an expression may have.
const MAX_BYTES: usize = 4096;
/// Operators and functions it may have.
const MAX_OPERATORS: usize = 300;
/// Parentheses and function calls in each other: with at most 300 operators, more than this can only be redundant.
const MAX_DEPTH: usize = 302;

/// A condition, filter or key condition, as `kind` says.
///
/// # Errors
/// In AWS's words.
pub fn parse_condition(kind: Kind, text: &str, bindings: &mut Bindings) -> Result<Condition> {
    Parser::run(kind, text, bindings, Parser::condition)
}

/// # Errors
/// In AWS's words.
pub fn parse_update(text: &str, bindings: &mut Bindings) -> Result<Update> {
    Parser::run(Kind::Update, text, bindings, Parser::update)
}

/// # Errors
/// In AWS's words.
pub fn parse_projection(text: &str, bindings: &mut Bindings) -> Result<Projection> {
    Parser::run(Kind::Projection, text, bindings, Parser::projection)
}

struct Parser<'a> {
    kind: Kind,
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    bindings: &'a mut Bindings,
    /// The first error that isn't one of syntax.
    deferred: Option<Invalid>,
}

impl<'a> Parser<'a> {
    fn run<T>(
        kind: Kind,
        text: &'a str,
        bindings: &'a mut Bindings,
        parse: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if text.trim().is_empty() {
            return Err(kind.invalid("The expression can not be empty;"));
        }
        if text.len() > MAX_BYTES {
            let size = text.len();
            return Err(kind.invalid(format_args!(
                "Expression size has exceeded the maximum allowed size; expression size: {size}"
            )));
        }
        let mut parser = Self { kind, text, tokens: lexer::tokens(text), at: 0, depth: 0, bindings, deferred: None };
        parser.check_operators()?;
        let parsed = parse(&mut parser)?;
        if parser.peek_kind() != lexer::Kind::End {
            return Err(parser.syntax_error());
        }
        parser.deferred.map_or(Ok(parsed), Err)
    }

    /// Comparisons, arithmetic, `BETWEEN`, `IN` and functions count; `AND`, `OR` and `NOT` do not.
    fn check_operators(&self) -> Result<()> {
        let counts = |index: usize| match self.text_at(index) {
            "=" | "<>" | "<" | "<=" | ">" | ">=" | "+" | "-" => true,
            word if word.eq_ignore_ascii_case("between") || word.eq_ignore_ascii_case("in") => true,
            _ => self.kind_at(index) == lexer::Kind::Word && self.text_at(index + 1) == "(" && !self.is_logical(index),
        };
        let count = (0..self.tokens.len()).filter(|index| counts(*index)).count();
        if count > MAX_OPERATORS { Err(self.kind.too_many_operators(count)) } else { Ok(()) }
    }

    fn is_logical(&self, index: usize) -> bool {
        ["and", "or", "not"].iter().any(|word| self.text_at(index).eq_ignore_ascii_case(word))
    }

    fn kind_at(&self, index: usize) -> lexer::Kind {
        self.tokens.get(index).map_or(lexer::Kind::End, |t| t.kind)
    }

    fn text_at(&self, index: usize) -> &'a str {
        self.tokens.get(index).and_then(|t| self.text.get(t.span.clone())).unwrap_or("")
    }

    fn peek_kind(&self) -> lexer::Kind {
        self.kind_at(self.at)
    }

    fn peek(&self) -> &'a str {
        self.text_at(self.at)
    }

    fn advance(&mut self) -> &'a str {
        let text = self.peek();
        self.at += 1;
        text
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        self.peek_kind() == lexer::Kind::Symbol && self.peek() == symbol
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let there = self.is_symbol(symbol);
        self.at += usize::from(there);
        there
    }

    fn expect_symbol(&mut self, symbol: &str) -> Result<()> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.syntax_error()) }
    }

    fn is_keyword(&self, word: &str) -> bool {
        self.peek_kind() == lexer::Kind::Word && self.peek().eq_ignore_ascii_case(word)
    }

    fn take_keyword(&mut self, word: &str) -> bool {
        let there = self.is_keyword(word);
        self.at += usize::from(there);
        there
    }

    /// Runs `parse` one level deeper, which is counted so that no text can exhaust the stack.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.redundant_parentheses());
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn redundant_parentheses(&self) -> Invalid {
        self.kind.invalid("The expression has redundant parentheses;")
    }

    /// At the current token. AWS: quotes the text from the token before it to the one after it.
    fn syntax_error(&self) -> Invalid {
        let here = self.tokens.get(self.at);
        let token = match self.peek_kind() {
            lexer::Kind::End => "<EOF>",
            _ => self.peek(),
        };
        let before = self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).or(here);
        let after = self.tokens.get(self.at + 1).or(here);
        let range = before.map_or(0, |t| t.span.start)..after.map_or(self.text.len(), |t| t.span.end);
        let near = self.text.get(range).unwrap_or("").trim_end();
        self.kind.invalid(format_args!("Syntax error; token: \"{token}\", near: \"{near}\""))
    }

    fn defer(&mut self, invalid: Invalid) {
        self.deferred.get_or_insert(invalid);
    }
}
