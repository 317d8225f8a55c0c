//! The supervisor's listeners inside are all that a sandbox reaches.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};

use updraft_sandbox::{SandboxBackend, SandboxError, Tunnel, TunnelSpec};

use crate::harness::Case;
use crate::lab::{backend, build, python, spec, wait};

pub(crate) const CASES: &[Case] = &[
    ("network::a_listener_inside_is_served_by_the_supervisor", a_listener_inside_is_served_by_the_supervisor),
    ("network::neighbours_use_the_same_port_without_meeting", neighbours_use_the_same_port_without_meeting),
    ("network::a_listeners_port_cannot_be_taken", a_listeners_port_cannot_be_taken),
    ("network::a_port_asked_for_twice_is_named", a_port_asked_for_twice_is_named),
    ("network::listeners_may_have_any_address_of_loopback", listeners_may_have_any_address_of_loopback),
    ("network::a_tunnel_carries_packets_both_ways", a_tunnel_carries_packets_both_ways),
    ("network::a_tunnel_can_be_tried", a_tunnel_can_be_tried),
    ("network::without_a_tunnel_there_is_no_way_out", without_a_tunnel_there_is_no_way_out),
];

const ASK: &str = "
import socket
s = socket.create_connection(('127.0.0.1', 9001)); s.sendall(b'ping'); print(s.recv(9).decode())";

fn inside(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// Serves one connection of a sandbox that asks for port 9001; answers what the sandbox printed.
fn served_with(reply: &str) -> String {
    let mut spec = spec();
    spec.listeners = vec![inside(9001)];
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
        spec.listeners = vec![inside(9001)];
        wait(crate::lab::run(spec, python(&script))).ok().to_owned()
    };
    assert_eq!(take(9001), "refused");
    assert_eq!(take(9002), "taken", "control");
}

fn a_port_asked_for_twice_is_named() {
    let mut spec = spec();
    spec.listeners = vec![inside(9001), inside(9001)];
    match wait(backend().build(spec)) {
        Err(SandboxError::Step { step, .. }) => assert_eq!(step, "listen on 127.0.0.1:9001"),
        other => panic!("{other:?}"),
    }
}

fn listeners_may_have_any_address_of_loopback() {
    let script = "
import socket
for at in (('127.0.0.1', 80), ('127.0.0.2', 80), ('::1', 80), ('127.0.0.3', 80)):
    try: socket.create_connection(at); print('yes')
    except OSError: print('no')";
    let mut spec = spec();
    spec.listeners = ["127.0.0.1:80", "127.0.0.2:80", "[::1]:80"].map(|at| at.parse().unwrap()).into();
    assert_eq!(wait(crate::lab::run(spec, python(script))).ok(), "yes\nyes\nyes\nno");
}

const TUNNEL: TunnelSpec = TunnelSpec {
    address: Ipv4Addr::new(169, 254, 76, 1),
    address_6: Some(std::net::Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 1)),
    mtu: u16::MAX,
};
const TALK: &str = "
import socket
for family, to in ((socket.AF_INET, '192.0.2.1'), (socket.AF_INET6, '2001:db8::1')):
    s = socket.socket(family, socket.SOCK_DGRAM); s.connect((to, 53)); s.send(b'.' * 60000); print(len(s.recv(65536)))";

/// The next datagram, sent back by whom it was for. Sums don't change when two of their parts change places.
async fn echo(tunnel: &Tunnel) {
    let mut packet = vec![0; 1 << 16];
    let mut length = 0;
    // Kernels have something to say to their links, too.
    while length < 60_000 {
        length = std::future::poll_fn(|cx| tunnel.poll_recv(cx, &mut packet)).await.unwrap();
    }
    let (addresses, size, ports) = if packet[0] >> 4 == 4 { (12, 4, 20) } else { (8, 16, 40) };
    packet[addresses..addresses + 2 * size].rotate_left(size);
    packet[ports..ports + 4].rotate_left(2);
    tunnel.send(&packet[..length]).unwrap();
}

fn a_tunnel_carries_packets_both_ways() {
    let mut spec = spec();
    spec.tunnel = Some(TUNNEL);
    wait(async {
        let mut sandbox = build(spec).await;
        let tunnel = sandbox.tunnel().unwrap().unwrap();
        assert!(sandbox.tunnel().unwrap().is_none(), "handed out once");
        let mut stdio = sandbox.start(python(TALK)).unwrap();
        let mut printed = String::new();
        let read = tokio::io::AsyncReadExt::read_to_string(&mut stdio.stdout, &mut printed);
        let echoes = async {
            echo(&tunnel).await;
            echo(&tunnel).await;
        };
        let (read, ()) = tokio::join!(read, echoes);
        read.unwrap();
        sandbox.destroy().await;
        assert_eq!(printed, "60000\n60000\n");
    });
}

fn a_tunnel_can_be_tried() {
    assert_eq!(wait(backend().probe_tunnel(TUNNEL)), None);
}

fn without_a_tunnel_there_is_no_way_out() {
    let script = "
import socket
try: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 53))
except OSError as e: print(e.strerror)";
    assert_eq!(wait(crate::lab::run(spec(), python(script))).ok(), "Network is unreachable");
}
