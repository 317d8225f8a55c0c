//! Who may import whom. Folders are layers; a crate imports only what its layer's line below allows.

use super::Finding;
use crate::house::Member;

pub(crate) fn check(members: &[Member]) -> Vec<Finding> {
    let mut found = Vec::new();
    for from in members {
        for (table, tests) in [("dependencies", false), ("dev-dependencies", true), ("build-dependencies", false)] {
            for (name, _) in from.dependencies(table) {
                let Some(to) = members.iter().find(|m| m.name == name) else { continue };
                if !(allowed(from, to) || tests && allowed_in_tests(from, to)) {
                    found.push(wrong(from, to, table));
                }
            }
        }
    }
    found
}

fn wrong(from: &Member, to: &Member, table: &str) -> Finding {
    Finding::Wrong(format!(
        "{}: {} may not import {} ({table}); see ARCHITECTURE.md, who may import whom",
        from.folder, from.name, to.name
    ))
}

fn allowed(from: &Member, to: &Member) -> bool {
    if to.short() == "testkit" {
        return from.folder == "bench";
    }
    match from.layer() {
        "foundation" => to.layer() == "foundation" && foundation(from.short()).contains(&to.short()),
        "api" => matches!(to.folder.as_str(), "crates/foundation/kernel" | "crates/foundation/wire"),
        "services" => to.layer() == "foundation" || own_api(from, to) || to.folder == "crates/engine/asl",
        "engine" => to.layer() == "foundation" || engine(from.short()).contains(&to.short()) && to.layer() == "engine",
        "backends" | "edge" => to.layer() == "foundation",
        // The composition root and what measures it may name everything.
        "crates/updraft" | "bench" | "tests/power" | "tests/sim" => true,
        _ => false,
    }
}

fn foundation(name: &str) -> &'static [&'static str] {
    match name {
        "kernel" => &[],
        "nodes" | "snapshot" => &["kernel", "store", "blob"],
        "timers" => &["kernel", "store", "nodes"],
        "delivery" => &["kernel", "store", "nodes", "timers"],
        "asl" => &["kernel", "expr"],
        "polling" => &["kernel", "store", "nodes", "timers", "expr"],
        "testkit" => &["kernel", "store", "blob", "nodes", "timers", "delivery"],
        _ => &["kernel"],
    }
}

/// A runtime is carried by exec, which alone knows the sandbox.
fn engine(name: &str) -> &'static [&'static str] {
    match name {
        "exec" => &["network", "sandbox"],
        "sandbox" | "asl" | "network" => &[],
        _ => &["exec"],
    }
}

fn own_api(from: &Member, to: &Member) -> bool {
    // What streams tell is what tables keep: one service with two faces.
    let streams = from.short() == "dynamodb" && to.short() == "dynamodbstreams";
    to.layer() == "api" && (to.short() == from.short() || streams)
}

/// Tests name backends; still no service meets another there.
fn allowed_in_tests(from: &Member, to: &Member) -> bool {
    let backend = to.layer() == "backends" && from.short() != "kernel";
    let itself = from.name == to.name;
    // A runtime's suite runs in a real sandbox.
    let sandbox = from.layer() == "engine" && to.layer() == "engine";
    to.short() == "testkit" || itself || backend || sandbox || from.layer() == "edge" && to.layer() == "api"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(folder: &str, depends_on: &[&str]) -> Member {
        let lines: String = depends_on.iter().map(|name| format!("{name}.workspace = true\n")).collect();
        let text = format!("[dependencies]\n{lines}");
        let name = folder.rsplit('/').next().unwrap().to_owned();
        let name = if folder.starts_with("crates/api/") { format!("api-{name}") } else { name };
        Member { folder: folder.to_owned(), name, manifest: text.parse().unwrap(), text }
    }

    fn breaks(from: &str, to: &str) -> bool {
        let to = member(to, &[]);
        let from = member(from, &[&to.name]);
        !check(&[from, to]).is_empty()
    }

    #[test]
    fn a_service_never_imports_another_or_its_api() {
        assert!(breaks("crates/services/sns", "crates/services/sqs"));
        assert!(breaks("crates/services/sns", "crates/api/sqs"));
        assert!(!breaks("crates/services/sns", "crates/api/sns"));
        assert!(!breaks("crates/services/sns", "crates/foundation/store"));
        assert!(breaks("crates/services/sns", "crates/backends/store-fjall"));
    }

    #[test]
    fn the_kernel_imports_nothing_and_the_root_everything() {
        assert!(breaks("crates/foundation/kernel", "crates/foundation/wire"));
        assert!(!breaks("crates/foundation/wire", "crates/foundation/kernel"));
        assert!(breaks("crates/foundation/wire", "crates/foundation/store"));
        assert!(!breaks("crates/updraft", "crates/backends/store-fjall"));
        assert!(breaks("crates/edge/gateway", "crates/services/sts"));
    }
}
