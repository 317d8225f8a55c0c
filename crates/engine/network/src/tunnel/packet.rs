//! What a packet from inside is about.

use std::net::SocketAddr;

use smoltcp::wire::{IpProtocol, IpVersion, Ipv4Packet, Ipv6Packet, TcpPacket, UdpPacket};

/// Who talks to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pair {
    /// Inside.
    pub(crate) from: SocketAddr,
    /// Outside.
    pub(crate) to: SocketAddr,
}

/// A packet that is relayed. Others are passed over: pings, fragments, and what the kernel asks its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parsed<'p> {
    /// `opens`: the sequence number with which a connection is to begin.
    Segment {
        pair: Pair,
        opens: Option<u32>,
    },
    Datagram {
        pair: Pair,
        payload: &'p [u8],
    },
}

pub(crate) fn parse(packet: &[u8]) -> Option<Parsed<'_>> {
    match version(packet)? {
        IpVersion::Ipv4 => {
            let packet = Ipv4Packet::new_checked(packet).ok()?;
            // The largest datagram fits into one packet, so that nobody has a reason to cut any.
            let whole = !packet.more_frags() && packet.frag_offset() == 0;
            let ends = |from, to| Pair { from: (packet.src_addr(), from).into(), to: (packet.dst_addr(), to).into() };
            whole.then(|| content(packet.next_header(), packet.payload(), ends)).flatten()
        }
        IpVersion::Ipv6 => {
            let packet = Ipv6Packet::new_checked(packet).ok()?;
            let ends = |from, to| Pair { from: (packet.src_addr(), from).into(), to: (packet.dst_addr(), to).into() };
            content(packet.next_header(), packet.payload(), ends)
        }
    }
}

/// `None`: none that is known.
pub(crate) fn version(packet: &[u8]) -> Option<IpVersion> {
    let _nothing = packet.first()?;
    IpVersion::of_packet(packet).ok()
}

fn content(protocol: IpProtocol, payload: &[u8], ends: impl Fn(u16, u16) -> Pair) -> Option<Parsed<'_>> {
    match protocol {
        IpProtocol::Tcp => {
            let segment = TcpPacket::new_checked(payload).ok()?;
            let pair = ends(segment.src_port(), segment.dst_port());
            let opens =
                (segment.syn() && !segment.ack() && !segment.rst()).then(|| segment.seq_number().0.cast_unsigned());
            Some(Parsed::Segment { pair, opens })
        }
        IpProtocol::Udp => {
            let datagram = UdpPacket::new_checked(payload).ok()?;
            let (pair, length) = (ends(datagram.src_port(), datagram.dst_port()), usize::from(datagram.len()));
            Some(Parsed::Datagram { pair, payload: payload.get(UDP_HEADER..length)? })
        }
        _ => None,
    }
}

pub(crate) const UDP_HEADER: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tunnel::reply::datagram;

    #[test]
    fn datagrams_of_both_versions_are_understood() {
        for (from, to) in [("10.0.0.1:1000", "1.2.3.4:53"), ("[fd00::1]:1000", "[2600::1]:53")] {
            let pair = Pair { from: from.parse().unwrap(), to: to.parse().unwrap() };
            let back = Pair { from: pair.to, to: pair.from };
            let mut room = [0; 100];
            let length = datagram(&back, b"hello", &mut room).unwrap();
            assert_eq!(parse(&room[..length]), Some(Parsed::Datagram { pair, payload: b"hello" }));
            for short in 0..length {
                assert_eq!(parse(&room[..short]), None, "cut after {short} bytes");
            }
        }
        assert_eq!(parse(&[]), None);
        assert_eq!(parse(&[0xff; 60]), None);
    }
}
