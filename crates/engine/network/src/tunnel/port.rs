//! The stack's device: one packet at a time in, and straight out to the link.

use smoltcp::phy::{Checksum, Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;

use super::{Link, Turn};
use crate::inside::MTU;

#[derive(Debug)]
pub(super) struct Port<'a, L> {
    link: &'a L,
    /// The one to be taken in next.
    packet: Option<&'a [u8]>,
    /// Where packets are put together.
    room: &'a mut [u8],
}

impl<'a, L> Port<'a, L> {
    pub(super) fn new<'t: 'a>(turn: &'a mut Turn<'t, L>, packet: Option<&'a [u8]>) -> Self {
        Self { link: turn.link, packet, room: &mut *turn.room }
    }
}

impl<L: Link> Device for Port<'_, L> {
    type RxToken<'t>
        = Incoming<'t>
    where
        Self: 't;
    type TxToken<'t>
        = Outgoing<'t, L>
    where
        Self: 't;

    fn receive(&mut self, _now: Instant) -> Option<(Incoming<'_>, Outgoing<'_, L>)> {
        let packet = self.packet.take()?;
        Some((Incoming(packet), Outgoing { link: self.link, room: self.room }))
    }

    fn transmit(&mut self, _now: Instant) -> Option<Outgoing<'_, L>> {
        Some(Outgoing { link: self.link, room: self.room })
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut all = DeviceCapabilities::default();
        all.medium = Medium::Ip;
        all.max_transmission_unit = MTU.into();
        // What comes in was sent by the same kernel's memory.
        all.checksum.ipv4 = Checksum::Tx;
        all.checksum.tcp = Checksum::Tx;
        all
    }
}

#[derive(Debug)]
pub(super) struct Incoming<'a>(&'a [u8]);

impl RxToken for Incoming<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

#[derive(Debug)]
pub(super) struct Outgoing<'a, L> {
    link: &'a L,
    room: &'a mut [u8],
}

impl<L: Link> TxToken for Outgoing<'_, L> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let mut larger = Vec::new();
        let packet = match self.room.get_mut(..length) {
            Some(packet) => packet,
            None => {
                larger.resize(length, 0);
                &mut larger
            }
        };
        let result = f(packet);
        self.link.send(packet);
        result
    }
}
