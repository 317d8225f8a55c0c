//! Resource policies: who may call a function, statement by statement.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use updraft_api_lambda::types::AddPermissionInput;
use updraft_kernel::{AccountId, Arn, AwsError, Identity, Principal};

use super::written::{Caller, UrlCaller};
use crate::errors::{invalid_parameter, policy_too_long};

/// AWS: bytes of a policy.
pub(crate) const LIMIT: usize = 20_480;

/// Who is let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Grantee {
    Everybody,
    /// `s3.amazonaws.com`.
    Service(String),
    /// The ARN of an account's root, a user or a role.
    Aws(String),
}

impl Grantee {
    fn parse(principal: &str, partition: &str) -> Result<Self, AwsError> {
        let service = [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"].iter().any(|end| principal.ends_with(end));
        match principal {
            "*" => Ok(Self::Everybody),
            service_name if service => Ok(Self::Service(service_name.to_owned())),
            account if AccountId::parse(account).is_ok() => {
                Ok(Self::Aws(format!("arn:{partition}:iam::{account}:root")))
            }
            arn if Arn::parse(arn).is_ok() => Ok(Self::Aws(arn.to_owned())),
            _ => {
                Err(invalid_parameter("The provided principal was invalid. Please check the principal and try again."))
            }
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Everybody => json!("*"),
            Self::Service(name) => json!({ "Service": name }),
            Self::Aws(arn) => json!({ "AWS": arn }),
        }
    }
}

/// One `AddPermission`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Statement {
    pub(crate) sid: String,
    action: String,
    grantee: Grantee,
    source_arn: Option<String>,
    source_account: Option<String>,
    event_source_token: Option<String>,
    principal_org: Option<String>,
    url_auth: Option<String>,
    via_url: Option<bool>,
}

impl Statement {
    pub(crate) fn new(input: &AddPermissionInput, partition: &str) -> Result<Self, AwsError> {
        Ok(Self {
            sid: input.statement_id.clone(),
            action: input.action.clone(),
            grantee: Grantee::parse(&input.principal, partition)?,
            source_arn: input.source_arn.clone(),
            source_account: input.source_account.clone(),
            event_source_token: input.event_source_token.clone(),
            principal_org: input.principal_org_id.clone(),
            url_auth: input.function_url_auth_type.as_ref().map(|auth| auth.as_str().to_owned()),
            via_url: input.invoked_via_function_url,
        })
    }

    /// With members in the order in which AWS writes them.
    pub(crate) fn json(&self, resource: &str) -> Value {
        let mut statement = json!({
            "Sid": self.sid,
            "Effect": "Allow",
            "Principal": self.grantee.json(),
            "Action": self.action,
            "Resource": resource,
        });
        if let (Some(condition), Some(members)) = (self.condition(), statement.as_object_mut()) {
            members.insert("Condition".to_owned(), condition);
        }
        statement
    }

    fn condition(&self) -> Option<Value> {
        let equal = [
            ("AWS:SourceAccount", &self.source_account),
            ("lambda:EventSourceToken", &self.event_source_token),
            ("aws:PrincipalOrgID", &self.principal_org),
            ("lambda:FunctionUrlAuthType", &self.url_auth),
        ];
        let equal: Vec<_> = equal.into_iter().filter_map(|(key, value)| Some((key, json!(value.as_ref()?)))).collect();
        let mut condition = Vec::new();
        if !equal.is_empty() {
            condition.push(("StringEquals", object(equal)));
        }
        if let Some(arn) = &self.source_arn {
            condition.push(("ArnLike", json!({ "AWS:SourceArn": arn })));
        }
        if let Some(via) = self.via_url {
            condition.push(("Bool", json!({ "lambda:InvokedViaFunctionUrl": via.to_string() })));
        }
        (!condition.is_empty()).then(|| object(condition))
    }

    /// Whether it lets the caller do `action` by way of a URL.
    fn lets_url(&self, action: &str, caller: UrlCaller<'_>) -> bool {
        let UrlCaller { auth, identity: caller, partition } = caller;
        let who = match (&self.grantee, caller) {
            (Grantee::Everybody, _) => true,
            (Grantee::Aws(arn), Some(caller)) => is(caller, arn, partition),
            (Grantee::Aws(_), None) | (Grantee::Service(_), _) => false,
        };
        let action = self.action == action || matches!(self.action.as_str(), "lambda:*" | "*");
        let auth = self.url_auth.as_ref().is_none_or(|wanted| wanted == auth.shown().as_str());
        let of = self.source_account.as_ref().is_none_or(|of| caller.is_some_and(|who| who.account.as_str() == of));
        let bare = self.event_source_token.is_none() && self.principal_org.is_none() && self.source_arn.is_none();
        who && action && auth && of && bare && self.via_url != Some(false)
    }

    /// Whether it lets the caller invoke.
    fn lets(&self, caller: Caller<'_>) -> bool {
        let Caller { service, source, account } = caller;
        let who = match &self.grantee {
            Grantee::Everybody => true,
            Grantee::Service(name) => name == service,
            Grantee::Aws(_) => false,
        };
        let action = matches!(self.action.as_str(), "lambda:InvokeFunction" | "lambda:*" | "*");
        let from = self.source_arn.as_ref().is_none_or(|pattern| like(pattern, &source.to_string()));
        let of = self.source_account.as_ref().is_none_or(|wanted| wanted == account.as_str());
        // A caller inside the platform brings none of these.
        let bare = self.event_source_token.is_none() && self.principal_org.is_none() && self.url_auth.is_none();
        who && action && from && of && bare && self.via_url != Some(true)
    }
}

impl Statement {
    /// Whether it lets `account` use the layer it is on.
    fn lets_account(&self, account: &AccountId) -> bool {
        // There are no organizations here, so no account is in one.
        self.principal_org.is_none()
            && match &self.grantee {
                Grantee::Everybody => true,
                Grantee::Service(_) => false,
                Grantee::Aws(arn) => Arn::parse(arn).is_ok_and(|arn| arn.account == account.as_str()),
            }
    }
}

/// Whether any statement lets the caller do `action` by way of a URL.
pub(crate) fn allows_url(statements: &[Statement], action: &str, caller: UrlCaller<'_>) -> bool {
    statements.iter().any(|statement| statement.lets_url(action, caller))
}

/// Whether a principal names the caller, its role, or its whole account.
pub(super) fn is(caller: &Identity, arn: &str, partition: &str) -> bool {
    let own = |resource: &str| arn == format!("arn:{partition}:iam::{}:{resource}", caller.account);
    let role = matches!(&caller.principal, Principal::AssumedRole { role, .. } if own(&format!("role/{role}")));
    role || own("root") || arn == caller.arn(partition) || arn == caller.account.as_str()
}

fn object(members: Vec<(&str, Value)>) -> Value {
    Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// The whole document, as `GetPolicy` answers it.
pub(crate) fn document(statements: &[Statement], resource: &str) -> Result<String, AwsError> {
    let statements: Vec<_> = statements.iter().map(|statement| statement.json(resource)).collect();
    let text = json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements }).to_string();
    if text.len() > LIMIT { Err(policy_too_long(text.len(), LIMIT)) } else { Ok(text) }
}

/// Whether any statement lets the caller invoke.
pub(crate) fn allows(statements: &[Statement], caller: Caller<'_>) -> bool {
    statements.iter().any(|statement| statement.lets(caller))
}

/// Whether any statement lets `account` use the layer that the policy is on.
pub(crate) fn lets_account(statements: &[Statement], account: &AccountId) -> bool {
    statements.iter().any(|statement| statement.lets_account(account))
}

/// IAM's `ArnLike`: `*` stands for any characters, `?` for one.
pub(super) fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t, mut retry) = (0, 0, None);
    while let Some(here) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(c) if c == here || *c == b'?' => (p, t) = (p + 1, t + 1),
            _ => {
                let Some((after, from)) = retry else { return false };
                retry = Some((after, from + 1));
                (p, t) = (after, from + 1);
            }
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|c| *c == b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(principal: &str) -> AddPermissionInput {
        AddPermissionInput {
            statement_id: "s".into(),
            action: "lambda:InvokeFunction".into(),
            principal: principal.into(),
            ..AddPermissionInput::default()
        }
    }

    /// Recorded: lambda, `test_add_lambda_permission_fields`.
    #[test]
    fn a_statement_is_written_as_aws_writes_it() {
        let full = AddPermissionInput {
            source_arn: Some("arn:aws:s3:::b".into()),
            source_account: Some("111111111111".into()),
            ..input("s3.amazonaws.com")
        };
        let text = Statement::new(&full, "aws").unwrap().json("arn:f").to_string();
        assert_eq!(
            text,
            r#"{"Sid":"s","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"arn:f","Condition":{"StringEquals":{"AWS:SourceAccount":"111111111111"},"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"}}}"#
        );
        let principal = |raw| Statement::new(&input(raw), "aws").unwrap().json("r")["Principal"].clone();
        assert_eq!(principal("111111111111"), json!({ "AWS": "arn:aws:iam::111111111111:root" }));
        assert_eq!(principal("arn:aws:iam::1:user/u"), json!({ "AWS": "arn:aws:iam::1:user/u" }));
        assert_eq!(principal("*"), json!("*"));
        assert!(Statement::new(&input("invalid.nonaws.com"), "aws").is_err());
    }

    #[test]
    fn a_service_is_let_in_for_its_own_source_only() {
        let statement = AddPermissionInput {
            source_arn: Some("arn:aws:execute-api:*:*:abc/*/POST/items".into()),
            ..input("apigateway.amazonaws.com")
        };
        let policy = [Statement::new(&statement, "aws").unwrap()];
        let account = AccountId::local();
        let lets = |service: &str, source: &str| {
            allows(&policy, Caller { service, source: &Arn::parse(source).unwrap(), account: &account })
        };
        let right = "arn:aws:execute-api:us-east-1:000000000000:abc/prod/POST/items";
        assert!(lets("apigateway.amazonaws.com", right));
        assert!(!lets("s3.amazonaws.com", right));
        assert!(!lets("apigateway.amazonaws.com", "arn:aws:execute-api:us-east-1:000000000000:other/prod/POST/items"));
        assert!(!lets("apigateway.amazonaws.com", "arn:aws:execute-api:us-east-1:000000000000:abc/prod/POST/items2"));
        let (service, source) = ("apigateway.amazonaws.com", Arn::parse(right).unwrap());
        assert!(!allows(&[], Caller { service, source: &source, account: &account }));
    }

    #[test]
    fn patterns_match_as_iams_do() {
        assert!(like("a*c?e", "abbbcde"));
        assert!(like("*", ""));
        assert!(like("a*b*c", "a--b-b--c"));
        assert!(!like("a*b", "a--c"));
        assert!(!like("abc", "abcd"));
    }

    #[test]
    fn a_policy_has_a_limit() {
        let statement = Statement::new(&input(&format!("{}.amazonaws.com", "x".repeat(200))), "aws").unwrap();
        assert!(document(std::slice::from_ref(&statement), "r").is_ok());
        assert_eq!(document(&vec![statement; 100], "r").unwrap_err().code().name, "PolicyLengthExceededException");
    }
}
