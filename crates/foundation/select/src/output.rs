//! How what was found is written.

use serde_json::{Map, Value as Json};

use crate::record::Record;
use crate::value::Value;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    Csv(CsvOutput),
    /// With what behind each record.
    Json(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvOutput {
    /// Not only where it is needed.
    pub always_quoted: bool,
    pub escape: String,
    pub record: String,
    pub field: String,
    pub quote: String,
}

impl Default for CsvOutput {
    fn default() -> Self {
        let (quote, escape) = ("\"".to_owned(), "\"".to_owned());
        Self { always_quoted: false, escape, record: "\n".to_owned(), field: ",".to_owned(), quote }
    }
}

impl Output {
    /// A record as it is.
    pub(crate) fn whole(&self, record: Record, to: &mut Vec<u8>) {
        match self {
            Self::Csv(csv) => csv.write(record.into_fields(), to),
            Self::Json(behind) => write_json(record.into_object(), behind, to),
        }
    }

    /// What was asked of one, by name.
    pub(crate) fn values<'n>(&self, values: impl Iterator<Item = (&'n str, Value)>, to: &mut Vec<u8>) {
        match self {
            Self::Csv(csv) => csv.write(values.map(|(_, value)| value.into_text()).collect(), to),
            Self::Json(behind) => {
                let named = values.filter_map(|(name, value)| Some((name.to_owned(), value.into_json()?)));
                write_json(named.collect(), behind, to);
            }
        }
    }
}

fn write_json(object: Map<String, Json>, behind: &str, to: &mut Vec<u8>) {
    to.extend_from_slice(Json::Object(object).to_string().as_bytes());
    to.extend_from_slice(behind.as_bytes());
}

impl CsvOutput {
    fn write(&self, fields: Vec<String>, to: &mut Vec<u8>) {
        for (field, place) in fields.into_iter().zip(0..) {
            if place > 0 {
                to.extend_from_slice(self.field.as_bytes());
            }
            to.extend_from_slice(self.quoted(field).as_bytes());
        }
        to.extend_from_slice(self.record.as_bytes());
    }

    fn quoted(&self, field: String) -> String {
        let holds = |text: &String| !text.is_empty() && field.contains(text.as_str());
        let needed = [&self.field, &self.record, &self.quote].into_iter().any(holds) || field.contains(['\r', '\n']);
        if self.quote.is_empty() || !(self.always_quoted || needed) {
            return field;
        }
        let escaped = field.replace(&self.quote, &format!("{}{}", self.escape, self.quote));
        format!("{quote}{escaped}{quote}", quote = self.quote)
    }
}
