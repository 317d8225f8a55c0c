//! Values as AWS's messages show them: the way Java prints its objects.

use super::lower_first;
use crate::Value;
use crate::model::{Shape, TimestampFormat};
use crate::text;

pub(super) fn display(shape: &'static Shape, value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Blob(bytes) => format!("java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]", bytes.len()),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| nested(shape, 0, item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) => {
            let entry = |(key, value): &(String, Value)| format!("{key}={}", nested(shape, 1, value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Value::Structure(_) => {
            let member = |(index, member): (u16, &'static crate::model::Member)| {
                let value = value.member(index).unwrap_or(&Value::Null);
                let shown = if member.shape.sensitive { String::new() } else { display(member.shape, value) };
                format!("{}={shown}", lower_first(member.name))
            };
            format!("{}({})", shape.name, shape.indexed().map(member).collect::<Vec<_>>().join(", "))
        }
        _ => text::write(shape, value, TimestampFormat::Iso8601).unwrap_or_default(),
    }
}

fn nested(shape: &'static Shape, place: usize, value: &Value) -> String {
    shape.members.get(place).map(|member| display(member.shape, value)).unwrap_or_default()
}
