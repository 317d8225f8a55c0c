//! The supervisor's end of a sandbox's way out.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::task::{Context, Poll, ready};

use tokio::io::unix::AsyncFd;

/// What the sandbox sends comes out here, a packet of IP at a time, and what is put in arrives there.
#[derive(Debug)]
pub struct Tunnel(AsyncFd<File>);

impl Tunnel {
    /// Must be called within a tokio runtime.
    pub(crate) fn new(end: OwnedFd) -> io::Result<Self> {
        crate::linux::watch_tunnel(end).map(Self)
    }

    /// The next packet, into `packet`: how long it is. Longer ones are cut.
    pub fn poll_recv(&self, cx: &mut Context<'_>, packet: &mut [u8]) -> Poll<io::Result<usize>> {
        loop {
            let mut ready = ready!(self.0.poll_read_ready(cx))?;
            if let Ok(read) = ready.try_io(|end| end.get_ref().read(packet)) {
                return Poll::Ready(read);
            }
        }
    }

    /// As [`Self::poll_recv`], without waiting.
    pub fn try_recv(&self, packet: &mut [u8]) -> io::Result<usize> {
        self.0.get_ref().read(packet)
    }

    /// Puts one packet in. What the sandbox can't take is lost, as packets may be.
    pub fn send(&self, packet: &[u8]) -> io::Result<()> {
        self.0.get_ref().write(packet).map(drop)
    }
}
