//! PostgreSQL's programs, and whom they run as.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where distributions keep them: the newest version first.
const FOLDERS: [&str; 2] = ["/usr/lib/postgresql", "/usr/pgsql"];

/// The program on the PATH, or in the distribution's folder.
pub(super) fn find(program: &str) -> io::Result<PathBuf> {
    let on_path = std::env::split_paths(&path()).map(|folder| folder.join(program)).find(|file| file.is_file());
    on_path.or_else(|| in_distribution(program)).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::NotFound,
            format!("{program} isn't here: install PostgreSQL 14 or newer (Debian: apt install postgresql), or name a server in {}", super::VARIABLE),
        )
    })
}

#[expect(clippy::disallowed_methods, reason = "the PATH is where programs are")]
fn path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

fn in_distribution(program: &str) -> Option<PathBuf> {
    let versions = FOLDERS.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    let number = |path: &Path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let mut found: Vec<_> = versions.filter_map(|entry| Some((number(&entry.path())?, entry.path()))).collect();
    found.sort();
    found.into_iter().rev().map(|(_, folder)| folder.join("bin").join(program)).find(|file| file.is_file())
}

/// The server refuses to run as root; then it runs as `postgres`.
pub(super) fn user() -> io::Result<Option<(u32, u32)>> {
    if std::fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    #[expect(clippy::disallowed_methods, reason = "the machine's list of users")]
    let users = std::fs::read_to_string("/etc/passwd")?;
    let ids = users.lines().find_map(|line| {
        let mut parts = line.strip_prefix("postgres:")?.split(':').skip(1);
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    });
    let missing =
        "PostgreSQL doesn't run as root, and there is no user postgres to run it as (Debian: apt install postgresql)";
    ids.map(Some).ok_or_else(|| io::Error::other(missing))
}

/// A program of the server's, as that user.
pub(super) fn command(program: &str) -> io::Result<Command> {
    let mut command = Command::new(find(program)?);
    command.stdin(Stdio::null()).current_dir("/");
    if let Some((uid, gid)) = user()? {
        command.uid(uid).gid(gid);
    }
    Ok(command)
}

/// Runs it; what it said is the error's text where it fails.
pub(super) fn quiet(command: &mut Command) -> io::Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let program = command.get_program().to_string_lossy().into_owned();
    Err(io::Error::other(format!("{program}: {}", String::from_utf8_lossy(&said).trim())))
}
