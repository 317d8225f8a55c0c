//! Packets that are made up for the inside: answers of others, and that there will be none.

use std::io;
use std::net::IpAddr;

use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire::{
    Icmpv4DstUnreachable, Icmpv4Packet, Icmpv4Repr, Icmpv6DstUnreachable, Icmpv6Packet, Icmpv6Repr, IpAddress,
    IpProtocol, IpRepr, IpVersion, Ipv4Packet, Ipv4Repr, Ipv6Packet, Ipv6Repr, UdpPacket, UdpRepr,
};

use super::packet::{Pair, UDP_HEADER, version};

const HOPS: u8 = 64;
/// How much of a packet is sent back: its transport's ports and numbers, and no more than fits a smallest packet.
const QUOTED: usize = 64;

/// Why a packet doesn't get where it was to go. Told with codes that Linux takes for final: others it doesn't show to
/// whoever sends datagrams. Version 6 has none for networks and hosts, so those are for connections only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreachable {
    /// Not let through. Programs see `ENETUNREACH`, and by version 6 `EACCES`.
    Refused,
    /// `ENETUNREACH`
    Network,
    /// `EHOSTUNREACH`
    Host,
    /// `ECONNREFUSED`
    Port,
}

impl Unreachable {
    /// `None`: whoever sent it is best told nothing, and tries again.
    pub(crate) fn from_error(error: &io::Error) -> Option<Self> {
        match error.kind() {
            io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => Some(Self::Port),
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::AddrNotAvailable => Some(Self::Network),
            io::ErrorKind::HostUnreachable | io::ErrorKind::PermissionDenied => Some(Self::Host),
            io::ErrorKind::TimedOut => None,
            _ => Some(Self::Host),
        }
    }

    fn v4(self) -> Icmpv4DstUnreachable {
        match self {
            Self::Refused | Self::Network => Icmpv4DstUnreachable::NetProhibited,
            Self::Host => Icmpv4DstUnreachable::HostProhibited,
            Self::Port => Icmpv4DstUnreachable::PortUnreachable,
        }
    }

    fn v6(self) -> Icmpv6DstUnreachable {
        match self {
            Self::Refused => Icmpv6DstUnreachable::AdminProhibit,
            Self::Network => Icmpv6DstUnreachable::NoRoute,
            Self::Host => Icmpv6DstUnreachable::AddrUnreachable,
            Self::Port => Icmpv6DstUnreachable::PortUnreachable,
        }
    }
}

/// A datagram from outside, put into `room`: how long the packet is. `None`: it has no room there.
pub(crate) fn datagram(pair: &Pair, payload: &[u8], room: &mut [u8]) -> Option<usize> {
    let (from, to) = (IpAddress::from(pair.to.ip()), IpAddress::from(pair.from.ip()));
    let header = IpRepr::new(from, to, IpProtocol::Udp, UDP_HEADER + payload.len(), HOPS);
    let length = header.buffer_len();
    let room = room.get_mut(..length)?;
    let checksums = ChecksumCapabilities::default();
    header.emit(&mut *room, &checksums);
    let content = room.get_mut(header.header_len()..)?;
    let ports = UdpRepr { src_port: pair.to.port(), dst_port: pair.from.port() };
    let fill = |into: &mut [u8]| into.copy_from_slice(payload);
    ports.emit(&mut UdpPacket::new_unchecked(content), &from, &to, payload.len(), fill, &checksums);
    Some(length)
}

/// That `packet` from inside doesn't arrive, put into `room`: how long that is.
pub(crate) fn unreachable(packet: &[u8], why: Unreachable, room: &mut [u8]) -> Option<usize> {
    match version(packet)? {
        IpVersion::Ipv4 => unreachable_4(&Ipv4Packet::new_checked(packet).ok()?, why.v4(), room),
        IpVersion::Ipv6 => unreachable_6(&Ipv6Packet::new_checked(packet).ok()?, why.v6(), room),
    }
}

fn quoted(payload: &[u8]) -> &[u8] {
    payload.get(..QUOTED).unwrap_or(payload)
}

fn unreachable_4(packet: &Ipv4Packet<&[u8]>, reason: Icmpv4DstUnreachable, room: &mut [u8]) -> Option<usize> {
    let checksums = ChecksumCapabilities::default();
    let (from, to) = (packet.dst_addr(), packet.src_addr());
    let payload = packet.payload();
    let (next_header, payload_len) = (packet.next_header(), payload.len());
    let sent = Ipv4Repr { src_addr: to, dst_addr: from, next_header, payload_len, hop_limit: HOPS };
    let told = Icmpv4Repr::DstUnreachable { reason, header: sent, data: quoted(payload) };
    let header = ip(from.into(), to.into(), IpProtocol::Icmp, told.buffer_len());
    let room = room.get_mut(..header.buffer_len())?;
    header.emit(&mut *room, &checksums);
    told.emit(&mut Icmpv4Packet::new_unchecked(room.get_mut(header.header_len()..)?), &checksums);
    Some(header.buffer_len())
}

fn unreachable_6(packet: &Ipv6Packet<&[u8]>, reason: Icmpv6DstUnreachable, room: &mut [u8]) -> Option<usize> {
    let checksums = ChecksumCapabilities::default();
    let (from, to) = (packet.dst_addr(), packet.src_addr());
    let payload = packet.payload();
    let (next_header, payload_len) = (packet.next_header(), payload.len());
    let sent = Ipv6Repr { src_addr: to, dst_addr: from, next_header, payload_len, hop_limit: HOPS };
    let told = Icmpv6Repr::DstUnreachable { reason, header: sent, data: quoted(payload) };
    let header = ip(from.into(), to.into(), IpProtocol::Icmpv6, told.buffer_len());
    let room = room.get_mut(..header.buffer_len())?;
    header.emit(&mut *room, &checksums);
    told.emit(&from, &to, &mut Icmpv6Packet::new_unchecked(room.get_mut(header.header_len()..)?), &checksums);
    Some(header.buffer_len())
}

fn ip(from: IpAddr, to: IpAddr, content: IpProtocol, length: usize) -> IpRepr {
    IpRepr::new(from.into(), to.into(), content, length, HOPS)
}
