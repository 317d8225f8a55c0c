//! What a store's URL says.

use std::path::PathBuf;
use std::str::FromStr;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use updraft_store::{Result, StoreError};

/// How the connection is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Not at all.
    None,
    /// Encrypted; whoever answers is believed to be the server. What libpq's `prefer` and `require` mean.
    Unverified,
    /// Encrypted; the server's certificate must be for its name and signed by a known authority: the system's, or those
    /// of a file.
    Verified(Option<PathBuf>),
}

/// Where the database is.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) protection: Protection,
}

impl Address {
    /// Of several servers the one that writes is taken, unless the URL says otherwise.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let (plain, settings) = take_settings(url);
        let mut config = Config::from_str(&plain).map_err(|err| {
            StoreError::engine(format!(
                "the store's URL can't be read ({err}); it is postgres://USER:PASSWORD@HOST:PORT/DATABASE"
            ))
        })?;
        if config.get_hosts().is_empty() {
            return Err(StoreError::engine("the store's URL names no host"));
        }
        if config.get_target_session_attrs() == TargetSessionAttrs::Any {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let protection = settings.protection(&mut config)?;
        Ok(Self { config, protection })
    }

    /// The servers and the database, for messages: no user, no password.
    pub(crate) fn shown(&self) -> String {
        let ports = self.config.get_ports();
        let port = |nth: usize| ports.get(nth).or(ports.first()).copied().unwrap_or(5432);
        let host = |(nth, host): (usize, &Host)| match host {
            Host::Tcp(name) => format!("{name}:{}", port(nth)),
            Host::Unix(path) => format!("{}:{}", path.display(), port(nth)),
        };
        let hosts: Vec<_> = self.config.get_hosts().iter().enumerate().map(host).collect();
        format!("the database {:?} at {}", self.config.get_dbname().unwrap_or("of the user"), hosts.join(", "))
    }
}

/// What libpq's URLs may say about certificates and the driver doesn't know.
#[derive(Default)]
struct Settings {
    mode: Option<String>,
    roots: Option<PathBuf>,
}

impl Settings {
    fn protection(self, config: &mut Config) -> Result<Protection> {
        let (mode, protection) = match self.mode.as_deref() {
            Some("disable") => (SslMode::Disable, Protection::None),
            None | Some("prefer" | "allow") => (SslMode::Prefer, Protection::Unverified),
            Some("require") if self.roots.is_none() => (SslMode::Require, Protection::Unverified),
            Some("require" | "verify-full") => (SslMode::Require, Protection::Verified(self.roots)),
            Some(other) => {
                let known = "disable, prefer, require or verify-full";
                return Err(StoreError::engine(format!("sslmode={other} isn't known here; say {known}")));
            }
        };
        config.ssl_mode(mode);
        Ok(protection)
    }
}

fn take_settings(url: &str) -> (String, Settings) {
    let mut settings = Settings::default();
    let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), settings) };
    let mut rest = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", mode)) => settings.mode = Some(mode.to_owned()),
            Some(("sslrootcert", "system")) => {}
            Some(("sslrootcert", path)) => settings.roots = Some(path.into()),
            _ => rest.push(pair),
        }
    }
    let plain = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    (plain, settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sslmode_says_how_the_connection_is_protected() {
        let of = |query: &str| Address::parse(&format!("postgres://u:p@h/d{query}")).map(|address| address.protection);
        assert_eq!(of("").unwrap(), Protection::Unverified);
        assert_eq!(of("?sslmode=disable&connect_timeout=3").unwrap(), Protection::None);
        assert_eq!(of("?sslmode=verify-full").unwrap(), Protection::Verified(None));
        assert_eq!(of("?sslmode=require&sslrootcert=/ca.pem").unwrap(), Protection::Verified(Some("/ca.pem".into())));
        let err = of("?sslmode=verify-ca").unwrap_err();
        assert!(format!("{err:?}").contains("say disable, prefer, require or verify-full"), "{err:?}");
    }

    #[test]
    fn the_server_that_writes_is_asked_for_and_no_password_is_shown() {
        let address = Address::parse("postgres://u:secret@one:1,two:2/d").unwrap();
        assert_eq!(address.config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        assert_eq!(address.shown(), "the database \"d\" at one:1, two:2");
        assert!(Address::parse("postgres://").is_err());
    }
}
