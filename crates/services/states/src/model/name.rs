//! What state machines and executions are known by.

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, Arn, AwsError, Ctx, Region};
use updraft_store::Row;

use crate::errors::{invalid_arn, invalid_name, wrong_resource};

/// A state machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MachineId {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
}

/// An execution of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExecutionId {
    pub(crate) machine: MachineId,
    pub(crate) name: String,
}

/// What workers take tasks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ActivityId {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
}

impl ActivityId {
    pub(crate) fn of(cx: &Ctx, name: &str) -> Result<Self, AwsError> {
        let (account, region) = (cx.account.clone(), cx.region.clone());
        Ok(Self { account, region, name: checked(name)?.to_owned() })
    }

    /// # Errors
    /// If it isn't an activity's ARN, of this account and region.
    pub(crate) fn of_arn(cx: &Ctx, raw: &str) -> Result<Self, AwsError> {
        match parts(cx, raw)? {
            (kind, name) if kind == "activity" && checked(&name).is_ok() => Self::of(cx, &name),
            _ => Err(invalid_arn(raw)),
        }
    }

    /// As a state machine's definition names it. `None`: it is of another account or region, or nothing of the kind.
    pub(crate) fn beside(machine: &MachineId, raw: &str) -> Option<Self> {
        let (account, region) = (machine.account.clone(), machine.region.clone());
        let arn = Arn::parse(raw).ok()?;
        let name = arn.resource.strip_prefix("activity:").filter(|name| checked(name).is_ok())?.to_owned();
        let ours = arn.service == "states" && arn.account == account.as_str() && arn.region == region.as_str();
        ours.then_some(Self { account, region, name })
    }

    pub(crate) fn arn(&self) -> Arn {
        Arn::new("states", &self.region, &self.account, format!("activity:{}", self.name))
    }
}

impl MachineId {
    pub(crate) fn of(cx: &Ctx, name: &str) -> Result<Self, AwsError> {
        let (account, region) = (cx.account.clone(), cx.region.clone());
        Ok(Self { account, region, name: checked(name)?.to_owned() })
    }

    /// # Errors
    /// If it isn't a state machine's ARN, of this account and region.
    pub(crate) fn of_arn(cx: &Ctx, raw: &str) -> Result<Self, AwsError> {
        let (kind, rest) = parts(cx, raw)?;
        match (kind.as_str(), rest.split(':').collect::<Vec<_>>().as_slice()) {
            ("stateMachine", [name]) => Self::of(cx, name),
            _ => Err(invalid_arn(raw)),
        }
    }

    /// # Errors
    /// If it isn't the ARN of a state machine, a version or an alias, of this account and region.
    pub(crate) fn of_any(cx: &Ctx, raw: &str) -> Result<(Self, Qualifier), AwsError> {
        let (kind, rest) = parts(cx, raw)?;
        match (kind.as_str(), rest.split(':').collect::<Vec<_>>().as_slice()) {
            ("stateMachine", [name]) => Ok((Self::of(cx, name)?, Qualifier::None)),
            ("stateMachine", [name, qualifier]) => Ok((Self::of(cx, name)?, Qualifier::of(qualifier))),
            _ => Err(invalid_arn(raw)),
        }
    }

    pub(crate) fn arn(&self) -> Arn {
        Arn::new("states", &self.region, &self.account, format!("stateMachine:{}", self.name))
    }

    /// A state machine, or what the children of one of its maps execute: `machine/label`.
    fn of_path(cx: &Ctx, name: &str) -> Result<Self, AwsError> {
        for part in name.split('/') {
            checked(part)?;
        }
        let (account, region) = (cx.account.clone(), cx.region.clone());
        Ok(Self { account, region, name: name.to_owned() })
    }

    /// Whether it is what children of a distributed map execute.
    pub(crate) fn is_of_a_map(&self) -> bool {
        self.name.contains('/')
    }

    /// The state machine itself.
    pub(crate) fn root(&self) -> Self {
        let name = self.name.split('/').next().unwrap_or_default().to_owned();
        Self { account: self.account.clone(), region: self.region.clone(), name }
    }

    /// The ARN of a version or an alias.
    pub(crate) fn qualified(&self, by: &str) -> String {
        format!("{}:{by}", self.arn())
    }
}

/// What stands behind a state machine's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Qualifier {
    None,
    Version(u64),
    Alias(String),
}

impl Qualifier {
    /// AWS: aliases have a letter, so that they are told from versions.
    pub(crate) fn of(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Alias(text.to_owned()), Self::Version)
    }
}

/// A run of a distributed map. It has a machine and a name as executions have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MapRunId(pub(crate) ExecutionId);

impl Row for MapRunId {
    const VERSION: u8 = 1;
}

impl MapRunId {
    /// # Errors
    /// If it isn't a map run's ARN, of this account and region.
    pub(crate) fn of_arn(cx: &Ctx, raw: &str) -> Result<Self, AwsError> {
        match parts(cx, raw)? {
            (kind, rest) if kind == "mapRun" => {
                let (machine, name) = rest.split_once(':').ok_or_else(|| invalid_arn(raw))?;
                let machine = MachineId::of_path(cx, machine).map_err(|_| invalid_arn(raw))?;
                ExecutionId::of(machine, name).map(Self).map_err(|_| invalid_arn(raw))
            }
            _ => Err(invalid_arn(raw)),
        }
    }

    /// As an execution's own step names it.
    pub(crate) fn beside(id: &ExecutionId, raw: &str) -> Result<Self, AwsError> {
        let wrong = || AwsError::internal(format!("not a map run: {raw}"));
        let (_, rest) = raw.split_once(":mapRun:").ok_or_else(wrong)?;
        let (machine, name) = rest.split_once(':').ok_or_else(wrong)?;
        let machine = MachineId { name: machine.to_owned(), ..id.machine.clone() };
        Ok(Self(ExecutionId { machine, name: name.to_owned() }))
    }

    /// What its children execute.
    pub(crate) fn machine(&self) -> &MachineId {
        &self.0.machine
    }

    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    pub(crate) fn arn(&self) -> Arn {
        let MachineId { account, region, name } = self.machine();
        Arn::new("states", region, account, format!("mapRun:{name}:{}", self.name()))
    }
}

impl ExecutionId {
    pub(crate) fn of(machine: MachineId, name: &str) -> Result<Self, AwsError> {
        Ok(Self { machine, name: checked(name)?.to_owned() })
    }

    /// An execution of an Express state machine. AWS: names may repeat; `unique` tells them apart.
    pub(crate) fn express(machine: MachineId, name: &str, unique: &str) -> Result<Self, AwsError> {
        Ok(Self { machine, name: format!("{}:{unique}", checked(name)?) })
    }

    /// Names of others have no colon.
    pub(crate) fn is_express(&self) -> bool {
        self.name.contains(':')
    }

    /// As it was given.
    pub(crate) fn given(&self) -> &str {
        self.name.split(':').next().unwrap_or_default()
    }

    /// # Errors
    /// If it isn't an execution's ARN, of this account and region. AWS: of Express executions nothing is told.
    pub(crate) fn of_arn(cx: &Ctx, raw: &str) -> Result<Self, AwsError> {
        let (kind, rest) = parts(cx, raw)?;
        match (kind.as_str(), rest.split(':').collect::<Vec<_>>().as_slice()) {
            ("execution", [machine, name]) => Self::of(MachineId::of_path(cx, machine)?, name),
            ("express", _) => Err(wrong_resource(&kind)),
            _ => Err(invalid_arn(raw)),
        }
    }

    /// The same, and children of distributed maps. AWS: of those it is told, Express or not.
    pub(crate) fn of_arn_or_child(cx: &Ctx, raw: &str) -> Result<Self, AwsError> {
        let (kind, rest) = parts(cx, raw)?;
        match (kind.as_str(), rest.split(':').collect::<Vec<_>>().as_slice()) {
            ("express", [machine, name, unique]) if machine.contains('/') => {
                Self::express(MachineId::of_path(cx, machine)?, name, checked(unique)?)
            }
            _ => Self::of_arn(cx, raw),
        }
    }

    pub(crate) fn arn(&self) -> Arn {
        let MachineId { account, region, name } = &self.machine;
        let kind = if self.is_express() { "express" } else { "execution" };
        Arn::new("states", region, account, format!("{kind}:{name}:{}", self.name))
    }
}

/// The kind of resource, and what comes behind it.
fn parts(cx: &Ctx, raw: &str) -> Result<(String, String), AwsError> {
    let arn = Arn::parse(raw).ok().filter(|arn| arn.service == "states");
    let ours = arn.filter(|arn| arn.account == cx.account.as_str() && arn.region == cx.region.as_str());
    let split = ours.as_ref().and_then(|arn| arn.resource.split_once(':'));
    let (kind, rest) = split.ok_or_else(|| invalid_arn(raw))?;
    Ok((kind.to_owned(), rest.to_owned()))
}

/// AWS: the documentation's list of characters that names don't have.
fn checked(name: &str) -> Result<&str, AwsError> {
    let bad =
        |c: char| c.is_whitespace() || c.is_control() || r#"<>{}[]?*"#.contains(c) || r##""#%\^|~`$&,;:/"##.contains(c);
    let fits = !name.is_empty() && name.chars().count() <= 80 && !name.contains(bad);
    if fits { Ok(name) } else { Err(invalid_name(name)) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn machine(name: &str) -> MachineId {
        MachineId { account: AccountId::local(), region: Region::default_region(), name: name.into() }
    }

    #[test]
    fn names_are_of_some_characters() {
        for name in ["a", "Order-1_b", "ä.b", &"x".repeat(80)] {
            assert_eq!(checked(name).ok(), Some(name));
        }
        for name in ["", "a b", "a:b", "a*", "a/b", "a\u{7f}", &"x".repeat(81)] {
            assert!(checked(name).is_err(), "{name}");
        }
    }
}
