//! A request as a task's arguments say it.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

/// Arguments of `http:invoke` and `apigateway:invoke`, which say most things alike. What is wrong is said in words.
#[derive(Debug)]
pub(super) struct Wanted<'a>(&'a Value);

impl<'a> Wanted<'a> {
    pub(super) fn of(arguments: &'a Value) -> Result<Self, String> {
        let wrong = || "The arguments of the task must be an object".to_owned();
        arguments.is_object().then_some(Self(arguments)).ok_or_else(wrong)
    }

    pub(super) fn text(&self, name: &str) -> Result<&'a str, String> {
        let missing = || format!("The field '{name}' is required but was missing");
        self.0.get(name).ok_or_else(missing)?.as_str().ok_or_else(|| misshapen(name))
    }

    pub(super) fn method(&self) -> Result<Method, String> {
        let text = self.text("Method")?;
        let known = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];
        if known.contains(&text) {
            Method::from_bytes(text.as_bytes()).map_err(|_| misshapen("Method"))
        } else {
            Err(misshapen("Method"))
        }
    }

    /// `usual`: what is sent where nothing else is said.
    pub(super) fn headers(&self, usual: &[(&'static str, &str)]) -> Result<HeaderMap, String> {
        let mut headers = HeaderMap::new();
        for (name, value) in self.pairs("Headers")? {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| misshapen("Headers"))?;
            headers.append(name, HeaderValue::from_str(&value).map_err(|_| misshapen("Headers"))?);
        }
        for (name, value) in usual {
            if !headers.contains_key(*name) {
                headers.insert(*name, HeaderValue::from_str(value).map_err(|_| misshapen("Headers"))?);
            }
        }
        Ok(headers)
    }

    /// Without `?`.
    pub(super) fn query(&self) -> Result<String, String> {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.pairs("QueryParameters")?);
        Ok(query.finish())
    }

    /// Each value by its name; a list is several.
    fn pairs(&self, field: &str) -> Result<Vec<(String, String)>, String> {
        let members = match self.0.get(field) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Object(members)) => members,
            Some(_) => return Err(misshapen(field)),
        };
        let mut pairs = Vec::new();
        for (name, value) in members {
            match value {
                Value::Array(values) => pairs.extend(values.iter().map(|value| (name.clone(), plain(value)))),
                Value::Object(_) => return Err(misshapen(field)),
                value => pairs.push((name.clone(), plain(value))),
            }
        }
        Ok(pairs)
    }

    /// AWS: text as it is, anything else as JSON.
    pub(super) fn body(&self) -> Bytes {
        match self.0.get("RequestBody") {
            None | Some(Value::Null) => Bytes::new(),
            Some(body) => plain(body).into(),
        }
    }
}

pub(super) fn misshapen(field: &str) -> String {
    format!("The value of the field '{field}' has an invalid format")
}

/// A value as text; text as it is.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
