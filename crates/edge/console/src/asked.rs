//! What a browser asks for.

use http::{HeaderMap, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use updraft_kernel::ports::HttpRequest;
use url::form_urlencoded;

use crate::ROOT;

#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// Decoded, behind the console's root.
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) form: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) host: String,
}

impl Asked {
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let parts = request.raw_path.split('/').filter(|part| !part.is_empty());
        Self {
            method: request.method.clone(),
            path: parts.map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned()).collect(),
            query: form_urlencoded::parse(request.raw_query.as_bytes()).into_owned().collect(),
            form: form_urlencoded::parse(&request.body).into_owned().collect(),
            headers: request.headers.clone(),
            host: request.host.clone(),
        }
    }

    /// A parameter of the query; `None` where it is empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        found(&self.query, name)
    }

    /// Whether the query has a parameter, be it empty.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.query.iter().any(|(key, _)| key == name)
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// A field of the form; `None` where it is empty.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        found(&self.form, name)
    }

    /// The same page with some parameters changed; one that is `None` is left out. A page may have hundreds of these, so
    /// they are said from where it is.
    pub(crate) fn with(&self, changes: &[(&str, Option<&str>)]) -> String {
        let kept = self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let kept = kept.filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        let new = changes.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept.chain(new)).finish();
        if !query.is_empty() {
            return format!("?{query}");
        }
        let parts: Vec<&str> = self.path.iter().map(String::as_str).collect();
        link(&parts, &[])
    }
}

fn found<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
}

const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The address of a page of the console.
pub(crate) fn link(parts: &[&str], query: &[(&str, &str)]) -> String {
    let path: String = parts.iter().map(|part| format!("/{}", utf8_percent_encode(part, PART))).collect();
    let query: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{ROOT}{path}{mark}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_any_name() {
        let arn = "arn:aws:states:us-east-1:000000000000:stateMachine:a/b c";
        let made = link(&["states", "machines", arn], &[("q", "<x>&y"), ("n", "1")]);
        assert_eq!(
            made,
            "/_updraft/console/states/machines/arn%3Aaws%3Astates%3Aus-east-1%3A000000000000%3AstateMachine%3Aa%2Fb%20c\
             ?q=%3Cx%3E%26y&n=1"
        );
    }
}
