//! What the website endpoint answers.

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderMap, Method};
use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{
    Condition, ErrorDocument, IndexDocument, PutBucketPolicyInput, PutBucketWebsiteInput, Redirect, RoutingRule,
    WebsiteConfiguration,
};
use updraft_kernel::ports::{HttpBody, HttpDataPlane as _, HttpRequest, Signer};
use updraft_kernel::{AccountId, Ctx, Identity, Principal};

use crate::objects::cloud;
use crate::support::Cloud;

struct Page {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Page {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

impl Cloud {
    async fn visit(&self, path: &str, more: impl FnOnce(&mut HttpRequest)) -> Page {
        let mut request = HttpRequest {
            id: "bucket".into(),
            method: Method::GET,
            raw_path: path.into(),
            raw_query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            source_ip: [127, 0, 0, 1].into(),
            host: "bucket.s3-website.localhost:4566".into(),
            protocol: "HTTP/1.1",
            signer: Signer::Nobody,
        };
        more(&mut request);
        let account = AccountId::local();
        let identity = Identity { account, principal: Principal::Anonymous, access_key_id: String::new() };
        let cx = Ctx { identity: identity.into(), ..self.cx() };
        let answer = self.s3.serve(&cx, request).await.unwrap();
        let body = match answer.body {
            HttpBody::Whole(bytes) => bytes,
            HttpBody::Pieces(pieces) => pieces.map(Result::unwrap).collect::<Vec<_>>().await.concat().into(),
        };
        Page { status: answer.status, headers: answer.headers, body }
    }

    async fn site(&self, more: impl FnOnce(&mut WebsiteConfiguration)) {
        let mut website_configuration = WebsiteConfiguration {
            index_document: Some(IndexDocument { suffix: "index.html".into() }),
            error_document: Some(ErrorDocument { key: "error.html".into() }),
            ..Default::default()
        };
        more(&mut website_configuration);
        let input = PutBucketWebsiteInput { bucket: "bucket".into(), website_configuration, ..Default::default() };
        self.s3.put_bucket_website(&self.cx(), input).await.unwrap();
    }

    async fn open(&self, actions: &str) {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":{actions},
            "Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}}]}}"#
        );
        let input = PutBucketPolicyInput { bucket: "bucket".into(), policy: Some(policy), ..Default::default() };
        self.unblock("bucket").await;
        self.s3.put_bucket_policy(&self.cx(), input).await.unwrap();
    }
}

const READ: &str = r#"["s3:GetObject"]"#;
const ALL: &str = r#"["s3:GetObject", "s3:ListBucket"]"#;

#[tokio::test]
async fn documents_are_read_by_everybody_where_the_policy_says_so() {
    let cloud = cloud().await;
    cloud.site(|_| {}).await;
    cloud.try_put("index.html", "hello", |input| input.content_type = Some("text/html".into())).await.unwrap();
    cloud.put("docs/index.html", "docs").await;
    let refused = cloud.visit("/", |_| {}).await;
    assert_eq!((refused.status, refused.header("x-amz-error-code")), (403, "AccessDenied"));
    cloud.open(READ).await;
    let page = cloud.visit("/", |_| {}).await;
    assert_eq!((page.status, page.text(), page.header("content-type")), (200, "hello", "text/html"));
    assert_eq!(page.header("content-length"), "5");
    let etag = page.header("etag").to_owned();
    let known = cloud.visit("/", |request| drop(request.headers.insert("if-none-match", etag.parse().unwrap()))).await;
    assert_eq!((known.status, known.text()), (304, ""));
    let part = cloud.visit("/", |request| drop(request.headers.insert("range", "bytes=1-2".parse().unwrap()))).await;
    assert_eq!((part.status, part.text()), (206, "el"));
    assert_eq!(cloud.visit("/docs/", |_| {}).await.text(), "docs");
    let folder = cloud.visit("/docs", |_| {}).await;
    assert_eq!((folder.status, folder.header("location")), (302, "/docs/"));
    let by_path = cloud.visit("/docs", |request| request.host = "localhost:4566".into()).await;
    assert_eq!(by_path.header("location"), "/_aws/s3-website/bucket/docs/");
    let post = cloud.visit("/", |request| request.method = Method::POST).await;
    assert_eq!((post.status, post.header("x-amz-error-code")), (405, "MethodNotAllowed"));
}

/// Recorded: `test_website_hosting_404` and `test_website_hosting_no_such_website`.
#[tokio::test]
async fn what_is_not_there_has_a_page() {
    let cloud = cloud().await;
    let page = |items: &str, id: &str| {
        format!(
            "<html>\n<head><title>404 Not Found</title></head>\n<body>\n<h1>404 Not Found</h1>\n<ul>\n{items}\
             <li>RequestId: {id}</li>\n<li>HostId: {id}</li>\n</ul>\n"
        )
    };
    let end = "<hr/>\n</body>\n</html>\n";
    let none = cloud.visit("/index.html", |_| {}).await;
    let items = "<li>Code: NoSuchWebsiteConfiguration</li>\n<li>Message: The specified bucket does not have a website \
                 configuration</li>\n<li>BucketName: bucket</li>\n";
    assert_eq!(none.text(), page(items, none.header("x-amz-request-id")) + end);
    let nobody = cloud.visit("/", |request| request.id = "nobody".into()).await;
    assert_eq!((nobody.status, nobody.header("x-amz-error-code")), (404, "NoSuchBucket"));
    cloud.site(|site| site.error_document = None).await;
    cloud.open(ALL).await;
    let items = "<li>Code: NoSuchKey</li>\n<li>Message: The specified key does not exist.</li>\n\
                 <li>Key: index.html</li>\n";
    let missing = cloud.visit("/", |_| {}).await;
    assert_eq!(missing.text(), page(items, missing.header("x-amz-request-id")) + end);
    assert_eq!(missing.header("x-amz-error-detail-key"), "index.html");
    cloud.site(|_| {}).await;
    let twice = cloud.visit("/", |_| {}).await;
    let second = "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>\n\
                  <li>Code: NoSuchKey</li>\n<li>Message: The specified key does not exist.</li>\n\
                  <li>Key: error.html</li>\n</ul>\n";
    assert_eq!(twice.text(), page(items, twice.header("x-amz-request-id")) + second + end);
    cloud.put("error.html", "our own").await;
    let own = cloud.visit("/gone", |_| {}).await;
    assert_eq!((own.status, own.text()), (404, "our own"));
    cloud.open(READ).await;
    let hidden = cloud.visit("/gone", |_| {}).await;
    assert_eq!((hidden.status, hidden.text()), (403, "our own"), "who may not list isn't told");
}

#[tokio::test]
async fn some_are_sent_elsewhere() {
    let cloud = cloud().await;
    let rule = |error: &str, to: &str| RoutingRule {
        condition: Some(Condition { http_error_code_returned_equals: Some(error.into()), ..Default::default() }),
        redirect: Redirect { replace_key_prefix_with: Some(to.into()), ..Default::default() },
    };
    cloud.site(|site| site.routing_rules = Some(vec![rule("404", "old/")])).await;
    cloud.open(ALL).await;
    let to = |location: &str| {
        let location = Some(location.to_owned());
        move |input: &mut updraft_api_s3::types::PutObjectInput| input.website_redirect_location = location
    };
    cloud.try_put("moved", "", to("https://example.com/new")).await.unwrap();
    let moved = cloud.visit("/moved", |_| {}).await;
    assert_eq!((moved.status, moved.header("location")), (301, "https://example.com/new"));
    let gone = cloud.visit("/a%20b", |_| {}).await;
    assert_eq!((gone.status, gone.header("location")), (301, "http://bucket.s3-website.localhost:4566/old/a%20b"));
}
