//! Where state is kept, as it is written in settings.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Result, bail};

/// Where rows are kept.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum StorePlace {
    /// Lost at the end.
    Memory,
    /// In the data folder.
    Fjall,
    /// In the data folder.
    Redb,
    /// The whole URL, with the password that may be in it.
    Postgres(String),
}

impl StorePlace {
    /// # Errors
    /// If it is no place that this updraft knows, or contradicts `--ephemeral`.
    pub(crate) fn resolve(said: Option<&str>, ephemeral: bool) -> Result<Self> {
        let place = match said {
            None if ephemeral => Self::Memory,
            None | Some("fjall") => Self::Fjall,
            Some("memory") => Self::Memory,
            Some("redb") if cfg!(feature = "redb") => Self::Redb,
            Some("redb") => bail!("this updraft was built without redb; build it with --features redb"),
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Self::Postgres(url.to_owned())
            }
            Some(other) => {
                bail!("{other:?} is no store; say fjall, redb, memory, or postgres://USER@HOST/DATABASE")
            }
        };
        if ephemeral && place != Self::Memory {
            bail!("--ephemeral keeps everything in memory; leave it out, or --store");
        }
        Ok(place)
    }
}

/// Without the password: settings are shown and logged.
impl fmt::Debug for StorePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("Memory"),
            Self::Fjall => f.write_str("Fjall"),
            Self::Redb => f.write_str("Redb"),
            Self::Postgres(url) => write!(f, "Postgres({})", without_password(url)),
        }
    }
}

/// A URL as it may be shown: everything between the user's name and the host left out, and the query.
pub(crate) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "postgres".to_owned() };
    let user = rest.split([':', '@', '/', '?']).next().unwrap_or_default();
    let bare = rest.split('?').next().unwrap_or_default();
    match bare.rsplit_once('@') {
        // A password with a question mark, or one in the query with an at sign: it can't be told where it ends.
        _ if rest.rfind('@') > rest.find('?') && rest.contains('?') => format!("{scheme}://{user}@…"),
        Some((_, host)) => format!("{scheme}://{user}@{host}"),
        None => format!("{scheme}://{bare}"),
    }
}

/// Where large bodies are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BlobPlace {
    /// In the data folder.
    Data,
    Folder(PathBuf),
    /// `s3://…`
    Bucket(String),
}

impl BlobPlace {
    pub(crate) fn resolve(said: Option<String>) -> Self {
        match said {
            None => Self::Data,
            Some(url) if url.starts_with("s3://") => Self::Bucket(url),
            Some(folder) => Self::Folder(folder.into()),
        }
    }
}

/// What a node is called that nobody has named.
#[expect(clippy::disallowed_methods, reason = "the binary reads its surroundings once, here")]
pub(crate) fn host_and_port(listen: SocketAddr) -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim();
    format!("{}:{}", if host.is_empty() { "updraft" } else { host }, listen.port())
}

/// What an object store's client reads from the environment.
pub(crate) fn aws_variables() -> Vec<(String, String)> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).filter(|(name, _)| name.starts_with("AWS_")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_understood_and_others_are_refused_with_what_there_is() {
        let place = |said, ephemeral| StorePlace::resolve(said, ephemeral);
        assert_eq!(place(None, false).unwrap(), StorePlace::Fjall);
        assert_eq!(place(None, true).unwrap(), StorePlace::Memory);
        assert_eq!(place(Some("memory"), true).unwrap(), StorePlace::Memory);
        let url = "postgres://u:secret@h/d?sslmode=require";
        assert_eq!(place(Some(url), false).unwrap(), StorePlace::Postgres(url.to_owned()));
        assert!(place(Some(url), true).unwrap_err().to_string().contains("--ephemeral"));
        assert!(place(Some("mysql://h/d"), false).unwrap_err().to_string().contains("postgres://"));
    }

    #[test]
    fn a_password_is_never_shown() {
        let hidden = [
            ("postgres://u:se@cret@h:5432/d?password=secret", "postgres://u@h:5432/d"),
            ("postgres://h/d?password=secret", "postgres://h/d"),
            ("postgres://u:se?cret@h/d", "postgres://u@…"),
            ("postgres://h/d?password=sec@ret", "postgres://h@…"),
            ("postgres:secret", "postgres"),
        ];
        for (url, shown) in hidden {
            assert_eq!(without_password(url), shown);
        }
        let place = StorePlace::Postgres("postgres://u:secret@h/d".to_owned());
        assert_eq!(format!("{place:?}"), "Postgres(postgres://u@h/d)");
    }

    #[test]
    fn a_bucket_is_told_from_a_folder() {
        assert_eq!(BlobPlace::resolve(None), BlobPlace::Data);
        assert_eq!(BlobPlace::resolve(Some("s3://b/p".into())), BlobPlace::Bucket("s3://b/p".into()));
        assert_eq!(BlobPlace::resolve(Some("/shared".into())), BlobPlace::Folder("/shared".into()));
    }
}
