//! Policies as documents, and what they say to a request.

use serde_json::{Map, Value};

use crate::condition::Condition;
use crate::context::Context;
use crate::pattern::Pattern;
use crate::principal::{Principals, Who, texts};

/// Why a document is no policy. In whose words that is told is up to the service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("it is no JSON object")]
    Json,
    #[error("there is no version {0}")]
    Version(String),
    #[error("the Id is no text")]
    Id,
    #[error("there is no member {0}")]
    UnknownMember(String),
    #[error("it has no statement")]
    NoStatement,
    #[error("a statement is no object")]
    Statement,
    #[error("a statement's Sid is no text")]
    Sid,
    #[error("{0} is no effect")]
    Effect(String),
    /// `Effect`, `Principal`, `Action`, `Resource`.
    #[error("a statement lacks {0}")]
    Missing(&'static str),
    /// A member and its negation.
    #[error("a statement has {0} and Not{0}")]
    Both(&'static str),
    #[error("a principal can't be read")]
    Principal,
    #[error("an action can't be read")]
    Action,
    #[error("a resource can't be read")]
    Resource,
    #[error("there is no operator {0}")]
    Operator(String),
    #[error("what stands under {0} is no condition")]
    Condition(String),
    #[error("{key} can't be compared so under {operator}")]
    Value { operator: String, key: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

/// Texts of a member, or of its negation.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Matcher {
    negated: bool,
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    sid: Option<String>,
    effect: Effect,
    principals: Principals,
    actions: Matcher,
    /// `None`: nothing is said of resources; it is about whatever the policy is attached to.
    resources: Option<Matcher>,
    conditions: Vec<Condition>,
}

/// A policy that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    id: Option<String>,
    statements: Vec<Statement>,
}

/// What is asked of a policy.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub who: Who<'a>,
    /// `s3:GetObject`.
    pub action: &'a str,
    /// An ARN.
    pub resource: &'a str,
    pub context: &'a Context,
}

/// What a policy says to a request, and by which statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    Deny(&'a Statement),
    Allow(&'a Statement),
    Nothing,
}

impl Policy {
    /// # Errors
    /// If the text is no policy: the first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let Ok(Value::Object(document)) = serde_json::from_str(text) else { return Err(Malformed::Json) };
        Self::of(&document)
    }

    /// # Errors
    /// As [`Self::parse`].
    pub fn of(document: &Map<String, Value>) -> Result<Self, Malformed> {
        let known = |name: &str| matches!(name, "Version" | "Id" | "Statement");
        if let Some(unknown) = document.keys().find(|name| !known(name)) {
            return Err(Malformed::UnknownMember(unknown.clone()));
        }
        let variables = match document.get("Version") {
            None => false,
            Some(Value::String(version)) if version == "2008-10-17" => false,
            Some(Value::String(version)) if version == "2012-10-17" => true,
            Some(other) => return Err(Malformed::Version(shown(other))),
        };
        let id = text(document, "Id").map_err(|()| Malformed::Id)?;
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.iter().collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        };
        if statements.is_empty() {
            return Err(Malformed::NoStatement);
        }
        let statements: Result<_, _> = statements.into_iter().map(|one| Statement::parse(one, variables)).collect();
        Ok(Self { id, statements: statements? })
    }

    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// What it says. What one statement denies, no other allows.
    #[must_use]
    pub fn evaluate(&self, request: Request<'_>) -> Verdict<'_> {
        let mut verdict = Verdict::Nothing;
        for statement in &self.statements {
            match statement.effect {
                Effect::Allow if verdict != Verdict::Nothing => {}
                _ if !statement.is_about(request) => {}
                Effect::Allow => verdict = Verdict::Allow(statement),
                Effect::Deny => return Verdict::Deny(statement),
            }
        }
        verdict
    }
}

impl Statement {
    fn parse(value: &Value, variables: bool) -> Result<Self, Malformed> {
        let statement = value.as_object().ok_or(Malformed::Statement)?;
        if let Some(unknown) = statement.keys().find(|name| !is_member(name)) {
            return Err(Malformed::UnknownMember(unknown.clone()));
        }
        let effect = match statement.get("Effect") {
            Some(Value::String(effect)) if effect == "Allow" => Effect::Allow,
            Some(Value::String(effect)) if effect == "Deny" => Effect::Deny,
            Some(other) => return Err(Malformed::Effect(shown(other))),
            None => return Err(Malformed::Missing("Effect")),
        };
        let actions = Matcher::parse(statement, ("Action", "NotAction"), (false, Malformed::Action))?;
        Ok(Self {
            sid: text(statement, "Sid").map_err(|()| Malformed::Sid)?,
            effect,
            principals: principals(statement)?,
            actions: actions.ok_or(Malformed::Missing("Action"))?,
            resources: Matcher::parse(statement, ("Resource", "NotResource"), (variables, Malformed::Resource))?,
            conditions: conditions(statement, variables)?,
        })
    }

    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effect
    }

    #[must_use]
    pub fn principals(&self) -> &Principals {
        &self.principals
    }

    /// As they were written, under `Action` or `NotAction`.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.actions.patterns.iter().map(Pattern::text)
    }

    /// As they were written, under `Resource` or `NotResource`; `None`: neither is there.
    #[must_use]
    pub fn resources(&self) -> Option<&[Pattern]> {
        self.resources.as_ref().map(|resources| resources.patterns.as_slice())
    }

    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    fn is_about(&self, request: Request<'_>) -> bool {
        let action = |pattern: &Pattern| pattern.matches_any_case(request.action);
        let resource = |pattern: &Pattern| pattern.matches_arn(request.resource, request.context);
        self.actions.holds(action)
            && self.principals.match_who(request.who)
            && self.resources.as_ref().is_none_or(|resources| resources.holds(resource))
            && self.conditions.iter().all(|condition| condition.holds(request.context))
    }
}

impl Matcher {
    /// `None`: neither is there.
    fn parse(
        statement: &Map<String, Value>,
        (name, not): (&'static str, &'static str),
        (variables, broken): (bool, Malformed),
    ) -> Result<Option<Self>, Malformed> {
        let (negated, value) = match (statement.get(name), statement.get(not)) {
            (Some(_), Some(_)) => return Err(Malformed::Both(name)),
            (Some(value), None) => (false, value),
            (None, Some(value)) => (true, value),
            (None, None) => return Ok(None),
        };
        let Some(texts) = texts(value).filter(|texts| !texts.is_empty()) else { return Err(broken) };
        Ok(Some(Self { negated, patterns: texts.iter().map(|text| Pattern::new(text, true, variables)).collect() }))
    }

    fn holds(&self, test: impl Fn(&Pattern) -> bool) -> bool {
        self.patterns.iter().any(test) != self.negated
    }
}

fn is_member(name: &str) -> bool {
    matches!(
        name,
        "Sid"
            | "Effect"
            | "Principal"
            | "NotPrincipal"
            | "Action"
            | "NotAction"
            | "Resource"
            | "NotResource"
            | "Condition"
    )
}

fn principals(statement: &Map<String, Value>) -> Result<Principals, Malformed> {
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(_), Some(_)) => Err(Malformed::Both("Principal")),
        (Some(value), None) => Ok(Principals::These(Principals::parse(value)?)),
        (None, Some(value)) => Ok(Principals::AllBut(Principals::parse(value)?)),
        (None, None) => Ok(Principals::Unsaid),
    }
}

fn conditions(statement: &Map<String, Value>, variables: bool) -> Result<Vec<Condition>, Malformed> {
    let Some(value) = statement.get("Condition") else { return Ok(Vec::new()) };
    let operators = value.as_object().ok_or_else(|| Malformed::Condition("Condition".to_owned()))?;
    let mut all = Vec::new();
    for (name, keys) in operators {
        all.extend(Condition::parse(name, keys, variables)?);
    }
    Ok(all)
}

fn text(members: &Map<String, Value>, name: &str) -> Result<Option<String>, ()> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(()),
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
