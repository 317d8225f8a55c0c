//! Watching over an instance to its end, and cleaning up behind it.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::Notify;
use updraft_kernel::Tasks;
use updraft_sandbox::Stdio;

use super::Instance;
use crate::api::server::{accept, serve};
use crate::exec::Engine;
use crate::failure::Exit;
use crate::function::Function;
use crate::logs::book::Source;
use crate::sink::{ConnectionSink, PeerInfo};

/// How many connections to the platform's API one instance may have open. An instance has 1,024 descriptors in each of
/// its processes, of which it can have as many: without a limit it could use up the platform's.
const CONNECTIONS: usize = 256;

/// Serves the instance's listeners and reads its pipes.
pub(super) struct Attachments {
    pub(super) runtime: TcpListener,
    pub(super) aws: TcpListener,
    pub(super) stdio: Stdio,
    pub(super) sink: Arc<dyn ConnectionSink>,
}

/// Starts the tasks that an instance lives by. They end with it.
pub(super) fn attend(instance: &Arc<Instance>, function: &Arc<Function>, with: Attachments, engine: &Engine) {
    let tasks = &engine.tasks;
    let ended = || instance.ended.subscribe();
    let (out, err) = (Arc::new(with.stdio.stdout), Arc::new(with.stdio.stderr));
    instance.log.attach(Arc::clone(&out), Arc::clone(&err));
    tasks.spawn("function stdout", Arc::clone(&instance.log).follow(Source::Out, out, ended()));
    tasks.spawn("function stderr", Arc::clone(&instance.log).follow(Source::Err, err, ended()));
    let session = Arc::clone(&instance.session);
    tasks.spawn("runtime api", serve(with.runtime, session, ended(), tasks.clone()));
    let peer = PeerInfo::of(&instance.spec);
    let (aws, rx) = (with.aws, ended());
    tasks.spawn("function's aws endpoint", async move {
        accept(aws, rx, CONNECTIONS, |stream, place| with.sink.connected(stream, peer.clone(), place)).await;
    });
    let idle = Arc::clone(&engine.idle);
    tasks.spawn("instance", supervise(Arc::clone(instance), Arc::clone(function), idle, tasks.clone()));
}

async fn supervise(instance: Arc<Instance>, function: Arc<Function>, idle: Arc<Notify>, tasks: Tasks) {
    let mut shutdown = tasks.shutdown();
    let exit = {
        let slot = instance.sandbox.read().await;
        let Some(sandbox) = slot.as_deref() else { return };
        tokio::select! {
            exit = sandbox.wait() => exit,
            () = shutdown.requested() => {
                instance.kill();
                sandbox.wait().await
            }
        }
    };
    // Told before the session closes: whoever waits there asks for it next.
    instance.exit.get_or_init(|| Exit::from(exit));
    instance.session.close();
    function.gone(instance.id);
    // One that was started ahead is to be replaced.
    idle.notify_one();
    instance.log.close([], false);
    instance.ended.send_replace(true);
    let sandbox = instance.sandbox.write().await.take();
    if let Some(sandbox) = sandbox {
        sandbox.destroy().await;
    }
}
