//! AWS's words for JSON that is not of the shape. They differ between the generations of its services.

use super::reader::{Fault, Token};
use crate::model::{Kind, Style};

/// `found` stands where a `kind` was due.
pub(super) fn mismatch(style: Style, kind: Kind, found: Token) -> Fault {
    Fault::Mismatch(match style {
        Style::DynamoDb => tokens(kind, found),
        _ => classes(kind, found),
    })
}

/// AWS: DynamoDB names the tokens of its parser.
fn tokens(kind: Kind, found: Token) -> String {
    let token = match found {
        Token::Object => return "Start of structure or map found where not expected".to_owned(),
        Token::Array => return format!("Unrecognized collection type class java.lang.{}", class(kind)),
        Token::Text => "STRING_VALUE",
        Token::Number => "NUMBER_VALUE",
        Token::True => "TRUE_VALUE",
        Token::False => "FALSE_VALUE",
        Token::Null => "NULL_VALUE",
    };
    match kind {
        Kind::Structure | Kind::List | Kind::Map | Kind::Document => "Unexpected field type".to_owned(),
        _ => format!("{token} cannot be converted to {}", class(kind)),
    }
}

/// AWS: other services name the Java classes of what they found.
fn classes(kind: Kind, found: Token) -> String {
    let class_found = match found {
        Token::Object => return "Start of structure or map found where not expected.".to_owned(),
        Token::Array => return "Start of list found where not expected".to_owned(),
        Token::Number => "com.amazon.coral.value.json.numbers.TruncatingBigNumber",
        Token::True | Token::False => "java.lang.Boolean",
        Token::Text | Token::Null => "java.lang.String",
    };
    match kind {
        Kind::Structure | Kind::List | Kind::Map | Kind::Document => "Unexpected field type".to_owned(),
        Kind::Integer => format!("class {class_found} can not be converted to an Integer"),
        _ => format!("class {class_found} can not be converted to an {}", class(kind)),
    }
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Integer => "Integer",
        Kind::Long => "Long",
        Kind::Double => "Double",
        Kind::Boolean => "Boolean",
        Kind::Blob => "Blob",
        Kind::Timestamp => "Timestamp",
        Kind::List => "List",
        Kind::Map => "Map",
        Kind::Structure | Kind::Document => "Object",
        Kind::Text => "String",
    }
}
