//! API destinations: somebody's server, called with what its connection says.

mod connected;
mod pace;
mod request;
mod tokens;

use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;
use updraft_api_events::types::CreateConnectionAuthRequestParameters;
use updraft_kernel::ports::{ServerCall, WebFailure, WebResponse};
use updraft_kernel::{AccountId, AwsError, Region};
use updraft_store::{StoreError, StoreExt};

use self::pace::Pace;
use self::tokens::Tokens;
use crate::EventBridge;
use crate::keys::{ConnectionKey, DestinationKey, Scope};
use crate::model::connection::{ApiDestination, Connection, read};
use crate::send::Trouble;

/// AWS: so long a server may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What this process remembers of servers: nothing that would matter if it forgot.
#[derive(Debug, Default)]
pub(crate) struct Servers {
    pace: Pace,
    tokens: Tokens,
}

/// How a server is called.
#[derive(Debug)]
struct Way {
    destination: ApiDestination,
    /// The name of what its connection calls with.
    secret: String,
    auth: CreateConnectionAuthRequestParameters,
}

impl EventBridge {
    /// Calls an API destination; what it answers.
    pub(crate) async fn call(&self, call: &ServerCall) -> Result<Bytes, Trouble> {
        let way = self.way(call).await?;
        let arn = call.target.to_string();
        if let Some(after) = self.servers.pace.early(&arn, way.destination.rate, self.parts.clock.now()) {
            return Err(Trouble::early("The invocation rate limit of the API destination is reached.", after));
        }
        let token = match &way.auth.o_auth_parameters {
            Some(oauth) => Some(self.servers.tokens.get(self, &way.secret, oauth).await?),
            None => None,
        };
        let request = request::made(call, &way, token.as_deref())?;
        let answer = self.parts.web.send(request).await.map_err(unreached)?;
        let renews = token.is_some() && matches!(answer.status, 401 | 407);
        if renews {
            self.servers.tokens.forget(&way.secret);
        }
        told(&answer, renews)?;
        Ok(answer.body)
    }

    async fn way(&self, call: &ServerCall) -> Result<Way, Trouble> {
        let (destination, connection) = self.found(call).await?;
        let unauthorized = || Trouble::never("NO_PERMISSIONS", "The connection is not authorized.");
        let secret = connection.secret.ok_or_else(unauthorized)?;
        let lost = || Trouble::never("NO_PERMISSIONS", "What the connection calls with is not here any more.");
        let kept = self.parts.secrets.get(&secret).await?.ok_or_else(lost)?;
        let kept: Value = serde_json::from_slice(&kept).map_err(AwsError::internal)?;
        Ok(Way { destination, secret, auth: read(&kept)? })
    }

    async fn found(&self, call: &ServerCall) -> Result<(ApiDestination, Connection), Trouble> {
        let arn = &call.target;
        let nowhere = || never(format!("{arn} is no API destination"));
        let (account, region) = (AccountId::parse(&arn.account), Region::parse(&arn.region));
        let (account, region) = account.ok().zip(region.ok()).ok_or_else(nowhere)?;
        // AWS: of the same account only.
        if arn.account != call.source.1.account {
            return Err(Trouble::never("NO_PERMISSIONS", format!("{arn} is another account's")));
        }
        let scope = Scope { account: &account, region: &region };
        let (name, id) = parts(&arn.resource).ok_or_else(nowhere)?;
        let mut tx = self.parts.store.read().await.map_err(broken)?;
        let destination = tx.row(&DestinationKey(scope, name)).await.map_err(broken)?;
        let destination = destination.filter(|row| row.id == id).ok_or_else(|| gone("API destination"))?;
        let (name, id) = parts(&destination.connection).ok_or_else(nowhere)?;
        let connection = tx.row(&ConnectionKey(scope, name)).await.map_err(broken)?;
        let connection = connection.filter(|row| row.id == id).ok_or_else(|| gone("connection"))?;
        Ok((destination, connection))
    }
}

/// Name and id of `…/{name}/{id}`.
fn parts(arn: &str) -> Option<(&str, &str)> {
    let (rest, id) = arn.rsplit_once('/')?;
    Some((rest.rsplit_once('/')?.1, id))
}

fn gone(what: &str) -> Trouble {
    Trouble::never("NO_RESOURCE", format!("The {what} does not exist."))
}

fn broken(error: StoreError) -> Trouble {
    Trouble::from(AwsError::from(error))
}

fn never(why: impl Into<String>) -> Trouble {
    Trouble::never("INVALID_PARAMETER", why)
}

/// AWS: 409, 429 and 5xx are tried again, and with OAuth 401 and 407, too, with a new token.
fn told(answer: &WebResponse, renews: bool) -> Result<(), Trouble> {
    let status = answer.status;
    let code = match status {
        200..=299 => return Ok(()),
        429 => "THROTTLING",
        500.. | 409 => "ERROR_FROM_TARGET",
        401 | 403 | 407 => "NO_PERMISSIONS",
        404 => "NO_RESOURCE",
        _ => "SDK_CLIENT_ERROR",
    };
    let trouble = Trouble::never(code, format!("The server answered with status {status}."));
    if !matches!(status, 409 | 429 | 500..) && !renews {
        return Err(trouble);
    }
    // AWS: what is negative ends it; else it is the least that is waited.
    Err(match retry_after(&answer.headers) {
        Some(seconds) => match u64::try_from(seconds) {
            Ok(seconds) => Trouble { again: true, after: Some(Duration::from_secs(seconds)), ..trouble },
            Err(_) => trouble,
        },
        None => Trouble { again: true, ..trouble },
    })
}

fn retry_after(headers: &HeaderMap) -> Option<i64> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

fn unreached(failure: WebFailure) -> Trouble {
    match failure {
        WebFailure::TooSlow => Trouble::later("TIMEOUT", failure.to_string()),
        WebFailure::Unreachable(_) => Trouble::later("CONNECTION_FAILURE", failure.to_string()),
        WebFailure::Url(_) | WebFailure::Forbidden(_) => never(failure.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16, after: Option<&str>, renews: bool) -> Option<(&'static str, bool, Option<u64>)> {
        let mut headers = HeaderMap::new();
        if let Some(after) = after {
            headers.insert(RETRY_AFTER, after.parse().unwrap());
        }
        let answer = WebResponse { status, headers, body: Bytes::new() };
        let trouble = told(&answer, renews).err()?;
        Some((trouble.code, trouble.again, trouble.after.map(|after| after.as_secs())))
    }

    #[test]
    fn what_passes_is_tried_again() {
        assert_eq!((verdict(200, None, false), verdict(299, None, false)), (None, None));
        for (status, code) in [(409, "ERROR_FROM_TARGET"), (429, "THROTTLING"), (500, "ERROR_FROM_TARGET")] {
            assert_eq!(verdict(status, None, false), Some((code, true, None)), "{status}");
        }
        for (status, code) in [(301, "SDK_CLIENT_ERROR"), (400, "SDK_CLIENT_ERROR"), (404, "NO_RESOURCE")] {
            assert_eq!(verdict(status, None, false), Some((code, false, None)), "{status}");
        }
    }

    #[test]
    fn a_token_that_is_refused_is_replaced() {
        for status in [401, 407] {
            assert_eq!(verdict(status, None, false), Some(("NO_PERMISSIONS", false, None)));
            assert_eq!(verdict(status, None, true), Some(("NO_PERMISSIONS", true, None)));
        }
    }

    #[test]
    fn servers_say_when_to_come_again() {
        assert_eq!(verdict(503, Some("30"), false), Some(("ERROR_FROM_TARGET", true, Some(30))));
        assert_eq!(verdict(503, Some("-1"), false), Some(("ERROR_FROM_TARGET", false, None)));
        assert_eq!(verdict(503, Some("soon"), false), Some(("ERROR_FROM_TARGET", true, None)));
        assert_eq!(verdict(400, Some("30"), false), Some(("SDK_CLIENT_ERROR", false, None)));
    }

    #[test]
    fn names_and_ids_stand_at_the_end() {
        assert_eq!(parts("arn:aws:events:us-east-1:000000000000:connection/c/i"), Some(("c", "i")));
        assert_eq!(parts("api-destination/d"), None);
    }
}
