//! Where a website sends those who ask: index documents, and rules that lead elsewhere.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use updraft_api_s3::types::{Redirect, RedirectAllRequestsTo, RoutingRule, WebsiteConfiguration};

/// What stays as it is in a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'!')
    .remove(b'(')
    .remove(b')')
    .remove(b'\'')
    .remove(b'*');

/// AWS: where a rule says no code.
const MOVED: u16 = 301;

/// Where the request came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Here<'a> {
    /// `http`, or `https`.
    pub(crate) protocol: &'a str,
    /// With the port.
    pub(crate) host: &'a str,
    /// What stands before keys in paths: nothing, unless the bucket is named there.
    pub(crate) base: &'a str,
    /// Without `?`.
    pub(crate) query: &'a str,
}

/// Where to go instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    pub(crate) status: u16,
    pub(crate) location: String,
}

/// The key that a path means; `None`: no text.
pub(crate) fn key(path: &str) -> Option<String> {
    let path = path.strip_prefix('/').unwrap_or(path);
    Some(percent_decode_str(path).decode_utf8().ok()?.into_owned())
}

/// A key as it is in a path.
pub(crate) fn encoded(key: &str) -> String {
    utf8_percent_encode(key, PLAIN).to_string()
}

/// The object that stands for a key: of folders, their index document.
pub(crate) fn document(site: &WebsiteConfiguration, key: &str) -> String {
    match &site.index_document {
        Some(index) if key.is_empty() || key.ends_with('/') => format!("{key}{}", index.suffix),
        _ => key.to_owned(),
    }
}

/// The index document of what may be a folder, asked for without its slash.
pub(crate) fn of_folder(site: &WebsiteConfiguration, key: &str) -> Option<String> {
    let index = site.index_document.as_ref().filter(|_| !key.is_empty() && !key.ends_with('/'))?;
    Some(format!("{key}/{}", index.suffix))
}

/// Where all go.
pub(crate) fn all(to: &RedirectAllRequestsTo, here: Here<'_>, key: &str) -> Elsewhere {
    let protocol = to.protocol.as_ref().map_or(here.protocol, |protocol| protocol.as_str());
    let location = format!("{protocol}://{}/{}{}", to.host_name, encoded(key), asked(here.query));
    Elsewhere { status: MOVED, location }
}

/// Where the first rule leads that is for this key. `error`: what came of it so far; rules that ask for none come before
/// the key is looked for.
pub(crate) fn by_rules(
    site: &WebsiteConfiguration,
    here: Here<'_>,
    key: &str,
    error: Option<u16>,
) -> Option<Elsewhere> {
    let rule = site.routing_rules.iter().flatten().find(|rule| holds(rule, key, error))?;
    let prefix = rule.condition.as_ref().and_then(|condition| condition.key_prefix_equals.as_deref());
    Some(led(&rule.redirect, here, (key, prefix.unwrap_or_default())))
}

fn holds(rule: &RoutingRule, key: &str, error: Option<u16>) -> bool {
    let Some(condition) = &rule.condition else { return error.is_none() };
    let prefix = condition.key_prefix_equals.as_deref().is_none_or(|prefix| key.starts_with(prefix));
    let wanted = condition.http_error_code_returned_equals.as_deref().and_then(|code| code.parse::<u16>().ok());
    prefix && wanted == error
}

fn led(to: &Redirect, here: Here<'_>, (key, prefix): (&str, &str)) -> Elsewhere {
    let target = match (&to.replace_key_with, &to.replace_key_prefix_with) {
        (Some(whole), _) => whole.clone(),
        (None, Some(other)) => format!("{other}{}", key.strip_prefix(prefix).unwrap_or(key)),
        (None, None) => key.to_owned(),
    };
    let protocol = to.protocol.as_ref().map_or(here.protocol, |protocol| protocol.as_str());
    let (host, base) = match &to.host_name {
        Some(host) => (host.as_str(), ""),
        None => (here.host, here.base),
    };
    let location = format!("{protocol}://{host}{base}/{}{}", encoded(&target), asked(here.query));
    let status = to.http_redirect_code.as_deref().and_then(|code| code.parse().ok()).unwrap_or(MOVED);
    Elsewhere { status, location }
}

fn asked(query: &str) -> String {
    if query.is_empty() { String::new() } else { format!("?{query}") }
}

#[cfg(test)]
mod tests {
    use updraft_api_s3::types::{Condition, IndexDocument, Protocol};

    use super::*;

    const HERE: Here<'static> = Here { protocol: "http", host: "b.s3-website.localhost:4566", base: "", query: "" };

    fn site(rules: Vec<RoutingRule>) -> WebsiteConfiguration {
        let index_document = Some(IndexDocument { suffix: "index.html".into() });
        WebsiteConfiguration { index_document, routing_rules: Some(rules), ..Default::default() }
    }

    fn when(prefix: Option<&str>, error: Option<&str>, redirect: Redirect) -> RoutingRule {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let condition = Condition { key_prefix_equals: text(prefix), http_error_code_returned_equals: text(error) };
        RoutingRule { condition: Some(condition), redirect }
    }

    #[test]
    fn folders_have_an_index() {
        let site = site(Vec::new());
        for (path, expected) in
            [("/", "index.html"), ("", "index.html"), ("/a/", "a/index.html"), ("/a", "a"), ("/a%20b", "a b")]
        {
            assert_eq!(document(&site, &key(path).unwrap()), expected, "{path}");
        }
        assert_eq!(of_folder(&site, "a").as_deref(), Some("a/index.html"));
        assert_eq!(of_folder(&site, "a/"), None);
        assert_eq!(key("/%ff"), None);
    }

    #[test]
    fn all_may_go_elsewhere() {
        let to = |protocol| RedirectAllRequestsTo { host_name: "example.com".into(), protocol };
        let here = Here { query: "a=b", ..HERE };
        let led = all(&to(Some(Protocol::Https)), here, "x y/z");
        assert_eq!(led, Elsewhere { status: 301, location: "https://example.com/x%20y/z?a=b".into() });
        assert_eq!(all(&to(None), HERE, "").location, "http://example.com/");
    }

    #[test]
    fn the_first_rule_that_holds_leads() {
        let documents = Redirect { replace_key_prefix_with: Some("documents/".into()), ..Default::default() };
        let gone = Redirect {
            host_name: Some("other".into()),
            replace_key_with: Some("error.html".into()),
            http_redirect_code: Some("307".into()),
            ..Default::default()
        };
        let site = site(vec![when(Some("docs/"), None, documents), when(None, Some("404"), gone)]);
        let led = |key: &str, error| by_rules(&site, HERE, key, error).map(|led| (led.status, led.location));
        let location = "http://b.s3-website.localhost:4566/documents/a".to_owned();
        assert_eq!(led("docs/a", None), Some((301, location)));
        assert_eq!(led("a", None), None);
        assert_eq!(led("a", Some(404)), Some((307, "http://other/error.html".into())));
        assert_eq!(led("docs/a", Some(403)), None);
        let by_path = Here { base: "/_aws/s3-website/b", ..HERE };
        let led = by_rules(&site, by_path, "docs/a", None).unwrap().location;
        assert_eq!(led, "http://b.s3-website.localhost:4566/_aws/s3-website/b/documents/a");
    }
}
