//! From text to a query: the parser's tree, as far as the language has it.

mod call;
mod expr;

use sqlparser::ast::{
    GroupByExpr, LimitClause, Query as Parsed, Select, SelectItem, SetExpr, Statement, TableFactor, Value as Literal,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use self::expr::Making;
use crate::expr::{Expr, Step};
use crate::from;
use crate::query::{Column, Columns, Query};
use crate::wrong::{self, Wrong};

/// AWS: in bytes.
const LONGEST: usize = 256 * 1024;
/// Chains of operators are as deep as they are long.
const OPERATORS: usize = 400;

pub(crate) fn query(text: &str) -> Result<Query, Wrong> {
    if text.len() > LONGEST {
        return Err(wrong::TOO_LONG);
    }
    let tokens = Tokenizer::new(&GenericDialect {}, text).tokenize().map_err(|_| wrong::LEXER)?;
    if tokens.iter().filter(|token| is_operator(token)).count() > OPERATORS {
        return Err(wrong::TOO_LONG);
    }
    let first = tokens.iter().find(|token| !matches!(token, Token::Whitespace(_)));
    if !matches!(first, Some(Token::Word(word)) if word.value.eq_ignore_ascii_case("select")) {
        return Err(wrong::OPERATION);
    }
    let (tokens, from) = from::path(tokens)?;
    let mut statements = Parser::new(&GenericDialect {})
        .with_tokens(tokens)
        .parse_statements()
        .map_err(|error| wrong::unexpected(&error.to_string()))?;
    let (Some(Statement::Query(parsed)), true) = (statements.pop(), statements.is_empty()) else {
        return Err(wrong::OPERATION);
    };
    let limit = limit(&parsed)?;
    let select = only_a_select(*parsed)?;
    let mut making = Making::new(alias(&select)?);
    let columns = columns(&mut making, &select.projection)?;
    let (grouped, mixed) = (!making.totals.is_empty(), making.loose);
    let totals = making.totals.len();
    let condition = select.selection.as_ref().map(|condition| making.expr(condition)).transpose()?;
    if grouped && mixed || making.totals.len() > totals {
        return Err(wrong::STRUCTURE);
    }
    Ok(Query { columns, from, condition, limit, totals: making.totals })
}

fn is_operator(token: &Token) -> bool {
    match token {
        Token::Word(word) => ["and", "or", "not", "is"].iter().any(|one| word.value.eq_ignore_ascii_case(one)),
        Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::Mod | Token::StringConcat => true,
        Token::Eq | Token::Neq | Token::Lt | Token::Gt | Token::LtEq | Token::GtEq | Token::Period => true,
        Token::LBracket | Token::LParen => true,
        _ => false,
    }
}

fn limit(parsed: &Parsed) -> Result<Option<u64>, Wrong> {
    match &parsed.limit_clause {
        None => Ok(None),
        Some(LimitClause::LimitOffset { limit: Some(limit), offset: None, limit_by }) if limit_by.is_empty() => {
            match expr::literal_of(limit) {
                Some(Literal::Number(number, _)) => number.parse().map(Some).map_err(|_| wrong::SYNTAX),
                _ => Err(wrong::SYNTAX),
            }
        }
        Some(_) => Err(wrong::STRUCTURE),
    }
}

/// AWS: no more than `SELECT … FROM … WHERE … LIMIT …`.
fn only_a_select(parsed: Parsed) -> Result<Select, Wrong> {
    let Parsed { with, body, order_by, fetch, locks, for_clause, .. } = parsed;
    let bare = with.is_none() && order_by.is_none() && fetch.is_none() && locks.is_empty() && for_clause.is_none();
    let SetExpr::Select(select) = *body else { return Err(wrong::STRUCTURE) };
    let grouped = !matches!(&select.group_by, GroupByExpr::Expressions(by, with) if by.is_empty() && with.is_empty());
    let more = select.distinct.is_some() || select.top.is_some() || select.into.is_some() || select.having.is_some();
    if !bare || grouped || more || select.qualify.is_some() || select.prewhere.is_some() {
        return Err(wrong::STRUCTURE);
    }
    Ok(*select)
}

/// What the object is called in the query, beside its own name.
fn alias(select: &Select) -> Result<Option<String>, Wrong> {
    let [table] = select.from.as_slice() else { return Err(wrong::STRUCTURE) };
    match &table.relation {
        TableFactor::Table { alias, args: None, .. } if table.joins.is_empty() => {
            Ok(alias.as_ref().map(|alias| alias.name.value.clone()))
        }
        _ => Err(wrong::STRUCTURE),
    }
}

fn columns(making: &mut Making, items: &[SelectItem]) -> Result<Columns, Wrong> {
    if let [SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)] = items {
        return Ok(Columns::All);
    }
    let mut columns = Vec::new();
    for (item, place) in items.iter().zip(1..) {
        columns.push(match item {
            SelectItem::UnnamedExpr(expr) => {
                let expr = making.expr(expr)?;
                Column { name: called(&expr, place), expr }
            }
            SelectItem::ExprWithAlias { expr, alias } => Column { name: alias.value.clone(), expr: making.expr(expr)? },
            _ => return Err(wrong::STRUCTURE),
        });
    }
    Ok(Columns::These(columns))
}

/// By what it is, or else by its place.
fn called(expr: &Expr, place: usize) -> String {
    match expr {
        Expr::Path(path) => match path.last() {
            Some(Step::Name { name, .. }) => name.clone(),
            _ => format!("_{place}"),
        },
        _ => format!("_{place}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        query(text).map_or_else(|wrong| wrong.code.name, |_| "")
    }

    #[test]
    fn what_can_be_asked() {
        for text in [
            "SELECT * FROM S3Object",
            "select s._1, s.\"a b\" AS c from s3object s where s._1 > 5 and not s._2 like 'a%' limit 5",
            "SELECT s.* FROM S3Object AS s WHERE s.a[0].b IS NOT MISSING",
            "SELECT COUNT(*), SUM(CAST(_1 AS INT)) / 2, AVG(_2), MIN(_3), MAX(_4) FROM S3Object",
            "SELECT d.x FROM S3Object[*].a.b[*] d WHERE d.x IN ('1', '2') AND d.y BETWEEN 1 AND 2",
            "SELECT EXTRACT(YEAR FROM TO_TIMESTAMP(_1)), DATE_ADD(month, 1, TO_TIMESTAMP(_1)) FROM S3Object",
            "SELECT TRIM(BOTH '1' FROM _1), SUBSTRING(_1, 2, 3), SUBSTRING(_1 FROM 2 FOR 3) FROM S3Object",
            "SELECT CASE _1 WHEN 'a' THEN 1 ELSE 2 END, CASE WHEN _1 = 'a' THEN 1 END FROM S3Object",
            "SELECT COALESCE(_1, 'x'), NULLIF(_1, ''), CHAR_LENGTH(_1), LOWER(_1), UPPER(_1), UTCNOW() FROM S3Object",
        ] {
            assert_eq!(query(text).err(), None, "{text}");
        }
    }

    #[test]
    fn what_cannot() {
        assert_eq!(code("SELECT 1"), "ParseSelectMissingFrom");
        assert_eq!(code("DELETE FROM S3Object"), "UnsupportedSqlOperation");
        assert_eq!(code("SELECT * FROM other"), "EvaluatorBindingDoesNotExist");
        assert_eq!(code("SELECT * FROM S3Object ORDER BY _1"), "UnsupportedSqlStructure");
        assert_eq!(code("SELECT _1 FROM S3Object GROUP BY _1"), "UnsupportedSqlStructure");
        assert_eq!(code("SELECT * FROM S3Object a, S3Object b"), "UnsupportedSqlStructure");
        assert_eq!(code("SELECT _1, COUNT(*) FROM S3Object"), "UnsupportedSqlStructure");
        assert_eq!(code("SELECT _1 FROM S3Object WHERE COUNT(*) > 1"), "UnsupportedSqlStructure");
        assert_eq!(code("SELECT FLOOR(_1) FROM S3Object"), "UnsupportedFunction");
        assert_eq!(code("SELECT LOWER(_1, _2) FROM S3Object"), "EvaluatorInvalidArguments");
        assert_eq!(code("SELECT CAST(_1 AS BLOB) FROM S3Object"), "InvalidDataType");
        assert_eq!(code("SELECT * FROM S3Object WHERE"), "ParseUnexpectedToken");
        assert_eq!(code("SELECT * FROM S3Object WHERE 'a"), "LexerInvalidChar");
        assert_eq!(code("SELECT * FROM S3Object LIMIT 'a'"), "UnsupportedSyntax");
        let long = format!("SELECT {} FROM S3Object", vec!["1"; 2_000].join("+"));
        assert_eq!(code(&long), "ExpressionTooLong");
        assert_eq!(
            code(&format!("SELECT {}1{} FROM S3Object", "(".repeat(300), ")".repeat(300))),
            "ParseUnexpectedToken"
        );
    }
}
