//! What an integration may be, and whom it calls.

use std::collections::BTreeMap;

use updraft_api_apigatewayv2::types::{CreateIntegrationInput, UpdateIntegrationInput};
use updraft_kernel::{Arn, AwsError};

use crate::errors::{bad_request, not_implemented};
use crate::model::{IntegrationRow, ServiceRow, service_of};

/// AWS's most, which is also the default of HTTP APIs.
const MAX_TIMEOUT: i32 = 30_000;
const MIN_TIMEOUT: i32 = 50;

/// What a caller asks of an integration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) integration_type: Option<String>,
    pub(crate) integration_uri: Option<String>,
    pub(crate) integration_subtype: Option<String>,
    pub(crate) connection_type: Option<String>,
    pub(crate) credentials_arn: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) payload_format_version: Option<String>,
    pub(crate) timeout_in_millis: Option<i32>,
    pub(crate) request_parameters: Option<BTreeMap<String, String>>,
    /// What comes back is mapped.
    pub(crate) maps_answers: bool,
}

/// Creating and updating ask for the same members.
macro_rules! draft_from {
    ($input:ident, $it:ident: $kind:expr) => {
        impl From<&$input> for Draft {
            fn from($it: &$input) -> Self {
                Self {
                    integration_type: $kind,
                    integration_uri: $it.integration_uri.clone(),
                    integration_subtype: $it.integration_subtype.clone(),
                    connection_type: $it.connection_type.as_ref().map(|kind| kind.as_str().to_owned()),
                    credentials_arn: $it.credentials_arn.clone(),
                    description: $it.description.clone(),
                    payload_format_version: $it.payload_format_version.clone(),
                    timeout_in_millis: $it.timeout_in_millis,
                    request_parameters: $it.request_parameters.clone(),
                    maps_answers: is_given($it.response_parameters.as_ref()),
                }
            }
        }
    };
}

draft_from! { CreateIntegrationInput, it: Some(it.integration_type.as_str().to_owned()) }
draft_from! { UpdateIntegrationInput, it: it.integration_type.as_ref().map(|kind| kind.as_str().to_owned()) }

fn is_given<V>(map: Option<&BTreeMap<String, V>>) -> bool {
    map.is_some_and(|map| !map.is_empty())
}

impl Draft {
    /// A new integration.
    ///
    /// # Errors
    /// If it isn't a legal one, or one that can't be served yet.
    pub(crate) fn create(self, integration_id: String) -> Result<IntegrationRow, AwsError> {
        if self.payload_format_version.is_none() {
            return Err(bad_request("PayloadFormatVersion is a required parameter for integration"));
        }
        let row = IntegrationRow {
            integration_id,
            integration_type: String::new(),
            integration_method: None,
            integration_uri: String::new(),
            connection_type: "INTERNET".to_owned(),
            credentials_arn: None,
            description: None,
            payload_format_version: String::new(),
            timeout_in_millis: 30_000,
            managed: false,
            service: None,
        };
        self.apply(row)
    }

    /// `row` with what is given here.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub(crate) fn apply(self, row: IntegrationRow) -> Result<IntegrationRow, AwsError> {
        self.check_supported()?;
        let service = self.service(&row)?;
        let row = IntegrationRow {
            integration_type: self.integration_type.unwrap_or(row.integration_type),
            // AWS: a Lambda function is always called by POST, whatever is asked for.
            integration_method: service.is_none().then(|| "POST".to_owned()),
            integration_uri: self.integration_uri.unwrap_or(row.integration_uri),
            credentials_arn: self.credentials_arn.or(row.credentials_arn),
            description: self.description.or(row.description),
            payload_format_version: self.payload_format_version.unwrap_or(row.payload_format_version),
            timeout_in_millis: self.timeout_in_millis.map_or(Ok(row.timeout_in_millis), checked_timeout)?,
            service,
            ..row
        };
        check(&row)?;
        Ok(row)
    }

    fn check_supported(&self) -> Result<(), AwsError> {
        match self.integration_type.as_deref() {
            None | Some("AWS_PROXY") => {}
            Some("HTTP_PROXY") => return Err(not_implemented("HTTP_PROXY integrations are")),
            Some(_) => {
                return Err(bad_request(
                    "Currently, an API with a protocol type of HTTP may only be associated with proxy integrations \
                     (AWS_PROXY, HTTP_PROXY)",
                ));
            }
        }
        if self.connection_type.as_deref() == Some("VPC_LINK") {
            return Err(not_implemented("VPC links are"));
        }
        if self.maps_answers {
            return Err(not_implemented("Mapping of responses is"));
        }
        Ok(())
    }

    /// The service that is called: of what is given here and what is there. AWS: a parameter that is changed to nothing is
    /// taken away.
    fn service(&self, row: &IntegrationRow) -> Result<Option<ServiceRow>, AwsError> {
        let before = row.service.as_ref();
        let Some(subtype) = self.integration_subtype.as_ref().or(before.map(|service| &service.subtype)) else {
            return match is_given(self.request_parameters.as_ref()) {
                true => Err(not_implemented("Parameter mapping for functions is")),
                false => Ok(None),
            };
        };
        let mut parameters = before.map(|service| service.parameters.clone()).unwrap_or_default();
        parameters.extend(self.request_parameters.clone().unwrap_or_default());
        parameters.retain(|_, value| !value.is_empty());
        service_of(subtype, parameters).map(Some)
    }
}

fn checked_timeout(millis: i32) -> Result<u32, AwsError> {
    let legal = (MIN_TIMEOUT..=MAX_TIMEOUT).contains(&millis);
    let millis = u32::try_from(millis).ok().filter(|_| legal);
    millis.ok_or_else(|| bad_request("Timeout should be between 50 ms and 30000 ms"))
}

fn check(row: &IntegrationRow) -> Result<(), AwsError> {
    if !matches!(row.payload_format_version.as_str(), "1.0" | "2.0") {
        return Err(bad_request("PayloadFormatVersion must be 1.0 or 2.0"));
    }
    if row.service.is_some() {
        // AWS: services are called in the first format.
        let first = row.payload_format_version == "1.0";
        return if first {
            Ok(())
        } else {
            Err(bad_request("PayloadFormatVersion must be 1.0 for IntegrationSubtype"))
        };
    }
    // What a stage variable stands for is known only when a request comes.
    let known = !row.integration_uri.contains("${stageVariables.");
    if known && IntegrationUri::parse(&row.integration_uri).is_none() {
        return Err(bad_request("Invalid ARN specified in the request"));
    }
    Ok(())
}

/// A Lambda function, named by its ARN or by the ARN of its invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IntegrationUri(pub(crate) Arn);

impl IntegrationUri {
    pub(crate) fn parse(raw: &str) -> Option<Self> {
        let arn = Arn::parse(raw).ok()?;
        if arn.service == "apigateway" {
            let path = arn.resource.strip_prefix("path/2015-03-31/functions/")?;
            return (arn.account == "lambda").then(|| Self::function(path.strip_suffix("/invocations")?))?;
        }
        Self::function(raw)
    }

    fn function(raw: &str) -> Option<Self> {
        let arn = Arn::parse(raw).ok()?;
        let name = arn.resource.strip_prefix("function:").unwrap_or_default();
        (arn.service == "lambda" && !name.is_empty()).then_some(Self(arn))
    }
}

/// `raw` with each `${stageVariables.name}` replaced; one that isn't set becomes nothing, as on AWS.
pub(crate) fn substitute(raw: &str, variables: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once("${stageVariables.") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            rest = after;
            break;
        };
        out.push_str(variables.get(name).map_or("", String::as_str));
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

    #[test]
    fn a_function_is_named_in_two_ways() {
        let invocation =
            format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations");
        for raw in [FUNCTION, &invocation] {
            assert_eq!(IntegrationUri::parse(raw).unwrap().0.to_string(), FUNCTION);
        }
        assert!(IntegrationUri::parse(&format!("{FUNCTION}:live")).is_some());
        for bad in [
            "",
            "f",
            "https://example.com",
            "arn:aws:sqs:us-east-1:000000000000:q",
            "arn:aws:lambda:a:b:layer:x",
            "arn:aws:lambda:a:b:function:",
        ] {
            assert!(IntegrationUri::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn stage_variables_are_filled_in() {
        let variables = BTreeMap::from([("fn".to_owned(), "f".to_owned()), ("v".to_owned(), "live".to_owned())]);
        assert_eq!(substitute("a:${stageVariables.fn}:${stageVariables.v}", &variables), "a:f:live");
        assert_eq!(substitute("${stageVariables.none}x", &variables), "x");
        assert_eq!(substitute("${other}", &variables), "${other}");
    }

    #[test]
    fn what_cant_be_served_is_refused() {
        let draft = |kind: &str| Draft {
            integration_type: Some(kind.to_owned()),
            integration_uri: Some(FUNCTION.to_owned()),
            payload_format_version: Some("2.0".to_owned()),
            ..Draft::default()
        };
        assert!(draft("AWS_PROXY").create("i".into()).is_ok());
        assert_eq!(draft("HTTP_PROXY").create("i".into()).unwrap_err().code().name, "NotImplemented");
        assert_eq!(draft("MOCK").create("i".into()).unwrap_err().code().name, "BadRequestException");
        let wrong = [
            Draft { payload_format_version: None, ..draft("AWS_PROXY") },
            Draft { payload_format_version: Some("3.0".into()), ..draft("AWS_PROXY") },
            Draft { timeout_in_millis: Some(30_001), ..draft("AWS_PROXY") },
            Draft { timeout_in_millis: Some(49), ..draft("AWS_PROXY") },
            Draft { integration_uri: None, ..draft("AWS_PROXY") },
        ];
        for draft in wrong {
            assert_eq!(draft.create("i".into()).unwrap_err().code().name, "BadRequestException");
        }
    }
}
