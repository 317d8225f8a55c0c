//! OAuth's client credentials: a token for a connection, kept for as long as it is good.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use http::Method;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use parking_lot::Mutex;
use serde_json::Value;
use updraft_api_events::types::CreateConnectionOAuthRequestParameters;
use updraft_kernel::UnixMillis;
use updraft_kernel::ports::WebRequest;

use super::request::{add, with_query};
use super::{PATIENCE, never, unreached};
use crate::EventBridge;
use crate::send::Trouble;

/// Where a server doesn't say how long a token is good.
const USUAL: Duration = Duration::from_secs(3600);
/// So much earlier it isn't used any more.
const BEFORE: Duration = Duration::from_secs(30);

/// By the name that the connection's secret has.
#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<String, (String, UnixMillis)>>);

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

impl Tokens {
    pub(super) fn forget(&self, secret: &str) {
        self.0.lock().remove(secret);
    }

    /// # Errors
    /// If the server gives none.
    pub(super) async fn get(
        &self,
        svc: &EventBridge,
        secret: &str,
        oauth: &CreateConnectionOAuthRequestParameters,
    ) -> Result<String, Trouble> {
        let now = svc.parts.clock.now();
        if let Some((token, _)) = self.0.lock().get(secret).filter(|(_, until)| *until > now) {
            return Ok(token.clone());
        }
        let answer = svc.parts.web.send(request(oauth)?).await.map_err(unreached)?;
        if !(200..300).contains(&answer.status) {
            let message = format!("The authorization endpoint answered with status {}.", answer.status);
            return Err(Trouble::later("NO_PERMISSIONS", message));
        }
        let told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let token = told.get("access_token").and_then(Value::as_str);
        let token =
            token.ok_or_else(|| Trouble::later("NO_PERMISSIONS", "The authorization endpoint gave no token."))?;
        let good = told.get("expires_in").and_then(Value::as_u64).map_or(USUAL, Duration::from_secs);
        self.0.lock().insert(secret.to_owned(), (token.to_owned(), now.plus(good.saturating_sub(BEFORE))));
        Ok(token.to_owned())
    }
}

/// AWS: the credentials travel as a form, beside what the connection says of it.
fn request(oauth: &CreateConnectionOAuthRequestParameters) -> Result<WebRequest, Trouble> {
    let said = oauth.o_auth_http_parameters.clone().unwrap_or_default();
    let (mut headers, mut query) = (HeaderMap::new(), Vec::new());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    add(&mut headers, &mut query, &said)?;
    let client = &oauth.client_parameters;
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials");
    form.append_pair("client_id", &client.client_id);
    form.append_pair("client_secret", &client.client_secret);
    for one in said.body_parameters.iter().flatten() {
        form.append_pair(one.key.as_deref().unwrap_or_default(), one.value.as_deref().unwrap_or_default());
    }
    let url = with_query(&oauth.authorization_endpoint, &query)?;
    let method = Method::from_bytes(oauth.http_method.as_str().as_bytes()).map_err(|error| never(error.to_string()))?;
    Ok(WebRequest { method, url, headers, body: form.finish().into(), patience: PATIENCE })
}
