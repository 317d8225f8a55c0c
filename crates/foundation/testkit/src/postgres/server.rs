//! A server of our own.

use std::fs::File;
use std::io::{self, Write};
use std::net::TcpListener;
use std::os::unix::fs::{OpenOptionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use updraft_kernel::{Clock, SystemClock};

use super::programs::{command, quiet, user};

/// How long a server may take to start.
const START: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(20);

/// A running PostgreSQL whose data is gone when this is dropped. Everybody on this machine may connect as `postgres`.
#[derive(Debug)]
pub struct PostgresServer {
    folder: PathBuf,
    port: u16,
    settings: Vec<String>,
    process: Option<Child>,
}

impl PostgresServer {
    /// One that syncs to the disk, as those in use do.
    ///
    /// # Errors
    /// If there is no PostgreSQL, in a sentence that says what to install, or if it doesn't start.
    pub fn start() -> io::Result<Self> {
        Self::start_with(&[])
    }

    /// With settings such as `fsync=off`.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with(settings: &[&str]) -> io::Result<Self> {
        let mut server = Self::new(settings)?;
        server.restart()?;
        Ok(server)
    }

    /// With TLS, by a certificate and its key as PEM.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with_tls(certificate: &str, key: &str) -> io::Result<Self> {
        let mut server = Self::new(&["ssl=on"])?;
        for (setting, text) in [("ssl_cert_file", certificate), ("ssl_key_file", key)] {
            let file = server.folder.join(setting);
            write_private(&file, text)?;
            server.settings.push(format!("{setting}={}", file.display()));
        }
        server.restart()?;
        Ok(server)
    }

    fn new(settings: &[&str]) -> io::Result<Self> {
        let folder = copy_of_template()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        Ok(Self { folder, port, settings, process: None })
    }

    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a new, empty database.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn fresh_database(&self) -> io::Result<String> {
        let name = super::fresh_name();
        super::create(&self.url("postgres"), &name)?;
        Ok(self.url(&name))
    }

    /// Stops it if it runs, and starts it on the same port.
    ///
    /// # Errors
    /// If it doesn't start.
    pub fn restart(&mut self) -> io::Result<()> {
        self.stop()?;
        let clock = SystemClock::new();
        loop {
            let mut process = self.spawn()?;
            while process.try_wait()?.is_none() {
                if self.answers() {
                    self.process = Some(process);
                    return Ok(());
                }
                pause();
            }
            // Processes of one that was killed may live on for a moment.
            if clock.monotonic() > START {
                return Err(io::Error::other(format!("PostgreSQL doesn't start:\n{}", self.log())));
            }
            pause();
        }
    }

    /// Ends it as an administrator does, breaking connections.
    ///
    /// # Errors
    /// If it doesn't end.
    pub fn stop(&mut self) -> io::Result<()> {
        self.end("fast")
    }

    /// As if the machine's power had failed for it.
    ///
    /// # Errors
    /// If it can't be killed.
    pub fn kill9(&mut self) -> io::Result<()> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        process.kill()?;
        process.wait().map(drop)
    }

    fn end(&mut self, how: &str) -> io::Result<()> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        quiet(command("pg_ctl")?.args(["stop", "-w", "-m", how, "-D"]).arg(self.data()))?;
        process.wait().map(drop)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn spawn(&self) -> io::Result<Child> {
        let mut command = command("postgres")?;
        command.arg("-D").arg(self.data()).arg("-k").arg(&self.folder).args(["-p", &self.port.to_string()]);
        // After a kill it would sync file by file, which takes long on a busy disk.
        let quick = "recovery_init_sync_method=syncfs";
        for setting in ["listen_addresses=127.0.0.1", "max_connections=200", "shared_buffers=64MB", quick] {
            command.args(["-c", setting]);
        }
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        let log = File::options().create(true).append(true).open(self.folder.join("log"))?;
        command.stdout(log.try_clone()?).stderr(log).spawn()
    }

    fn answers(&self) -> bool {
        let ready = command("pg_isready").and_then(|mut command| {
            command.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]).stdout(Stdio::null()).status()
        });
        ready.is_ok_and(|status| status.success())
    }

    #[expect(clippy::disallowed_methods, reason = "this owns its folder")]
    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.end("immediate").is_err()
            && let Some(process) = &mut self.process
        {
            drop(process.kill());
        }
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

#[expect(clippy::disallowed_methods, reason = "a server's process is waited for in real time, by tests alone")]
fn pause() {
    std::thread::sleep(STEP);
}

/// A file that only the server may read, as it wants its key to be.
fn write_private(file: &Path, text: &str) -> io::Result<()> {
    File::options().create_new(true).write(true).mode(0o600).open(file)?.write_all(text.as_bytes())?;
    let Some((uid, gid)) = user()? else { return Ok(()) };
    chown(file, Some(uid), Some(gid))
}

/// A folder of the server's user with a fresh cluster in it. Making a cluster takes seconds, copying one doesn't; so one
/// is kept for all tests of this machine.
fn copy_of_template() -> io::Result<PathBuf> {
    let home = std::env::temp_dir().join("updraft-testkit-postgres");
    make_folder(&home)?;
    let template = home.join(format!("template-{}", version()?));
    if !template.is_dir() {
        make_template(&home, &template)?;
    }
    let folder = home.join(super::fresh_name());
    make_folder(&folder)?;
    quiet(command("cp")?.arg("-a").arg(&template).arg(folder.join("data")))?;
    Ok(folder)
}

/// Made beside and moved, so that nobody finds half of it; whoever comes second finds it there.
fn make_template(home: &Path, template: &Path) -> io::Result<()> {
    let draft = home.join(format!("{}-draft", super::fresh_name()));
    let mut initdb = command("initdb")?;
    initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"]).arg(&draft);
    quiet(&mut initdb)?;
    match std::fs::rename(&draft, template) {
        Err(_) if template.is_dir() => std::fs::remove_dir_all(&draft),
        done => done,
    }
}

fn version() -> io::Result<String> {
    let output = command("postgres")?.arg("--version").output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let kept = |c: char| c.is_ascii_alphanumeric() || c == '.';
    Ok(said.chars().filter(|c| kept(*c)).collect())
}

#[expect(clippy::disallowed_methods, reason = "this owns its folder")]
fn make_folder(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let Some((uid, gid)) = user()? else { return Ok(()) };
    chown(folder, Some(uid), Some(gid))
}
