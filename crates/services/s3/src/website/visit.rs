//! One request to a website.

use std::io;
use std::sync::OnceLock;

use futures_util::StreamExt as _;
use http::{HeaderMap, Method};
use updraft_api_s3::shapes;
use updraft_api_s3::types::WebsiteConfiguration;
use updraft_kernel::ports::{HttpBody, HttpRequest, HttpResponse};
use updraft_kernel::{AwsError, Ctx, ErrorCode, UnixMillis};
use updraft_store::{StoreExt as _, Tx};

use super::page;
use crate::config::{self, Kind};
use crate::errors::{access_denied, invalid_argument, no_such_bucket, not_configured};
use crate::model::bucket::Bucket;
use crate::model::pages::{self, Elsewhere, Here};
use crate::objects::conditions::OfRead;
use crate::objects::encryption::Opener;
use crate::objects::errors::method_not_allowed;
use crate::objects::read::{self, Seen, Wanted};
use crate::objects::send::send;
use crate::public::{Asker, may};
use crate::{S3, codes, table};

/// AWS: what a folder without its slash is answered with.
static FOUND: ErrorCode = ErrorCode::sender("Found", 302);

pub(super) struct Visit<'a> {
    svc: &'a S3,
    cx: &'a Ctx,
    request: &'a HttpRequest,
    /// What stands before keys in paths.
    base: String,
    /// The object that is looked for, once it is clear which.
    key: OnceLock<String>,
}

/// Where an object is looked for.
type Within<'a, 'b> = (&'a mut Tx, &'b Bucket);

impl<'a> Visit<'a> {
    pub(super) fn new(svc: &'a S3, cx: &'a Ctx, request: &'a HttpRequest) -> Self {
        let by_host = request.host.to_ascii_lowercase().starts_with(&format!("{}.", request.id));
        let base = if by_host { String::new() } else { format!("/_aws/s3-website/{}", request.id) };
        Self { svc, cx, request, base, key: OnceLock::new() }
    }

    /// Of the object that was looked for.
    pub(super) fn key(&self) -> Option<&str> {
        self.key.get().map(String::as_str)
    }

    pub(super) async fn answer(&self) -> HttpResponse {
        self.told().await.unwrap_or_else(|error| page::error(self.cx, &error, None))
    }

    async fn told(&self) -> Result<HttpResponse, AwsError> {
        let name = self.request.id.as_str();
        let mut tx = self.svc.parts.store.read().await?;
        let bucket = table::named(&mut tx, name).await?.ok_or_else(|| no_such_bucket(name))?;
        let what = (Kind::Website, &shapes::WebsiteConfiguration);
        let site = config::get::<WebsiteConfiguration>(&mut tx, &bucket, what).await?;
        let missing = || {
            let message = "The specified bucket does not have a website configuration";
            not_configured(&codes::NO_SUCH_WEBSITE_CONFIGURATION, message, name)
        };
        let site = site.ok_or_else(missing)?;
        if !matches!(self.request.method, Method::GET | Method::HEAD) {
            return Err(method_not_allowed(self.request.method.as_str()));
        }
        let unreadable = || invalid_argument("Key", "The key is no text.");
        let key = pages::key(&self.request.raw_path).ok_or_else(unreadable)?;
        if let Some(to) = &site.redirect_all_requests_to {
            return Ok(self.lead(pages::all(to, self.here(), &key)));
        }
        if let Some(to) = pages::by_rules(&site, self.here(), &key, None) {
            return Ok(self.lead(to));
        }
        let document = pages::document(&site, &key);
        let document = self.key.get_or_init(|| document);
        match self.object((&mut tx, &bucket), document, true).await {
            Ok(response) => Ok(response),
            Err(error) => self.failed((&mut tx, &bucket), &site, &key, error).await,
        }
    }

    fn here(&self) -> Here<'_> {
        let Self { request, base, .. } = self;
        Here { protocol: "http", host: &request.host, base, query: &request.raw_query }
    }

    fn lead(&self, to: Elsewhere) -> HttpResponse {
        let mut headers = page::headers(self.cx);
        page::set(&mut headers, "location", &to.location);
        HttpResponse { status: to.status, headers, body: bytes::Bytes::new().into() }
    }

    /// What is there instead of an object that isn't: its folder, what rules say, or the site's own page.
    async fn failed(
        &self,
        (tx, bucket): Within<'_, '_>,
        site: &WebsiteConfiguration,
        key: &str,
        error: AwsError,
    ) -> Result<HttpResponse, AwsError> {
        let status = error.code().status;
        if !(400..600).contains(&status) {
            return Err(error);
        }
        if let Some(index) = pages::of_folder(site, key).filter(|_| matches!(status, 403 | 404))
            && self.seen((&mut *tx, bucket), &index, false).await.is_ok()
        {
            let location = format!("{}/{}/", self.base, pages::encoded(key));
            let found = AwsError::new(&FOUND, "Resource Found").with_header("location", location);
            return Ok(page::error(self.cx, &found, None));
        }
        if let Some(to) = pages::by_rules(site, self.here(), key, Some(status)) {
            return Ok(self.lead(to));
        }
        let Some(document) = &site.error_document else { return Err(error) };
        match self.object((tx, bucket), &document.key, false).await {
            Ok(mut response) => {
                response.status = status;
                page::told(&mut response.headers, &error);
                Ok(response)
            }
            Err(second) => Ok(page::error(self.cx, &error, Some(&second))),
        }
    }

    /// An object that everybody may read. `asked`: it is the one that the request's conditions and range are for.
    async fn seen(&self, (tx, bucket): Within<'_, '_>, key: &str, asked: bool) -> Result<Seen, AwsError> {
        let header = |name: &str| {
            let value = self.request.headers.get(name).filter(|_| asked)?;
            value.to_str().ok()
        };
        let asker = Asker {
            cx: self.cx,
            user_agent: self.request.headers.get("user-agent").and_then(|value| value.to_str().ok()),
            referer: self.request.headers.get("referer").and_then(|value| value.to_str().ok()),
        };
        if !may(asker, (&mut *tx, bucket), "s3:GetObject", Some(key)).await? {
            return Err(access_denied());
        }
        let conditions = OfRead {
            if_match: header("if-match"),
            if_none_match: header("if-none-match"),
            if_modified_since: header("if-modified-since").and_then(moment),
            if_unmodified_since: header("if-unmodified-since").and_then(moment),
        };
        let wanted = Wanted { key, version: None, range: header("range"), part: None, conditions, method: "GET" };
        match read::look(self.cx, tx, bucket, (wanted, None)).await {
            // AWS: who may not list a bucket isn't told what it hasn't got.
            Err(error) if error.code().status == 404 && !may(asker, (tx, bucket), "s3:ListBucket", None).await? => {
                Err(access_denied())
            }
            other => other,
        }
    }

    async fn object(&self, (tx, bucket): Within<'_, '_>, key: &str, asked: bool) -> Result<HttpResponse, AwsError> {
        let seen = self.seen((&mut *tx, bucket), key, asked).await?;
        if let Some(location) = seen.object.about.redirect.clone() {
            return Ok(self.lead(Elsewhere { status: 301, location }));
        }
        let opener = Opener::of(self.svc, seen.object.encryption, None).await?;
        let body = send(self.svc, tx, (seen.at(bucket, key), &seen.object), seen.span, opener).await?;
        let status = if seen.partial { 206 } else { 200 };
        let pieces = body.take().map(|piece| piece.map_err(io::Error::other));
        Ok(HttpResponse { status, headers: self.said(&seen), body: HttpBody::Pieces(pieces.boxed()) })
    }

    fn said(&self, seen: &Seen) -> HeaderMap {
        let (object, about) = (&seen.object, &seen.object.about);
        let mut headers = page::headers(self.cx);
        let mut set = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                page::set(&mut headers, name, value);
            }
        };
        set("content-type", Some(&about.content_type()));
        set("content-length", Some(&seen.span.length.to_string()));
        set("etag", Some(&format!("\"{}\"", object.etag)));
        set("last-modified", Some(&read::date(seen.found.version.at)));
        set("accept-ranges", Some("bytes"));
        set("content-range", seen.partial.then(|| seen.span.text(object.size)).as_deref());
        set("cache-control", about.cache_control.as_deref());
        set("content-disposition", about.content_disposition.as_deref());
        set("content-encoding", about.content_encoding.as_deref());
        set("content-language", about.content_language.as_deref());
        set("expires", about.expires.as_deref());
        set("x-amz-version-id", seen.version_id.as_deref());
        for (name, value) in &about.metadata {
            set(&format!("x-amz-meta-{name}"), Some(value));
        }
        headers
    }
}

fn moment(date: &str) -> Option<UnixMillis> {
    let at = httpdate::parse_http_date(date).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(at.as_millis()).ok().map(UnixMillis)
}
