//! The log of one living instance: its pipes, its book, its stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::net::unix::pipe::Receiver;
use updraft_kernel::ports::LogBatch;
use updraft_kernel::{AccountId, Clock, Region, UnixMillis};

use super::book::{Book, Source};
use super::sink::LogSink;
use crate::api::server::{Ended, ended};

/// How much is read from a pipe at once; and, times [`DRAIN`], how much at the end of an invocation.
const CHUNK: usize = 16 << 10;
const DRAIN: usize = 16;

/// Where an instance's lines go.
#[derive(Clone, Debug)]
pub(crate) struct LogTarget {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) group: String,
    pub(crate) stream: String,
}

#[derive(Debug)]
struct Pages {
    book: Book,
    chunk: Box<[u8]>,
    out: Option<Arc<Receiver>>,
    err: Option<Arc<Receiver>>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct InstanceLog {
    target: LogTarget,
    clock: Arc<dyn Clock>,
    sink: Arc<LogSink>,
    announced: AtomicBool,
    pages: Mutex<Pages>,
}

impl InstanceLog {
    pub(crate) fn new(target: LogTarget, clock: Arc<dyn Clock>, sink: Arc<LogSink>, budget: usize) -> Arc<Self> {
        let pages = Pages { book: Book::new(budget), chunk: vec![0; CHUNK].into(), out: None, err: None };
        Arc::new(Self { target, clock, sink, announced: AtomicBool::new(false), pages: Mutex::new(pages) })
    }

    /// Takes over the process's pipes.
    pub(crate) fn attach(&self, out: Arc<Receiver>, err: Arc<Receiver>) {
        let mut pages = self.pages.lock();
        pages.out = Some(out);
        pages.err = Some(err);
    }

    /// Starts an invocation with `line`.
    pub(crate) fn open(self: &Arc<Self>, line: String) {
        let now = self.clock.now();
        let mut pages = self.pages.lock();
        pages.drain(now);
        pages.book.open(now);
        pages.book.platform(line, now);
        drop(pages);
        self.announce();
    }

    /// Starts the invocation whose instance failed to start: the log of that is in its tail.
    pub(crate) fn open_after_start(self: &Arc<Self>, line: String) {
        let now = self.clock.now();
        let mut pages = self.pages.lock();
        pages.drain(now);
        pages.book.open_after_start(now);
        pages.book.platform(line, now);
        drop(pages);
        self.announce();
    }

    /// Ends what is printed with `lines`, and answers with the tail where it is wanted. What the function printed
    /// before it answered is in the pipes by now, and read first.
    pub(crate) fn close(self: &Arc<Self>, lines: impl IntoIterator<Item = String>, tail: bool) -> Option<Bytes> {
        let now = self.clock.now();
        let mut pages = self.pages.lock();
        pages.drain(now);
        pages.book.close(now);
        for line in lines {
            pages.book.platform(line, now);
        }
        let tail = tail.then(|| Bytes::copy_from_slice(pages.book.tail()));
        drop(pages);
        self.announce();
        tail
    }

    /// The invocation that was opened with `line` goes elsewhere.
    pub(crate) fn reconsider(&self, line: &str) {
        self.pages.lock().book.take_back(line);
    }

    /// A line of the platform's own, between invocations.
    pub(crate) fn note(self: &Arc<Self>, line: String) {
        self.pages.lock().book.platform(line, self.clock.now());
        self.announce();
    }

    /// Everything kept so far, as one batch.
    pub(crate) fn take_batch(&self) -> Option<LogBatch> {
        self.announced.store(false, Ordering::SeqCst);
        let lines = self.pages.lock().book.take();
        if lines.is_empty() {
            return None;
        }
        let LogTarget { account, region, group, stream } = self.target.clone();
        Some(LogBatch { account, region, group, stream, lines })
    }

    /// Reads one pipe until it closes or the instance has ended.
    pub(crate) async fn follow(self: Arc<Self>, source: Source, pipe: Arc<Receiver>, rx: Ended) {
        let over = ended(rx);
        tokio::pin!(over);
        loop {
            let ready = tokio::select! {
                () = &mut over => break,
                ready = pipe.readable() => ready,
            };
            let more = ready.is_ok() && self.read_on(source);
            if !more {
                break;
            }
            tokio::task::yield_now().await;
        }
    }

    /// `false`: this pipe is closed.
    fn read_on(self: &Arc<Self>, source: Source) -> bool {
        let now = self.clock.now();
        let mut pages = self.pages.lock();
        pages.drain(now);
        let open = pages.is_open(source);
        let lines = pages.book.has_lines();
        drop(pages);
        if lines {
            self.announce();
        }
        open
    }

    fn announce(self: &Arc<Self>) {
        if !self.announced.swap(true, Ordering::SeqCst) {
            self.sink.announce(Arc::clone(self));
        }
    }
}

impl Pages {
    /// Reads what is there, up to a bound.
    fn drain(&mut self, now: UnixMillis) {
        if let Some(pipe) = self.out.take() {
            self.out = self.read(&pipe, Source::Out, now).then_some(pipe);
        }
        if let Some(pipe) = self.err.take() {
            self.err = self.read(&pipe, Source::Err, now).then_some(pipe);
        }
    }

    fn is_open(&self, source: Source) -> bool {
        match source {
            Source::Out => self.out.is_some(),
            Source::Err => self.err.is_some(),
        }
    }

    /// `false`: closed.
    fn read(&mut self, pipe: &Receiver, source: Source, now: UnixMillis) -> bool {
        for _ in 0..DRAIN {
            match pipe.try_read(&mut self.chunk) {
                Ok(0) => return false,
                Ok(n) => self.book.print(source, self.chunk.get(..n).unwrap_or_default(), now),
                Err(error) => return error.kind() == std::io::ErrorKind::WouldBlock,
            }
        }
        true
    }
}
