//! A sandbox in which only the function is missing.

use std::ffi::OsString;
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use serde_json::{Map, Value, json};
use updraft_sandbox::{Command, Occupant, Remains, Sandbox, SandboxError, SandboxSpec, Stdio, Zygote};

use super::Shape;
use crate::api::pipes::Pipes;
use crate::env;
use crate::exec::Engine;
use crate::instance::ways;
use crate::runtime::{Ahead, By};

/// See the module.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) number: u64,
    pub(crate) sandbox: Box<dyn Sandbox>,
    pub(crate) listeners: Vec<TcpListener>,
    pub(crate) seat: Seat,
}

/// Of the process that waits in a sandbox, if there is one: what it prints, its seat, and the pipes that it has already.
#[derive(Debug, Default)]
pub(crate) struct Seat(Option<(Stdio, UnixStream, Option<Pipes>)>);

/// What a runtime's process prints, and the short way to it, if it takes that.
pub(crate) type Voice = (Stdio, Option<Pipes>);

impl Seat {
    /// Of a program that is started now.
    fn of(sandbox: &mut dyn Sandbox, command: Command) -> Result<Self, SandboxError> {
        let [ours, theirs] = pipes()?;
        let (stdio, seat) = sandbox.start_seated(command, vec![theirs.from.into(), theirs.to.into()])?;
        Ok(Self(Some((stdio, seat, Some(ours)))))
    }

    /// Tells the process that waits its function, or starts one.
    pub(crate) fn start(self, sandbox: &mut dyn Sandbox, command: Command, by: By) -> Result<Voice, SandboxError> {
        match (self.0, by) {
            (Some(seated), _) => tell(seated, &command.env, by),
            (None, By::Api) => Ok((sandbox.start(command)?, None)),
            (None, By::Pipes) => {
                let argv = command.argv.iter().cloned().chain(["--seated".into()]).collect();
                let started = Self::of(sandbox, Command { argv, ..command })?;
                started.0.map_or(Err(SandboxError::Gone), |seated| tell(seated, &[], by))
            }
        }
    }
}

impl Ready {
    /// With everything that can be there. `None`: what it takes isn't there.
    pub(super) async fn build_ahead(
        engine: &Engine,
        shape: &Shape,
        zygote: Option<Zygote>,
    ) -> Result<Option<Self>, SandboxError> {
        match (&shape.ahead, zygote) {
            (Ahead::Nothing, _) => Self::bare(engine, shape).await.map(Some),
            (Ahead::Zygote { .. }, Some(zygote)) => Self::forked(engine, shape, zygote).await.map(Some),
            (Ahead::Zygote { .. }, None) => Ok(None),
            (Ahead::Worker { argv, env }, _) => {
                let mut ready = Self::bare(engine, shape).await?;
                let command = Command { env: env::ahead(env), ..Command::new(argv.iter().map(OsString::from)) };
                ready.seat = Seat::of(&mut *ready.sandbox, command)?;
                Ok(Some(ready))
            }
        }
    }

    /// Whatever is there soonest: starting a process that then has to wait would only be a detour.
    pub(super) async fn build_for_now(
        engine: &Engine,
        shape: &Shape,
        zygote: Option<Zygote>,
    ) -> Result<Self, SandboxError> {
        match zygote {
            None => Self::bare(engine, shape).await,
            Some(zygote) => match Self::forked(engine, shape, zygote).await {
                Ok(ready) => Ok(ready),
                Err(error) => {
                    tracing::warn!(%error, "an instance could not be forked, and is started instead");
                    Self::bare(engine, shape).await
                }
            },
        }
    }

    /// One whose sandbox is made as another user's than its number says.
    pub(crate) async fn build_as(engine: &Engine, shape: &Shape, uid: u32) -> Result<Self, SandboxError> {
        Self::build(engine, shape, Occupant::Command, Some(uid)).await
    }

    async fn bare(engine: &Engine, shape: &Shape) -> Result<Self, SandboxError> {
        Self::build(engine, shape, Occupant::Command, None).await
    }

    async fn forked(engine: &Engine, shape: &Shape, zygote: Zygote) -> Result<Self, SandboxError> {
        Self::build(engine, shape, Occupant::Fork, None).await?.forked_from(zygote).await
    }

    /// One with the `/tmp` of another, which has ended.
    pub(super) async fn inherit(
        engine: &Engine,
        shape: &Shape,
        zygote: Option<Zygote>,
        remains: Remains,
    ) -> Result<Self, SandboxError> {
        let (number, spec) = Self::spec(engine, shape).await?;
        let occupant = if zygote.is_some() { Occupant::Fork } else { Occupant::Command };
        let ready = Self::around(number, engine.backend.inherit(spec, occupant, remains).await?);
        match zygote {
            None => Ok(ready),
            Some(zygote) => ready.forked_from(zygote).await,
        }
    }

    async fn forked_from(self, zygote: Zygote) -> Result<Self, SandboxError> {
        let ready = self;
        // It takes milliseconds, in which the fork is born and finds its way.
        let runtime = tokio::runtime::Handle::current();
        let forked = tokio::task::spawn_blocking(move || {
            let _within = runtime.enter();
            let mut ready = ready;
            let (stdio, seat) = ready.sandbox.start_from(&zygote)?;
            ready.seat = Seat(Some((stdio, seat, None)));
            Ok(ready)
        });
        forked.await.map_err(|error| SandboxError::Invalid(error.to_string()))?
    }

    async fn build(engine: &Engine, shape: &Shape, occupant: Occupant, uid: Option<u32>) -> Result<Self, SandboxError> {
        let (number, mut spec) = Self::spec(engine, shape).await?;
        spec.uid = uid.unwrap_or(spec.uid);
        Ok(Self::around(number, engine.backend.prepare(spec, occupant).await?))
    }

    async fn spec(engine: &Engine, shape: &Shape) -> Result<(u64, SandboxSpec), SandboxError> {
        let number = engine.number();
        let mut spec = shape.sandbox(engine.sandbox_name(number), number);
        ways::fit(engine, &mut spec).await?;
        Ok((number, spec))
    }

    fn around(number: u64, mut sandbox: Box<dyn Sandbox>) -> Self {
        let listeners = sandbox.listeners();
        Self { number, sandbox, listeners, seat: Seat::default() }
    }
}

/// See [`Ahead::Worker`] and [`By`]: a fork has no pipes yet, and is given them now.
fn tell(
    (stdio, seat, had): (Stdio, UnixStream, Option<Pipes>),
    env: &[(OsString, OsString)],
    by: By,
) -> Result<Voice, SandboxError> {
    let text = |value: &OsString| value.to_string_lossy().into_owned();
    let env: Map<String, Value> = env.iter().map(|(name, value)| (text(name), text(value).into())).collect();
    let told = json!({ "env": env });
    let gone = |_| SandboxError::Gone;
    if by == By::Api || had.is_some() {
        return updraft_sandbox::tell(&seat, &told, &[]).map(|()| (stdio, had)).map_err(gone);
    }
    let [ours, theirs] = pipes()?;
    updraft_sandbox::tell(&seat, &told, &[theirs.from.as_fd(), theirs.to.as_fd()]).map_err(gone)?;
    Ok((stdio, Some(ours)))
}

fn pipes() -> Result<[Pipes; 2], SandboxError> {
    Pipes::pair().map_err(|err| SandboxError::Invalid(format!("there are no pipes to be had: {err}")))
}
