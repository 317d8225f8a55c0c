//! Functions, aggregates, and what is written like none of them.

use sqlparser::ast::{Expr as Parsed, Function, FunctionArg, FunctionArgExpr, FunctionArguments, TrimWhereField};

use super::expr::Making;
use crate::aggregate::{Aggregate, Kind};
use crate::dates::Part;
use crate::expr::{Call, Comparison, Expr, Side};
use crate::wrong::{self, Wrong};

/// Names, what they mean, and how many arguments they take.
const CALLS: [(&str, Call, usize, usize); 10] = [
    ("COALESCE", Call::Coalesce, 1, usize::MAX),
    ("NULLIF", Call::NullIf, 2, 2),
    ("CHAR_LENGTH", Call::CharLength, 1, 1),
    ("CHARACTER_LENGTH", Call::CharLength, 1, 1),
    ("LOWER", Call::Lower, 1, 1),
    ("UPPER", Call::Upper, 1, 1),
    ("SUBSTRING", Call::Substring, 2, 3),
    ("TO_STRING", Call::ToString, 2, 2),
    ("TO_TIMESTAMP", Call::ToTimestamp, 1, 1),
    ("UTCNOW", Call::UtcNow, 0, 0),
];

pub(super) fn call(making: &mut Making, parsed: &Parsed) -> Result<Expr, Wrong> {
    match parsed {
        Parsed::Function(function) => named(making, function),
        Parsed::Case { operand, conditions, else_result, .. } => {
            let mut cases = Vec::new();
            for when in conditions {
                let condition = making.expr(&when.condition)?;
                let condition = match operand {
                    Some(operand) => Expr::Compare(Comparison::Equal, making.boxed(operand)?, Box::new(condition)),
                    None => condition,
                };
                cases.push((condition, making.expr(&when.result)?));
            }
            let otherwise = else_result.as_deref().map(|otherwise| making.boxed(otherwise)).transpose()?;
            Ok(Expr::Case(cases, otherwise))
        }
        Parsed::Extract { field, expr, .. } => {
            let part = Part::parse(&field.to_string()).ok_or(wrong::ARGUMENT_TYPE)?;
            Ok(Expr::Extract(part, making.boxed(expr)?))
        }
        Parsed::Substring { expr, substring_from: Some(from), substring_for, .. } => {
            let mut arguments = vec![making.expr(expr)?, making.expr(from)?];
            if let Some(length) = substring_for {
                arguments.push(making.expr(length)?);
            }
            Ok(Expr::Call(Call::Substring, arguments))
        }
        Parsed::Trim { trim_where, trim_what, expr, trim_characters: None } => {
            let side = match trim_where {
                None | Some(TrimWhereField::Both) => Side::Both,
                Some(TrimWhereField::Leading) => Side::Leading,
                Some(TrimWhereField::Trailing) => Side::Trailing,
            };
            let what = trim_what.as_deref().map(|what| making.boxed(what)).transpose()?;
            Ok(Expr::Trim { side, what, text: making.boxed(expr)? })
        }
        Parsed::Ceil { .. } | Parsed::Floor { .. } | Parsed::Position { .. } => Err(wrong::FUNCTION),
        _ => Err(wrong::SYNTAX),
    }
}

fn named(making: &mut Making, function: &Function) -> Result<Expr, Wrong> {
    let name = function.name.to_string().to_ascii_uppercase();
    let arguments = arguments(function)?;
    if function.over.is_some() || function.filter.is_some() {
        return Err(wrong::STRUCTURE);
    }
    if let Some(kind) = Kind::parse(&name) {
        return aggregate(making, kind, &arguments);
    }
    if let "DATE_ADD" | "DATE_DIFF" = name.as_str() {
        let [FunctionArgExpr::Expr(part), FunctionArgExpr::Expr(one), FunctionArgExpr::Expr(other)] =
            arguments.as_slice()
        else {
            return Err(wrong::ARGUMENTS);
        };
        let part = Part::parse(&part.to_string()).ok_or(wrong::ARGUMENT_TYPE)?;
        let (one, other) = (making.boxed(one)?, making.boxed(other)?);
        return Ok(if name == "DATE_ADD" { Expr::DateAdd(part, one, other) } else { Expr::DateDiff(part, one, other) });
    }
    let (_, call, least, most) = CALLS.into_iter().find(|(one, ..)| *one == name).ok_or(wrong::FUNCTION)?;
    if !(least..=most).contains(&arguments.len()) {
        return Err(wrong::ARGUMENTS);
    }
    let mut values = Vec::new();
    for argument in &arguments {
        let FunctionArgExpr::Expr(argument) = argument else { return Err(wrong::ARGUMENTS) };
        values.push(making.expr(argument)?);
    }
    Ok(Expr::Call(call, values))
}

fn arguments(function: &Function) -> Result<Vec<FunctionArgExpr>, Wrong> {
    match &function.args {
        FunctionArguments::None => Ok(Vec::new()),
        FunctionArguments::Subquery(_) => Err(wrong::STRUCTURE),
        FunctionArguments::List(list) => {
            let unnamed = |argument: &FunctionArg| match argument {
                FunctionArg::Unnamed(argument) => Ok(argument.clone()),
                _ => Err(wrong::SYNTAX),
            };
            if list.duplicate_treatment.is_some() || !list.clauses.is_empty() {
                return Err(wrong::STRUCTURE);
            }
            list.args.iter().map(unnamed).collect()
        }
    }
}

fn aggregate(making: &mut Making, kind: Kind, arguments: &[FunctionArgExpr]) -> Result<Expr, Wrong> {
    let of = match arguments {
        [FunctionArgExpr::Wildcard] if kind == Kind::Count => None,
        [FunctionArgExpr::Expr(of)] => {
            // What is added up may be of a record's fields; what stands beside it may not.
            let (loose, before) = (making.loose, making.totals.len());
            let of = making.expr(of)?;
            if making.totals.len() > before {
                return Err(wrong::STRUCTURE);
            }
            making.loose = loose;
            Some(of)
        }
        _ => return Err(wrong::ARGUMENTS),
    };
    making.totals.push(Aggregate { kind, of });
    Ok(Expr::Aggregate(making.totals.len() - 1))
}
