//! What operations on aliases have in common.

use updraft_api_states::types::RoutingConfigurationListItem as Item;
use updraft_kernel::{AwsError, Ctx};
use updraft_store::Tx;

use crate::errors::{invalid, invalid_arn, no_such_reference};
use crate::keys::{AliasKey, VersionKey};
use crate::model::name::{MachineId, Qualifier};
use crate::model::version::{Alias, Route};

/// An alias by its ARN.
pub(super) fn named(cx: &Ctx, arn: &str) -> Result<(MachineId, String), AwsError> {
    match MachineId::of_any(cx, arn)? {
        (id, Qualifier::Alias(name)) => Ok((id, name)),
        _ => Err(invalid_arn(arn)),
    }
}

pub(super) async fn existing(tx: &mut Tx, (id, name): (&MachineId, &str)) -> Result<Alias, AwsError> {
    tx.row(&AliasKey(id, name)).await?.ok_or_else(no_such_reference)
}

/// Whose versions they are, and how executions are shared out among them.
///
/// # Errors
/// If they aren't different versions of one state machine, or if their weights aren't 100 together.
pub(super) fn routes(cx: &Ctx, items: &[Item]) -> Result<(MachineId, Vec<Route>), AwsError> {
    let arns: Vec<&str> = items.iter().map(|item| &*item.state_machine_version_arn).collect();
    let listed = arns.join(", ");
    let (mut machines, mut routes) = (Vec::new(), Vec::<Route>::new());
    for item in items {
        let (id, Qualifier::Version(version)) = MachineId::of_any(cx, &item.state_machine_version_arn)? else {
            let what = "Routing configuration must contain state machine version ARNs.";
            return Err(invalid(format!("{what} Received: [{listed}]")));
        };
        machines.push(id);
        routes.push(Route { version, weight: u32::try_from(item.weight).unwrap_or(0) });
    }
    if let ([one, other], [id, also]) = (&*routes, &*machines) {
        if id != also {
            let what = "Routing configuration must contain version ARNs of one state machine.";
            return Err(invalid(format!("{what} Received: [{listed}]")));
        }
        if one.version == other.version {
            let what = "Routing configuration must contain distinct state machine version ARNs.";
            return Err(invalid(format!("{what} Received: [{listed}]")));
        }
    }
    if routes.iter().map(|route| route.weight).sum::<u32>() != 100 {
        let weights: Vec<String> = routes.iter().map(|route| route.weight.to_string()).collect();
        let what = "Sum of routing configuration weights must equal 100.";
        return Err(invalid(format!("{what} Received: [{}]", weights.join(", "))));
    }
    let id = machines.into_iter().next().ok_or_else(no_such_reference)?;
    Ok((id, routes))
}

/// # Errors
/// If one of the versions isn't there.
pub(super) async fn all_there(tx: &mut Tx, id: &MachineId, routes: &[Route]) -> Result<(), AwsError> {
    for route in routes {
        if tx.row(&VersionKey(id, route.version)).await?.is_none() {
            return Err(no_such_reference());
        }
    }
    Ok(())
}

/// As answers tell it.
pub(super) fn told(id: &MachineId, routes: &[Route]) -> Vec<Item> {
    let item = |route: &Route| Item {
        state_machine_version_arn: id.qualified(&route.version.to_string()),
        weight: i32::try_from(route.weight).unwrap_or(100),
    };
    routes.iter().map(item).collect()
}
