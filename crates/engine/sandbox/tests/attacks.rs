//! Attempts to get out, each tried twice: inside, where it must fail, and on the host, to show that it is a real attempt.

mod files;
mod kernel;
mod network;
mod processes;

use std::process::Command;

use crate::harness::Case;
use crate::lab::{python, run, spec, wait};
use updraft_sandbox::Bind;

pub(crate) const CASES: &[Case] = &[
    ("attacks::files", || all(files::ATTACKS)),
    ("attacks::processes", || all(processes::ATTACKS)),
    ("attacks::network", || all(network::ATTACKS)),
    ("attacks::kernel", || all(kernel::ATTACKS)),
];

/// A name, and the body of a Python function that answers true if the attempt went through. Raising counts as held.
pub(crate) type Attack = (&'static str, &'static str);

/// What attempts find before them. `H` is a dictionary of the fixtures, `call` a raw system call: its result or `-errno`.
const PROLOGUE: &str = "
import ctypes, glob, os, signal, socket, stat, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(number, *args):
    got = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
    return -ctypes.get_errno() if got < 0 else got
class Absent(Exception): pass
def reaches(number, *args):
    'Whether the kernel looks at the arguments instead of refusing the call as such.'
    got = call(number, *args)
    if got == -38: raise Absent()
    return got != -1
def family(number, protocol=0):
    try: socket.socket(number, socket.SOCK_RAW if number == 16 else socket.SOCK_STREAM if number == 40 else socket.SOCK_SEQPACKET, protocol); return True
    except OSError as e:
        if e.errno in (93, 97): raise Absent()
        raise
def child():
    pid = os.fork()
    if pid == 0:
        while True: signal.pause()
    return pid
";

/// What the host offers to an attacker.
struct Bait {
    dir: tempfile::TempDir,
    victim: std::process::Child,
    tcp: std::net::TcpListener,
    _abstract_socket: std::os::unix::net::UnixListener,
    name: String,
}

impl Bait {
    fn lay() -> Self {
        use std::os::linux::net::SocketAddrExt;
        let dir = tempfile::tempdir().unwrap();
        for file in ["secret", "code"] {
            std::fs::write(dir.path().join(file), "secret").unwrap();
        }
        let name = format!("updraft-bait-{}-{}", std::process::id(), dir.path().display());
        let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
        Self {
            victim: Command::new("sleep").arg("1000").env("VICTIM", "1").spawn().unwrap(),
            tcp: std::net::TcpListener::bind("127.0.0.1:0").unwrap(),
            _abstract_socket: std::os::unix::net::UnixListener::bind_addr(&address).unwrap(),
            dir,
            name,
        }
    }

    /// The fixtures as Python sees them. Code, scratch space and the process to read from differ inside.
    fn dictionary(&self, task: &str, scratch: &str, init: u32) -> String {
        let namespaces = ["pid", "mnt", "net", "ipc", "uts", "user"].map(|kind| {
            format!("'{kind}': '{}'", std::fs::read_link(format!("/proc/self/ns/{kind}")).unwrap().display())
        });
        format!(
            "H = dict(secret='{}', task='{task}', scratch='{scratch}', init={init}, victim={}, supervisor={}, port={}, name='{}', ns={{{}}})\n",
            self.dir.path().join("secret").display(),
            self.victim.id(),
            std::process::id(),
            self.tcp.local_addr().unwrap().port(),
            self.name,
            namespaces.join(", "),
        )
    }
}

impl Drop for Bait {
    fn drop(&mut self) {
        self.victim.kill().unwrap();
        self.victim.wait().unwrap();
    }
}

fn all(attacks: &[Attack]) {
    let bait = Bait::lay();
    let host = bait.dir.path().to_str().unwrap();
    let inside = attempts(attacks, &bait.dictionary("/var/task", "/tmp", 1));
    let outside = attempts(attacks, &bait.dictionary(host, host, bait.victim.id()));
    let mut spec = spec();
    spec.binds.push(Bind::read_only(host, "/var/task"));
    let held = wait(run(spec, python(&inside)));
    let control = Command::new("/usr/bin/python3").args(["-I", "-S", "-c", &outside]).output().unwrap();
    let control = String::from_utf8(control.stdout).unwrap();
    let wrong: Vec<_> = attacks.iter().filter_map(|(name, _)| judge(name, held.ok(), &control)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A program that makes every attempt, each in a process of its own, and prints `name result`.
fn attempts(attacks: &[Attack], fixtures: &str) -> String {
    let functions: String = attacks
        .iter()
        .enumerate()
        .map(|(index, (name, body))| {
            format!(
                "def attack{index}():\n    {}\nall.append(({name:?}, attack{index}))\n",
                body.trim().replace('\n', "\n    ")
            )
        })
        .collect();
    format!(
        "{PROLOGUE}{fixtures}all = []\n{functions}
for name, attack in all:
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        try: result = 'through' if attack() else 'held'
        except Absent: result = 'absent'
        except BaseException as e: result = 'held ' + repr(e)
        os.write(w, result.encode())
        os.killpg(0, signal.SIGKILL)
    os.close(w); os.waitpid(pid, 0)
    print(name, os.read(r, 9999).decode() or 'died', flush=True)
"
    )
}

/// What is wrong with an attempt's results, if anything is.
fn judge(name: &str, inside: &str, control: &str) -> Option<String> {
    let result =
        |lines: &str| lines.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned));
    match (result(inside), result(control)) {
        (Some(held), Some(through)) if held.starts_with("held") && through == "through" => None,
        // Nothing to show on this kernel: said, not passed over in silence.
        (Some(held), Some(absent)) if absent == "absent" && (held.starts_with("held") || held == "absent") => {
            println!("{name}: this kernel does not have the call; its refusal is all that was seen");
            None
        }
        (inside, control) => Some(format!("{name}: inside {inside:?}, control {control:?}")),
    }
}
