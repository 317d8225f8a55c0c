//! A real PostgreSQL for tests: the server that `UPDRAFT_TEST_POSTGRES` names, or one of our own, from the programs on
//! the machine.

mod programs;
mod server;

use std::io;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

pub use server::PostgresServer;

/// The URL of a server where this user may make databases.
pub const VARIABLE: &str = "UPDRAFT_TEST_POSTGRES";

/// An empty database, dropped with this.
#[derive(Debug)]
pub struct FreshDatabase {
    server: String,
    name: String,
    /// Ours, if none was given.
    own: Option<PostgresServer>,
}

impl FreshDatabase {
    /// On the server that was given, or one that is started for it.
    ///
    /// # Errors
    /// If there is no PostgreSQL, in a sentence that says what to install.
    pub fn new() -> io::Result<Self> {
        match given() {
            Some(server) => Self::on(server, None),
            None => {
                let own = PostgresServer::start()?;
                Self::on(own.url("postgres"), Some(own))
            }
        }
    }

    fn on(server: String, own: Option<PostgresServer>) -> io::Result<Self> {
        let name = fresh_name();
        create(&server, &name)?;
        Ok(Self { server, name, own })
    }

    #[must_use]
    pub fn url(&self) -> String {
        in_database(&self.server, &self.name)
    }
}

impl Drop for FreshDatabase {
    fn drop(&mut self) {
        if self.own.is_none()
            && let Ok(dropdb) = programs::find("dropdb")
        {
            let mut command = Command::new(dropdb);
            command.args(["--force", "--if-exists", "--maintenance-db", &self.server, &self.name]);
            // What can't be dropped is left for whoever gave the server.
            drop(programs::quiet(&mut command));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's process has no other way to be told")]
fn given() -> Option<String> {
    std::env::var(VARIABLE).ok().filter(|url| !url.is_empty())
}

/// A name that no other test has.
pub(crate) fn fresh_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let random = updraft_kernel::RngExt::u64(&updraft_kernel::OsRng);
    format!("updraft_test_{}_{random:x}", COUNT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn create(server: &str, name: &str) -> io::Result<()> {
    programs::quiet(Command::new(programs::find("createdb")?).args(["--maintenance-db", server, name]))
}

/// The server's URL with another database in it.
pub(crate) fn in_database(server: &str, name: &str) -> String {
    let (base, query) = server.split_once('?').map_or((server, None), |(base, query)| (base, Some(query)));
    let (scheme, rest) = base.split_once("://").unwrap_or(("postgres", base));
    let host = rest.split('/').next().unwrap_or(rest);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{scheme}://{host}/{name}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_of_the_same_server() {
        assert_eq!(in_database("postgres://u:p@h:1/a?sslmode=disable", "b"), "postgres://u:p@h:1/b?sslmode=disable");
        assert_eq!(in_database("postgres://u@h", "b"), "postgres://u@h/b");
    }
}
