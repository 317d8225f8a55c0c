//! Connections: opened outside first, then inside, then carried until both ends have closed.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::TcpStream;
use updraft_kernel::BoxFuture;

use super::open::Open;
use super::stack::Stack;
use super::{Link, Pair, Turn, Unreachable};
use crate::network::Place;
use crate::policy::Protocol;

/// How many connections one sandbox may have, those included that are on their way. The first packets of further ones
/// are passed over, so that they are tried again.
const MOST: usize = 256;

pub(super) struct Flows {
    /// Made with the first connection.
    stack: Option<Stack>,
    seed: u64,
    all: HashMap<Pair, Kept>,
}

struct Kept {
    flow: Flow,
    place: Place,
}

enum Flow {
    Opening(Opening),
    Open(Open),
}

/// Nobody inside has been answered yet.
struct Opening {
    first: u32,
    /// The packet that asks for it.
    packet: Box<[u8]>,
    connecting: BoxFuture<'static, io::Result<TcpStream>>,
}

impl Flows {
    pub(super) fn new(seed: u64) -> Self {
        Self { stack: None, seed, all: HashMap::new() }
    }

    /// `opens`: see [`super::Parsed`].
    pub(super) fn take_in<L: Link>(
        &mut self,
        (pair, opens): (Pair, Option<u32>),
        packet: &[u8],
        turn: &mut Turn<'_, L>,
    ) {
        match (opens, self.all.get(&pair).map(|kept| &kept.flow)) {
            (Some(first), Some(Flow::Opening(known))) if known.first == first => {}
            (Some(first), None | Some(Flow::Opening(_))) => self.open((pair, first), packet, turn),
            // Whoever asked has no answer to acknowledge yet.
            (None, Some(Flow::Opening(_))) => {}
            (_, Some(Flow::Open(_))) | (None, None) => self.stack(turn).take_in(packet, turn),
        }
    }

    fn stack<L: Link>(&mut self, turn: &mut Turn<'_, L>) -> &mut Stack {
        let seed = self.seed;
        self.stack.get_or_insert_with(|| Stack::new(seed, turn))
    }

    fn open<L: Link>(&mut self, (pair, first): (Pair, u32), packet: &[u8], turn: &mut Turn<'_, L>) {
        let to = match turn.network.judge(Protocol::Tcp, pair.to) {
            Ok(to) => to,
            Err(refusal) => return turn.turn_away(pair.to, refusal, packet),
        };
        // One that is asked for anew keeps its place.
        let place = match self.all.remove(&pair) {
            Some(before) => Some(before.place),
            _ if self.all.len() < MOST => turn.network.place(),
            _ => None,
        };
        if let Some(place) = place {
            let connecting = turn.network.connect_any(to);
            let flow = Flow::Opening(Opening { first, packet: packet.into(), connecting });
            self.all.insert(pair, Kept { flow, place });
        }
    }

    /// Carries what can be carried, and sends what there is to send.
    pub(super) fn poll<L: Link>(&mut self, cx: &mut Context<'_>, turn: &mut Turn<'_, L>) {
        if self.all.is_empty() && self.stack.is_none() {
            return;
        }
        self.stack(turn);
        let Self { stack: Some(stack), all, .. } = self else { return };
        // What was broken off while it was answered would take the next one's answer.
        all.retain(|_, kept| kept.flow.lives(stack));
        all.retain(|pair, kept| kept.flow.poll(cx, (pair, stack), turn));
        stack.give_out(turn);
        // Only now: an end has to be sent, too.
        all.retain(|_, kept| kept.flow.lives(stack));
    }

    pub(super) fn delay(&mut self, now: Duration) -> Option<Duration> {
        self.stack.as_mut()?.delay(now)
    }
}

impl Flow {
    fn lives(&mut self, stack: &mut Stack) -> bool {
        match self {
            Self::Opening(_) => true,
            Self::Open(open) => open.lives(stack),
        }
    }

    /// Whether it goes on.
    fn poll<L: Link>(
        &mut self,
        cx: &mut Context<'_>,
        (pair, stack): (&Pair, &mut Stack),
        turn: &mut Turn<'_, L>,
    ) -> bool {
        if let Self::Opening(opening) = self {
            match opening.connecting.as_mut().poll(cx) {
                Poll::Pending => return true,
                Poll::Ready(Err(error)) => {
                    tracing::debug!(to = %pair.to, %error, "a function's connection could not be made");
                    if let Some(why) = Unreachable::from_error(&error) {
                        turn.refuse(&opening.packet, why);
                    }
                    return false;
                }
                Poll::Ready(Ok(outside)) => match stack.answer(pair.to, &opening.packet, turn) {
                    Some(inside) => *self = Self::Open(Open::new(inside, outside)),
                    None => return false,
                },
            }
        }
        if let Self::Open(open) = self {
            open.poll(cx, (pair, stack));
        }
        true
    }
}

impl fmt::Debug for Flows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flows").field("count", &self.all.len()).finish_non_exhaustive()
    }
}
