//! Statements of resource policies as their owners have written them.

use serde_json::{Map, Value};
use updraft_kernel::{AccountId, Arn, AwsError, Identity};

use super::policy::{self, like};
use super::url::Auth;
use crate::errors::invalid_parameter;

/// What a document has besides its statements, and those, each as JSON.
#[derive(Debug)]
pub(crate) struct Document {
    /// `Version` and `Id`, as JSON.
    pub(crate) frame: String,
    pub(crate) statements: Vec<String>,
}

impl Document {
    /// # Errors
    /// If it isn't a policy for this resource.
    pub(crate) fn parse(text: &str, resource: &str) -> Result<Self, AwsError> {
        let malformed = || invalid_parameter("The provided policy document is not valid JSON.");
        let Ok(Value::Object(mut members)) = serde_json::from_str(text) else { return Err(malformed()) };
        let statements = match members.remove("Statement") {
            Some(Value::Array(statements)) => statements,
            Some(one @ Value::Object(_)) => vec![one],
            _ => Vec::new(),
        };
        if statements.is_empty() {
            return Err(invalid("it has no Statement"));
        }
        if let Some(other) = members.keys().find(|name| !matches!(name.as_str(), "Version" | "Id")) {
            return Err(invalid(&format!("{other} is no member of it")));
        }
        let mut sids = Vec::new();
        for statement in &statements {
            let statement = statement.as_object().ok_or_else(malformed)?;
            check(statement, resource)?;
            if let Some(sid) = statement.get("Sid").and_then(Value::as_str) {
                if sids.contains(&sid) {
                    return Err(invalid("statement ids must be unique"));
                }
                sids.push(sid);
            }
        }
        let frame = Value::Object(members).to_string();
        Ok(Self { frame, statements: statements.iter().map(Value::to_string).collect() })
    }
}

fn invalid(why: &str) -> AwsError {
    invalid_parameter(format!("The provided policy document is not valid: {why}."))
}

const MEMBERS: [&str; 6] = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];

fn check(statement: &Map<String, Value>, resource: &str) -> Result<(), AwsError> {
    if let Some(other) = statement.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
        return Err(invalid(&format!("{other} is no member of a statement here")));
    }
    if !matches!(statement.get("Effect").and_then(Value::as_str), Some("Allow" | "Deny")) {
        return Err(invalid("Effect must be Allow or Deny"));
    }
    if statement.get("Principal").is_none() {
        return Err(invalid("a statement needs a Principal"));
    }
    let actions = texts(statement.get("Action"));
    if actions.is_empty() || !actions.iter().all(|action| *action == "*" || action.starts_with("lambda:")) {
        return Err(invalid("a statement needs actions of lambda"));
    }
    let resources = texts(statement.get("Resource"));
    if resources != [resource] {
        return Err(invalid(&format!("the Resource of a statement must be {resource}")));
    }
    Ok(())
}

/// A text, or a list of them.
fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(one) => one.as_str().into_iter().collect(),
        None => Vec::new(),
    }
}

/// Who calls, and for whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller<'a> {
    pub(crate) service: &'a str,
    pub(crate) source: &'a Arn,
    /// The account that the source is of.
    pub(crate) account: &'a AccountId,
}

/// Who calls by way of a URL; nobody, where nobody has to sign.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UrlCaller<'a> {
    pub(crate) auth: Auth,
    pub(crate) identity: Option<&'a Identity>,
    pub(crate) partition: &'a str,
}

/// What a statement says to a call. `Some(true)`: it is let in.
pub(crate) fn says(statement: &str, caller: Caller<'_>) -> Option<bool> {
    let Caller { service, source, account } = caller;
    let source = source.to_string();
    let named = |kind: &str, who: &str| who == service && kind == "Service" || who == "*" && kind == "AWS";
    says_to(statement, "lambda:InvokeFunction", named, |key| match key {
        "aws:sourcearn" => Some(source.clone()),
        "aws:sourceaccount" => Some(account.to_string()),
        "aws:principalservicename" => Some(service.to_owned()),
        _ => None,
    })
}

/// As [`says`], to who wants to do `action` by way of a URL.
pub(crate) fn says_of_url(statement: &str, action: &str, caller: UrlCaller<'_>) -> Option<bool> {
    let UrlCaller { auth, identity, partition } = caller;
    let named = |kind: &str, who: &str| {
        kind == "AWS" && (who == "*" || identity.is_some_and(|caller| policy::is(caller, who, partition)))
    };
    says_to(statement, action, named, |key| match key {
        "lambda:functionurlauthtype" => Some(auth.shown().as_str().to_owned()),
        "lambda:invokedviafunctionurl" => Some("true".to_owned()),
        "aws:principalaccount" | "aws:sourceaccount" => identity.map(|caller| caller.account.to_string()),
        "aws:principalarn" => identity.map(|caller| caller.arn(partition)),
        _ => None,
    })
}

/// `named`: whether a principal of that kind is who asks; `value`: what a condition's key stands for.
fn says_to(
    statement: &str,
    action: &str,
    named: impl Fn(&str, &str) -> bool,
    value: impl Fn(&str) -> Option<String>,
) -> Option<bool> {
    let statement: Map<String, Value> = serde_json::from_str(statement).ok()?;
    let who = match statement.get("Principal") {
        Some(Value::String(everybody)) => everybody == "*",
        Some(Value::Object(kinds)) => {
            kinds.iter().any(|(kind, names)| texts(Some(names)).into_iter().any(|name| named(kind, name)))
        }
        _ => false,
    };
    let about = texts(statement.get("Action")).iter().any(|pattern| like(pattern, action));
    let met = statement.get("Condition").and_then(Value::as_object).is_none_or(|all| all_met(all, value));
    (who && about && met).then(|| statement.get("Effect").and_then(Value::as_str) == Some("Allow"))
}

fn all_met(conditions: &Map<String, Value>, value: impl Fn(&str) -> Option<String>) -> bool {
    conditions.iter().all(|(operator, keys)| {
        keys.as_object().is_some_and(|keys| {
            keys.iter()
                .all(|(key, wanted)| met(operator, &texts(Some(wanted)), value(&key.to_ascii_lowercase()).as_deref()))
        })
    })
}

/// An operator that isn't known is never met.
fn met(operator: &str, wanted: &[&str], found: Option<&str>) -> bool {
    let (operator, absent) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, operator.contains("Not")),
    };
    let Some(found) = found else { return absent };
    match operator {
        "StringEquals" => wanted.contains(&found),
        "Bool" => wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(found)),
        "StringNotEquals" => !wanted.contains(&found),
        "StringLike" | "ArnLike" | "ArnEquals" => wanted.iter().any(|pattern| like(pattern, found)),
        "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => !wanted.iter().any(|pattern| like(pattern, found)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

    fn refused(text: &str) -> String {
        Document::parse(text, FUNCTION).unwrap_err().message().to_owned()
    }

    fn statement(members: &str) -> String {
        format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"{FUNCTION}"{members}}}"#
        )
    }

    #[test]
    fn a_document_is_looked_at() {
        let whole = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statement(""));
        let parsed = Document::parse(&whole, FUNCTION).unwrap();
        assert_eq!((parsed.frame.as_str(), parsed.statements), (r#"{"Version":"2012-10-17"}"#, vec![statement("")]));
        assert!(refused("{").contains("not valid JSON"));
        assert!(refused("{}").contains("no Statement"));
        let twice = format!(r#"{{"Statement":[{0},{0}]}}"#, statement(r#","Sid":"s""#));
        assert!(refused(&twice).contains("unique"));
        for (from, to, why) in [
            ("Allow", "Maybe", "Effect"),
            (r#""Principal":"*","#, "", "Principal"),
            ("lambda:InvokeFunction", "s3:GetObject", "actions"),
            ("function:f", "function:g", "must be"),
            ("\"Action\"", "\"NotAction\"", "NotAction is no member"),
        ] {
            let said = refused(&whole.replace(from, to));
            assert!(said.contains(why), "{said}");
        }
    }

    #[test]
    fn a_statement_speaks_for_whom_it_names() {
        let (source, account) = (Arn::parse("arn:aws:s3:::bucket").unwrap(), AccountId::local());
        let caller = Caller { service: "s3.amazonaws.com", source: &source, account: &account };
        let with = |from: &str, to: &str| says(&statement("").replace(from, to), caller);
        assert_eq!(with("", ""), Some(true));
        assert_eq!(with("Allow", "Deny"), Some(false));
        assert_eq!(with(r#""*""#, r#"{"Service":["s3.amazonaws.com"]}"#), Some(true));
        assert_eq!(with(r#""*""#, r#"{"Service":"sns.amazonaws.com"}"#), None);
        assert_eq!(with("lambda:InvokeFunction", "lambda:Get*"), None);
        let condition = |text: &str| says(&statement(&format!(r#","Condition":{{{text}}}"#)), caller);
        assert_eq!(condition(r#""ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b*"}"#), Some(true));
        assert_eq!(condition(r#""StringEquals":{"aws:SourceAccount":["1","000000000000"]}"#), Some(true));
        assert_eq!(condition(r#""StringEquals":{"aws:SourceAccount":"1"}"#), None);
        assert_eq!(condition(r#""StringNotEquals":{"aws:PrincipalOrgID":"o"}"#), Some(true));
        assert_eq!(condition(r#""StringEqualsIfExists":{"aws:PrincipalOrgID":"o"}"#), Some(true));
        assert_eq!(condition(r#""StringEquals":{"aws:PrincipalOrgID":"o"}"#), None);
        assert_eq!(condition(r#""Odd":{"aws:SourceAccount":"1"}"#), None);
    }

    #[test]
    fn a_statement_speaks_of_urls() {
        let caller = UrlCaller { auth: Auth::None, identity: None, partition: "aws" };
        let url = statement("").replace("InvokeFunction", "InvokeFunctionUrl");
        let says = |text: &str| says_of_url(text, "lambda:InvokeFunctionUrl", caller);
        assert_eq!(says(&url), Some(true));
        assert_eq!(says(&statement("")), None, "another action");
        assert_eq!(says(&url.replace(r#""*""#, r#"{"AWS":"111111111111"}"#)), None, "nobody isn't in an account");
        let condition = |text: &str| {
            let met = statement(&format!(r#","Condition":{{{text}}}"#));
            says(&met.replace("InvokeFunction", "*").replace("lambda:*", "lambda:InvokeFunction*"))
        };
        assert_eq!(condition(r#""StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}"#), Some(true));
        assert_eq!(condition(r#""StringEquals":{"lambda:FunctionUrlAuthType":"AWS_IAM"}"#), None);
        assert_eq!(condition(r#""Bool":{"lambda:InvokedViaFunctionUrl":true}"#), None, "a text is asked for");
        assert_eq!(condition(r#""Bool":{"lambda:InvokedViaFunctionUrl":"true"}"#), Some(true));
        assert_eq!(condition(r#""Bool":{"lambda:InvokedViaFunctionUrl":"false"}"#), None);
    }
}
