//! What the fuzzer calls.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ipnet::IpNet;
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use updraft_kernel::{BoxFuture, OsRng, SystemClock};

use crate::tunnel::{Link, Tunnel};
use crate::{Network, Outside, Policy, Reach};

/// Packets as a hostile inside sends them, each after its length of two bytes. Must not panic, whatever they are.
pub fn packets(input: &[u8]) {
    let Ok(policy) = Policy::new(Reach::Internet, Vec::new(), &[]) else { return };
    let network = Network::new(policy, Arc::new(Nowhere), Arc::new(SystemClock::new()), Arc::new(OsRng));
    let mut tunnel = Tunnel::new(Arc::new(network), Script(Mutex::new(input.to_vec())), 0);
    let mut cx = Context::from_waker(Waker::noop());
    while tunnel.poll(&mut cx).is_pending() {}
}

struct Script(Mutex<Vec<u8>>);

impl Link for Script {
    fn poll_recv(&self, _: &mut Context<'_>, packet: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut left = self.0.lock();
        let Some((length, rest)) = left.split_first_chunk() else {
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        };
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
        let next: Vec<u8> = left.drain(..2 + length).skip(2).collect();
        let Some(room) = packet.get_mut(..length) else { return Poll::Ready(Ok(0)) };
        room.copy_from_slice(&next);
        Poll::Ready(Ok(length))
    }

    fn send(&self, _: &[u8]) {}
}

/// Connections are for ever on their way there.
#[derive(Debug)]
struct Nowhere;

impl Outside for Nowhere {
    fn connect(&self, _: SocketAddr) -> BoxFuture<'static, io::Result<TcpStream>> {
        Box::pin(std::future::pending())
    }

    fn listen(&self, _: u16) -> io::Result<TcpListener> {
        Err(io::ErrorKind::AddrNotAvailable.into())
    }

    fn datagrams(&self, _: SocketAddr) -> io::Result<UdpSocket> {
        Err(io::ErrorKind::NetworkUnreachable.into())
    }

    fn addresses(&self) -> io::Result<Vec<IpNet>> {
        Ok(Vec::new())
    }

    fn descriptors(&self) -> usize {
        64
    }

    fn nameservers(&self) -> io::Result<Vec<SocketAddr>> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_are_packets() {
        packets(&[]);
        packets(&[0xff; 5000]);
        let segment = b"\x00\x28\x45\0\0\x28\0\0\0\0\x40\x06\0\0\xa9\xfe\x4c\x01\x01\x01\x01\x01";
        let rest = b"\x30\x39\x00\x50\0\0\0\x01\0\0\0\0\x50\x02\xff\xff\0\0\0\0";
        packets(&[&segment[..], rest, &segment[..], rest].concat());
    }
}
