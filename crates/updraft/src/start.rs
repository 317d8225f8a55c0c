//! `updraft start`: the platform up, announced, and down again in order.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::signal::unix::{Signal, SignalKind, signal};
use updraft_cli::{StartArgs, out};
use updraft_gateway::listener;
use updraft_kernel::{Clock, Shutdown, SystemClock, Tasks};

use crate::banner;
use crate::compose::{Platform, compose};
use crate::config::Config;

/// How long calls at work may take to finish when the platform stops.
const GRACE: Duration = Duration::from_secs(20);

/// Starting is over so long after the platform serves: by then the sandbox was tried, too.
const STARTED: Duration = Duration::from_secs(1);

/// # Errors
/// If the platform can't start, or loses the store while it runs: with what to do.
pub(crate) async fn run(args: &StartArgs) -> Result<()> {
    let config = Config::resolve(args)?;
    let running = start(config).await?;
    running.print_banner().await?;
    running.until_stopped().await
}

/// A platform that serves.
pub(crate) struct Running {
    platform: Platform,
    address: SocketAddr,
    /// The listener and the connections of the network, which end before everything else.
    front: Tasks,
    tasks: Tasks,
    took: Duration,
    stop: Stop,
}

/// The signals that end a platform. Caught from before it serves, so that an early one still stops it in order.
struct Stop {
    term: Signal,
    interrupt: Signal,
}

impl Stop {
    fn listen() -> Result<Self> {
        let term = signal(SignalKind::terminate()).context("SIGTERM can't be waited for")?;
        let interrupt = signal(SignalKind::interrupt()).context("SIGINT can't be waited for")?;
        Ok(Self { term, interrupt })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// # Errors
/// If the address is taken, or the data folder is in use, damaged or of a newer format.
pub(crate) async fn start(config: Config) -> Result<Running> {
    let clock = SystemClock::new();
    let stop = Stop::listen()?;
    have_descriptors();
    log_to_stderr(&config.log)?;
    refuse_strangers(config.listen)?;
    // First the address: a platform that can't serve shouldn't touch data.
    let listener = listener::bind(config.listen).await?;
    let address = listener.local_addr().context("the listening address is unknown")?;
    let tasks = Tasks::new();
    let platform = compose(&Config { listen: address, ..config }, &tasks).await?;
    let front = Tasks::new();
    front.spawn("listener", listener::serve(platform.gateway(), listener, front.clone()));
    tasks.spawn("memory of the start", slim_down(tasks.shutdown()));
    Ok(Running { platform, address, front, tasks, took: clock.monotonic(), stop })
}

/// Lets go of what only the start needed of this program.
async fn slim_down(mut shutdown: Shutdown) {
    tokio::select! {
        () = SystemClock::new().pause(STARTED) => updraft_sandbox::unmap_what_is_constant(),
        () = shutdown.requested() => {}
    }
}

/// As many descriptors as may be had: the limit that is usual is for programs that can't have more, and functions' calls
/// and connections take several each. Sandboxes have limits of their own.
fn have_descriptors() {
    if let Ok((_, most)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // Where that isn't allowed, what there was has to do.
        setrlimit(Resource::RLIMIT_NOFILE, most, most).ok();
    }
}

/// Credentials beyond the conventional ones come with IAM. Until then strangers are kept out altogether.
fn refuse_strangers(listen: SocketAddr) -> Result<()> {
    if listen.ip().is_loopback() {
        return Ok(());
    }
    bail!(
        "listening on {listen} would let anyone in who knows the conventional test credentials; this version serves \
         loopback addresses only (put a proxy of your own in front if you must)"
    )
}

fn log_to_stderr(filter: &str) -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(filter)
        .with_context(|| format!("{filter:?} is no log filter; say error, warn, info, debug or crate=level"))?;
    let format = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second platform in one process keeps the first one's log.
    if format.try_init().is_err() {
        tracing::debug!("the log is set up already");
    }
    Ok(())
}

impl Running {
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// # Errors
    /// If standard output can't be written.
    pub(crate) async fn print_banner(&self) -> Result<()> {
        banner::print(&self.url(), self.platform.health(), self.took)?;
        banner::print_isolation(&self.platform.isolation().await)
    }

    /// Completes when a signal asks for the end.
    pub(crate) async fn asked_to_stop(&mut self) {
        self.stop.asked().await;
    }

    /// Serves until SIGINT, SIGTERM, or a store that can't be trusted any more.
    ///
    /// # Errors
    /// If the store was lost, or stopping failed.
    pub(crate) async fn until_stopped(mut self) -> Result<()> {
        tokio::select! {
            () = self.stop.asked() => {}
            // A sync has failed: what is in memory can't be trusted to be on disk. Nothing more may be acknowledged.
            () = self.platform.poisoned() => bail!("the disk failed to keep what it was given; check it, then start again"),
        }
        out::line(&out::dim("stopping: finishing what is under way (again Ctrl-C: at once)"))?;
        let Self { platform, front, tasks, stop: mut again, .. } = self;
        tokio::select! {
            stopped = stop(platform, front, tasks) => stopped,
            _ = again.interrupt.recv() => bail!("stopped at once; what was acknowledged is safe"),
        }
    }

    /// Stops a platform that has done what it was started for.
    ///
    /// # Errors
    /// If the store can't be closed.
    pub(crate) async fn stop(self) -> Result<()> {
        stop(self.platform, self.front, self.tasks).await
    }
}

/// Takes no more requests and finishes those under way, while everything they need is still there; then what goes on by
/// itself, and closes the store.
async fn stop(platform: Platform, front: Tasks, tasks: Tasks) -> Result<()> {
    front.stop().await;
    platform.leave().await;
    platform.drain(GRACE).await;
    tasks.stop().await;
    platform.close().await
}
