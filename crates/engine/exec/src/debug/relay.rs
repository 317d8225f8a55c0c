//! Connections from the host's loopback into the instance.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use super::Debugged;
use super::open::start;
use crate::api::server::{accept, ended};
use crate::exec::Engine;
use crate::instance::Instance;

/// A debugger is a few connections.
const CONNECTIONS: usize = 16;
/// How long a debugger is kept waiting for an instance that listens to it, and how often it is looked.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(20);

/// Takes connections until debugging is over.
pub(super) async fn attend(engine: Arc<Engine>, debugged: Arc<Debugged>, listener: TcpListener) {
    accept(listener, debugged.over.subscribe(), CONNECTIONS, |stream, place| {
        let (within, debugged) = (Arc::clone(&engine), Arc::clone(&debugged));
        engine.tasks.spawn("debugger's connection", async move {
            tokio::select! {
                () = ended(debugged.over.subscribe()) => {}
                carried = carry(&within, &debugged, stream) => if let Err(error) = carried {
                    tracing::info!(%error, "a debugger's connection broke off");
                },
            }
            drop(place);
        });
    })
    .await;
}

async fn carry(engine: &Arc<Engine>, debugged: &Debugged, mut outside: TcpStream) -> io::Result<()> {
    outside.set_nodelay(true)?;
    let (instance, mut inside) = reached(engine, debugged).await?;
    inside.set_nodelay(true)?;
    tokio::select! {
        () = ended(instance.ended()) => Ok(()),
        copied = copy_bidirectional(&mut outside, &mut inside) => copied.map(drop),
    }
}

/// Whoever listens inside, as soon as somebody does.
async fn reached(engine: &Arc<Engine>, debugged: &Debugged) -> io::Result<(Arc<Instance>, TcpStream)> {
    let began = engine.clock.monotonic();
    let mut started = false;
    while engine.clock.monotonic().saturating_sub(began) < PATIENCE {
        let function = debugged.function(engine).ok_or(io::ErrorKind::NotConnected)?;
        match function.any() {
            Some(instance) => {
                if let Ok(stream) = instance.connect(debugged.way.port).await {
                    return Ok((instance, stream));
                }
            }
            None if !started => {
                started = true;
                let (engine, function) = (Arc::clone(engine), Arc::clone(&function));
                let tasks = engine.tasks.clone();
                tasks.spawn("instance to debug", async move { start(&engine, &function).await });
            }
            None => {}
        }
        engine.clock.pause(LOOK).await;
    }
    Err(io::ErrorKind::TimedOut.into())
}
