//! Which extensions there are, and what each has been told. Pure state: no sockets, no processes.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::{oneshot, watch};

/// AWS: how many extensions a function may have.
const MOST: usize = 10;

/// What an extension asks to hear of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wants {
    pub(crate) invoke: bool,
    pub(crate) shutdown: bool,
}

/// Where one stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It hasn't asked for an event yet.
    Registered,
    /// It waits for an event.
    Ready,
    /// It has been given one, or is about to fetch it.
    Working,
    Ended,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Registered => "Registered",
            Self::Ready => "Ready",
            Self::Working => "Running",
            Self::Ended => "Exited",
        }
    }
}

#[derive(Debug)]
struct Extension {
    id: String,
    name: String,
    /// A program of its own, and not a part of the runtime's process.
    external: bool,
    wants: Wants,
    state: State,
    waiter: Option<oneshot::Sender<Bytes>>,
    /// An event that nobody waited for when it came.
    pending: Option<Bytes>,
}

/// Why an extension's request is not accepted: AWS's error type, its message, and whether it is the sender's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

fn refused(kind: &'static str, message: impl Into<String>) -> Refused {
    Refused { kind, message: message.into() }
}

/// What went wrong with an extension: it takes the instance with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// `Extension.Crash` and the like.
    pub(crate) kind: String,
    pub(crate) name: String,
}

#[derive(Debug, Default)]
struct Inner {
    /// Names of programs that were started and haven't registered yet.
    expected: Vec<String>,
    /// Registration is over: the runtime and all extensions were ready once.
    closed: bool,
    /// No more faults are told: the instance is on its way out.
    ending: bool,
    list: Vec<Extension>,
    fault: Option<Fault>,
}

/// The extensions of one instance.
#[derive(Debug)]
pub(crate) struct Registry {
    inner: Mutex<Inner>,
    changed: watch::Sender<()>,
}

/// What is known of an extension, for telemetry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) name: String,
    pub(crate) state: &'static str,
    pub(crate) events: Vec<&'static str>,
}

impl Registry {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { inner: Mutex::default(), changed: watch::Sender::new(()) })
    }

    /// A program of this name is started.
    pub(crate) fn expect(&self, name: String) {
        self.inner.lock().expected.push(name);
    }

    pub(crate) fn register(&self, id: String, name: &str, wants: Wants) -> Result<(), Refused> {
        let mut inner = self.inner.lock();
        if inner.closed {
            return Err(refused("Extension.RegistrationClosed", "Extension registration closed already"));
        }
        if inner.list.iter().any(|known| known.name == name) {
            let message = format!("State transition from Registered to Registered failed for extension {name}. Error: Already registered");
            return Err(refused("Extension.AlreadyRegistered", message));
        }
        if inner.list.len() >= MOST {
            return Err(refused("Extension.TooManyExtensions", format!("Extension limit ({MOST}) reached")));
        }
        let expected = inner.expected.iter().position(|expected| expected == name);
        if expected.is_none() && wants.shutdown {
            let message = "ShutdownEventNotSupportedForInternalExtension";
            return Err(refused("ShutdownEventNotSupportedForInternalExtension", message));
        }
        let external = expected.map(|at| inner.expected.remove(at)).is_some();
        let name = name.to_owned();
        let (state, waiter, pending) = (State::Registered, None, None);
        inner.list.push(Extension { id, name, external, wants, state, waiter, pending });
        self.tell(inner);
        Ok(())
    }

    /// The extension asks for an event. A second question displaces the first, whose receiver then closes.
    pub(crate) fn next(&self, id: &str) -> Result<oneshot::Receiver<Bytes>, Refused> {
        let mut inner = self.inner.lock();
        let extension = find(&mut inner, id)?;
        if extension.state == State::Ended {
            let message = format!(
                "State transition from {} to Ready failed for extension {}. Error: State transition is not allowed",
                extension.state.name(),
                extension.name
            );
            return Err(refused("Extension.InvalidExtensionState", message));
        }
        let (give, receive) = oneshot::channel();
        match extension.pending.take() {
            // Nobody but the extension itself can have gone.
            Some(event) => drop(give.send(event)),
            None => {
                extension.waiter = Some(give);
                extension.state = State::Ready;
            }
        }
        self.tell(inner);
        Ok(receive)
    }

    /// The extension says that it failed, in words of its own.
    pub(crate) fn failed(&self, id: &str, phase: &str, kind: &str) -> Result<(), Refused> {
        let mut inner = self.inner.lock();
        let extension = find(&mut inner, id)?;
        extension.state = State::Ended;
        let fault = Fault { kind: format!("Extension.{phase}"), name: extension.name.clone() };
        tracing::debug!(kind, extension = fault.name, "an extension failed");
        inner.fault.get_or_insert(fault);
        self.tell(inner);
        Ok(())
    }

    /// A program of this name has ended, or couldn't be started.
    pub(crate) fn exited(&self, name: &str, kind: &str) {
        let mut inner = self.inner.lock();
        inner.expected.retain(|expected| expected != name);
        if let Some(extension) = inner.list.iter_mut().find(|extension| extension.name == name) {
            extension.state = State::Ended;
            extension.waiter = None;
        }
        if !inner.ending {
            inner.fault.get_or_insert(Fault { kind: kind.to_owned(), name: name.to_owned() });
        }
        self.tell(inner);
    }

    /// Tells those who want to hear of an invocation.
    pub(crate) fn invoke(&self, event: &Bytes) {
        let mut inner = self.inner.lock();
        inner.closed = true;
        let wanting = inner.list.iter_mut().filter(|extension| extension.wants.invoke);
        wanting.for_each(|extension| extension.give(event.clone()));
        self.tell(inner);
    }

    /// Tells those who want to hear of the end. Answers whether anybody is to be waited for.
    pub(crate) fn shut_down(&self, event: &Bytes) -> bool {
        let mut inner = self.inner.lock();
        (inner.closed, inner.ending) = (true, true);
        for extension in inner.list.iter_mut().filter(|extension| extension.external && extension.state != State::Ended) {
            if extension.wants.shutdown {
                extension.give(event.clone());
            }
        }
        let any = inner.list.iter().any(Extension::is_waited_for);
        self.tell(inner);
        any
    }

    /// Nobody registers from now on.
    pub(crate) fn close(&self) {
        self.inner.lock().closed = true;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.inner.lock().closed
    }

    pub(crate) fn is_empty(&self) -> bool {
        let inner = self.inner.lock();
        inner.list.is_empty() && inner.expected.is_empty()
    }

    /// Whether there are any, and whether any of them is a program of its own.
    pub(crate) fn kinds(&self) -> (bool, bool) {
        let inner = self.inner.lock();
        (!inner.list.is_empty(), inner.list.iter().any(|extension| extension.external))
    }

    pub(crate) fn name_of(&self, id: &str) -> Result<String, Refused> {
        find(&mut self.inner.lock(), id).map(|extension| extension.name.clone())
    }

    pub(crate) fn known(&self) -> Vec<Known> {
        self.inner.lock().list.iter().map(Extension::known).collect()
    }

    /// Completes when every program that was started has registered, or one of them has failed.
    pub(crate) async fn registered(&self) -> Result<(), Fault> {
        self.until(|inner| inner.expected.is_empty()).await
    }

    /// Completes when all wait for an event, or one has failed.
    pub(crate) async fn ready(&self) -> Result<(), Fault> {
        self.until(|inner| inner.list.iter().all(|extension| extension.state == State::Ready)).await
    }

    /// Completes when all who were told of the end have ended.
    pub(crate) async fn ended(&self) {
        let mut changed = self.changed.subscribe();
        while self.inner.lock().list.iter().any(Extension::is_waited_for) {
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    /// Completes with the first fault.
    pub(crate) async fn fault(&self) -> Fault {
        match self.until(|_| false).await {
            Err(fault) => fault,
            Ok(()) => std::future::pending().await,
        }
    }

    async fn until(&self, done: impl Fn(&Inner) -> bool) -> Result<(), Fault> {
        let mut changed = self.changed.subscribe();
        loop {
            {
                let inner = self.inner.lock();
                if let Some(fault) = &inner.fault {
                    return Err(fault.clone());
                }
                if done(&inner) {
                    return Ok(());
                }
            }
            if changed.changed().await.is_err() {
                return Ok(());
            }
        }
    }

    fn tell(&self, inner: parking_lot::MutexGuard<'_, Inner>) {
        drop(inner);
        self.changed.send_replace(());
    }
}

impl Extension {
    fn give(&mut self, event: Bytes) {
        self.state = State::Working;
        match self.waiter.take() {
            Some(waiter) => {
                if let Err(event) = waiter.send(event) {
                    // Its connection broke off: it may come back for it.
                    self.pending = Some(event);
                }
            }
            None => self.pending = Some(event),
        }
    }

    fn is_waited_for(&self) -> bool {
        self.external && self.state != State::Ended
    }

    fn known(&self) -> Known {
        let events = [("INVOKE", self.wants.invoke), ("SHUTDOWN", self.wants.shutdown)];
        Known {
            name: self.name.clone(),
            state: self.state.name(),
            events: events.into_iter().filter(|(_, wanted)| *wanted).map(|(name, _)| name).collect(),
        }
    }
}

fn find<'a>(inner: &'a mut Inner, id: &str) -> Result<&'a mut Extension, Refused> {
    let unknown = || refused("Extension.UnknownExtensionIdentifier", format!("Unknown extension {id}"));
    inner.list.iter_mut().find(|extension| extension.id == id).ok_or_else(unknown)
}
