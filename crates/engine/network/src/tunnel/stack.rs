//! The TCP of one tunnel: smoltcp, which answers for every address there is.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use smoltcp::iface::{Config, Interface, PollResult, SocketHandle, SocketSet};
use smoltcp::socket::tcp::{Socket, SocketBuffer, State};
use smoltcp::time::Instant;
use smoltcp::wire::HardwareAddress;

use super::port::Port;
use super::{Link, Turn};

/// What one connection may have under way in each direction: one of the largest packets.
const WINDOW: usize = 64 << 10;
/// The stack may ask for a turn at once and then have nothing to do.
const LEAST_DELAY: Duration = Duration::from_millis(1);

pub(super) struct Stack {
    interface: Interface,
    sockets: SocketSet<'static>,
}

impl Stack {
    pub(super) fn new<L: Link>(seed: u64, turn: &mut Turn<'_, L>) -> Self {
        let mut config = Config::new(HardwareAddress::Ip);
        config.random_seed = seed;
        let now = instant(turn.now);
        let mut interface = Interface::new(config, &mut Port::new(turn, None), now);
        interface.set_any_ip(true);
        Self { interface, sockets: SocketSet::new(Vec::new()) }
    }

    /// Answers the packet that opens a connection to `at`. `None`: it isn't one.
    pub(super) fn answer<L: Link>(
        &mut self,
        at: SocketAddr,
        packet: &[u8],
        turn: &mut Turn<'_, L>,
    ) -> Option<SocketHandle> {
        let buffer = || SocketBuffer::new(vec![0; WINDOW]);
        let mut socket = Socket::new(buffer(), buffer());
        socket.set_nagle_enabled(false);
        // Acknowledged is what a whole turn has taken in.
        socket.set_ack_delay(None);
        socket.listen(at).ok()?;
        let handle = self.sockets.add(socket);
        self.take_in(packet, turn);
        if self.socket(handle).state() == State::Listen {
            self.remove(handle);
            return None;
        }
        Some(handle)
    }

    pub(super) fn socket(&mut self, of: SocketHandle) -> &mut Socket<'static> {
        self.sockets.get_mut(of)
    }

    pub(super) fn remove(&mut self, of: SocketHandle) {
        drop(self.sockets.remove(of));
    }

    /// Takes a packet in. One that belongs to no connection is answered with a reset.
    pub(super) fn take_in<L: Link>(&mut self, packet: &[u8], turn: &mut Turn<'_, L>) {
        let now = instant(turn.now);
        self.interface.poll_ingress_single(now, &mut Port::new(turn, Some(packet)), &mut self.sockets);
    }

    /// Sends what there is to send.
    pub(super) fn give_out<L: Link>(&mut self, turn: &mut Turn<'_, L>) {
        let now = instant(turn.now);
        let mut port = Port::new(turn, None);
        while self.interface.poll_egress(now, &mut port, &mut self.sockets) != PollResult::None {}
    }

    /// How long until there is something to do by itself.
    pub(super) fn delay(&mut self, now: Duration) -> Option<Duration> {
        let delay = self.interface.poll_delay(instant(now), &self.sockets)?;
        Some(Duration::from_micros(delay.total_micros()).max(LEAST_DELAY))
    }
}

fn instant(now: Duration) -> Instant {
    Instant::from_micros(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack").field("sockets", &self.sockets.iter().count()).finish_non_exhaustive()
    }
}
