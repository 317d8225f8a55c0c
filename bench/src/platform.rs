//! A server under measurement: started, waited for, asked for its memory, ended.

use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;

use crate::{family, load};

/// A program that serves HTTP on a port of ours.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
    /// From the start of the process to the first answer.
    pub(crate) took: Duration,
}

impl Server {
    /// Starts it and waits until `path` is answered with 2xx.
    ///
    /// # Errors
    /// If it ends, or isn't ready within a minute.
    pub(crate) fn start(mut command: Command, address: SocketAddr, path: &str) -> Result<Self> {
        let log = std::fs::File::create(log_of(&address))?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let request = crate::aws::plain(&address.to_string(), "GET", path, "");
        let started = Instant::now();
        let process = command.spawn().with_context(|| format!("starting {}", command.get_program().display()))?;
        let mut server = Self { process, address, took: Duration::ZERO };
        while !server.answers(&request) {
            if let Some(status) = server.process.try_wait()? {
                bail!("the server ended with {status}; see {}", log_of(&address).display());
            }
            if started.elapsed() > Duration::from_secs(60) {
                bail!("the server isn't ready; see {}", log_of(&address).display());
            }
            std::thread::sleep(Duration::from_micros(300));
        }
        server.took = started.elapsed();
        Ok(server)
    }

    fn answers(&self, request: &Bytes) -> bool {
        load::once(self.address, request).is_ok_and(|answer| answer.status < 300)
    }

    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// Resident memory, in MiB.
    pub(crate) fn resident(&self) -> Result<f64> {
        self.memory("VmRSS")
    }

    /// The most that it was, in MiB.
    pub(crate) fn peak(&self) -> Result<f64> {
        self.memory("VmHWM")
    }

    fn memory(&self, name: &'static str) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find(|line| line.starts_with(name)).context(name)?;
        let kib: f64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        Ok(kib / 1024.0)
    }

    /// Memory of the server and of all instances, in MiB; what is shared is counted once.
    pub(crate) fn proportional(&self) -> Result<f64> {
        let family = family::of(self.process.id())?;
        Ok(family.iter().filter_map(|pid| family::proportional_kib(*pid)).sum::<f64>() / 1024.0)
    }

    /// Processor time that all but the server itself have had.
    pub(crate) fn of_instances(&self) -> Result<Duration> {
        let family = family::of(self.process.id())?;
        Ok(family.iter().skip(1).filter_map(|pid| family::used(*pid)).sum())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// One call whose answer is text.
    pub(crate) fn text(&self, request: &Bytes) -> Result<String> {
        Ok(String::from_utf8_lossy(&load::once(self.address, request)?.fine()?).into_owned())
    }

    /// One call whose answer is JSON.
    pub(crate) fn call(&self, request: &Bytes) -> Result<serde_json::Value> {
        let body = load::once(self.address, request)?.fine()?;
        if body.is_empty() { Ok(serde_json::Value::Null) } else { Ok(serde_json::from_slice(&body)?) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let ended = self.process.kill().and_then(|()| self.process.wait());
        if let Err(err) = ended {
            eprintln!("  a server couldn't be ended: {err}");
        }
    }
}

fn log_of(address: &SocketAddr) -> PathBuf {
    std::env::temp_dir().join(format!("updraft-bench-{}.log", address.port()))
}

/// A port nobody uses just now.
///
/// # Errors
/// If there is none.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// `updraft start` in a folder.
///
/// # Errors
/// As [`Server::start`].
pub(crate) fn updraft(binary: &Path, data: &Path, more: &[&OsStr]) -> Result<Server> {
    let address = free_address()?;
    let mut command = Command::new(binary);
    command.args(["start", "--listen", &address.to_string(), "--data"]).arg(data).args(more);
    Server::start(command, address, "/_updraft/health")
}
