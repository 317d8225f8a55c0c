//! What functions reach, as it is written in settings.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::Result;
use serde::Deserialize;
use updraft_cli::StartArgs;
use updraft_network::{Allowed, Policy, Reach};
use updraft_sandbox::SandboxBackend;

/// What a name of the config file stands for.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Places {
    One(String),
    Several(Vec<String>),
}

impl Places {
    fn all(&self) -> &[String] {
        match self {
            Self::One(place) => std::slice::from_ref(place),
            Self::Several(places) => places,
        }
    }
}

/// What the flags allow is added to what the file does; a name in both is the flags'.
///
/// # Errors
/// If it isn't a policy, or contradicts itself: with what to say instead.
pub(crate) fn policy(
    args: &StartArgs,
    reach: Option<String>,
    file: BTreeMap<String, Places>,
    listen: SocketAddr,
) -> Result<Policy> {
    let reach = args.function_network.clone().or(reach);
    let reach = reach.map_or(Ok(Reach::default()), |reach| reach.parse())?;
    let flags = args.function_network_allow.iter().map(|text| text.parse()).collect::<Result<Vec<Allowed>, _>>()?;
    let mut allowed = Vec::new();
    for (name, places) in file.iter().filter(|(name, _)| flags.iter().all(|flag| flag.name() != *name)) {
        for place in places.all() {
            allowed.push(Allowed::new(name, place)?);
        }
    }
    allowed.extend(flags);
    Ok(Policy::new(reach, allowed, &updraft_exec::taken().into_iter().chain([listen]).collect::<Vec<_>>())?)
}

/// What is to be done where the internet was asked for and there are no tunnels.
const MEND: &str = "give whoever runs updraft /dev/net/tun (`modprobe tun`; in containers `--device /dev/net/tun`), or say \
                    --function-network loopback";

/// Why functions can't have what they are to reach on this machine, as was tried. They are refused then.
pub(crate) async fn trouble(policy: &Policy, sandboxes: &dyn SandboxBackend) -> Option<String> {
    let trouble = sandboxes.probe_tunnel(updraft_exec::tunnel_spec(policy.interface()?)).await?;
    Some(format!("functions are refused: they are to reach the internet, and have no tunnel: {trouble} ({MEND})"))
}
