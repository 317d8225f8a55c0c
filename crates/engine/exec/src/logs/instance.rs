//! The log of one living instance: its pipes, its book, its stream, and who listens.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::net::unix::pipe::Receiver;
use updraft_kernel::ports::{FunctionSpec, LogBatch, LogSpec};
use updraft_kernel::{AccountId, Clock, Region, UnixMillis};

use super::book::{Book, Source};
use super::level::Level;
use super::platform::Event;
use super::sink::LogSink;
use crate::api::server::{Ended, ended};
use crate::telemetry::Hub;

/// How much is read from a pipe at once; and, times [`DRAIN`], how much at the end of an invocation.
const CHUNK: usize = 16 << 10;
const DRAIN: usize = 16;

/// Where an instance's lines go.
#[derive(Clone, Debug)]
pub(crate) struct LogTarget {
    account: AccountId,
    region: Region,
    group: String,
    stream: String,
    /// What the platform says is said in JSON, from this level on.
    json: Option<Level>,
    /// So is what the function prints, and less important objects are left out.
    least: Option<Level>,
}

impl LogTarget {
    pub(crate) fn of(spec: &FunctionSpec, stream: String) -> Self {
        let LogSpec { group, json, application_level, system_level } = &spec.logging;
        let level = |name| json.then(|| Level::named(name));
        Self {
            account: spec.account.clone(),
            region: spec.region.clone(),
            group: group.clone(),
            stream,
            json: level(system_level),
            least: level(application_level),
        }
    }
}

#[derive(Debug)]
struct Pages {
    book: Book,
    chunk: Box<[u8]>,
    pipes: Vec<(Source, Arc<Receiver>)>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct InstanceLog {
    target: LogTarget,
    clock: Arc<dyn Clock>,
    sink: Arc<LogSink>,
    announced: AtomicBool,
    pages: Mutex<Pages>,
    pub(crate) hub: Hub,
}

impl InstanceLog {
    pub(crate) fn new(target: LogTarget, clock: Arc<dyn Clock>, sink: Arc<LogSink>, budget: usize) -> Arc<Self> {
        let book = Book::new(budget, target.least);
        let pages = Mutex::new(Pages { book, chunk: vec![0; CHUNK].into(), pipes: Vec::new() });
        Arc::new(Self { target, clock, sink, announced: AtomicBool::new(false), pages, hub: Hub::default() })
    }

    /// Takes over a pipe of a process.
    pub(crate) fn attach(&self, source: Source, pipe: Arc<Receiver>) {
        self.pages.lock().pipes.push((source, pipe));
    }

    /// Whether what is told goes anywhere but into a log in text.
    pub(crate) fn tells_more(&self) -> bool {
        self.target.json.is_some() || self.hub.listens()
    }

    /// What a program of the platform's own process prints.
    pub(crate) fn print(self: &Arc<Self>, source: Source, bytes: &[u8]) {
        let now = self.clock.now();
        let mut pages = self.pages.lock();
        pages.book.print(source, bytes, now);
        self.hub.printed(pages.book.heard(), self.target.json.is_some());
        let lines = pages.book.has_lines();
        drop(pages);
        if lines {
            self.announce();
        }
    }

    /// Starts an invocation.
    pub(crate) fn open(self: &Arc<Self>, event: &Event<'_>) {
        self.write(|log, pages, now| {
            log.end_lines(pages, now);
            pages.book.open();
            log.put(pages, event, now);
        });
    }

    /// Starts the invocation whose instance failed to start: the log of that is in its tail.
    pub(crate) fn open_after_start(self: &Arc<Self>, event: &Event<'_>) {
        self.write(|log, pages, now| {
            log.end_lines(pages, now);
            pages.book.open_after_start();
            log.put(pages, event, now);
        });
    }

    /// Ends what is printed with `events`, and answers with the tail where it is wanted. What the function printed
    /// before it answered is in the pipes by now, and read first.
    pub(crate) fn close(self: &Arc<Self>, events: &[Event<'_>], tail: bool) -> Option<Bytes> {
        self.write(|log, pages, now| {
            log.end_lines(pages, now);
            events.iter().for_each(|event| log.put(pages, event, now));
            tail.then(|| Bytes::copy_from_slice(pages.book.tail()))
        })
    }

    /// The invocation that was opened with `event` goes elsewhere.
    pub(crate) fn reconsider(&self, event: &Event<'_>) {
        if let Some(line) = self.line(event, self.clock.now()) {
            self.pages.lock().book.take_back(&line);
        }
    }

    /// Something that the platform tells in between.
    pub(crate) fn note(self: &Arc<Self>, event: &Event<'_>) {
        self.write(|log, pages, now| log.put(pages, event, now));
    }

    /// What is printed from now on is telemetry, too.
    pub(crate) fn listen(&self) {
        self.pages.lock().book.listen();
    }

    /// Everything kept so far, as one batch.
    pub(crate) fn take_batch(&self) -> Option<LogBatch> {
        self.announced.store(false, Ordering::SeqCst);
        let lines = self.pages.lock().book.take();
        if lines.is_empty() {
            return None;
        }
        let LogTarget { account, region, group, stream, .. } = self.target.clone();
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
            let more = ready.is_ok() && self.read_on(source, &pipe);
            if !more {
                break;
            }
            tokio::task::yield_now().await;
        }
    }

    /// `false`: this pipe is closed.
    fn read_on(self: &Arc<Self>, source: Source, pipe: &Arc<Receiver>) -> bool {
        let now = self.clock.now();
        let mut pages = self.pages.lock();
        self.drain(&mut pages, now);
        let open = pages.pipes.iter().any(|(known, has)| *known == source && Arc::ptr_eq(has, pipe));
        let lines = pages.book.has_lines();
        drop(pages);
        if lines {
            self.announce();
        }
        open
    }

    fn write<T>(self: &Arc<Self>, write: impl FnOnce(&Self, &mut Pages, UnixMillis) -> T) -> T {
        let now = self.clock.now();
        let done = write(self, &mut self.pages.lock(), now);
        self.announce();
        done
    }

    fn end_lines(&self, pages: &mut Pages, now: UnixMillis) {
        pages.drain(now);
        let (bytes, budget) = (pages.book.close(now), pages.book.budget());
        self.hub.printed(pages.book.heard(), self.target.json.is_some());
        if bytes > 0 {
            self.put(pages, &Event::Dropped { bytes, budget }, now);
        }
    }

    fn drain(&self, pages: &mut Pages, now: UnixMillis) {
        pages.drain(now);
        self.hub.printed(pages.book.heard(), self.target.json.is_some());
    }

    fn put(&self, pages: &mut Pages, event: &Event<'_>, now: UnixMillis) {
        if let Some(line) = self.line(event, now) {
            pages.book.platform(line, now);
        }
        self.hub.told(event, now);
    }

    fn line(&self, event: &Event<'_>, now: UnixMillis) -> Option<String> {
        match self.target.json {
            None => event.text(now),
            Some(least) => event.json(least, now),
        }
    }

    fn announce(self: &Arc<Self>) {
        if !self.announced.swap(true, Ordering::SeqCst) {
            self.sink.announce(Arc::clone(self));
        }
    }
}

impl Pages {
    /// Reads what is there, up to a bound, and lets go of what is closed.
    fn drain(&mut self, now: UnixMillis) {
        let Self { book, chunk, pipes } = self;
        pipes.retain(|(source, pipe)| read(book, chunk, (*source, pipe), now));
    }
}

/// `false`: closed.
fn read(book: &mut Book, chunk: &mut [u8], (source, pipe): (Source, &Receiver), now: UnixMillis) -> bool {
    for _ in 0..DRAIN {
        match pipe.try_read(chunk) {
            Ok(0) => return false,
            Ok(n) => book.print(source, chunk.get(..n).unwrap_or_default(), now),
            Err(error) => return error.kind() == std::io::ErrorKind::WouldBlock,
        }
    }
    true
}
