//! Files behind locations that answers give: fetched with a plain `GET`, without a signature. And bodies that operations
//! answer in pieces.

use std::io;
use std::panic::AssertUnwindSafe;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::json;
use tracing::Instrument;
use updraft_kernel::AwsError;
use updraft_kernel::ports::{CertificatesPort, DownloadsPort};
use updraft_wire::Pieces;

use crate::account::Account;
use crate::response::{self, Response};

/// A function's code package. To `HEAD` the same is answered: the connection leaves the body out.
pub(crate) async fn code(downloads: &dyn DownloadsPort, method: &Method, id: &str) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "code packages can only be fetched");
    }
    match downloads.code(id).await {
        // What S3 says of the packages that AWS keeps.
        Ok(Some(zip)) => file("application/zip", zip),
        Ok(None) => refused(StatusCode::NOT_FOUND, "no function has this code"),
        Err(error) => {
            tracing::error!(source = ?error, id, "a code package can't be read");
            refused(StatusCode::INTERNAL_SERVER_ERROR, "the code can't be read")
        }
    }
}

/// What SNS's messages are signed with.
pub(crate) async fn certificate(certificates: &dyn CertificatesPort, method: &Method, name: &str) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "certificates can only be fetched");
    }
    match certificates.certificate(name).await {
        Ok(Some(pem)) => file("application/x-pem-file", pem.into()),
        Ok(None) => refused(StatusCode::NOT_FOUND, "there is no such certificate"),
        Err(error) => {
            tracing::error!(source = ?error, name, "a certificate can't be read");
            refused(StatusCode::INTERNAL_SERVER_ERROR, "the certificate can't be read")
        }
    }
}

/// An answer whose body is asked for as fast as the client takes it. Where it breaks off, so does the connection: the
/// status is out by then.
pub(crate) fn pieces((status, headers): (StatusCode, HeaderMap), pieces: Pieces, account: Account) -> Response {
    let pieces = stream::unfold(Some((pieces, account)), move |state| async move {
        let (mut pieces, mut account) = state?;
        let span = account.span.clone();
        let piece = AssertUnwindSafe(pieces.next().instrument(span)).catch_unwind().await.unwrap_or_else(|_| {
            account.metrics.panicked();
            Some(Err(AwsError::internal("an operation panicked while it answered")))
        });
        match piece {
            Some(Ok(bytes)) => {
                account.sent(bytes.len());
                Some((Ok(bytes), Some((pieces, account))))
            }
            Some(Err(err)) => {
                account.failed(&err);
                account.close(err.code().status);
                Some((Err(io::Error::other("the body broke off")), None))
            }
            None => {
                account.close(status.as_u16());
                None
            }
        }
    });
    response::pieces(status, headers, pieces.boxed())
}

fn file(kind: &'static str, content: Bytes) -> Response {
    let kind = HeaderValue::from_static(kind);
    response::of(StatusCode::OK, HeaderMap::from_iter([(CONTENT_TYPE, kind)]), content)
}

fn refused(status: StatusCode, message: &str) -> Response {
    response::json(status, &json!({ "message": message }))
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use updraft_kernel::BoxFuture;

    use super::*;

    /// Has one package, and fails for another.
    #[derive(Debug)]
    struct One;

    impl DownloadsPort for One {
        fn code<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, AwsError>> {
            Box::pin(async move {
                match id {
                    "bad" => Err(AwsError::internal(std::io::Error::other("secret cause"))),
                    _ => Ok((id == "one").then(|| Bytes::from_static(b"PK"))),
                }
            })
        }
    }

    async fn fetched(method: Method, id: &str) -> (u16, Vec<u8>) {
        let response = code(&One, &method, id).await;
        let status = response.status().as_u16();
        (status, response.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    #[tokio::test]
    async fn a_package_is_fetched_by_its_id_alone() {
        assert_eq!(fetched(Method::GET, "one").await, (200, b"PK".to_vec()));
        assert_eq!(fetched(Method::GET, "other").await.0, 404);
        assert_eq!(fetched(Method::PUT, "one").await.0, 405);
        let (status, body) = fetched(Method::GET, "bad").await;
        assert_eq!(status, 500);
        assert!(!String::from_utf8(body).unwrap().contains("secret"), "causes stay in the log");
    }
}
