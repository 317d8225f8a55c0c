//! The supervisor's listeners inside are all that a sandbox reaches.

use std::io::{Read, Write};

use updraft_sandbox::SandboxError;

use crate::harness::Case;
use crate::lab::{backend, build, python, spec, wait};

pub(crate) const CASES: &[Case] = &[
    ("network::a_listener_inside_is_served_by_the_supervisor", a_listener_inside_is_served_by_the_supervisor),
    ("network::neighbours_use_the_same_port_without_meeting", neighbours_use_the_same_port_without_meeting),
    ("network::a_listeners_port_cannot_be_taken", a_listeners_port_cannot_be_taken),
    ("network::a_port_asked_for_twice_is_named", a_port_asked_for_twice_is_named),
];

const ASK: &str = "
import socket
s = socket.create_connection(('127.0.0.1', 9001)); s.sendall(b'ping'); print(s.recv(9).decode())";

/// Serves one connection of a sandbox that asks for port 9001; answers what the sandbox printed.
fn served_with(reply: &str) -> String {
    let mut spec = spec();
    spec.listeners = vec![9001];
    wait(async {
        let mut sandbox = build(spec).await;
        let listener = sandbox.listeners().pop().unwrap();
        assert!(sandbox.listeners().is_empty(), "handed out once");
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let mut stdio = sandbox.start(python(ASK)).unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = stream.into_std().unwrap();
        stream.set_nonblocking(false).unwrap();
        let mut ping = [0; 4];
        stream.read_exact(&mut ping).unwrap();
        assert_eq!(&ping, b"ping");
        stream.write_all(reply.as_bytes()).unwrap();
        let mut printed = String::new();
        tokio::io::AsyncReadExt::read_to_string(&mut stdio.stdout, &mut printed).await.unwrap();
        sandbox.destroy().await;
        printed.trim().to_owned()
    })
}

fn a_listener_inside_is_served_by_the_supervisor() {
    assert_eq!(served_with("pong"), "pong");
    assert!(std::net::TcpStream::connect(("127.0.0.1", 9001)).is_err(), "and not seen on the host");
}

fn neighbours_use_the_same_port_without_meeting() {
    let one = std::thread::Builder::new().spawn(|| served_with("one")).unwrap();
    assert_eq!(served_with("two"), "two");
    assert_eq!(one.join().unwrap(), "one");
}

fn a_listeners_port_cannot_be_taken() {
    let take = |port: u16| {
        let script = format!(
            "import socket\ns = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\ntry: s.bind(('127.0.0.1', {port})); s.listen(); print('taken')\nexcept OSError as e: print('refused')"
        );
        let mut spec = spec();
        spec.listeners = vec![9001];
        wait(crate::lab::run(spec, python(&script))).ok().to_owned()
    };
    assert_eq!(take(9001), "refused");
    assert_eq!(take(9002), "taken", "control");
}

fn a_port_asked_for_twice_is_named() {
    let mut spec = spec();
    spec.listeners = vec![9001, 9001];
    use updraft_sandbox::SandboxBackend;
    match wait(backend().build(spec)) {
        Err(SandboxError::Step { step, .. }) => assert_eq!(step, "listen on port 9001"),
        other => panic!("{other:?}"),
    }
}
