//! Servers that others call by a connection: it adds what it calls with.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;
use updraft_api_events::types::{ConnectionHttpParameters, CreateConnectionAuthRequestParameters};
use updraft_kernel::ports::{Connected, ConnectionFailure, ConnectionsPort, WebRequest};
use updraft_kernel::{AccountId, Arn, AwsError, BoxFuture, Region};
use updraft_store::StoreExt;

use super::request;
use crate::EventBridge;
use crate::keys::{ConnectionKey, Scope};
use crate::model::connection::read;
use crate::send::Trouble;

/// Knows the service weakly, for the service knows those who call by it.
#[derive(Debug)]
struct Connections(Weak<EventBridge>);

impl EventBridge {
    /// For those who call servers by connections.
    #[must_use]
    pub fn connections(self: &Arc<Self>) -> Arc<dyn ConnectionsPort> {
        Arc::new(Connections(Arc::downgrade(self)))
    }

    async fn connected(&self, connection: &Arn, made: WebRequest) -> Result<Connected, ConnectionFailure> {
        let (secret, auth) = self.calls_with(connection).await?;
        let token = match &auth.o_auth_parameters {
            Some(oauth) => Some(self.servers.tokens.get(self, &secret, oauth).await.map_err(no_token)?),
            None => None,
        };
        let sent = with(made, &auth, token.as_deref()).map_err(|wrong| unsendable(&wrong))?;
        let answer = self.parts.web.send(sent.clone()).await.map_err(ConnectionFailure::Web)?;
        if token.is_some() && matches!(answer.status, 401 | 407) {
            self.servers.tokens.forget(&secret);
        }
        Ok(Connected { sent, answer })
    }

    /// The name of the secret, and what it holds.
    async fn calls_with(
        &self,
        arn: &Arn,
    ) -> Result<(String, CreateConnectionAuthRequestParameters), ConnectionFailure> {
        let missing = || ConnectionFailure::Missing(format!("The connection {arn} does not exist."));
        let (account, region) = (AccountId::parse(&arn.account), Region::parse(&arn.region));
        let (account, region) = account.ok().zip(region.ok()).ok_or_else(missing)?;
        let scope = Scope { account: &account, region: &region };
        // With or without the id at its end.
        let rest = arn.resource.strip_prefix("connection/").ok_or_else(missing)?;
        let (name, id) = rest.split_once('/').map_or((rest, None), |(name, id)| (name, Some(id)));
        let mut tx = self.parts.store.read().await.map_err(broken)?;
        let row = tx.row(&ConnectionKey(scope, name)).await.map_err(broken)?;
        let row = row.filter(|row| id.is_none_or(|id| row.id == id)).ok_or_else(missing)?;
        let unauthorized = || ConnectionFailure::Unauthorized(format!("The connection {arn} is not authorized."));
        let secret = row.secret.ok_or_else(unauthorized)?;
        let kept = self.parts.secrets.get(&secret).await.map_err(ConnectionFailure::Broken)?;
        let kept: Value = serde_json::from_slice(&kept.ok_or_else(unauthorized)?)
            .map_err(|error| ConnectionFailure::Broken(AwsError::internal(error)))?;
        Ok((secret, read(&kept).map_err(ConnectionFailure::Broken)?))
    }
}

fn broken(error: updraft_store::StoreError) -> ConnectionFailure {
    ConnectionFailure::Broken(AwsError::from(error))
}

fn no_token(trouble: Trouble) -> ConnectionFailure {
    ConnectionFailure::NoToken(trouble.message)
}

fn unsendable(trouble: &Trouble) -> ConnectionFailure {
    ConnectionFailure::Web(updraft_kernel::ports::WebFailure::Url(trouble.message.clone()))
}

/// AWS: what the connection says goes before what the request says.
fn with(
    made: WebRequest,
    auth: &CreateConnectionAuthRequestParameters,
    token: Option<&str>,
) -> Result<WebRequest, Trouble> {
    let WebRequest { method, url, mut headers, body, patience } = made;
    let (said, mut query) = (auth.invocation_http_parameters.clone().unwrap_or_default(), Vec::new());
    request::add(&mut headers, &mut query, &said)?;
    request::authorize(&mut headers, auth, token)?;
    let body = if is_form(&headers) { with_pairs(&body, &said) } else { request::with_members(&body, &said) };
    Ok(WebRequest { method, url: request::with_query(&url, &query)?, headers, body, patience })
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

fn with_pairs(body: &Bytes, said: &ConnectionHttpParameters) -> Bytes {
    let mut form = url::form_urlencoded::Serializer::new(String::from_utf8_lossy(body).into_owned());
    for one in said.body_parameters.iter().flatten() {
        form.append_pair(one.key.as_deref().unwrap_or_default(), one.value.as_deref().unwrap_or_default());
    }
    form.finish().into()
}

impl ConnectionsPort for Connections {
    fn send(&self, connection: Arn, request: WebRequest) -> BoxFuture<'_, Result<Connected, ConnectionFailure>> {
        Box::pin(async move {
            let stopping = || ConnectionFailure::Broken(AwsError::unavailable("the platform is stopping"));
            self.0.upgrade().ok_or_else(stopping)?.connected(&connection, request).await
        })
    }
}
