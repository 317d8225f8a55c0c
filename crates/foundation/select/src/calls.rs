//! Functions.

use crate::dates::{self, Time};
use crate::eval::Scope;
use crate::expr::{Call, Expr, Side};
use crate::value::{Type, Value};
use crate::wrong::{self, Wrong};

/// # Errors
/// If the function can't be called so.
pub(crate) fn value(scope: &Scope<'_>, expr: &Expr) -> Result<Value, Wrong> {
    match expr {
        Expr::Call(call, arguments) => {
            let values = arguments.iter().map(|one| scope.value(one)).collect::<Result<Vec<_>, _>>()?;
            called(scope, *call, values)
        }
        Expr::Trim { side, what, text } => {
            let what = what.as_deref().map(|what| scope.value(what)).transpose()?;
            trim(*side, what, scope.value(text)?)
        }
        Expr::DateAdd(part, count, time) => {
            let Some(time) = time_of(scope.value(time)?)? else { return Ok(Value::Null) };
            let Value::Int(count) = scope.value(count)?.cast(Type::Int)? else { return Ok(Value::Null) };
            dates::add(*part, count, &time)
        }
        Expr::DateDiff(part, from, to) => {
            let (from, to) = (time_of(scope.value(from)?)?, time_of(scope.value(to)?)?);
            from.zip(to).map_or(Ok(Value::Null), |(from, to)| dates::difference(*part, &from, &to))
        }
        Expr::Extract(part, time) => {
            Ok(time_of(scope.value(time)?)?.map_or(Value::Null, |time| dates::extract(*part, &time)))
        }
        _ => Err(wrong::SYNTAX),
    }
}

/// `None`: nothing is known.
fn time_of(value: Value) -> Result<Option<Time>, Wrong> {
    match value.cast(Type::Time).map_err(|_| wrong::ARGUMENT_TYPE)? {
        Value::Time(time) => Ok(Some(time)),
        _ => Ok(None),
    }
}

fn called(scope: &Scope<'_>, call: Call, values: Vec<Value>) -> Result<Value, Wrong> {
    match (call, values.as_slice()) {
        (Call::Coalesce, [_, ..]) => Ok(values.into_iter().find(|one| !one.is_nothing()).unwrap_or(Value::Null)),
        (Call::NullIf, [one, other]) => {
            let equal = one.compare(other) == Some(std::cmp::Ordering::Equal);
            Ok(if equal { Value::Null } else { one.clone() })
        }
        (Call::UtcNow, []) => Ok(Value::Time(scope.now)),
        (_, [one, ..]) if one.is_nothing() => Ok(Value::Null),
        (Call::CharLength, [text]) => {
            let count = text_of(text)?.chars().count();
            Ok(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)))
        }
        (Call::Lower, [text]) => Ok(Value::Text(text_of(text)?.to_lowercase())),
        (Call::Upper, [text]) => Ok(Value::Text(text_of(text)?.to_uppercase())),
        (Call::Substring, [text, start]) => substring(text_of(text)?, start, None),
        (Call::Substring, [text, start, length]) => substring(text_of(text)?, start, Some(length)),
        (Call::Concat, [_, right]) if right.is_nothing() => Ok(Value::Null),
        (Call::Concat, [left, right]) => Ok(Value::Text(text_of(left)?.to_owned() + text_of(right)?)),
        (Call::ToTimestamp, [_]) => {
            let [text] = <[Value; 1]>::try_from(values).map_err(|_| wrong::ARGUMENTS)?;
            text.cast(Type::Time)
        }
        (Call::ToString, [Value::Time(time), pattern]) => dates::format(time, text_of(pattern)?).map(Value::Text),
        (Call::ToString, [_, _]) => Err(wrong::ARGUMENT_TYPE),
        _ => Err(wrong::ARGUMENTS),
    }
}

fn text_of(value: &Value) -> Result<&str, Wrong> {
    if let Value::Text(text) = value { Ok(text) } else { Err(wrong::ARGUMENT_TYPE) }
}

/// AWS: characters are counted from one; what would lie before the first is there, but empty.
fn substring(text: &str, start: &Value, length: Option<&Value>) -> Result<Value, Wrong> {
    let count = |value: &Value| match value.number() {
        Some(Value::Int(int)) => Ok(int),
        _ => Err(wrong::ARGUMENT_TYPE),
    };
    let start = count(start)?;
    let end = match length.map(count).transpose()? {
        Some(length) if length < 0 => return Err(wrong::ARGUMENT_TYPE),
        Some(length) => start.saturating_add(length),
        None => i64::MAX,
    };
    let within = text.chars().zip(1_i64..).filter(|(_, place)| (start..end).contains(place));
    Ok(Value::Text(within.map(|(letter, _)| letter).collect()))
}

fn trim(side: Side, what: Option<Value>, text: Value) -> Result<Value, Wrong> {
    if text.is_nothing() {
        return Ok(Value::Null);
    }
    let what: Vec<char> = match &what {
        Some(what) => text_of(what)?.chars().collect(),
        None => vec![' '],
    };
    let text = text_of(&text)?;
    let trimmed = match side {
        Side::Both => text.trim_matches(what.as_slice()),
        Side::Leading => text.trim_start_matches(what.as_slice()),
        Side::Trailing => text.trim_end_matches(what.as_slice()),
    };
    Ok(Value::Text(trimmed.to_owned()))
}

/// `%` is anything, `_` any one character.
///
/// # Errors
/// If it isn't asked of texts.
pub(crate) fn like(text: &Value, pattern: &Value, escape: Option<char>) -> Result<Value, Wrong> {
    if text.is_nothing() || pattern.is_nothing() {
        return Ok(Value::Null);
    }
    let (Value::Text(text), Value::Text(pattern)) = (text, pattern) else { return Err(wrong::LIKE) };
    let pattern = letters(pattern, escape).ok_or(wrong::LIKE)?;
    Ok(Value::Bool(is_like(&text.chars().collect::<Vec<_>>(), &pattern)))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letter {
    This(char),
    One,
    Any,
}

/// `None`: what is escaped needn't be, or isn't there.
fn letters(pattern: &str, escape: Option<char>) -> Option<Vec<Letter>> {
    let mut all = Vec::new();
    let mut rest = pattern.chars();
    while let Some(letter) = rest.next() {
        all.push(match letter {
            _ if Some(letter) == escape => {
                Letter::This(rest.next().filter(|next| matches!(next, '%' | '_') || Some(*next) == escape)?)
            }
            '%' => Letter::Any,
            '_' => Letter::One,
            other => Letter::This(other),
        });
    }
    Some(all)
}

/// Goes back to the last `%` only, so that no pattern takes more than the product of both lengths.
fn is_like(text: &[char], pattern: &[Letter]) -> bool {
    let (mut at, mut of, mut back) = (0, 0, None);
    while let Some(letter) = text.get(at) {
        match pattern.get(of) {
            Some(Letter::Any) => {
                back = Some((of, at));
                of += 1;
            }
            Some(one) if *one == Letter::One || *one == Letter::This(*letter) => {
                of += 1;
                at += 1;
            }
            _ => {
                let Some((any, from)) = back else { return false };
                back = Some((any, from + 1));
                of = any + 1;
                at = from + 1;
            }
        }
    }
    pattern.get(of..).unwrap_or_default().iter().all(|letter| *letter == Letter::Any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_like_what_they_mean() {
        let is =
            |text: &str, pattern: &str, escape| like(&Value::Text(text.into()), &Value::Text(pattern.into()), escape);
        assert_eq!(is("hello", "h%o", None), Ok(Value::Bool(true)));
        assert_eq!(is("hello", "h_o", None), Ok(Value::Bool(false)));
        assert_eq!(is("é", "_", None), Ok(Value::Bool(true)));
        assert_eq!(is("50%", "50\\%", Some('\\')), Ok(Value::Bool(true)));
        assert_eq!(is("500", "50\\%", Some('\\')), Ok(Value::Bool(false)));
        assert_eq!(is("a", "\\a", Some('\\')), Err(wrong::LIKE));
        assert_eq!(is("aab", "%ab%%", None), Ok(Value::Bool(true)));
        assert_eq!(like(&Value::Int(1), &Value::Text("1".into()), None), Err(wrong::LIKE));
        assert_eq!(like(&Value::Null, &Value::Text("1".into()), None), Ok(Value::Null));
    }

    #[test]
    fn substrings_count_from_one() {
        let cut =
            |start, length: Option<i64>| substring("123456789", &Value::Int(start), length.map(Value::Int).as_ref());
        assert_eq!(cut(0, None), Ok(Value::Text("123456789".into())));
        assert_eq!(cut(2, Some(3)), Ok(Value::Text("234".into())));
        assert_eq!(cut(-1, Some(4)), Ok(Value::Text("12".into())));
        assert_eq!(cut(1, Some(-1)), Err(wrong::ARGUMENT_TYPE));
    }
}
