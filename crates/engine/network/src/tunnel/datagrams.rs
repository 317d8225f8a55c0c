//! Datagrams: a socket outside for each pair of ends, as long as something is said.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::ReadBuf;
use tokio::net::UdpSocket;

use super::{Link, Pair, Parsed, Turn, Unreachable, parse, reply};
use crate::inside::DNS;
use crate::network::Place;
use crate::policy::Protocol;

/// How many pairs one sandbox may have; the one that was used longest ago makes room.
const MOST: usize = 128;
/// How many datagrams of a pair wait to be sent; further ones are lost.
const MOST_WAITING: usize = 16;
/// A pair of which nothing was heard for this long is forgotten.
const SILENCE: Duration = Duration::from_mins(2);
/// The same for questions to a resolver, which nobody waits for so long.
const DNS_SILENCE: Duration = Duration::from_secs(15);
/// How many questions of a pair are remembered. Resolvers ask one or two, and then begin a pair of their own.
const MOST_ASKED: usize = 64;
/// How many servers a question is put to.
const SERVERS: usize = 3;

#[derive(Debug, Default)]
pub(super) struct Datagrams(HashMap<Pair, Talk>);

#[derive(Debug)]
struct Talk {
    /// One, or one for each resolver.
    sockets: Vec<(UdpSocket, Place)>,
    /// What goes out once that is possible: to which, and the packet.
    waiting: VecDeque<(usize, Box<[u8]>)>,
    /// How often each question was asked: each time of the next resolver.
    asked: HashMap<u16, usize>,
    /// Monotonic.
    used: Duration,
}

impl Datagrams {
    pub(super) fn take_in<L: Link>(&mut self, (pair, payload): (Pair, &[u8]), packet: &[u8], turn: &mut Turn<'_, L>) {
        if !self.0.contains_key(&pair) {
            let to = match turn.network.judge(Protocol::Udp, pair.to) {
                Ok(to) => to,
                Err(refusal) => return turn.turn_away(pair.to, refusal, packet),
            };
            match self.begin(to, turn) {
                Ok(talk) => drop(self.0.insert(pair, talk)),
                Err(why) => return turn.refuse(packet, why),
            }
        }
        let Some(talk) = self.0.get_mut(&pair) else { return };
        talk.used = turn.now;
        let number = talk.next(payload);
        let Some((socket, _)) = talk.sockets.get(number) else { return };
        match socket.try_send(payload) {
            // So does a socket that is new.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => talk.wait(number, packet),
            sent => report(sent, packet, turn),
        }
    }

    fn begin<L: Link>(&mut self, to: Vec<SocketAddr>, turn: &Turn<'_, L>) -> Result<Talk, Unreachable> {
        if self.0.len() >= MOST
            && let Some(oldest) = self.0.iter().min_by_key(|(_, talk)| talk.used).map(|(pair, _)| *pair)
        {
            self.0.remove(&oldest);
        }
        let (mut sockets, mut why) = (Vec::new(), None);
        for to in to.into_iter().take(SERVERS) {
            let Some(place) = turn.network.place() else { break };
            match turn.network.outside.datagrams(to) {
                Ok(socket) => sockets.push((socket, place)),
                Err(error) => why = why.or(Unreachable::from_error(&error)),
            }
        }
        if sockets.is_empty() {
            return Err(why.unwrap_or(Unreachable::Host));
        }
        Ok(Talk { sockets, waiting: VecDeque::new(), asked: HashMap::new(), used: turn.now })
    }

    /// Brings in what was answered, and forgets who is silent.
    pub(super) fn poll<L: Link>(&mut self, cx: &mut Context<'_>, turn: &mut Turn<'_, L>, room: &mut [u8]) {
        let now = turn.now;
        self.0.retain(|pair, talk| {
            talk.send_waiting(cx, turn);
            for (socket, _) in &talk.sockets {
                if bring_in(cx, (pair, socket), turn, room) {
                    talk.used = now;
                }
            }
            now.saturating_sub(talk.used) < silence(pair)
        });
    }

    pub(super) fn delay(&self, now: Duration) -> Option<Duration> {
        self.0.iter().map(|(pair, talk)| (talk.used + silence(pair)).saturating_sub(now)).min()
    }
}

/// Tells whoever sent a packet why it can't be sent on.
fn report<L: Link>(sent: io::Result<usize>, packet: &[u8], turn: &mut Turn<'_, L>) {
    if let Some(why) = sent.err().and_then(|error| Unreachable::from_error(&error)) {
        turn.refuse(packet, why);
    }
}

fn silence(pair: &Pair) -> Duration {
    if pair.to == DNS { DNS_SILENCE } else { SILENCE }
}

/// Whether something came.
fn bring_in<L: Link>(
    cx: &mut Context<'_>,
    (pair, socket): (&Pair, &UdpSocket),
    turn: &mut Turn<'_, L>,
    room: &mut [u8],
) -> bool {
    let mut came = false;
    loop {
        let mut payload = ReadBuf::new(room);
        match socket.poll_recv(cx, &mut payload) {
            Poll::Pending => return came,
            // That an earlier one didn't arrive: whoever sends the next one is told.
            Poll::Ready(Err(_)) => {}
            Poll::Ready(Ok(())) => {
                came = true;
                let length = reply::datagram(pair, payload.filled(), turn.room);
                if let Some(packet) = length.and_then(|length| turn.room.get(..length)) {
                    turn.link.send(packet);
                }
            }
        }
    }
}

impl Talk {
    /// Which socket is to send this. A question that is asked again is asked of another resolver: the first may be out of
    /// order.
    fn next(&mut self, payload: &[u8]) -> usize {
        let (2.., [a, b, ..]) = (self.sockets.len(), payload) else { return 0 };
        if self.asked.len() >= MOST_ASKED {
            self.asked.clear();
        }
        let times = self.asked.entry(u16::from_be_bytes([*a, *b])).or_default();
        *times += 1;
        (*times - 1) % self.sockets.len()
    }

    fn wait(&mut self, number: usize, packet: &[u8]) {
        if self.waiting.len() < MOST_WAITING {
            self.waiting.push_back((number, packet.into()));
        }
    }

    fn send_waiting<L: Link>(&mut self, cx: &mut Context<'_>, turn: &mut Turn<'_, L>) {
        while let Some((number, packet)) = self.waiting.front() {
            let (Some((socket, _)), Some(Parsed::Datagram { payload, .. })) =
                (self.sockets.get(*number), parse(packet))
            else {
                return;
            };
            let Poll::Ready(sent) = socket.poll_send(cx, payload) else { return };
            report(sent, packet, turn);
            self.waiting.pop_front();
        }
    }
}
