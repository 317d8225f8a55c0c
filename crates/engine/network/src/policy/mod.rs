//! What functions may reach, as it was asked for.

mod allowed;
mod judge;
mod ranges;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;

pub use allowed::Allowed;
pub(crate) use judge::{Protocol, Refusal};

use crate::inside::{INTERFACE, Interface};
use ranges::NEVER;

/// How far functions reach beyond the platform's own endpoint. Ordered: a greater one reaches farther.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Nothing else, and nothing may be allowed.
    None,
    /// Ports of the host's loopback that are allowed by name.
    #[default]
    Loopback,
    /// Public addresses besides, and others that are allowed by name.
    Internet,
}

impl Reach {
    /// As it is written in settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Loopback => "loopback",
            Self::Internet => "internet",
        }
    }
}

impl FromStr for Reach {
    type Err = WrongPolicy;

    fn from_str(text: &str) -> Result<Self, WrongPolicy> {
        let all = [Self::None, Self::Loopback, Self::Internet];
        all.into_iter().find(|reach| reach.as_str() == text).ok_or_else(|| WrongPolicy::Reach(text.to_owned()))
    }
}

/// Why a policy can't be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongPolicy {
    #[error("{0:?} is no function network; it is none, loopback or internet")]
    Reach(String),
    #[error("{0} is not NAME=ADDRESS:PORT, nor NAME=ADDRESS/BITS")]
    Allowed(String),
    #[error("{0} is no name for an address: letters, digits, dots and hyphens, and nothing that is known already")]
    Name(String),
    #[error("{0} is allowed twice")]
    Twice(String),
    #[error("{0} is allowed, but the function network is none; say loopback or internet, or allow nothing")]
    AllowedNothing(String),
    #[error("{0} isn't on this machine's loopback; reaching it takes the function network internet")]
    NotLoopback(String),
    #[error("{0} is never reached by functions")]
    Never(String),
    #[error("{0} allows all ports of this machine's loopback; name them one by one")]
    WholeLoopback(String),
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
    /// Where the platform itself listens.
    taken: Vec<SocketAddr>,
}

impl Policy {
    /// `taken`: addresses on which the platform itself listens, inside and on the machine.
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
        Ok(Self { reach, allowed, taken: taken.into() })
    }

    /// Nothing but the platform.
    #[must_use]
    pub fn none() -> Self {
        Self { reach: Reach::None, allowed: Vec::new(), taken: Vec::new() }
    }

    #[must_use]
    pub fn reach(&self) -> Reach {
        self.reach
    }

    #[must_use]
    pub fn allowed(&self) -> &[Allowed] {
        &self.allowed
    }

    /// The tunnel that sandboxes are to have, if they are.
    #[must_use]
    pub fn interface(&self) -> Option<Interface> {
        (self.reach == Reach::Internet).then_some(INTERFACE)
    }

    /// The ports of the host's loopback that functions reach.
    pub(crate) fn loopback(&self) -> impl Iterator<Item = SocketAddr> {
        self.allowed.iter().filter_map(Allowed::port).filter(|at| at.ip().is_loopback())
    }

    /// What `host` stands for at this port, where that is allowed. Nothing is looked up: a name is one of the policy's.
    pub(crate) fn resolve(&self, host: &str, port: u16) -> Option<SocketAddr> {
        let stands_for = |one: &Allowed| {
            let at = one.port().filter(|at| at.port() == port)?;
            let local = host == "localhost" && at.ip() == Ipv4Addr::LOCALHOST;
            (local || host == one.name() || host.parse() == Ok(at.ip())).then_some(at)
        };
        self.allowed.iter().find_map(stands_for)
    }
}

fn fits(one: &Allowed, reach: Reach, taken: &[SocketAddr]) -> Result<(), WrongPolicy> {
    let what = one.to_string();
    if reach == Reach::None {
        return Err(WrongPolicy::AllowedNothing(what));
    }
    if let Some(at) = one.port() {
        return match at.ip().is_loopback() {
            true if is_taken(taken, at) => Err(WrongPolicy::Taken(what)),
            true => Ok(()),
            false if ranges::holds(NEVER, at.ip()) => Err(WrongPolicy::Never(what)),
            false if reach == Reach::Loopback => Err(WrongPolicy::NotLoopback(what)),
            false => Ok(()),
        };
    }
    match one.first() {
        first if first.is_loopback() => Err(WrongPolicy::WholeLoopback(what)),
        // A range that only holds some of these is fine: they stay out of it.
        first if ranges::holds(NEVER, first) => Err(WrongPolicy::Never(what)),
        _ if reach == Reach::Loopback => Err(WrongPolicy::NotLoopback(what)),
        _ => Ok(()),
    }
}

/// Whether one of the machine's own addresses is where the platform listens: there, or on all of them.
fn is_taken(taken: &[SocketAddr], at: SocketAddr) -> bool {
    taken.iter().any(|taken| taken.port() == at.port() && (taken.ip() == at.ip() || taken.ip().is_unspecified()))
}

/// For people: `loopback: the platform, and postgres at 127.0.0.1:5432`.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reach = match self.reach {
            Reach::None | Reach::Loopback => "the platform",
            Reach::Internet if self.allowed.is_empty() => "the platform and public addresses",
            Reach::Internet => "the platform, public addresses",
        };
        write!(f, "{}: functions reach {reach}", self.reach.as_str())?;
        let (last, others) = match self.allowed.split_last() {
            Some((last, others)) => (last, others),
            None if self.reach == Reach::None => return write!(f, ", and nothing else"),
            None if self.reach == Reach::Internet => return Ok(()),
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
        check(Reach::Loopback, &["lan=10.0.0.0/8"], WrongPolicy::NotLoopback);
        check(Reach::Loopback, &["me=127.0.0.1:4566"], WrongPolicy::Taken);
        check(Reach::Internet, &["all=127.0.0.0/8"], WrongPolicy::WholeLoopback);
        check(Reach::Internet, &["meta=169.254.169.254:80"], WrongPolicy::Never);
        check(Reach::Internet, &["meta=169.254.0.0/16"], WrongPolicy::Never);
        check(Reach::Internet, &["meta=[fd00:ec2::254]:80"], WrongPolicy::Never);
        check(Reach::Loopback, &["a=127.0.0.1:1", "b=127.0.0.1:1"], WrongPolicy::Twice);
        check(Reach::Loopback, &["a=127.0.0.1:1", "a=127.0.0.2:1"], WrongPolicy::Twice);
        let many: Vec<String> = (0..25).map(|n| format!("n{n}=127.0.0.1:{}", 1000 + n)).collect();
        assert_eq!(
            policy(Reach::Loopback, &many.iter().map(String::as_str).collect::<Vec<_>>()),
            Err(WrongPolicy::TooMany)
        );
    }

    #[test]
    fn what_listens_everywhere_listens_on_loopback() {
        for listen in ["0.0.0.0:5000", "[::]:5000"] {
            let allowed =
                |text: &str| Policy::new(Reach::Loopback, vec![text.parse().unwrap()], &[listen.parse().unwrap()]);
            assert_eq!(allowed("me=127.0.0.9:5000"), Err(WrongPolicy::Taken("me=127.0.0.9:5000".into())), "{listen}");
            assert!(allowed("other=127.0.0.1:5001").is_ok());
        }
    }

    #[test]
    fn what_fits_is_kept() {
        let all = ["db=127.0.0.1:5432", "other=127.0.0.2:4566", "six=[::1]:80"];
        let loopback = policy(Reach::Loopback, &all).unwrap();
        let ports: Vec<String> = loopback.loopback().map(|at| at.to_string()).collect();
        assert_eq!(ports, ["127.0.0.1:5432", "127.0.0.2:4566", "[::1]:80"]);
        assert_eq!(policy(Reach::Internet, &["db=10.0.0.1:5432", "lan=10.1.0.0/16"]).unwrap().loopback().count(), 0);
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
            text(Reach::Internet, &["db=127.0.0.1:5432", "lan=10.0.0.0/8"]),
            "internet: functions reach the platform, public addresses, db at 127.0.0.1:5432, and lan at 10.0.0.0/8"
        );
        assert_eq!(text(Reach::Internet, &[]), "internet: functions reach the platform and public addresses");
        assert_eq!("loopback".parse(), Ok(Reach::Loopback));
        assert_eq!("host".parse::<Reach>(), Err(WrongPolicy::Reach("host".into())));
    }
}
