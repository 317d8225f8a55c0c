//! Watching over an instance to its end, and cleaning up behind it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::net::TcpListener;
use tokio::sync::Notify;
use updraft_kernel::BoxFuture;
use updraft_sandbox::{ExitReason, Remains, Stdio};

use super::Instance;
use crate::api::server::{accept, serve};
use crate::exec::Engine;
use crate::extensions::event::Reason;
use crate::failure::Exit;
use crate::function::Function;
use crate::logs::book::Source;
use crate::sink::PeerInfo;

/// How many connections to the platform's API one instance may have open. An instance has 1,024 descriptors in each of
/// its processes, of which it can have as many: without a limit it could use up the platform's.
const CONNECTIONS: usize = 256;

/// Serves the instance's listeners, until it ends: the Runtime API's, and the platform's own.
pub(super) fn attend(instance: &Arc<Instance>, (runtime, aws): (TcpListener, TcpListener), engine: &Engine) {
    let tasks = &engine.tasks;
    tasks.spawn("runtime api", serve(runtime, Arc::clone(instance)));
    let (peer, sink, rx) = (PeerInfo::of(&instance.spec, instance.id), Arc::clone(&engine.endpoint), instance.ended());
    tasks.spawn("function's aws endpoint", async move {
        accept(aws, rx, CONNECTIONS, |stream, place| sink.connected(stream, peer.clone(), place)).await;
    });
}

impl Instance {
    /// Reads what a process prints, until it closes or the instance has ended. `extension`: its number.
    pub(super) fn follow(&self, stdio: Stdio, extension: Option<u32>) {
        let tasks = &self.host.tasks;
        let sources = extension.map_or((Source::Out, Source::Err), |number| {
            (Source::Extension(2 * number), Source::Extension(2 * number + 1))
        });
        for (source, pipe) in [(sources.0, stdio.stdout), (sources.1, stdio.stderr)] {
            let pipe = Arc::new(pipe);
            self.log.attach(source, Arc::clone(&pipe));
            tasks.spawn("function's output", Arc::clone(&self.log).follow(source, pipe, self.ended()));
        }
    }
}

/// Watches a runtime that isn't alone in its sandbox: with it, the instance is to end by and by.
pub(super) async fn outlived(instance: Arc<Instance>, function: Arc<Function>, over: BoxFuture<'static, ExitReason>) {
    let exit = over.await;
    // Told before the session closes: whoever waits there asks for it next.
    instance.exit.get_or_init(|| Exit::from(exit));
    instance.runtime_over.send_replace(true);
    instance.session.close();
    function.gone(instance.id);
    instance.part(Reason::Failure);
}

/// Files count as memory here, unlike on AWS. Where they have used it up, what is started beside them would have none.
fn is_of_use(instance: &Instance, remains: &Remains) -> bool {
    let half = u64::from(instance.spec.memory_mb) << 19;
    instance.exit() != Exit::OutOfMemory || remains.tmp_bytes().is_some_and(|bytes| bytes < half)
}

pub(super) async fn supervise(instance: Arc<Instance>, function: Arc<Function>, idle: Arc<Notify>) {
    let mut shutdown = instance.host.tasks.shutdown();
    let (exit, peak) = {
        let slot = instance.sandbox.read().await;
        let Some(sandbox) = slot.as_deref() else { return };
        let exit = tokio::select! {
            exit = sandbox.wait() => exit,
            () = shutdown.requested() => {
                instance.spend();
                instance.kill();
                sandbox.wait().await
            }
        };
        (exit, sandbox.peak_memory())
    };
    // Told before the session closes: whoever waits there asks for it next.
    instance.exit.get_or_init(|| Exit::from(exit));
    instance.settle_peak(peak);
    instance.runtime_over.send_replace(true);
    instance.session.close();
    function.gone(instance.id);
    // One that was started ahead is to be replaced.
    idle.notify_one();
    instance.log.close(&[], false);
    instance.ended.send_replace(true);
    // Whoever waits for what is left hears of it by the end of this.
    let leave = instance.leave.lock().take();
    let sandbox = instance.sandbox.write().await.take();
    let Some(sandbox) = sandbox else { return };
    if instance.spent.load(Ordering::SeqCst) {
        return sandbox.destroy().await;
    }
    let remains = sandbox.bequeath().await.filter(|remains| is_of_use(&instance, remains));
    // With nobody to take it, it goes.
    drop(leave.map(|leave| leave.send(remains)));
}
