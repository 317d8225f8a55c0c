//! A bucket of S3, folder by folder.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::frame::{Frame, page};
use crate::api::{Api, Trouble, list, text};
use crate::asked::Asked;
use crate::show;

/// Objects at once.
const OBJECTS: usize = 200;

pub(crate) async fn bucket(api: &Api, asked: &Asked, name: &str) -> Result<Markup, Trouble> {
    let folder = asked.get("prefix").unwrap_or_default();
    let input = json!({
        "Bucket": name, "Prefix": folder, "Delimiter": "/", "MaxKeys": OBJECTS, "ContinuationToken": asked.get("from"),
    });
    let said = api.call("s3", "ListObjectsV2", input).await?;
    let (folders, objects) = (list(&said, "CommonPrefixes"), list(&said, "Contents"));
    Ok(page(
        api,
        asked,
        &Frame { title: name, room: "s3/buckets" },
        &html! {
            h1 { (name) }
            (way(asked, name, folder))
            @if folders.is_empty() && objects.is_empty() { p.none { "There is nothing here." } } @else {
                div.scroll { table {
                    thead { tr { th { "Name" } th.number { "Bytes" } th { "Changed" } } }
                    tbody {
                        @for one in folders {
                            @let prefix = text(one, "Prefix");
                            tr { td.name { a href=(to(asked, prefix)) { (behind(prefix, folder)) } } td.number { "" } td { "" } }
                        }
                        @for object in objects { tr {
                            td.name { (behind(text(object, "Key"), folder)) }
                            td.number { (object.get("Size").and_then(Value::as_u64).unwrap_or(0)) }
                            td { (show::time(show::millis(object.get("LastModified")))) }
                        } }
                    }
                } }
            }
            @if let Some(next) = said.get("NextContinuationToken").and_then(Value::as_str) {
                p { a href=(asked.with(&[("from", Some(next))])) { "More" } }
            }
        },
    ))
}

fn to(asked: &Asked, prefix: &str) -> String {
    asked.with(&[("prefix", Some(prefix).filter(|prefix| !prefix.is_empty())), ("from", None)])
}

/// The folders above, each a link.
fn way(asked: &Asked, bucket: &str, folder: &str) -> Markup {
    let ends = folder.match_indices('/').map(|(at, _)| at + 1);
    let above: Vec<&str> = ends.filter_map(|end| folder.get(..end)).collect();
    html! {
        p {
            a href=(to(asked, "")) { (bucket) }
            @for one in above {
                " / " a href=(to(asked, one)) { (one.trim_end_matches('/').rsplit('/').next().unwrap_or_default()) }
            }
        }
    }
}

fn behind<'a>(key: &'a str, folder: &str) -> &'a str {
    key.strip_prefix(folder).unwrap_or(key)
}
