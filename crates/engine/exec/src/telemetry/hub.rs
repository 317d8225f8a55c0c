//! Who listens to one instance.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use serde_json::Value;
use updraft_kernel::UnixMillis;

use super::request::{Api, Kind};
use super::stream::Stream;
use crate::logs::book::Heard;
use crate::logs::platform::{self, Event};

/// How many events of the start are kept for those who subscribe during it.
const EARLY: usize = 64;

/// One thing to tell: an object as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) kind: Kind,
    /// `platform.start` and the like.
    pub(crate) name: &'static str,
    pub(crate) text: Arc<str>,
}

#[derive(Debug, Default)]
struct Inner {
    streams: Vec<Arc<Stream>>,
    early: Vec<Piece>,
    /// AWS: with the start, the time to subscribe is over.
    closed: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    inner: Mutex<Inner>,
    /// Somebody listens, or may still come to.
    open: AtomicBool,
}

/// Why nobody subscribes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shut {
    /// The start is over.
    Closed,
    /// This extension listens by the other API.
    Other,
}

impl Hub {
    /// An instance starts: one more time if there was one before, whose subscribers are gone.
    pub(crate) fn begin(&self) {
        let mut inner = self.inner.lock();
        (inner.streams, inner.closed) = (Vec::new(), false);
        self.open.store(true, Ordering::SeqCst);
    }

    /// Nobody subscribes from now on.
    pub(crate) fn close(&self) {
        let mut inner = self.inner.lock();
        inner.closed = true;
        inner.early = Vec::new();
        self.open.store(!inner.streams.is_empty(), Ordering::SeqCst);
    }

    pub(crate) fn listens(&self) -> bool {
        self.open.load(Ordering::SeqCst)
    }

    /// Gives the stream what was told so far. `false`: one of the same extension is there already, and stays; AWS: to
    /// subscribe twice is to subscribe once.
    pub(crate) fn subscribe(&self, stream: &Arc<Stream>) -> Result<bool, Shut> {
        let mut inner = self.inner.lock();
        if inner.closed {
            return Err(Shut::Closed);
        }
        if let Some(known) = inner.streams.iter().find(|known| known.owner() == stream.owner()) {
            return if known.api().is_logs() == stream.api().is_logs() { Ok(false) } else { Err(Shut::Other) };
        }
        inner.early.iter().for_each(|piece| stream.push(piece));
        inner.streams.push(Arc::clone(stream));
        Ok(true)
    }

    /// The platform tells something.
    pub(crate) fn told(&self, event: &Event<'_>, now: UnixMillis) {
        if self.listens() {
            self.tell(Piece { kind: Kind::Platform, name: event.name(), text: event.whole(now).into() });
        }
    }

    /// Something was printed. `json`: functions write objects, which are told as such.
    pub(crate) fn printed(&self, lines: Vec<Heard>, json: bool) {
        for Heard { by_extension, at, text } in lines {
            let (kind, name) = if by_extension { (Kind::Extension, "extension") } else { (Kind::Function, "function") };
            let object = json.then(|| serde_json::from_str(&text).ok().filter(Value::is_object)).flatten();
            let record = object.unwrap_or_else(|| text.trim_end_matches('\n').into());
            self.tell(Piece { kind, name, text: platform::object(at, name, &record).into() });
        }
    }

    /// Whatever is there is handed out at once.
    pub(crate) fn hurry(&self) {
        self.inner.lock().streams.iter().for_each(|stream| stream.hurry());
    }

    fn tell(&self, piece: Piece) {
        let mut inner = self.inner.lock();
        inner.streams.iter().for_each(|stream| stream.push(&piece));
        if !inner.closed && inner.early.len() < EARLY {
            inner.early.push(piece);
        }
    }
}

impl Api {
    /// Whether subscribers by this API hear of such an event.
    pub(crate) fn knows(self, name: &str) -> bool {
        let of_starts = name.starts_with("platform.init");
        match (self, name) {
            (Self::Telemetry, "platform.end" | "platform.fault") => false,
            (Self::Telemetry, _) => true,
            (Self::Logs { done }, "platform.runtimeDone") => done,
            (Self::Logs { .. }, _) => !of_starts,
        }
    }
}
