//! One thing that is allowed by name.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;

use super::WrongPolicy;

/// `NAME=ADDRESS:PORT`, where the address may be `localhost`, or `NAME=ADDRESS/BITS` for all ports of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    name: String,
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Port(SocketAddr),
    Range(IpNet),
}

/// Names that stand for something inside already.
const KNOWN: [&str; 3] = ["localhost", "sandbox", "sandbox.localdomain"];
/// RFC 1035.
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

impl Allowed {
    /// # Errors
    /// If either isn't one.
    pub fn new(name: &str, place: &str) -> Result<Self, WrongPolicy> {
        let wrong = || WrongPolicy::Allowed(format!("{name}={place}"));
        let local = place.strip_prefix("localhost:").and_then(|port| port.parse::<u16>().ok());
        let local = local.map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let parsed = match local.or_else(|| place.parse().ok()) {
            Some(port) => Place::Port(port),
            None => Place::Range(place.parse::<IpNet>().map_err(|_| wrong())?.trunc()),
        };
        if matches!(parsed, Place::Port(at) if at.port() == 0) {
            return Err(wrong());
        }
        if !is_name(name) {
            return Err(WrongPolicy::Name(name.to_owned()));
        }
        Ok(Self { name: name.to_owned(), place: parsed })
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The one port, if it is one.
    pub(crate) fn port(&self) -> Option<SocketAddr> {
        match self.place {
            Place::Port(at) => Some(at),
            Place::Range(_) => None,
        }
    }

    /// The address, or the first of them.
    pub(super) fn first(&self) -> IpAddr {
        match self.place {
            Place::Port(at) => at.ip(),
            Place::Range(range) => range.network(),
        }
    }

    pub(super) fn holds(&self, to: SocketAddr) -> bool {
        match self.place {
            Place::Port(at) => at == to,
            Place::Range(range) => range.contains(&to.ip()),
        }
    }

    /// A name may stand for several ports of one address.
    pub(super) fn clashes(&self, other: &Self) -> bool {
        self.place == other.place || self.name == other.name && self.first() != other.first()
    }
}

fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        !label.is_empty() && label.len() <= LONGEST_LABEL && label.chars().all(fine)
    };
    text.len() <= LONGEST_NAME && text.split('.').all(label) && !KNOWN.contains(&text)
}

impl FromStr for Allowed {
    type Err = WrongPolicy;

    fn from_str(text: &str) -> Result<Self, WrongPolicy> {
        let (name, place) = text.split_once('=').ok_or_else(|| WrongPolicy::Allowed(text.to_owned()))?;
        Self::new(name, place)
    }
}

/// As it is written in settings; the alternate form is for sentences.
impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let between = if f.alternate() { " at " } else { "=" };
        match self.place {
            Place::Port(at) => write!(f, "{}{between}{at}", self.name),
            Place::Range(range) => write!(f, "{}{between}{range}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_ranges_are_told_apart() {
        for (text, back) in [
            ("postgres=127.0.0.1:5432", "postgres=127.0.0.1:5432"),
            ("postgres=localhost:5432", "postgres=127.0.0.1:5432"),
            ("a.b-c_d=[::1]:80", "a.b-c_d=[::1]:80"),
            ("lan=10.1.2.3/8", "lan=10.0.0.0/8"),
            ("six=fd00::/8", "six=fd00::/8"),
        ] {
            assert_eq!(text.parse::<Allowed>().unwrap().to_string(), back);
        }
    }

    #[test]
    fn whatever_else_is_refused() {
        for text in [
            "",
            "postgres",
            "a=",
            "a=127.0.0.1",
            "a=localhost",
            "a=localhost:0",
            "a=db:5432",
            "a=127.0.0.1:0",
            "a=1.2.3.4/33",
            "a=:80",
        ] {
            assert!(matches!(text.parse::<Allowed>(), Err(WrongPolicy::Allowed(_))), "{text}");
        }
        let long = format!("{}=127.0.0.1:1", "a".repeat(64));
        for text in
            ["=127.0.0.1:1", "a b=127.0.0.1:1", "A=127.0.0.1:1", "a\n=127.0.0.1:1", "localhost=127.0.0.1:1", &long]
        {
            assert!(matches!(text.parse::<Allowed>(), Err(WrongPolicy::Name(_))), "{text:?}");
        }
    }
}
