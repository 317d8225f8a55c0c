//! One connection: carried until both ends have closed.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp::{Socket, State};
use smoltcp::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::Pair;
use super::stack::Stack;

/// How often an inside that says no more is asked whether it still listens.
const STILL_THERE: Duration = Duration::from_secs(15);

pub(super) struct Open {
    inside: SocketHandle,
    outside: TcpStream,
    /// The inside says no more.
    finished: bool,
    /// The outside has been told so.
    said: bool,
    /// The outside says no more, and the inside has been told.
    heard: bool,
    /// The outside is gone.
    broken: bool,
}

impl Open {
    pub(super) fn new(inside: SocketHandle, outside: TcpStream) -> Self {
        Self { inside, outside, finished: false, said: false, heard: false, broken: false }
    }

    /// Moves what can be moved.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, (pair, stack): (&Pair, &mut Stack)) {
        let socket = stack.socket(self.inside);
        if !self.broken
            && let Poll::Ready(Err(error)) = self.carry(cx, socket)
        {
            tracing::debug!(to = %pair.to, %error, "a function's connection broke off");
            // Told as it is: an end that looks like one would pass for the answer.
            socket.abort();
            self.broken = true;
        }
    }

    /// An error: the outside is gone.
    fn carry(&mut self, cx: &mut Context<'_>, socket: &mut Socket<'_>) -> Poll<io::Result<()>> {
        // Each registers for what it waits for.
        if let Poll::Ready(Err(error)) = self.say(cx, socket) {
            return Poll::Ready(Err(error));
        }
        self.hear(cx, socket)
    }

    fn say(&mut self, cx: &mut Context<'_>, socket: &mut Socket<'_>) -> Poll<io::Result<()>> {
        if !self.finished
            && matches!(socket.state(), State::CloseWait | State::LastAck | State::Closing | State::TimeWait)
        {
            self.finished = true;
            // Kernels forget whoever has closed, and tell nobody unless they are asked.
            socket.set_keep_alive(Some(STILL_THERE));
        }
        while socket.can_recv() {
            let written = socket.recv(|bytes| match Pin::new(&mut self.outside).poll_write(cx, bytes) {
                Poll::Ready(Ok(count)) => (count, Poll::Ready(Ok(count))),
                other => (0, other),
            });
            if ready!(written.unwrap_or(Poll::Pending))? == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
        }
        if self.finished && !self.said {
            ready!(Pin::new(&mut self.outside).poll_shutdown(cx))?;
            self.said = true;
        }
        Poll::Pending
    }

    fn hear(&mut self, cx: &mut Context<'_>, socket: &mut Socket<'_>) -> Poll<io::Result<()>> {
        while !self.heard && socket.can_send() {
            let read = socket.send(|room| {
                let mut room = ReadBuf::new(room);
                let read = Pin::new(&mut self.outside).poll_read(cx, &mut room);
                let count = room.filled().len();
                (count, read.map_ok(|()| count))
            });
            if ready!(read.unwrap_or(Poll::Pending))? == 0 {
                socket.close();
                self.heard = true;
            }
        }
        Poll::Pending
    }

    /// Whether there may still be something to carry. If not, the inside's part is taken away.
    pub(super) fn lives(&mut self, stack: &mut Stack) -> bool {
        let socket = stack.socket(self.inside);
        // Whoever asked has given up before the answer came: the stack listens again.
        let over = matches!(socket.state(), State::Closed | State::TimeWait | State::Listen);
        // What the inside has said before its end is still to be carried.
        if !over || socket.can_recv() && !self.broken {
            return true;
        }
        stack.remove(self.inside);
        if !(self.said && self.heard) {
            // The inside has broken it off.
            drop(self.outside.set_zero_linger());
        }
        false
    }
}
