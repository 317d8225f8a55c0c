//! The style sheet, the script and the icon: in the binary, named by their hashes, so that browsers keep them for good.

use std::fmt::Write;
use std::sync::LazyLock;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};
use updraft_kernel::ports::HttpResponse;

use crate::{ROOT, reply};

struct Asset {
    name: &'static str,
    kind: &'static str,
    body: &'static str,
    hash: String,
}

static ALL: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    [
        asset("graph.css", "text/css; charset=utf-8", include_str!("../static/graph.css")),
        asset("style.css", "text/css; charset=utf-8", include_str!("../static/style.css")),
        asset("script.js", "text/javascript; charset=utf-8", include_str!("../static/script.js")),
        asset("icon.svg", "image/svg+xml", include_str!("../static/icon.svg")),
    ]
});

fn asset(name: &'static str, kind: &'static str, body: &'static str) -> Asset {
    let hash = Sha256::digest(body).iter().take(8).fold(String::new(), |mut hash, byte| {
        write!(hash, "{byte:02x}").ok();
        hash
    });
    Asset { name, kind, body, hash }
}

fn find(name: &str) -> Option<&'static Asset> {
    ALL.iter().find(|asset| asset.name == name)
}

/// Where a page finds it.
pub(crate) fn url(name: &str) -> String {
    let hash = find(name).map(|asset| asset.hash.as_str()).unwrap_or_default();
    format!("{ROOT}/static/{name}?v={hash}")
}

/// `asked`: the request's headers; `version`: what its address names.
pub(crate) fn serve(name: &str, asked: &HeaderMap, version: Option<&str>) -> Option<HttpResponse> {
    let asset = find(name)?;
    let tag = format!("\"{}\"", asset.hash);
    let known = asked.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let known = known.is_some_and(|tags| tags.split(',').any(|one| one.trim() == tag));
    let mut headers = reply::guarded();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(ETAG, HeaderValue::from_str(&tag).ok()?);
    let kept = if version == Some(&asset.hash) { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    let (status, body) = if known { (304, "") } else { (200, asset.body) };
    Some(HttpResponse { status, headers, body: body.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_has_is_not_sent_again() {
        let url = url("style.css");
        let version = url.rsplit_once("?v=").unwrap().1;
        let first = serve("style.css", &HeaderMap::new(), Some(version)).unwrap();
        assert_eq!(first.status, 200);
        let asked = HeaderMap::from_iter([(IF_NONE_MATCH, first.headers[ETAG].clone())]);
        let again = serve("style.css", &asked, None).unwrap();
        assert_eq!((again.status, again.body.whole().unwrap().len()), (304, 0));
        assert_eq!(again.headers[CACHE_CONTROL], "no-cache");
        assert!(serve("../style.css", &HeaderMap::new(), None).is_none());
    }
}
