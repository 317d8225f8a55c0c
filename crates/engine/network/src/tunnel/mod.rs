//! One sandbox's tunnel: packets inside, connections and datagrams of the host's outside.
//!
//! A connection inside is answered only when the one outside is there, so that programs see why there is none. All of a
//! tunnel is one task, which does what there is to do and then waits for any of it.

mod datagrams;
mod flows;
mod open;
mod packet;
mod port;
mod reply;
mod stack;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use updraft_kernel::BoxFuture;

use crate::inside::MTU;
use crate::network::Network;
use crate::policy::Refusal;
use datagrams::Datagrams;
use flows::Flows;
use packet::{Pair, Parsed, parse};
use reply::Unreachable;

/// Where a sandbox's packets come from and go to.
pub trait Link: Send + Sync + 'static {
    /// The next packet, into `packet`: how long it is. After an error there will be none any more.
    fn poll_recv(&self, cx: &mut Context<'_>, packet: &mut [u8]) -> Poll<io::Result<usize>>;

    /// Puts one in. It may get lost.
    fn send(&self, packet: &[u8]);
}

/// How many packets are taken in before others have their turn.
const BATCH: usize = 64;

/// Room for two of the largest packets. Nothing stays in them between turns, so tunnels need none of their own.
struct Rooms {
    packet: Box<[u8]>,
    reply: Box<[u8]>,
}

thread_local! {
    static ROOMS: RefCell<Rooms> = RefCell::new(Rooms { packet: room(), reply: room() });
}

fn room() -> Box<[u8]> {
    vec![0; usize::from(MTU)].into()
}

/// What a turn is about.
struct Turn<'t, L> {
    network: &'t Network,
    link: &'t L,
    /// Where packets for the inside are put together.
    room: &'t mut [u8],
    /// Monotonic.
    now: Duration,
    complaints: &'t mut Complaints,
}

/// What was said of refusals: a flood of them isn't to become one of lines.
#[derive(Debug, Default)]
struct Complaints {
    /// Monotonic: when.
    said: Option<Duration>,
    /// How many weren't, since.
    unsaid: u64,
}

/// A tunnel's refusals are told this often.
const COMPLAIN_EVERY: Duration = Duration::from_secs(1);

impl<L: Link> Turn<'_, L> {
    /// The policy doesn't let this through.
    fn turn_away(&mut self, to: SocketAddr, refusal: Refusal, packet: &[u8]) {
        let Complaints { said, unsaid } = &mut *self.complaints;
        if said.is_some_and(|said| self.now.saturating_sub(said) < COMPLAIN_EVERY) {
            *unsaid += 1;
        } else {
            tracing::info!(%to, %refusal, others = *unsaid, "a function was refused");
            (*said, *unsaid) = (Some(self.now), 0);
        }
        self.refuse(packet, Unreachable::Refused);
    }

    /// Tells whoever sent `packet` that it doesn't arrive.
    fn refuse(&mut self, packet: &[u8], why: Unreachable) {
        let length = reply::unreachable(packet, why, self.room);
        if let Some(told) = length.and_then(|length| self.room.get(..length)) {
            self.link.send(told);
        }
    }
}

pub(crate) struct Tunnel<L> {
    network: Arc<Network>,
    link: L,
    flows: Flows,
    datagrams: Datagrams,
    /// Monotonic, and what completes then.
    alarm: Option<(Duration, BoxFuture<'static, ()>)>,
    complaints: Complaints,
}

impl<L: Link> Tunnel<L> {
    pub(crate) fn new(network: Arc<Network>, link: L, seed: u64) -> Self {
        let (flows, datagrams) = (Flows::new(seed), Datagrams::default());
        Self { network, link, flows, datagrams, alarm: None, complaints: Complaints::default() }
    }

    /// Completes when the link is gone.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ROOMS.with_borrow_mut(|Rooms { packet, reply }| {
            let now = self.network.clock.monotonic();
            let complaints = &mut self.complaints;
            let mut turn = Turn { network: &self.network, link: &self.link, room: reply, now, complaints };
            if take_in(cx, (&mut self.flows, &mut self.datagrams), &mut turn, packet).is_break() {
                return Poll::Ready(());
            }
            self.flows.poll(cx, &mut turn);
            self.datagrams.poll(cx, &mut turn, packet);
            self.rest(cx, now);
            Poll::Pending
        })
    }

    /// Waits for what is due by itself.
    fn rest(&mut self, cx: &mut Context<'_>, now: Duration) {
        let delays = [self.flows.delay(now), self.datagrams.delay(now)];
        let Some(due) = delays.into_iter().flatten().min().map(|delay| now.saturating_add(delay)) else {
            self.alarm = None;
            return;
        };
        // An alarm that comes too early does no harm; setting one costs.
        if self.alarm.as_ref().is_none_or(|(at, _)| due < *at) {
            self.alarm = Some((due, self.network.clock.pause(due.saturating_sub(now))));
        }
        if let Some((_, alarm)) = &mut self.alarm
            && alarm.as_mut().poll(cx).is_ready()
        {
            self.alarm = None;
            cx.waker().wake_by_ref();
        }
    }
}

/// Takes in what the link has, for a while. Breaks when there will be no more.
fn take_in<L: Link>(
    cx: &mut Context<'_>,
    (flows, datagrams): (&mut Flows, &mut Datagrams),
    turn: &mut Turn<'_, L>,
    room: &mut [u8],
) -> ControlFlow<()> {
    for _ in 0..BATCH {
        let Poll::Ready(came) = turn.link.poll_recv(cx, room) else { return ControlFlow::Continue(()) };
        let Some(packet) = came.ok().and_then(|length| room.get(..length)) else { return ControlFlow::Break(()) };
        match parse(packet) {
            Some(Parsed::Segment { pair, opens }) => flows.take_in((pair, opens), packet, turn),
            Some(Parsed::Datagram { pair, payload }) => datagrams.take_in((pair, payload), packet, turn),
            None => {}
        }
    }
    cx.waker().wake_by_ref();
    ControlFlow::Continue(())
}

impl<L> fmt::Debug for Tunnel<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tunnel").field("flows", &self.flows).field("datagrams", &self.datagrams).finish_non_exhaustive()
    }
}
