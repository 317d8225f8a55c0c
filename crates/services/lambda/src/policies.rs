//! Resource policies of functions: what was written at once, and what was added statement by statement.

use serde_json::{Map, Value, json};
use updraft_kernel::AwsError;
use updraft_store::Tx;

use crate::errors::policy_too_long;
use crate::keys::{PolicyKey, PolicyRow, WrittenPolicyKey, WrittenPolicyRow};
use crate::model::name::Target;
use crate::model::policy::{self, LIMIT, Statement};
use crate::model::written::{Caller, UrlCaller, says, says_of_url};

#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    pub(crate) revision: String,
    pub(crate) written: Option<WrittenPolicyRow>,
    pub(crate) granted: Vec<Statement>,
}

/// The policy that stands on the target, if there is one.
///
/// # Errors
/// If the store fails.
pub(crate) async fn read(tx: &mut Tx, target: &Target) -> Result<Option<Policy>, AwsError> {
    let qualifier = target.qualifier.as_deref();
    let Some(row) = tx.row(&PolicyKey(&target.id, qualifier)).await? else { return Ok(None) };
    let written = tx.row(&WrittenPolicyKey(&target.id, qualifier)).await?;
    Ok(Some(Policy { revision: row.revision, written, granted: row.statements }))
}

/// Writes the policy; one without statements goes.
///
/// # Errors
/// If it can't be encoded.
pub(crate) fn write(tx: &mut Tx, target: &Target, policy: Policy) -> Result<(), AwsError> {
    let qualifier = target.qualifier.as_deref();
    let (key, written_key) = (PolicyKey(&target.id, qualifier), WrittenPolicyKey(&target.id, qualifier));
    if policy.is_empty() {
        tx.delete_row(&key);
    } else {
        tx.put_row(&key, &PolicyRow { revision: policy.revision, statements: policy.granted })?;
    }
    match policy.written.filter(|written| !written.statements.is_empty()) {
        Some(written) => tx.put_row(&written_key, &written)?,
        None => tx.delete_row(&written_key),
    }
    Ok(())
}

impl Policy {
    fn is_empty(&self) -> bool {
        self.granted.is_empty() && self.statements().is_empty()
    }

    /// Those that were written.
    fn statements(&self) -> &[String] {
        self.written.as_ref().map_or(&[], |written| &written.statements)
    }

    pub(crate) fn has(&self, sid: &str) -> bool {
        self.granted.iter().any(|known| known.sid == sid) || self.statements().iter().any(|one| is(one, sid))
    }

    /// Whether there was such a statement.
    pub(crate) fn remove(&mut self, sid: &str) -> bool {
        let there = self.has(sid);
        self.granted.retain(|known| known.sid != sid);
        if let Some(written) = &mut self.written {
            written.statements.retain(|one| !is(one, sid));
        }
        there
    }

    /// The whole document.
    ///
    /// # Errors
    /// If it is too long.
    pub(crate) fn document(&self, resource: &str) -> Result<String, AwsError> {
        let Some(written) = &self.written else { return policy::document(&self.granted, resource) };
        let statements = written.statements.iter().filter_map(|one| serde_json::from_str(one).ok());
        let statements: Vec<Value> = statements.chain(self.granted.iter().map(|one| one.json(resource))).collect();
        let mut members: Map<String, Value> = serde_json::from_str(&written.frame).map_err(AwsError::internal)?;
        members.insert("Statement".to_owned(), json!(statements));
        let text = Value::Object(members).to_string();
        if text.len() > LIMIT { Err(policy_too_long(text.len(), LIMIT)) } else { Ok(text) }
    }

    /// What is said to who wants to invoke. `Some(true)`: it is let in. What one statement denies, no other allows.
    pub(crate) fn says(&self, caller: Caller<'_>) -> Option<bool> {
        let said: Vec<bool> = self.statements().iter().filter_map(|one| says(one, caller)).collect();
        if said.contains(&false) {
            return Some(false);
        }
        (said.contains(&true) || policy::allows(&self.granted, caller)).then_some(true)
    }

    /// What is said to who calls by way of a URL. `Some(true)`: it is let in.
    // AWS: since October 2025 both actions must be allowed, the second perhaps only by way of a URL.
    pub(crate) fn says_of_url(&self, caller: UrlCaller<'_>) -> Option<bool> {
        let mut all = true;
        for action in ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"] {
            let said: Vec<bool> = self.statements().iter().filter_map(|one| says_of_url(one, action, caller)).collect();
            if said.contains(&false) {
                return Some(false);
            }
            all &= said.contains(&true) || policy::allows_url(&self.granted, action, caller);
        }
        all.then_some(true)
    }
}

fn is(statement: &str, sid: &str) -> bool {
    let statement: Option<Value> = serde_json::from_str(statement).ok();
    statement.is_some_and(|statement| statement.get("Sid").and_then(Value::as_str) == Some(sid))
}

#[cfg(test)]
mod tests {
    use updraft_api_lambda::types::AddPermissionInput;
    use updraft_kernel::{AccountId, Identity, Principal};

    use super::*;
    use crate::model::url::Auth;

    fn input(principal: &str) -> AddPermissionInput {
        AddPermissionInput { statement_id: "s".into(), principal: principal.into(), ..AddPermissionInput::default() }
    }

    #[test]
    fn a_url_asks_for_both_actions() {
        let grant = |action: &str, principal: &str, set: fn(&mut AddPermissionInput)| {
            let mut statement = AddPermissionInput { action: action.into(), ..input(principal) };
            set(&mut statement);
            Statement::new(&statement, "aws").unwrap()
        };
        let url = grant("lambda:InvokeFunctionUrl", "*", |s| s.function_url_auth_type = Some("NONE".into()));
        let via = grant("lambda:InvokeFunction", "*", |s| s.invoked_via_function_url = Some(true));
        let says = |granted: &[Statement], auth, identity: Option<&Identity>| {
            let policy = Policy { granted: granted.to_vec(), ..Policy::default() };
            policy.says_of_url(UrlCaller { auth, identity, partition: "aws" }) == Some(true)
        };
        let nobody = |granted: &[Statement], auth| says(granted, auth, None);
        assert!(nobody(&[url.clone(), via.clone()], Auth::None));
        for one in [&url, &via] {
            assert!(!nobody(std::slice::from_ref(one), Auth::None), "one of them is not enough");
        }
        assert!(!nobody(&[url, via], Auth::Iam), "the first holds for open URLs only");

        let role = Principal::AssumedRole { role: "r".into(), role_id: "AROA".into(), session: "s".into() };
        let caller = Identity {
            account: AccountId::parse("111111111111").unwrap(),
            principal: role,
            access_key_id: "ASIA".into(),
        };
        let lets =
            |principal: &str, who: &Identity| says(&[grant("lambda:*", principal, |_| ())], Auth::Iam, Some(who));
        assert!(lets("arn:aws:iam::111111111111:role/r", &caller) && lets("111111111111", &caller));
        assert!(lets("arn:aws:sts::111111111111:assumed-role/r/s", &caller));
        assert!(!lets("arn:aws:iam::111111111111:role/q", &caller) && !lets("222222222222", &caller));
        assert!(!lets("s3.amazonaws.com", &caller));
    }

    #[test]
    fn what_is_denied_is_not_granted() {
        let all = AddPermissionInput { action: "lambda:*".into(), ..input("*") };
        let granted = vec![Statement::new(&all, "aws").unwrap()];
        let denial = r#"{"Effect":"Deny","Principal":"*","Action":"lambda:InvokeFunctionUrl","Resource":"r"}"#;
        let written = |statement: &str| {
            let statements = vec![statement.to_owned()];
            Some(WrittenPolicyRow { frame: "{}".into(), statements })
        };
        let caller = UrlCaller { auth: Auth::None, identity: None, partition: "aws" };
        let policy = Policy { granted: granted.clone(), ..Policy::default() };
        assert_eq!(policy.says_of_url(caller), Some(true));
        assert_eq!(Policy { written: written(denial), ..policy }.says_of_url(caller), Some(false));
        let allows = denial.replace("Deny", "Allow").replace("InvokeFunctionUrl", "*");
        assert_eq!(Policy { written: written(&allows), ..Policy::default() }.says_of_url(caller), Some(true));
        assert_eq!(Policy::default().says_of_url(caller), None);
    }
}
