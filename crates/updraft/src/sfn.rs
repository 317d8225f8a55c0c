//! `updraft sfn run`: on a platform that runs, or on one of its own.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Result, anyhow};
use updraft_cli::{SfnRunArgs, StartArgs};

use crate::config::Config;
use crate::start::start;

/// # Errors
/// If the execution doesn't succeed, or nothing can execute it.
pub(crate) async fn run(args: &SfnRunArgs) -> Result<()> {
    if let Some(endpoint) = &args.endpoint {
        return updraft_cli::sfn::run(endpoint, args).await;
    }
    let mut running = start(own(args)?).await?;
    let url = running.url();
    let ran = tokio::select! {
        ran = updraft_cli::sfn::run(&url, args) => ran,
        () = running.asked_to_stop() => Err(anyhow!("stopped before the execution had ended")),
    };
    running.stop().await.and(ran)
}

/// A platform on any free port, of which nothing stays.
fn own(args: &SfnRunArgs) -> Result<Config> {
    let listen = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let config = Config::resolve(&StartArgs { listen, ephemeral: true, ..StartArgs::default() })?;
    Ok(Config { sfn_mock_config: args.mocks.clone(), ..config })
}
