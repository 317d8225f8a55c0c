//! What the probe tries from inside a sandbox. Each attempt prints `name held` or `name broken`.
#![expect(clippy::disallowed_methods, reason = "trying forbidden things is the point")]

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::path::Path;

use crate::linux::sys::mount;
use crate::linux::sys::process::{self, Pid};

/// Exit code of an attempt at more memory than allowed that went through.
const NOT_STOPPED: i32 = 9;
/// An address that is nobody's: RFC 5737.
const ELSEWHERE: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);

/// `escapes <port on the host's loopback> <process id of the supervisor>`, `hog <bytes>`, `swarm <threads>` or `knock`.
pub(super) fn run(mut args: impl Iterator<Item = String>) -> i32 {
    let mode = args.next().unwrap_or_default();
    let mut number = || args.next().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    match mode.as_str() {
        "escapes" => escapes(u16::try_from(number()).unwrap_or(0), i32::try_from(number()).unwrap_or(1)),
        "hog" => hog(usize::try_from(number()).unwrap_or(0)),
        "swarm" => swarm(number()),
        "knock" => knock(),
        _ => 2,
    }
}

fn escapes(port: u16, supervisor: i32) -> i32 {
    let held = [
        ("files", fs::read("/etc/shadow").is_err() && fs::read_dir("/root").is_err() && fs::read_dir("/sys").is_err()),
        ("root", fs::write("/probe", "x").is_err() && fs::create_dir("/usr/probe").is_err()),
        ("processes", foreign_processes() == 0 && !reaches(supervisor)),
        ("network", TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err()),
        ("user", status("Uid:").is_some_and(|ids| !ids.split_whitespace().any(|id| id == "0"))),
        ("privileges", status("NoNewPrivs:") == Some("1".into()) && no_capabilities()),
        ("filter", status("Seccomp:") == Some("2".into()) && kernel_refuses()),
    ];
    let lines: String =
        held.iter().map(|(name, held)| format!("{name} {}\n", if *held { "held" } else { "broken" })).collect();
    std::io::stdout().write_all(lines.as_bytes()).map_or(1, |()| 0)
}

/// Processes other than this one that /proc shows; the sandbox's init hides itself.
/// Numbers up to one's own are taken inside, too. In a container the supervisor often has such a one.
fn reaches(supervisor: i32) -> bool {
    let own = i32::try_from(std::process::id()).unwrap_or(i32::MAX);
    supervisor > own && process::exists(Pid(supervisor))
}

fn foreign_processes() -> usize {
    let own = std::process::id();
    let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
    pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()).filter(|pid| *pid != own).count()
}

fn status(key: &str) -> Option<String> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    text.lines().find_map(|line| Some(line.strip_prefix(key)?.trim().to_owned()))
}

fn no_capabilities() -> bool {
    ["CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"]
        .iter()
        .all(|key| status(key).is_some_and(|bits| bits.chars().all(|digit| digit == '0')))
}

fn kernel_refuses() -> bool {
    mount::mount(c"tmpfs", Path::new("/tmp"), "", false).is_err()
        && process::unshare(libc::CLONE_NEWUSER).is_err()
        && process::trace_me().is_err()
}

/// Touches memory until killed.
fn hog(bytes: usize) -> i32 {
    let block = vec![1_u8; bytes];
    if std::hint::black_box(&block).iter().all(|byte| *byte == 1) { NOT_STOPPED } else { 1 }
}

/// Starts threads until refused.
fn swarm(threads: u64) -> i32 {
    let start = || {
        std::thread::Builder::new().stack_size(64 << 10).spawn(|| {
            loop {
                std::thread::park()
            }
        })
    };
    if (0..threads).any(|_| start().is_err()) { 0 } else { NOT_STOPPED }
}

/// Sends a word to somebody who isn't inside.
fn knock() -> i32 {
    let sent = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| socket.send_to(b"?", ELSEWHERE));
    i32::from(sent.is_err())
}
