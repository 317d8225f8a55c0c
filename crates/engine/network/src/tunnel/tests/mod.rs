//! A tunnel between a small stack that plays the inside, and servers on loopback that play the outside.

mod connections;
mod datagrams;

use std::collections::{HashMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::task::Waker;

use ipnet::IpNet;
use parking_lot::Mutex;
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::socket::tcp::{Socket, SocketBuffer, State};
use smoltcp::time::Instant;
use smoltcp::wire::{HardwareAddress, Icmpv4Packet, IpCidr, IpProtocol, Ipv4Packet};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use updraft_kernel::{Clock, OsRng, SystemClock, UnixMillis};

use super::*;
use crate::inside::{DNS, INTERFACE};
use crate::{Host, Outside, Policy, Reach};

const FAR: &str = "93.184.216.34:80";
const ANY: &str = "127.0.0.1:0";
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Default)]
struct Queues {
    out: VecDeque<Vec<u8>>,
    back: VecDeque<Vec<u8>>,
    waker: Option<Waker>,
}

#[derive(Clone, Default)]
struct Cable(Arc<Mutex<Queues>>);

impl Cable {
    fn put(&self, packet: Vec<u8>) {
        let mut queues = self.0.lock();
        queues.out.push_back(packet);
        queues.waker.take().inspect(Waker::wake_by_ref);
    }

    fn take(&self) -> Option<Vec<u8>> {
        self.0.lock().back.pop_front()
    }
}

impl Link for Cable {
    fn poll_recv(&self, cx: &mut Context<'_>, packet: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut queues = self.0.lock();
        let Some(next) = queues.out.pop_front() else {
            queues.waker = Some(cx.waker().clone());
            return Poll::Pending;
        };
        packet[..next.len()].copy_from_slice(&next);
        Poll::Ready(Ok(next.len()))
    }

    fn send(&self, packet: &[u8]) {
        self.0.lock().back.push_back(packet.to_vec());
    }
}

struct Came(Vec<u8>);
struct Goes<'c>(&'c Cable);

impl RxToken for Came {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

impl TxToken for Goes<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let mut packet = vec![0; length];
        let result = f(&mut packet);
        self.0.put(packet);
        result
    }
}

impl Device for Cable {
    type RxToken<'a> = Came;
    type TxToken<'a> = Goes<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Came, Goes<'_>)> {
        let packet = self.take()?;
        Some((Came(packet), Goes(self)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Goes<'_>> {
        Some(Goes(self))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut all = DeviceCapabilities::default();
        all.medium = Medium::Ip;
        all.max_transmission_unit = 9000;
        all
    }
}

/// Whoever is at an address of the internet is at one of loopback here.
#[derive(Debug, Default)]
struct Elsewhere {
    places: HashMap<SocketAddr, SocketAddr>,
    nameservers: Vec<SocketAddr>,
    descriptors: Option<usize>,
}

impl Elsewhere {
    fn with(far: &str, near: SocketAddr) -> Self {
        Self { places: HashMap::from([(far.parse().unwrap(), near)]), ..Self::default() }
    }
}

impl Outside for Elsewhere {
    fn connect(&self, to: SocketAddr) -> BoxFuture<'static, io::Result<TcpStream>> {
        match self.places.get(&to) {
            Some(near) => Host.connect(*near),
            None => Box::pin(std::future::ready(Err(io::ErrorKind::ConnectionRefused.into()))),
        }
    }

    fn listen(&self, _: u16) -> io::Result<TcpListener> {
        Err(io::ErrorKind::AddrNotAvailable.into())
    }

    fn datagrams(&self, to: SocketAddr) -> io::Result<UdpSocket> {
        Host.datagrams(self.places.get(&to).copied().unwrap_or(to))
    }

    fn addresses(&self) -> io::Result<Vec<IpNet>> {
        Ok(vec!["198.41.0.4/24".parse().unwrap()])
    }

    fn descriptors(&self) -> usize {
        self.descriptors.unwrap_or(2000)
    }

    fn nameservers(&self) -> io::Result<Vec<SocketAddr>> {
        Ok(self.nameservers.clone())
    }
}

/// The inside.
struct Guest {
    cable: Cable,
    interface: Interface,
    sockets: SocketSet<'static>,
    clock: SystemClock,
}

impl Guest {
    /// And the tunnel, which has to be polled.
    fn new(outside: Elsewhere) -> (Self, impl Future<Output = ()>) {
        Self::timed(outside, Arc::new(SystemClock::new()))
    }

    /// `time`: the tunnel's.
    fn timed(outside: Elsewhere, time: Arc<dyn Clock>) -> (Self, impl Future<Output = ()>) {
        let clock = SystemClock::new();
        let policy = Policy::new(Reach::Internet, Vec::new(), &[]).unwrap();
        let network = Arc::new(Network::new(policy, Arc::new(outside), time, Arc::new(OsRng)));
        let mut cable = Cable::default();
        let served = network.serve(cable.clone());
        let mut interface = Interface::new(Config::new(HardwareAddress::Ip), &mut cable, Instant::ZERO);
        interface.update_ip_addrs(|all| all.push(IpCidr::new(INTERFACE.address.into(), 32)).unwrap());
        interface.routes_mut().add_default_ipv4_route(Ipv4Addr::new(1, 1, 1, 1)).unwrap();
        (Self { cable, interface, sockets: SocketSet::new(Vec::new()), clock }, served)
    }

    fn connect(&mut self, to: &str) -> SocketHandle {
        self.connect_from(40_000, to)
    }

    fn connect_from(&mut self, port: u16, to: &str) -> SocketHandle {
        let buffer = || SocketBuffer::new(vec![0; 20_000]);
        let mut socket = Socket::new(buffer(), buffer());
        let to: SocketAddr = to.parse().unwrap();
        socket.connect(self.interface.context(), to, port).unwrap();
        self.sockets.add(socket)
    }

    /// Lets things happen until `done`.
    async fn until<T>(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> Option<T>) -> T {
        let ends = self.clock.monotonic() + PATIENCE;
        loop {
            if let Some(found) = done(self) {
                return found;
            }
            assert!(self.clock.monotonic() < ends, "still not: {what}");
            self.clock.pause(Duration::from_millis(1)).await;
        }
    }

    fn turn(&mut self) {
        let now = Instant::from_micros(i64::try_from(self.clock.monotonic().as_micros()).unwrap());
        self.interface.poll(now, &mut self.cable, &mut self.sockets);
    }

    /// Connects, and has said all.
    async fn say_no_more(&mut self, handle: SocketHandle) {
        self.until("that it has said all", |guest| {
            guest.turn();
            let socket: &mut Socket<'_> = guest.sockets.get_mut(handle);
            if socket.state() == State::Established {
                socket.close();
            }
            (socket.state() == State::FinWait2).then_some(())
        })
        .await;
    }

    /// Sends what it has to send, and takes nothing in.
    fn knock(&mut self, to: &str) {
        self.connect(to);
        self.turn();
    }

    fn send(&self, to: SocketAddr, payload: &[u8]) {
        let pair = Pair { from: to, to: SocketAddr::new(INTERFACE.address.into(), 4000) };
        let mut room = [0; 2000];
        let length = reply::datagram(&pair, payload, &mut room).unwrap();
        self.cable.put(room[..length].to_vec());
    }

    /// Who sent the next datagram, and what.
    async fn heard(&mut self) -> (SocketAddr, Vec<u8>) {
        let packet = self.until("a datagram", |guest| guest.cable.take()).await;
        match parse(&packet) {
            Some(Parsed::Datagram { pair, payload }) => (pair.from, payload.to_vec()),
            other => panic!("{other:?}"),
        }
    }
}

/// Runs a test while the tunnel works.
async fn while_served<T>(served: impl Future<Output = ()>, test: impl Future<Output = T>) -> T {
    tokio::select! {
        () = served => panic!("the tunnel ended"),
        done = test => done,
    }
}

/// `ECONNREFUSED` and so on, as the code of ICMP says it.
fn code(packet: &[u8]) -> (IpProtocol, u8) {
    let packet = Ipv4Packet::new_checked(packet).unwrap();
    let told = Icmpv4Packet::new_checked(packet.payload()).unwrap();
    assert!(told.verify_checksum() && packet.verify_checksum());
    (packet.next_header(), told.msg_code())
}

/// Time that passes a hundred times as fast.
#[derive(Debug)]
struct Haste(SystemClock);

impl Clock for Haste {
    fn now(&self) -> UnixMillis {
        self.0.now()
    }
    fn sleep_until(&self, at: UnixMillis) -> BoxFuture<'static, ()> {
        self.0.sleep_until(at)
    }
    fn monotonic(&self) -> Duration {
        self.0.monotonic() * 100
    }
    fn pause(&self, span: Duration) -> BoxFuture<'static, ()> {
        self.0.pause(span / 100)
    }
    fn real_now(&self) -> UnixMillis {
        self.0.real_now()
    }
}
