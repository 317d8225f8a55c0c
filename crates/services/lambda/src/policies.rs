//! Resource policies of functions: what was written at once, and what was added statement by statement.

use serde_json::{Map, Value, json};
use updraft_kernel::AwsError;
use updraft_store::Tx;

use crate::errors::policy_too_long;
use crate::keys::{PolicyKey, PolicyRow, WrittenPolicyKey, WrittenPolicyRow};
use crate::model::name::Target;
use crate::model::policy::{self, LIMIT, Statement};
use crate::model::written::{Caller, says};

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

    /// Whether it lets the caller invoke. What one statement denies, no other allows.
    pub(crate) fn allows(&self, caller: Caller<'_>) -> bool {
        let said: Vec<bool> = self.statements().iter().filter_map(|one| says(one, caller)).collect();
        !said.contains(&false) && (said.contains(&true) || policy::allows(&self.granted, caller))
    }
}

fn is(statement: &str, sid: &str) -> bool {
    let statement: Option<Value> = serde_json::from_str(statement).ok();
    statement.is_some_and(|statement| statement.get("Sid").and_then(Value::as_str) == Some(sid))
}
