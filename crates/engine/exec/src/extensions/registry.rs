//! Which extensions there are, and what each has been told. Pure state: no sockets, no processes.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{oneshot, watch};

/// AWS: how many extensions a function may have.
const MOST: usize = 10;
const INVOKE: &str = "INVOKE";
const SHUTDOWN: &str = "SHUTDOWN";

/// Where one stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It hasn't asked for an event yet.
    Registered,
    /// It waits for an event.
    Ready,
    /// It has been given one, or is about to fetch it.
    Running,
    Ended,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Registered => "Registered",
            Self::Ready => "Ready",
            Self::Running => "Running",
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
    /// What it wants to hear of, in its order.
    events: Vec<&'static str>,
    state: State,
    waiter: Option<oneshot::Sender<Bytes>>,
    /// An event that nobody waited for when it came.
    pending: Option<Bytes>,
}

/// Why an extension's request is not accepted: AWS's error type, and its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

pub(crate) fn refused(kind: &'static str, message: impl Into<String>) -> Refused {
    Refused { kind, message: message.into() }
}

/// What went wrong with an extension: it takes the instance with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// `Extension.Crash` and the like.
    pub(crate) kind: String,
    pub(crate) why: String,
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
    /// Programs that ended before they had registered, and how.
    unborn: Vec<(String, String)>,
    fault: Option<Fault>,
}

/// The extensions of one instance.
#[derive(Debug)]
pub(crate) struct Registry {
    inner: Mutex<Inner>,
    changed: watch::Sender<()>,
}

/// What is known of an extension, for logs and telemetry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) name: String,
    pub(crate) state: &'static str,
    pub(crate) events: Vec<&'static str>,
    /// What it failed with.
    pub(crate) error: Option<String>,
}

impl Registry {
    /// Of an instance in which these programs are started.
    pub(crate) fn new(expected: Vec<String>) -> Arc<Self> {
        let inner = Inner { expected, ..Inner::default() };
        Arc::new(Self { inner: Mutex::new(inner), changed: watch::Sender::new(()) })
    }

    pub(crate) fn register(&self, id: String, name: &str, events: &[String]) -> Result<(), Refused> {
        let events = read(events)?;
        let mut inner = self.inner.lock();
        inner.admits(name)?;
        let expected = inner.expected.iter().position(|expected| expected == name);
        if expected.is_none() && events.contains(&SHUTDOWN) {
            // AWS: what is a part of the runtime's process ends with it.
            let kind = "ShutdownEventNotSupportedForInternalExtension";
            return Err(refused(kind, "SHUTDOWN event not supported for internal extensions"));
        }
        let external = expected.map(|at| inner.expected.remove(at)).is_some();
        let name = name.to_owned();
        let (state, waiter, pending) = (State::Registered, None, None);
        inner.list.push(Extension { id, name, external, events, state, waiter, pending });
        self.tell(inner);
        Ok(())
    }

    /// The extension asks for an event. A second question displaces the first, whose receiver then closes.
    pub(crate) fn next(&self, id: &str) -> Result<oneshot::Receiver<Bytes>, Refused> {
        let mut inner = self.inner.lock();
        let extension = inner.find(id)?;
        if extension.state == State::Ended {
            return Err(extension.cannot("Ready"));
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

    /// The extension says that it failed, with an error type of its own.
    pub(crate) fn failed(&self, id: &str, phase: &str, why: &str) -> Result<(), Refused> {
        let mut inner = self.inner.lock();
        let extension = inner.find(id)?;
        if extension.state == State::Ended {
            return Err(extension.cannot(phase));
        }
        extension.state = State::Ended;
        inner.fault(format!("Extension.{phase}"), why.to_owned());
        self.tell(inner);
        Ok(())
    }

    /// A program of this name has ended, or couldn't be started.
    pub(crate) fn exited(&self, name: &str, kind: &str, why: String) {
        let mut inner = self.inner.lock();
        let unborn = inner.expected.iter().position(|expected| expected == name);
        if let Some(at) = unborn {
            let name = inner.expected.remove(at);
            inner.unborn.push((name, kind.to_owned()));
        }
        for extension in inner.list.iter_mut().filter(|extension| extension.external && extension.name == name) {
            extension.state = State::Ended;
            extension.waiter = None;
        }
        inner.fault(kind.to_owned(), why);
        self.tell(inner);
    }

    /// Tells those who want to hear of an invocation.
    pub(crate) fn invoke(&self, event: &Bytes) {
        let mut inner = self.inner.lock();
        let wanting = inner.list.iter_mut().filter(|extension| extension.wants(INVOKE));
        wanting.for_each(|extension| extension.give(event.clone()));
        self.tell(inner);
    }

    /// Tells those who want to hear of the end. Those are to be waited for, see [`Self::ended`].
    pub(crate) fn shut_down(&self, event: &Bytes) {
        let mut inner = self.inner.lock();
        inner.ending = true;
        let wanting = inner.list.iter_mut().filter(|extension| extension.wants(SHUTDOWN));
        wanting.for_each(|extension| extension.give(event.clone()));
        self.tell(inner);
    }

    /// From now on whatever ends was meant to.
    pub(crate) fn expect_the_end(&self) {
        self.inner.lock().ending = true;
    }

    /// Nobody registers from now on.
    pub(crate) fn close(&self) {
        self.inner.lock().closed = true;
    }

    /// Whether there are none, and none come.
    pub(crate) fn is_empty(&self) -> bool {
        let inner = self.inner.lock();
        inner.list.is_empty() && inner.expected.is_empty() && inner.unborn.is_empty()
    }

    /// Whether any of them is a program of its own.
    pub(crate) fn has_programs(&self) -> bool {
        self.inner.lock().list.iter().any(|extension| extension.external)
    }

    pub(crate) fn name_of(&self, id: &str) -> Result<String, Refused> {
        self.inner.lock().find(id).map(|extension| extension.name.clone())
    }

    pub(crate) fn known(&self) -> Vec<Known> {
        let inner = self.inner.lock();
        let error = inner.fault.as_ref().map(|fault| fault.kind.clone());
        let started = inner.expected.iter().map(|name| Known::before(name, "Started", None));
        let unborn = inner.unborn.iter().map(|(name, error)| Known::before(name, "LaunchError", Some(error.clone())));
        let list = inner.list.iter().map(|extension| extension.known(error.as_ref()));
        list.chain(started).chain(unborn).collect()
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
        let over = |inner: &Inner| !inner.list.iter().any(|one| one.wants(SHUTDOWN) && one.state != State::Ended);
        while !over(&self.inner.lock()) {
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
            if let Some(over) = self.inner.lock().is_over(&done) {
                return over;
            }
            if changed.changed().await.is_err() {
                return Ok(());
            }
        }
    }

    fn tell(&self, inner: MutexGuard<'_, Inner>) {
        drop(inner);
        self.changed.send_replace(());
    }
}

fn read(events: &[String]) -> Result<Vec<&'static str>, Refused> {
    let known = |event: &String| [INVOKE, SHUTDOWN].into_iter().find(|known| known == event);
    let invalid = |event: &String| refused("Extension.InvalidEventType", format!("Invalid event type: {event}"));
    events.iter().map(|event| known(event).ok_or_else(|| invalid(event))).collect()
}

impl Inner {
    fn admits(&self, name: &str) -> Result<(), Refused> {
        if self.closed {
            return Err(refused("Extension.RegistrationClosed", "Extension registration closed already"));
        }
        if let Some(known) = self.list.iter().find(|known| known.name == name) {
            return Err(Refused { kind: "Extension.AlreadyRegistered", ..known.cannot("Registered") });
        }
        if self.list.len() >= MOST {
            return Err(refused("Extension.TooManyExtensions", format!("Extension limit ({MOST}) reached")));
        }
        Ok(())
    }

    fn find(&mut self, id: &str) -> Result<&mut Extension, Refused> {
        let unknown = || refused("Extension.UnknownExtensionIdentifier", format!("Unknown extension {id}"));
        self.list.iter_mut().find(|extension| extension.id == id).ok_or_else(unknown)
    }

    /// The first one counts.
    fn fault(&mut self, kind: String, why: String) {
        if !self.ending {
            self.fault.get_or_insert(Fault { kind, why });
        }
    }

    fn is_over(&self, done: impl Fn(&Self) -> bool) -> Option<Result<(), Fault>> {
        match &self.fault {
            Some(fault) => Some(Err(fault.clone())),
            None => done(self).then_some(Ok(())),
        }
    }
}

impl Extension {
    fn wants(&self, event: &str) -> bool {
        self.events.contains(&event)
    }

    fn give(&mut self, event: Bytes) {
        if self.state == State::Ended {
            return;
        }
        self.state = State::Running;
        // One whose connection broke off may come back for it.
        self.pending = match self.waiter.take() {
            Some(waiter) => waiter.send(event).err(),
            None => Some(event),
        };
    }

    fn cannot(&self, to: &str) -> Refused {
        let (from, name) = (self.state.name(), &self.name);
        let message = format!(
            "State transition from {from} to {to} failed for extension {name}. Error: State transition is not allowed"
        );
        refused("Extension.InvalidExtensionState", message)
    }

    fn known(&self, error: Option<&String>) -> Known {
        let error = error.filter(|_| self.state == State::Ended).cloned();
        Known { name: self.name.clone(), state: self.state.name(), events: self.events.clone(), error }
    }
}

impl Known {
    fn before(name: &str, state: &'static str, error: Option<String>) -> Self {
        Self { name: name.to_owned(), state, events: Vec::new(), error }
    }
}
