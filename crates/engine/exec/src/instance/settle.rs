//! What comes of a start: the runtime's first word, and what is told of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::start::{Starting, Stopped};
use super::{Instance, sandbox};
use crate::api::server::ended;
use crate::api::session::Started;
use crate::env::Initialization;
use crate::exec::Engine;
use crate::extensions::event::Reason;
use crate::extensions::registry::Fault;
use crate::logs::platform::{Beginning, Event, Status};

/// How a start went.
pub(crate) enum Outcome {
    Ready,
    /// The runtime said why not: its error type, and the payload that is the invocation's.
    Refused(String, Bytes),
    TimedOut,
    Exited,
    /// An extension failed.
    Faulted(Fault),
}

impl Outcome {
    fn status(&self) -> Status {
        match self {
            Self::Ready => Status::Success,
            Self::Refused(kind, _) => Status::Failure(kind.clone()),
            Self::TimedOut => Status::Timeout,
            Self::Exited => Status::Failure("Runtime.ExitError".to_owned()),
            Self::Faulted(fault) => Status::Failure(fault.kind.clone()),
        }
    }
}

impl Starting {
    /// Waits until the runtime and all extensions are ready, at most `limit`; whatever isn't ready then is ended.
    pub(crate) async fn settle(mut self, engine: &Engine, limit: Duration) -> (Arc<Instance>, Outcome) {
        let outcome = match self.stopped.take() {
            Some(Stopped::Fault(fault)) => Outcome::Faulted(fault),
            Some(Stopped::TimedOut) => Outcome::TimedOut,
            None => self.outcome(engine, limit).await,
        };
        let instance = &self.instance;
        let took = engine.clock.monotonic().saturating_sub(self.began);
        self.tell(took, &outcome);
        instance.extensions.close();
        instance.log.hub.close();
        if matches!(outcome, Outcome::Ready) {
            let Beginning { kind, suppressed } = self.beginning;
            match (suppressed, kind) {
                (false, _) => *instance.init.lock() = Some(took),
                // AWS: it is a part of the call that it is for, if there is one.
                (true, Initialization::OnDemand) => *instance.suppressed.lock() = took,
                (true, Initialization::Provisioned) => {}
            }
            let quota = sandbox::cpu_millis(instance.spec.memory_mb);
            if !self.debugged
                && let Some(Err(error)) = instance.with_sandbox(|s| s.set_cpu(Some(quota)))
            {
                tracing::debug!(%error, "a sandbox runs without a processor quota");
            }
        } else {
            instance.part(Reason::Failure);
        }
        (self.instance, outcome)
    }

    async fn outcome(&mut self, engine: &Engine, limit: Duration) -> Outcome {
        let left = limit.saturating_sub(engine.clock.monotonic().saturating_sub(self.began));
        let extensions = &self.instance.extensions;
        tokio::select! {
            biased;
            started = &mut self.started => match started {
                Ok(Started::Failed { kind, payload }) => Outcome::Refused(kind, payload),
                Err(_) => Outcome::Exited,
                Ok(Started::Ready) => tokio::select! {
                    biased;
                    ready = extensions.ready() => ready.map_or_else(Outcome::Faulted, |()| Outcome::Ready),
                    () = ended(self.instance.runtime_over.subscribe()) => Outcome::Exited,
                    () = engine.clock.pause(left) => Outcome::TimedOut,
                },
            },
            fault = extensions.fault() => Outcome::Faulted(fault),
            () = engine.clock.pause(left) => Outcome::TimedOut,
        }
    }

    /// As AWS does, in its order.
    fn tell(&self, took: Duration, outcome: &Outcome) {
        let (log, beginning) = (&self.instance.log, self.beginning);
        log.note(&Event::InitRuntimeDone { beginning, status: outcome.status() });
        for known in self.instance.extensions.known() {
            let error = known.error.as_deref();
            log.note(&Event::Extension { name: &known.name, state: known.state, events: &known.events, error });
        }
        log.note(&Event::InitReport { beginning, took, status: outcome.status() });
    }
}
