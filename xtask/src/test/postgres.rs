//! One PostgreSQL for all tests of a run that leave it alive; those that kill servers start their own.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::nodes::{GIVEN, INSTALLED, there_is_postgres};
use crate::{house, run};

/// A running server, or one that was there before; ours is stopped and forgotten when this is dropped.
pub(super) struct Server {
    url: String,
    folder: Option<PathBuf>,
}

impl Server {
    /// # Errors
    /// If PostgreSQL isn't here and can't be installed, or doesn't start.
    pub(super) fn for_tests() -> Result<Self> {
        if let Ok(url) = std::env::var(GIVEN) {
            return Ok(Self { url, folder: None });
        }
        there_is_postgres()?;
        let folder = std::env::temp_dir().join(format!("updraft-xtask-postgres-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        if let Some((uid, gid)) = user()? {
            chown(&folder, Some(uid), Some(gid))?;
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=disable");
        let server = Self { url, folder: Some(folder.clone()) };
        let data = folder.join("data");
        let auth = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"];
        run::quiet(program("initdb")?.args(auth).arg(&data)).context("making a PostgreSQL cluster")?;
        let settings =
            format!("-p {port} -k {} -c listen_addresses=127.0.0.1 -c max_connections=300", folder.display());
        let mut start = program("pg_ctl")?;
        start.arg("start").arg("-w").arg("-D").arg(&data).arg("-l").arg(folder.join("log")).args(["-o", &settings]);
        // Inherited pipes would keep whoever reads them waiting for the server's end.
        let started = start.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).status()?;
        anyhow::ensure!(started.success(), "PostgreSQL doesn't start; see {}", folder.join("log").display());
        Ok(server)
    }

    /// Tells a command's tests of it.
    pub(super) fn given_to<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env(GIVEN, &self.url)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(folder) = &self.folder else { return };
        let stopped = program("pg_ctl").and_then(|mut stop| {
            run::quiet(stop.args(["stop", "-w", "-m", "immediate", "-D"]).arg(folder.join("data")))
        });
        if let Err(err) = stopped {
            println!("PostgreSQL wasn't stopped: {err:#}");
        }
        drop(std::fs::remove_dir_all(folder));
    }
}

/// A program of the server's: on the PATH, or of the newest version that the distribution has. Not as root, since the
/// server refuses that.
fn program(name: &str) -> Result<Command> {
    let mut versions: Vec<_> = Path::new(INSTALLED).read_dir().into_iter().flatten().flatten().collect();
    versions.sort_by_key(|version| version.file_name().to_str().and_then(|name| name.parse::<u32>().ok()));
    let installed =
        versions.iter().rev().map(|version| version.path().join("bin").join(name)).find(|file| file.is_file());
    let file = installed.filter(|_| !run::there(name, "--version")).unwrap_or_else(|| name.into());
    let mut command = Command::new(file);
    command.current_dir("/");
    if let Some((uid, gid)) = user()? {
        command.uid(uid).gid(gid);
    }
    Ok(command)
}

/// Whom the server runs as, if this is root.
fn user() -> Result<Option<(u32, u32)>> {
    if std::fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let users = house::read(Path::new("/etc/passwd"))?;
    let ids = users.lines().find_map(|line| {
        let mut parts = line.strip_prefix("postgres:")?.split(':').skip(1);
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    });
    ids.map(Some)
        .context("PostgreSQL doesn't run as root, and there is no user postgres (Debian: apt install postgresql)")
}
