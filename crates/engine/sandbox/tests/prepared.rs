//! Sandboxes that are made before it is known what for: furnished later, and entered by forks.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use updraft_sandbox::{
    Bind, Command, ExitReason, ExitStatus, Furniture, Limits, Occupant, ProcessBackend, Sandbox, SandboxBackend,
    SandboxError, SandboxSpec, Stdio, Zygote,
};

use crate::harness::Case;
use crate::lab::{PATIENCE, backend, program, sh, spec, wait, wait_until};

pub(crate) const CASES: &[Case] = &[
    ("prepared::furniture_is_there_before_the_command_runs", furniture_is_there_before_the_command_runs),
    ("prepared::nothing_runs_in_a_sandbox_without_furniture", nothing_runs_in_a_sandbox_without_furniture),
    ("prepared::limits_come_with_the_furniture", limits_come_with_the_furniture),
    ("prepared::a_source_that_is_missing_is_named", a_source_that_is_missing_is_named),
    ("prepared::a_program_finds_its_seat", a_program_finds_its_seat),
    ("prepared::a_socket_reaches_what_listens_inside", a_socket_reaches_what_listens_inside),
    ("prepared::a_fork_lives_in_the_sandbox", a_fork_lives_in_the_sandbox),
    ("prepared::a_fork_may_nothing", a_fork_may_nothing),
    ("prepared::a_forks_end_is_told", a_forks_end_is_told),
    ("prepared::forks_differ_in_what_is_random", forks_differ_in_what_is_random),
    ("prepared::a_zygote_that_dies_leaves_its_forks_alive", a_zygote_that_dies_leaves_its_forks_alive),
    ("prepared::a_zygote_that_doesnt_start_says_why", a_zygote_that_doesnt_start_says_why),
    ("prepared::a_nursery_that_is_killed_is_started_again", a_nursery_that_is_killed_is_started_again),
    ("prepared::what_a_sandbox_leaves_is_there_in_the_next", what_a_sandbox_leaves_is_there_in_the_next),
    ("prepared::what_is_left_counts_as_it_did", what_is_left_counts_as_it_did),
    ("prepared::measured", measured),
];

fn roomy() -> SandboxSpec {
    let mut spec = spec();
    spec.places = vec!["/var/task".into(), "/mnt".into()];
    spec
}

pub(crate) async fn prepare(occupant: Occupant) -> Box<dyn Sandbox> {
    backend().prepare(roomy(), occupant).await.unwrap_or_else(|err| panic!("{err}"))
}

/// A folder with a file `name` in it.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::write(dir.path().join("name"), "furniture").unwrap();
    dir
}

pub(crate) async fn output(stdio: &mut Stdio) -> String {
    let mut text = String::new();
    stdio.stdout.read_to_string(&mut text).await.unwrap();
    stdio.stderr.read_to_string(&mut text).await.unwrap();
    text.trim().to_owned()
}

fn furniture_is_there_before_the_command_runs() {
    let dir = folder();
    wait(async {
        let mut sandbox = prepare(Occupant::Command).await;
        let writable = Bind { source: dir.path().into(), target: "/mnt/data".into(), read_only: false };
        let binds = vec![Bind::read_only(dir.path(), "/var/task"), writable];
        let furniture = Furniture { binds, tmp_bytes: Some(3 << 20), limits: None };
        // The order is sent first: what is inside waits all the same.
        let script = "cat /var/task/name; echo; echo x 2>&- > /var/task/y || echo ro; cat /mnt/data/name; echo; \
                      mkdir /mnt/x 2>&- || echo closed; df -B1 --output=size /tmp | tail -1";
        let mut stdio = sandbox.start(sh(script)).unwrap();
        sandbox.furnish(furniture).unwrap();
        assert_eq!(output(&mut stdio).await, "furniture\nro\nfurniture\nclosed\n  3145728");
        assert_eq!(sandbox.wait().await.status, ExitStatus::Code(0));
        sandbox.destroy().await;
    });
}

/// Runs a script in one that is prepared, to its end.
async fn ended(mut sandbox: Box<dyn Sandbox>, script: &str, limits: Option<Limits>) -> (Box<dyn Sandbox>, String) {
    sandbox.furnish(Furniture { tmp_bytes: Some(64 << 20), limits, ..Furniture::default() }).unwrap();
    let mut stdio = sandbox.start(sh(script)).unwrap();
    let said = output(&mut stdio).await;
    sandbox.wait().await;
    (sandbox, said)
}

fn what_a_sandbox_leaves_is_there_in_the_next() {
    wait(async {
        let first = prepare(Occupant::Command).await;
        let script = "echo kept > /tmp/file; mkdir /tmp/dir; sleep 600 & echo gone > /dev/shm/file";
        let (first, _) = ended(first, script, None).await;
        let remains = first.bequeath().await.unwrap();
        assert!(remains.tmp_bytes().unwrap() >= 4096);
        let second = backend().inherit(roomy(), Occupant::Command, remains).await.unwrap();
        let script = "cat /tmp/file; ls /dev/shm; pidof sleep; echo more >> /tmp/file; stat -c %U /tmp/dir; \
                      mount | grep -c ' /tmp '";
        let (second, said) = ended(second, script, None).await;
        let said: Vec<_> = said.lines().collect();
        assert_eq!((said[0], said[said.len() - 1], said.len()), ("kept", "1", 3), "{said:?}");
        let third = backend().inherit(roomy(), Occupant::Command, second.bequeath().await.unwrap()).await.unwrap();
        let (third, said) = ended(third, "cat /tmp/file", None).await;
        assert_eq!(said, "kept\nmore");
        drop(third.bequeath().await.unwrap());
        let (fresh, said) = ended(prepare(Occupant::Command).await, "ls /tmp", None).await;
        assert_eq!(said, "", "others see nothing of it");
        fresh.destroy().await;
    });
}

/// Or a function could have its files beside its memory, and more of them with each reset.
fn what_is_left_counts_as_it_did() {
    wait(async {
        let limits = Some(Limits { memory_bytes: Some(96 << 20), ..Limits::default() });
        let fill = "dd if=/dev/zero of=/tmp/full bs=1M count=50 2>&-; echo filled";
        let (first, said) = ended(prepare(Occupant::Command).await, fill, limits).await;
        assert_eq!(said, "filled");
        let remains = first.bequeath().await.unwrap();
        assert!(remains.tmp_bytes().unwrap() >= 50 << 20);
        let second = backend().inherit(roomy(), Occupant::Command, remains).await.unwrap();
        let (second, _) = ended(second, "dd if=/dev/zero bs=80M count=1 2>&- | tail -c 1", limits).await;
        if second.peak_memory().is_some() {
            assert!(second.wait().await.oom_killed, "there is no room for it beside the files");
        }
        let third = backend().inherit(roomy(), Occupant::Command, second.bequeath().await.unwrap()).await.unwrap();
        let (third, said) = ended(third, "rm /tmp/full; echo alive", limits).await;
        assert_eq!(said, "alive");
        assert!(!third.wait().await.oom_killed, "that was before");
        third.destroy().await;
    });
}

fn nothing_runs_in_a_sandbox_without_furniture() {
    wait(async {
        let mut sandbox = prepare(Occupant::Command).await;
        let mut out = sandbox.start(sh("echo early")).unwrap().stdout;
        let mut buffer = [0; 64];
        let read = tokio::time::timeout(Duration::from_millis(300), out.read(&mut buffer)).await;
        assert!(read.is_err(), "{read:?}");
        sandbox.furnish(Furniture::default()).unwrap();
        assert_eq!(out.read(&mut buffer).await.unwrap(), 6, "control: it would have");
        sandbox.destroy().await;
    });
}

fn limits_come_with_the_furniture() {
    wait(async {
        let mut sandbox = prepare(Occupant::Command).await;
        let limits = Limits { memory_bytes: Some(48 << 20), ..Limits::default() };
        sandbox.furnish(Furniture { limits: Some(limits), ..Furniture::default() }).unwrap();
        let bomb = program(["/usr/bin/python3", "-I", "-S", "-c", "b = bytearray(100 << 20)"]);
        let _stdio = sandbox.start(bomb).unwrap();
        assert_eq!(sandbox.wait().await, ExitReason { status: ExitStatus::Signal(9), oom_killed: true });
        sandbox.destroy().await;
    });
}

fn a_source_that_is_missing_is_named() {
    wait(async {
        let mut sandbox = prepare(Occupant::Command).await;
        let binds = vec![Bind::read_only("/no/such/folder", "/var/task")];
        let err = sandbox.furnish(Furniture { binds, ..Furniture::default() }).unwrap_err().to_string();
        assert!(err.contains("take /no/such/folder"), "{err}");
        sandbox.destroy().await;
    });
}

fn a_program_finds_its_seat() {
    wait(async {
        let mut sandbox = prepare(Occupant::Command).await;
        let script = "read word <&3; echo back >&3; head -c 1 <&4 | od -An -tx1; echo got $word";
        let (mut stdio, mut seat) = sandbox.start_seated(sh(script), Vec::new()).unwrap();
        seat.write_all(b"hello\n").unwrap();
        let mut said = [0; 5];
        seat.read_exact(&mut said).unwrap();
        assert_eq!(&said, b"back\n", "it runs before there is furniture");
        sandbox.furnish(Furniture::default()).unwrap();
        assert_eq!(output(&mut stdio).await, "01\ngot hello", "and passes the gate by itself");
        sandbox.destroy().await;
    });
}

const LISTENING: &str = "
import signal, socket, sys
def end(*_): print('asked', flush=True); sys.exit(5)
signal.signal(signal.SIGTERM, end)
server = socket.create_server(('127.0.0.1', 8080))
print('listening', flush=True)
while True:
    peer, _ = server.accept()
    peer.sendall(b'from inside')
    peer.close()
";

fn a_socket_reaches_what_listens_inside() {
    wait(async {
        let zygote = zygote().await;
        let mut sandbox = prepare(Occupant::Command).await;
        let stdio = sandbox.start(program([PYTHON, "-I", "-S", "-c", LISTENING])).unwrap();
        reach_and_end(sandbox, stdio).await;
        let (sandbox, stdio, seat) = forked(&zygote).await;
        tell(&seat, LISTENING);
        reach_and_end(sandbox, stdio).await;
    });
}

async fn reach_and_end(mut sandbox: Box<dyn Sandbox>, mut stdio: Stdio) {
    sandbox.furnish(Furniture::default()).unwrap();
    let mut said = [0; 10];
    stdio.stdout.read_exact(&mut said).await.unwrap();
    let socket = sandbox.socket().await.unwrap_or_else(|err| panic!("{err}"));
    let mut peer = socket.connect(([127, 0, 0, 1], 8080).into()).await.unwrap();
    let mut text = String::new();
    peer.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "from inside");
    sandbox.terminate();
    let (said, exit) = tokio::join!(output(&mut stdio), sandbox.wait());
    assert_eq!((said.as_str(), exit.status), ("asked", ExitStatus::Code(5)));
    assert!(matches!(sandbox.socket().await, Err(SandboxError::Gone)), "with the sandbox its network is gone");
    sandbox.destroy().await;
}

const PYTHON: &str = "/usr/bin/python3";

/// Forks run what they are told over their seat, once their gate is open.
const OCCUPY: &str = "
import os, random, sys
sys.path.insert(0, '/var/zygote')
import zygote
MARK = 'inherited'
def occupy(seat, gate):
    text = b''
    while not text.endswith(b'\\0'):
        text += os.read(seat, 65536)
    assert os.read(gate, 1)
    exec(text[:-1].decode(), {'seat': seat, 'MARK': MARK, 'random': random})
zygote.Forks(occupy).run()
";

pub(crate) async fn zygote() -> Zygote {
    zygote_of(backend()).await
}

async fn zygote_of(backend: &ProcessBackend) -> Zygote {
    let mut spec = spec();
    spec.files.push(("/var/zygote/zygote.py".into(), updraft_sandbox::PYTHON_ZYGOTE.into()));
    spec.files.push(("/var/zygote/main.py".into(), OCCUPY.into()));
    let command = Command::new([PYTHON, "-I", "-S", "/var/zygote/main.py"]);
    backend.zygote(spec, command).await.unwrap_or_else(|err| panic!("{err}"))
}

/// What a fork finds in a furnished sandbox of a backend that may be weaker than ours.
pub(crate) async fn forked_by(backend: &ProcessBackend) -> String {
    let dir = folder();
    let zygote = zygote_of(backend).await;
    let mut texts = Vec::new();
    // More than one: the zygote has to be where it was after each of them.
    for code in [3, 4] {
        let mut sandbox = backend.prepare(roomy(), Occupant::Fork).await.unwrap_or_else(|err| panic!("{err}"));
        let (mut stdio, seat) = sandbox.start_from(&zygote).unwrap_or_else(|err| panic!("{err}"));
        let script = "import os; print(MARK, open('/var/task/name').read(), os.getuid(), flush=True)";
        tell(&seat, &format!("{script}; os._exit({code})"));
        let binds = vec![Bind::read_only(dir.path(), "/var/task")];
        sandbox.furnish(Furniture { binds, ..Furniture::default() }).unwrap();
        texts.push(output(&mut stdio).await);
        assert_eq!(sandbox.wait().await.status, ExitStatus::Code(code));
        sandbox.destroy().await;
    }
    texts.join("\n")
}

fn a_zygote_that_doesnt_start_says_why() {
    let refused = |script: &str| {
        let command = Command::new([PYTHON, "-I", "-S", "-c", script]);
        wait(backend().zygote(spec(), command)).unwrap_err().to_string()
    };
    assert!(refused("import nothing_like_that").contains("No module named 'nothing_like_that'"));
    assert!(refused("import os; os.write(3, b'words')").contains("words"));
    let missing = wait(backend().zygote(spec(), Command::new(["/no/such/program"]))).unwrap_err().to_string();
    assert!(missing.contains("run the zygote: No such file"), "{missing}");
}

pub(crate) async fn forked(zygote: &Zygote) -> (Box<dyn Sandbox>, Stdio, UnixStream) {
    let mut sandbox = prepare(Occupant::Fork).await;
    let (stdio, seat) = sandbox.start_from(zygote).unwrap_or_else(|err| panic!("{err}"));
    (sandbox, stdio, seat)
}

pub(crate) fn tell(mut seat: &UnixStream, script: &str) {
    seat.write_all(script.as_bytes()).and_then(|()| seat.write_all(b"\0")).unwrap();
}

/// What a fork prints that runs this, in furnished sandboxes.
async fn run(zygote: &Zygote, script: &str) -> String {
    let (mut sandbox, mut stdio, seat) = forked(zygote).await;
    tell(&seat, script);
    sandbox.furnish(Furniture::default()).unwrap();
    let text = output(&mut stdio).await;
    sandbox.destroy().await;
    text
}

fn a_fork_lives_in_the_sandbox() {
    let dir = folder();
    wait(async {
        let zygote = zygote().await;
        let (mut sandbox, mut stdio, seat) = forked(&zygote).await;
        tell(
            &seat,
            "import os; print(MARK, open('/var/task/name').read(), os.getuid(), os.path.exists('/var/zygote'))",
        );
        let binds = vec![Bind::read_only(dir.path(), "/var/task")];
        sandbox.furnish(Furniture { binds, ..Furniture::default() }).unwrap();
        assert_eq!(output(&mut stdio).await, "inherited furniture 993 False");
        assert_eq!(sandbox.wait().await.status, ExitStatus::Code(0));
        sandbox.destroy().await;
        let script = "import os, socket
listener = socket.socket(); listener.bind(('127.0.0.1', 9001))
print(sorted(os.listdir('/proc/self/fd')), len([p for p in os.listdir('/proc') if p.isdigit()]), socket.gethostname(), os.getsid(0) == os.getpid())";
        assert_eq!(run(&zygote, script).await, "['0', '1', '2', '3', '4', '5', '6'] 1 sandbox True");
    });
}

fn a_fork_may_nothing() {
    wait(async {
        let zygote = zygote().await;
        let script = "
import ctypes, os
keys = ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp', 'Groups', 'Uid')
for line in open('/proc/self/status'):
    if line.split(':')[0] in keys: print(' '.join(line.split()), end=';')
libc = ctypes.CDLL(None, use_errno=True)
def refused(call):
    return call() == -1 and ctypes.get_errno()
print(refused(lambda: libc.unshare(0x10000000)), refused(lambda: libc.setns(0, 0)), refused(lambda: libc.mount(b'x', b'/tmp', b'tmpfs', 0, 0)))
print(os.readlink('/proc/self/fd/1').startswith('pipe:'), os.environ.get('HOME'), open('/dev/stdout', 'w') is not None)";
        let expected = "Uid: 993 993 993 993;Groups:;CapInh: 0000000000000000;CapPrm: 0000000000000000;\
                        CapEff: 0000000000000000;CapBnd: 0000000000000000;CapAmb: 0000000000000000;NoNewPrivs: 1;\
                        Seccomp: 2;1 1 1\nTrue None True";
        assert_eq!(run(&zygote, script).await, expected);
    });
}

async fn end(zygote: &Zygote, script: &str) -> (ExitReason, String) {
    let (mut sandbox, mut stdio, seat) = forked(zygote).await;
    tell(&seat, script);
    let limits = Limits { memory_bytes: Some(64 << 20), ..Limits::default() };
    sandbox.furnish(Furniture { limits: Some(limits), ..Furniture::default() }).unwrap();
    let (said, exit) = tokio::join!(output(&mut stdio), sandbox.wait());
    sandbox.destroy().await;
    (exit, said)
}

fn a_forks_end_is_told() {
    wait(async {
        let zygote = zygote().await;
        let status = |status| ExitReason { status, oom_killed: false };
        assert_eq!(end(&zygote, "raise SystemExit(3)").await, (status(ExitStatus::Code(3)), String::new()));
        let (exit, said) = end(&zygote, "import atexit; atexit.register(print, 'bye'); 1 / 0").await;
        assert_eq!(exit, status(ExitStatus::Code(1)));
        assert!(said.starts_with("bye\nTraceback") && said.ends_with("ZeroDivisionError: division by zero"), "{said}");
        assert_eq!(end(&zygote, "import os; os.abort()").await.0, status(ExitStatus::Signal(6)));
        let bomb = "b = bytearray(200 << 20); print(len(b))";
        let oom = ExitReason { status: ExitStatus::Signal(9), oom_killed: true };
        assert_eq!(end(&zygote, bomb).await, (oom, String::new()));
        let daemon = "import os\nif os.fork() == 0:\n  os.execv('/bin/sleep', ['sleep', '983'])";
        assert_eq!(end(&zygote, daemon).await.0, status(ExitStatus::Code(0)), "what it leaves behind ends with it");
    });
}

fn forks_differ_in_what_is_random() {
    wait(async {
        let zygote = zygote().await;
        let script = "import ssl, uuid, secrets; print(random.random(), uuid.uuid4(), secrets.token_hex(8), ssl.RAND_bytes(8).hex())";
        let (one, other) = (run(&zygote, script).await, run(&zygote, script).await);
        let pairs: Vec<_> = one.split(' ').zip(other.split(' ')).collect();
        assert_eq!(pairs.len(), 4);
        assert!(pairs.iter().all(|(a, b)| a != b), "{pairs:?}");
        let threads = "import os; print(len(os.listdir('/proc/self/task')))";
        assert_eq!(run(&zygote, threads).await, "1");
    });
}

fn a_zygote_that_dies_leaves_its_forks_alive() {
    wait(async {
        let zygote = zygote().await;
        let (mut sandbox, mut stdio, seat) = forked(&zygote).await;
        drop(zygote);
        let script = "import time; time.sleep(0.3); print('alive')";
        tell(&seat, script);
        sandbox.furnish(Furniture::default()).unwrap();
        assert_eq!(output(&mut stdio).await, "alive");
        assert_eq!(sandbox.wait().await.status, ExitStatus::Killed, "nobody is left to tell how it ended");
        sandbox.destroy().await;
    });
}

fn a_nursery_that_is_killed_is_started_again() {
    let nurseries = || crate::lab::children_of(std::process::id());
    wait(async {
        let sandbox = prepare(Occupant::Command).await;
        let [nursery] = nurseries()[..] else { panic!("{:?}", nurseries()) };
        assert!(std::process::Command::new("kill").args(["-9", &nursery.to_string()]).status().unwrap().success());
        wait_until("the nursery is gone", || crate::lab::stat(nursery).is_none_or(|(state, _)| state == 'Z'));
        let mut other = prepare(Occupant::Command).await;
        other.furnish(Furniture::default()).unwrap();
        let mut stdio = other.start(sh("echo on")).unwrap();
        assert_eq!(output(&mut stdio).await, "on");
        other.destroy().await;
        let mut survivor = sandbox;
        survivor.furnish(Furniture::default()).unwrap();
        let mut stdio = survivor.start(sh("echo still")).unwrap();
        assert_eq!(output(&mut stdio).await, "still", "what was built before lives on");
        survivor.destroy().await;
    });
    assert!(matches!(wait(refused()), SandboxError::Invalid(_)));
}

async fn refused() -> SandboxError {
    let mut sandbox = prepare(Occupant::Command).await;
    let binds = vec![Bind::read_only("/usr", "/a/../b")];
    let err = sandbox.furnish(Furniture { binds, ..Furniture::default() }).unwrap_err();
    sandbox.destroy().await;
    err
}

/// Not a judgement, only numbers: this machine may be busy.
fn measured() {
    const RUNS: usize = 20;
    assert!(PATIENCE > Duration::from_secs(1));
    wait(async {
        let zygote = zygote().await;
        let mut times: [Vec<u128>; 4] = Default::default();
        for _ in 0..RUNS {
            let mut at = std::time::Instant::now();
            let mut lap = || std::mem::replace(&mut at, std::time::Instant::now()).elapsed().as_micros();
            let mut sandbox = prepare(Occupant::Fork).await;
            times[0].push(lap());
            let (mut stdio, seat) = sandbox.start_from(&zygote).unwrap();
            times[1].push(lap());
            tell(&seat, "print(1)");
            let limits = Some(Limits::default());
            let binds = vec![Bind::read_only("/usr/lib", "/var/task")];
            sandbox.furnish(Furniture { binds, tmp_bytes: Some(512 << 20), limits }).unwrap();
            output(&mut stdio).await;
            times[2].push(lap());
            sandbox.destroy().await;
            times[3].push(lap());
        }
        for (name, mut runs) in ["prepare", "fork", "furnish and run", "destroy"].into_iter().zip(times) {
            runs.sort_unstable();
            println!("{name}: min {} µs, median {} µs, max {} µs", runs[0], runs[RUNS / 2], runs[RUNS - 1]);
        }
    });
}
