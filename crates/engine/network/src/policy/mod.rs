//! What functions may reach, as it was asked for.

mod allowed;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

pub use allowed::Allowed;

/// How far functions reach beyond the platform's own endpoint. Ordered: a greater one reaches farther.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Nothing else, and nothing may be allowed.
    None,
    /// Ports of the host's loopback that are allowed by name.
    #[default]
    Loopback,
}

impl Reach {
    /// As it is written in settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Loopback => "loopback",
        }
    }
}

impl FromStr for Reach {
    type Err = WrongPolicy;

    fn from_str(text: &str) -> Result<Self, WrongPolicy> {
        [Self::None, Self::Loopback]
            .into_iter()
            .find(|reach| reach.as_str() == text)
            .ok_or_else(|| WrongPolicy::Reach(text.to_owned()))
    }
}

/// Why a policy can't be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongPolicy {
    #[error("{0:?} is no function network; it is none or loopback")]
    Reach(String),
    #[error("{0} is not NAME=ADDRESS:PORT")]
    Allowed(String),
    #[error("{0} is no name for an address: letters, digits, dots and hyphens, and nothing that is known already")]
    Name(String),
    #[error("{0} is allowed twice")]
    Twice(String),
    #[error("{0} is allowed, but the function network is none; say loopback, or allow nothing")]
    AllowedNothing(String),
    #[error("{0} isn't on this machine's loopback")]
    NotLoopback(String),
    #[error("{0} is where functions find the platform itself")]
    Taken(String),
    #[error("more than {MOST} addresses are allowed")]
    TooMany,
}

/// Each is a listener in each sandbox.
const MOST: usize = 24;

/// What functions may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    reach: Reach,
    allowed: Vec<Allowed>,
}

impl Policy {
    /// `taken`: addresses inside on which the platform itself listens.
    ///
    /// # Errors
    /// If what is allowed contradicts the reach, or itself.
    pub fn new(reach: Reach, allowed: Vec<Allowed>, taken: &[SocketAddr]) -> Result<Self, WrongPolicy> {
        if allowed.len() > MOST {
            return Err(WrongPolicy::TooMany);
        }
        for (index, one) in allowed.iter().enumerate() {
            fits(one, reach, taken)?;
            if allowed.iter().take(index).any(|before| before.clashes(one)) {
                return Err(WrongPolicy::Twice(one.to_string()));
            }
        }
        Ok(Self { reach, allowed })
    }

    /// Nothing but the platform.
    #[must_use]
    pub fn none() -> Self {
        Self { reach: Reach::None, allowed: Vec::new() }
    }

    #[must_use]
    pub fn reach(&self) -> Reach {
        self.reach
    }

    #[must_use]
    pub fn allowed(&self) -> &[Allowed] {
        &self.allowed
    }

    /// The ports of the host's loopback that functions reach.
    pub(crate) fn loopback(&self) -> impl Iterator<Item = SocketAddr> {
        self.allowed.iter().map(Allowed::at)
    }

    /// What `host` stands for at this port, where that is allowed. Nothing is looked up: a name is one of the policy's.
    pub(crate) fn resolve(&self, host: &str, port: u16) -> Option<SocketAddr> {
        let stands_for = |one: &&Allowed| {
            let local = host == "localhost" && one.at().ip() == Ipv4Addr::LOCALHOST;
            local || host == one.name() || host.parse() == Ok(one.at().ip())
        };
        self.allowed.iter().filter(|one| one.at().port() == port).find(stands_for).map(Allowed::at)
    }

    /// Names, and what they stand for.
    pub(crate) fn names(&self) -> impl Iterator<Item = (IpAddr, &str)> {
        self.allowed.iter().map(|one| (one.at().ip(), one.name()))
    }
}

fn fits(one: &Allowed, reach: Reach, taken: &[SocketAddr]) -> Result<(), WrongPolicy> {
    match one.at() {
        _ if reach == Reach::None => Err(WrongPolicy::AllowedNothing(one.to_string())),
        at if !at.ip().is_loopback() => Err(WrongPolicy::NotLoopback(one.to_string())),
        at if taken.contains(&at) => Err(WrongPolicy::Taken(one.to_string())),
        _ => Ok(()),
    }
}

/// For people: `loopback: the platform, and postgres at 127.0.0.1:5432`.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: functions reach the platform", self.reach.as_str())?;
        let (last, others) = match self.allowed.split_last() {
            Some((last, others)) => (last, others),
            None if self.reach == Reach::None => return write!(f, ", and nothing else"),
            None => return write!(f, ", and what is allowed by name (nothing is)"),
        };
        others.iter().try_for_each(|one| write!(f, ", {one:#}"))?;
        write!(f, ", and {last:#}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(reach: Reach, allowed: &[&str]) -> Result<Policy, WrongPolicy> {
        let taken = [([127, 0, 0, 1], 4566).into()];
        Policy::new(reach, allowed.iter().map(|one| one.parse().unwrap()).collect(), &taken)
    }

    #[test]
    fn what_is_allowed_must_fit_the_reach() {
        let check = |reach, allowed: &[&str], wrong: fn(String) -> WrongPolicy| {
            let last = allowed.last().unwrap().to_string();
            assert_eq!(policy(reach, allowed), Err(wrong(last)), "{allowed:?}");
        };
        check(Reach::None, &["db=127.0.0.1:5432"], WrongPolicy::AllowedNothing);
        check(Reach::Loopback, &["db=10.0.0.1:5432"], WrongPolicy::NotLoopback);
        check(Reach::Loopback, &["me=127.0.0.1:4566"], WrongPolicy::Taken);
        check(Reach::Loopback, &["a=127.0.0.1:1", "b=127.0.0.1:1"], WrongPolicy::Twice);
        check(Reach::Loopback, &["a=127.0.0.1:1", "a=127.0.0.2:1"], WrongPolicy::Twice);
        let many: Vec<String> = (0..25).map(|n| format!("n{n}=127.0.0.1:{}", 1000 + n)).collect();
        assert_eq!(
            policy(Reach::Loopback, &many.iter().map(String::as_str).collect::<Vec<_>>()),
            Err(WrongPolicy::TooMany)
        );
    }

    #[test]
    fn what_fits_is_kept() {
        let all = ["db=127.0.0.1:5432", "other=127.0.0.2:4566", "six=[::1]:80"];
        let loopback = policy(Reach::Loopback, &all).unwrap();
        let ports: Vec<String> = loopback.loopback().map(|at| at.to_string()).collect();
        assert_eq!(ports, ["127.0.0.1:5432", "127.0.0.2:4566", "[::1]:80"]);
    }

    #[test]
    fn a_policy_can_be_read() {
        let text = |reach, allowed: &[&str]| policy(reach, allowed).unwrap().to_string();
        assert_eq!(text(Reach::None, &[]), "none: functions reach the platform, and nothing else");
        assert_eq!(
            text(Reach::Loopback, &[]),
            "loopback: functions reach the platform, and what is allowed by name (nothing is)"
        );
        assert_eq!(
            text(Reach::Loopback, &["db=127.0.0.1:5432", "six=[::1]:80"]),
            "loopback: functions reach the platform, db at 127.0.0.1:5432, and six at [::1]:80"
        );
        assert_eq!("loopback".parse(), Ok(Reach::Loopback));
        assert_eq!("host".parse::<Reach>(), Err(WrongPolicy::Reach("host".into())));
    }
}
