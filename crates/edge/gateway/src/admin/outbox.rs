//! `/_updraft/outbox`: what would have been sent to people, for people (HTML) and for programs (JSON).

use bytes::Bytes;
use http::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use updraft_kernel::ports::{PostboxPort, Posted};
use updraft_kernel::{AccountId, AwsError, Region};

use super::{Signer, failure};
use crate::response::{self, Response};

/// Shown at once.
const SHOWN: usize = 200;

/// `{"messages": […]}`, the newest first.
pub(super) async fn list(postbox: &dyn PostboxPort, signer: Option<&Signer>, query: &str) -> Response {
    match read(postbox, signer, query).await {
        Ok(messages) => response::json(StatusCode::OK, &json!({ "messages": messages })),
        Err(refusal) => refusal,
    }
}

/// The same, to be looked at.
pub(super) async fn page(postbox: &dyn PostboxPort, signer: Option<&Signer>, query: &str) -> Response {
    match read(postbox, signer, query).await {
        Ok(messages) => response::html(html(&messages)),
        Err(refusal) => refusal,
    }
}

/// A phone's answer: `{"stop": "+15550100", "region": "eu-west-1"}`.
pub(super) async fn answered(postbox: &dyn PostboxPort, signer: Option<&Signer>, body: &Bytes) -> Response {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| said.get(name).and_then(Value::as_str);
    let region = text("region").map_or_else(|| Ok(Region::default_region()), Region::parse);
    let account = text("account").map_or_else(|| Ok(own(signer)), AccountId::parse);
    let (Some(number), Ok(region), Ok(account)) = (text("stop"), region, account) else {
        return failure(StatusCode::BAD_REQUEST, r#"say {"stop":"+15550100"}, and "region" and "account" if need be"#);
    };
    match postbox.opted_out(&account, &region, number).await {
        Ok(()) => response::json(StatusCode::OK, &json!({ "stopped": number })),
        Err(error) => unread(&error),
    }
}

async fn read(postbox: &dyn PostboxPort, signer: Option<&Signer>, query: &str) -> Result<Vec<Posted>, Response> {
    let asked = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut found = pairs.filter(|(key, _)| *key == name);
        found.next().map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    let account = asked("account").map_or_else(|| Ok(own(signer)), |raw| AccountId::parse(&raw));
    let account = account.map_err(|_| failure(StatusCode::BAD_REQUEST, "an account is twelve digits"))?;
    let mut messages = postbox.posted(&account, SHOWN).await.map_err(|error| unread(&error))?;
    if let Some(to) = asked("to") {
        messages.retain(|message| message.to == to);
    }
    Ok(messages)
}

fn own(signer: Option<&Signer>) -> AccountId {
    signer.map_or_else(AccountId::local, |signer| signer.account.clone())
}

fn unread(error: &AwsError) -> Response {
    tracing::error!(source = ?error, "the outbox could not be read");
    failure(StatusCode::SERVICE_UNAVAILABLE, "the store could not be read; the log says why")
}

const HEAD: &str = "<!doctype html><meta charset=\"utf-8\"><title>Outbox</title><style>body{font:15px/1.5 \
    system-ui;max-width:50rem;margin:2rem auto;padding:0 1rem}article{border:1px solid #ccc;border-radius:6px;\
    padding:0 1rem;margin:1rem 0}pre{white-space:pre-wrap;overflow-wrap:anywhere}small{color:#666}</style>\
    <h1>Outbox</h1><p>What would have been sent to people. Nothing has left this platform.</p>";

fn html(messages: &[Posted]) -> String {
    let shown: String = messages.iter().map(article).collect();
    let none = if messages.is_empty() { "<p>There is nothing yet.</p>" } else { "" };
    format!("{HEAD}{none}{shown}")
}

fn article(message: &Posted) -> String {
    let Posted { at, channel, to, subject, text, topic, links, details, region, .. } = message;
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    let link = |(name, url): (&String, &String)| format!("<a href=\"{}\">{}</a> ", escaped(url), escaped(name));
    let detail = |(name, value): (&String, &String)| format!("{}: {} ", escaped(name), escaped(value));
    let links: String = links.iter().map(link).collect();
    let details: String = details.iter().map(detail).collect();
    let heading = subject.as_deref().unwrap_or_default();
    format!(
        "<article><h3>{}</h3><small>{} to {} in {} at {at:.0} {} {details}</small><pre>{}</pre><p>{links}</p></article>",
        escaped(heading),
        escaped(channel),
        escaped(to),
        escaped(region),
        escaped(topic),
        escaped(text),
    )
}

/// What strangers wrote is shown, and does nothing.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_wrote_does_nothing() {
        let evil = "<script>\"'&";
        let message = Posted {
            to: evil.into(),
            text: evil.into(),
            subject: Some(evil.into()),
            links: [(evil.to_owned(), "\"onclick=x".to_owned())].into(),
            details: [(evil.to_owned(), evil.to_owned())].into(),
            ..Posted::default()
        };
        let page = html(&[message]);
        assert!(!page.contains("<script>") && !page.contains("\"onclick"), "{page}");
        assert!(page.contains("&lt;script&gt;&quot;&#39;&amp;"), "{page}");
    }
}
