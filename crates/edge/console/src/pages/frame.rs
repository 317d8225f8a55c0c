//! What is around every page.

use maud::{DOCTYPE, Markup, html};
use updraft_kernel::{AccountId, Region};

use crate::ROOT;
use crate::api::{Api, Trouble};
use crate::asked::{Asked, link};
use crate::assets;

/// What a page is called, and where it belongs.
pub(crate) struct Frame<'a> {
    pub(crate) title: &'a str,
    /// Of the navigation: `states/machines`.
    pub(crate) room: &'a str,
}

const ROOMS: [(&str, &str); 8] = [
    ("", "Overview"),
    ("states/machines", "State machines"),
    ("states/executions", "Executions"),
    ("states/activities", "Activities"),
    ("lambda/functions", "Functions"),
    ("sqs/queues", "Queues"),
    ("dynamodb/tables", "Tables"),
    ("s3/buckets", "Buckets"),
];

impl Api {
    /// A page of the same account and region.
    pub(crate) fn link(&self, parts: &[&str], query: &[(&str, &str)]) -> String {
        let mut query = query.to_vec();
        if self.cx.region != Region::default_region() {
            query.push(("region", self.cx.region.as_str()));
        }
        if self.cx.account != AccountId::local() {
            query.push(("account", self.cx.account.as_str()));
        }
        link(parts, &query)
    }
}

pub(crate) fn page(api: &Api, asked: &Asked, frame: &Frame<'_>, body: &Markup) -> Markup {
    document(
        frame.title,
        &html! {
            a.skip href="#main" { "To the content" }
            header.top {
                a.brand href=(api.link(&[], &[])) { span.mark aria-hidden="true" { "▲" } "updraft" }
                nav aria-label="Rooms" {
                    @for (room, name) in ROOMS {
                        @let parts: Vec<&str> = room.split('/').filter(|part| !part.is_empty()).collect();
                        a href=(api.link(&parts, &[])) aria-current=[(room == frame.room).then_some("page")] { (name) }
                    }
                }
                (place(api, asked))
            }
            main #main tabindex="-1" { (body) }
        },
    )
}

/// Which account and region are shown, and a way to others.
fn place(api: &Api, asked: &Asked) -> Markup {
    let fixed = asked.path.get(2).is_some_and(|id| id.starts_with("arn:"));
    let (account, region) = (api.cx.account.as_str(), api.cx.region.as_str());
    html! {
        @if fixed {
            span.place { (account) " · " (region) }
        } @else {
            details.place {
                summary { (account) " · " (region) }
                form method="get" action=(link(&asked.path.iter().map(String::as_str).collect::<Vec<_>>(), &[])) {
                    label { "Region " input name="region" value=(region) size="14" autocomplete="off"; }
                    label { "Account " input name="account" value=(account) size="14" inputmode="numeric"; }
                    button { "Show" }
                }
            }
        }
    }
}

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – updraft" }
                link rel="icon" href=(assets::url("icon.svg"));
                link rel="stylesheet" href=(assets::url("graph.css"));
                link rel="stylesheet" href=(assets::url("style.css"));
                script src=(assets::url("script.js")) defer {}
            }
            body { (body) }
        }
    }
}

/// Within the frame: what went wrong.
pub(crate) fn trouble(api: &Api, asked: &Asked, trouble: &Trouble) -> Markup {
    page(api, asked, &Frame { title: &trouble.what, room: "-" }, &said(trouble))
}

/// For those who may see nothing else.
pub(crate) fn refusal(trouble: &Trouble) -> Markup {
    document(&trouble.what, &html! { main #main { (said(trouble)) } })
}

fn said(trouble: &Trouble) -> Markup {
    html! {
        h1 { (trouble.what) }
        p.trouble { (trouble.message) }
        p { a href=(ROOT) { "To the overview" } }
    }
}
