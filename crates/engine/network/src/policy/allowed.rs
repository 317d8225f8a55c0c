//! One thing that is allowed by name.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;

use super::WrongPolicy;

/// `NAME=ADDRESS:PORT`; the address may be `localhost`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    name: String,
    at: SocketAddr,
}

/// Names that stand for something inside already.
const KNOWN: [&str; 3] = ["localhost", "sandbox", "sandbox.localdomain"];
/// RFC 1035.
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

impl Allowed {
    /// # Errors
    /// If either isn't one.
    pub fn new(name: &str, at: &str) -> Result<Self, WrongPolicy> {
        let port = at.strip_prefix("localhost:").and_then(|port| port.parse().ok());
        let local: Option<SocketAddr> = port.map(|port: u16| (Ipv4Addr::LOCALHOST, port).into());
        let parsed = local.or_else(|| at.parse().ok()).filter(|at| at.port() != 0);
        let at = parsed.ok_or_else(|| WrongPolicy::Allowed(format!("{name}={at}")))?;
        if !is_name(name) {
            return Err(WrongPolicy::Name(name.to_owned()));
        }
        Ok(Self { name: name.to_owned(), at })
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn at(&self) -> SocketAddr {
        self.at
    }

    /// A name may stand for several ports of one address.
    pub(super) fn clashes(&self, other: &Self) -> bool {
        self.at == other.at || self.name == other.name && self.at.ip() != other.at.ip()
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
        let (name, at) = text.split_once('=').ok_or_else(|| WrongPolicy::Allowed(text.to_owned()))?;
        Self::new(name, at)
    }
}

/// As it is written in settings; the alternate form is for sentences.
impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let between = if f.alternate() { " at " } else { "=" };
        write!(f, "{}{between}{}", self.name, self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_read_and_shown() {
        for (text, back) in [
            ("postgres=127.0.0.1:5432", "postgres=127.0.0.1:5432"),
            ("postgres=localhost:5432", "postgres=127.0.0.1:5432"),
            ("a.b-c_d=[::1]:80", "a.b-c_d=[::1]:80"),
        ] {
            assert_eq!(text.parse::<Allowed>().unwrap().to_string(), back);
        }
    }

    #[test]
    fn whatever_else_is_refused() {
        for text in
            ["", "postgres", "a=", "a=127.0.0.1", "a=localhost", "a=db:5432", "a=127.0.0.1:0", "a=localhost:0", "a=:80"]
        {
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
