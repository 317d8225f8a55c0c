//! Connections and API destinations as they are stored.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use updraft_api_events::shapes;
use updraft_api_events::types::{
    ApiDestination as ShownDestination, ApiDestinationHttpMethod, ApiDestinationState, Connection as Shown,
    ConnectionAuthResponseParameters, ConnectionAuthorizationType, ConnectionState,
    CreateConnectionAuthRequestParameters,
};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Row;
use updraft_wire::{FromValue, IntoValue, typed};

use crate::errors::validation;

/// How somebody's server is to be called. What is secret in it lies elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Connection {
    /// A UUID: the end of its ARN.
    pub(crate) id: String,
    pub(crate) created: UnixMillis,
    pub(crate) modified: UnixMillis,
    pub(crate) authorized: Option<UnixMillis>,
    pub(crate) description: Option<String>,
    /// As on the wire.
    pub(crate) kind: String,
    /// What is shown of its parameters, in their model's JSON.
    pub(crate) shown: String,
    /// Under which name its parameters are kept; `None`: it was deauthorized.
    pub(crate) secret: Option<String>,
    pub(crate) kms_key: Option<String>,
}

impl Row for Connection {
    const VERSION: u8 = 1;
}

impl Connection {
    pub(crate) fn state(&self) -> ConnectionState {
        if self.secret.is_some() { ConnectionState::Authorized } else { ConnectionState::Deauthorized }
    }

    pub(crate) fn kind(&self) -> ConnectionAuthorizationType {
        ConnectionAuthorizationType::from(self.kind.as_str())
    }

    /// # Errors
    /// If they can't be read any more.
    pub(crate) fn parameters(&self) -> Result<ConnectionAuthResponseParameters, AwsError> {
        let document: Value = serde_json::from_str(&self.shown).map_err(AwsError::internal)?;
        let value = typed::from_json(&shapes::ConnectionAuthResponseParameters, &document)?;
        Ok(ConnectionAuthResponseParameters::from_value(value))
    }

    pub(crate) fn listed(&self, name: &str, arn: String) -> Shown {
        Shown {
            connection_arn: Some(arn),
            name: Some(name.to_owned()),
            connection_state: Some(self.state()),
            state_reason: None,
            authorization_type: Some(self.kind()),
            creation_time: Some(self.created),
            last_modified_time: Some(self.modified),
            last_authorized_time: self.authorized,
        }
    }
}

/// What a connection is to call with, as it is kept.
///
/// # Errors
/// If what the kind needs isn't among it.
pub(crate) fn checked(
    kind: &ConnectionAuthorizationType,
    given: CreateConnectionAuthRequestParameters,
) -> Result<Value, AwsError> {
    let (there, name) = match kind {
        ConnectionAuthorizationType::Basic => (given.basic_auth_parameters.is_some(), "BasicAuthParameters"),
        ConnectionAuthorizationType::ApiKey => (given.api_key_auth_parameters.is_some(), "ApiKeyAuthParameters"),
        _ => (given.o_auth_parameters.is_some(), "OAuthParameters"),
    };
    if !there {
        return Err(validation(format!("Parameter(s) {name} must be specified for authorization type {kind}.")));
    }
    Ok(typed::to_json(&shapes::CreateConnectionAuthRequestParameters, &given.into_value()))
}

/// # Errors
/// If they can't be.
pub(crate) fn read(kept: &Value) -> Result<CreateConnectionAuthRequestParameters, AwsError> {
    let value = typed::from_json(&shapes::CreateConnectionAuthRequestParameters, kept)?;
    Ok(CreateConnectionAuthRequestParameters::from_value(value))
}

/// What may be shown: no passwords, keys and values that are said to be secret.
pub(crate) fn without_secrets(kept: &Value) -> Value {
    match kept {
        Value::Object(members) => {
            let secret = members.get("IsValueSecret").and_then(Value::as_bool).unwrap_or(false);
            let hidden =
                |name: &str| matches!(name, "Password" | "ApiKeyValue" | "ClientSecret") || secret && name == "Value";
            let shown = members.iter().filter(|(name, _)| !hidden(name));
            Value::Object(shown.map(|(name, value)| (name.clone(), without_secrets(value))).collect())
        }
        Value::Array(items) => items.iter().map(without_secrets).collect(),
        other => other.clone(),
    }
}

/// What is given in place of what was there, member by member.
pub(crate) fn merged(there: Value, given: Value) -> Value {
    match (there, given) {
        (Value::Object(mut there), Value::Object(given)) => {
            for (name, value) in given {
                let before = there.remove(&name).unwrap_or_else(|| Value::Object(Map::new()));
                there.insert(name, merged(before, value));
            }
            Value::Object(there)
        }
        (_, given) => given,
    }
}

/// Where to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ApiDestination {
    /// A UUID: the end of its ARN.
    pub(crate) id: String,
    pub(crate) created: UnixMillis,
    pub(crate) modified: UnixMillis,
    pub(crate) description: Option<String>,
    /// An ARN.
    pub(crate) connection: String,
    pub(crate) url: String,
    pub(crate) method: String,
    /// Calls a second.
    pub(crate) rate: u32,
}

impl Row for ApiDestination {
    const VERSION: u8 = 1;
}

impl ApiDestination {
    pub(crate) fn listed(&self, name: &str, arn: String, state: ApiDestinationState) -> ShownDestination {
        ShownDestination {
            api_destination_arn: Some(arn),
            name: Some(name.to_owned()),
            api_destination_state: Some(state),
            connection_arn: Some(self.connection.clone()),
            invocation_endpoint: Some(self.url.clone()),
            http_method: Some(ApiDestinationHttpMethod::from(self.method.as_str())),
            invocation_rate_limit_per_second: i32::try_from(self.rate).ok(),
            creation_time: Some(self.created),
            last_modified_time: Some(self.modified),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_secret_isnt_shown() {
        let kept = json!({
            "BasicAuthParameters": {"Username": "u", "Password": "p"},
            "InvocationHttpParameters": {"HeaderParameters": [
                {"Key": "a", "Value": "1", "IsValueSecret": true},
                {"Key": "b", "Value": "2", "IsValueSecret": false},
            ]},
        });
        let shown = json!({
            "BasicAuthParameters": {"Username": "u"},
            "InvocationHttpParameters": {"HeaderParameters": [
                {"Key": "a", "IsValueSecret": true},
                {"Key": "b", "Value": "2", "IsValueSecret": false},
            ]},
        });
        assert_eq!(without_secrets(&kept), shown);
    }

    #[test]
    fn what_is_given_replaces_what_was_there() {
        let there = json!({"BasicAuthParameters": {"Username": "u", "Password": "p"}});
        let given = json!({"BasicAuthParameters": {"Password": "q"}, "InvocationHttpParameters": {"X": [1]}});
        let both = json!({
            "BasicAuthParameters": {"Username": "u", "Password": "q"}, "InvocationHttpParameters": {"X": [1]},
        });
        assert_eq!(merged(there, given), both);
    }
}
