//! What a form is answered with: nothing, a document, or another page.

use http::header::{CONTENT_TYPE, ETAG, HeaderValue, LOCATION};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use updraft_wire::http::Response;

use super::fields::Fields;

const PARAMETER: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &PARAMETER.remove(b'/');

/// What the form asks for.
pub(super) struct Wanted {
    bucket: String,
    key: String,
    status: u16,
    redirect: Option<String>,
}

impl Wanted {
    pub(super) fn of(fields: &Fields, bucket: &str, key: &str) -> Self {
        // AWS: any other status is as if none was asked for.
        let status = match fields.get("success_action_status") {
            Some("200") => 200,
            Some("201") => 201,
            _ => 204,
        };
        let redirect = fields.get("success_action_redirect").or_else(|| fields.get("redirect"));
        // AWS: what is no link is as if it weren't there.
        let redirect = redirect.filter(|link| link.starts_with("http://") || link.starts_with("https://"));
        Self { bucket: bucket.to_owned(), key: key.to_owned(), status, redirect: redirect.map(str::to_owned) }
    }

    /// `put`: what `PutObject` answered.
    pub(super) fn answer(&self, mut put: Response) -> Response {
        let etag = put.headers.get(ETAG).and_then(|etag| etag.to_str().ok()).unwrap_or_default().to_owned();
        let Self { bucket, key, .. } = self;
        put.headers.remove(CONTENT_TYPE);
        put.body = bytes::Bytes::new();
        if let Some(link) = &self.redirect {
            put.status = 303;
            put.set(LOCATION.as_str(), &self.redirected(link, &etag));
            return put;
        }
        let location = format!("http://{bucket}.s3.amazonaws.com/{}", utf8_percent_encode(key, PATH));
        put.status = self.status;
        put.set(LOCATION.as_str(), &location);
        if self.status == 201 {
            let parts = [("Location", &location), ("Bucket", bucket), ("Key", key), ("ETag", &etag)];
            let parts: String = parts.map(|(name, text)| format!("<{name}>{}</{name}>", escaped(text))).concat();
            put.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
            let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
            put.body = format!("{head}<PostResponse>{parts}</PostResponse>").into();
        }
        put
    }

    fn redirected(&self, link: &str, etag: &str) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, PARAMETER).to_string();
        let (bucket, key, etag) = (encoded(&self.bucket), encoded(&self.key), encoded(etag));
        let (link, fragment) =
            link.split_once('#').map_or((link, String::new()), |(link, end)| (link, format!("#{end}")));
        let joint = if link.contains('?') { '&' } else { '?' };
        format!("{link}{joint}bucket={bucket}&key={key}&etag={etag}{fragment}")
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(fields: &[(&str, &str)]) -> Response {
        let mut all = Fields::default();
        fields.iter().for_each(|(name, value)| all.put(name, (*value).to_owned()));
        let mut put = Response::new(200);
        put.set("etag", "\"e\"");
        Wanted::of(&all, "b", "a b&").answer(put)
    }

    #[test]
    fn what_is_asked_for_is_answered() {
        let header = |response: &Response, name: &str| response.headers.get(name).unwrap().to_str().unwrap().to_owned();
        let plain = told(&[("success_action_status", "202")]);
        assert_eq!((plain.status, plain.body.len()), (204, 0));
        assert_eq!(header(&plain, "location"), "http://b.s3.amazonaws.com/a%20b%26");
        assert_eq!(told(&[("success_action_status", "200")]).status, 200);
        let created = told(&[("success_action_status", "201")]);
        let text = String::from_utf8(created.body.to_vec()).unwrap();
        assert!(text.contains("<Key>a b&amp;</Key><ETag>&quot;e&quot;</ETag></PostResponse>"), "{text}");
        let away = told(&[("success_action_redirect", "https://a.example/x?y=1#z")]);
        assert_eq!(away.status, 303);
        let link = "https://a.example/x?y=1&bucket=b&key=a%20b%26&etag=%22e%22#z";
        assert_eq!(header(&away, "location"), link);
        assert_eq!(told(&[("redirect", "javascript:x")]).status, 204);
    }
}
