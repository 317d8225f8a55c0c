//! `cargo xtask new-service ssm`.

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

use super::{names, text};
use crate::{house, run};

#[derive(clap::Args)]
pub(crate) struct ServiceArgs {
    /// The folder, which is the SDK's short name: ssm, events, states. Its model must be in models/source.toml.
    service: String,
}

/// The rooms every service has: file → template.
const ROOMS: [(&str, &str); 6] = [
    ("Cargo.toml", include_str!("../../templates/service/manifest.txt")),
    ("src/lib.rs", include_str!("../../templates/service/lib.rs.txt")),
    ("src/errors.rs", include_str!("../../templates/service/errors.rs.txt")),
    ("src/keys.rs", include_str!("../../templates/service/keys.rs.txt")),
    ("src/table.rs", include_str!("../../templates/service/table.rs.txt")),
    ("src/ops/mod.rs", include_str!("../../templates/service/ops.rs.txt")),
];
const API_MANIFEST: &str = include_str!("../../templates/service/api-manifest.txt");

/// # Errors
/// If it is begun already, or its api crate can't be made.
pub(crate) fn new_service(args: &ServiceArgs) -> Result<()> {
    let service = args.service.as_str();
    if !names::is_service(service) {
        bail!("{service:?} isn't a short name such as ssm");
    }
    let folder = house::root().join("crates/services").join(service);
    if folder.exists() {
        bail!("crates/services/{service} is there already");
    }
    let interface = interface(service)?;
    begin_api(service)?;
    for (file, template) in ROOMS {
        house::write(&folder.join(file), &template.replace("{svc}", service).replace("{Service}", &interface))?;
    }
    depend_on(&format!("updraft-{service}"), &format!("crates/services/{service}"))?;
    println!("crates/services/{service} is begun; next:");
    println!("  1. its tag in crates/foundation/store/src/tags.rs, and one line in crates/updraft/src/compose.rs");
    println!("  2. its first operation: `cargo xtask new-op {service} <Operation>` (docs/how-to/service.md)");
    Ok(())
}

/// The name of the generated trait, which is the service's own: `DynamoDb`.
pub(crate) fn interface(service: &str) -> Result<String> {
    let source: Table =
        house::read(&house::root().join("models/source.toml"))?.parse().context("models/source.toml")?;
    let known = source.get("service").and_then(Value::as_array).into_iter().flatten();
    let named = |entry: &&Value| entry.get("dir").and_then(Value::as_str) == Some(service);
    let name = known.filter(named).find_map(|entry| entry.get("interface").and_then(Value::as_str));
    name.map(str::to_owned).with_context(|| {
        format!(
            "models/source.toml has no [[service]] with dir = {service:?}: add one first (dir, model, interface, iam)"
        )
    })
}

/// The overrides and the api crate, where the service isn't one of those known by name already.
fn begin_api(service: &str) -> Result<()> {
    let overrides = house::root().join(format!("models/overrides/{service}.toml"));
    if overrides.exists() {
        return Ok(());
    }
    house::write(&overrides, "implemented = []\n")?;
    let folder = house::root().join("crates/api").join(service);
    house::write(&folder.join("Cargo.toml"), &API_MANIFEST.replace("{svc}", service))?;
    house::write(&folder.join("src/lib.rs"), "//! To be generated.\n")?;
    depend_on(&format!("updraft-api-{service}"), &format!("crates/api/{service}"))?;
    run::codegen(false).with_context(|| format!("the api crate of {service} can't be made"))
}

/// One line in the workspace's table.
fn depend_on(name: &str, path: &str) -> Result<()> {
    let manifest = house::root().join("Cargo.toml");
    let line = format!("{name} = {{ path = \"{path}\" }}");
    house::write(&manifest, &text::insert_sorted(&house::read(&manifest)?, "updraft-", &line)?)
}
