//! A test harness in miniature: what `cargo test` and `cargo nextest` ask of a target without one.

use std::sync::Arc;

use super::{Subject, World};
use crate::BoxFuture;

/// A named test over a fresh world.
pub type Case = (&'static str, for<'a> fn(&'a World) -> BoxFuture<'a, ()>);

/// Before a case's name: its functions start on instances that were prepared.
const PREPARED: &str = "prepared::";

/// Lists or runs the cases as the arguments say, each without and with prepared instances, or measures with `--bench`.
/// Panics, and so fails, with the first case that fails.
pub fn main(args: impl Iterator<Item = String>, subject: Arc<dyn Subject>, cases: &[Case]) {
    let args: Vec<String> = args.skip(1).collect();
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    if has("--list") {
        let shown = if has("--ignored") { &[] } else { cases };
        return shown.iter().for_each(|(name, _)| println!("{name}: test\n{PREPARED}{name}: test"));
    }
    if has("--bench") {
        return run(|world| Box::pin(super::bench::run(world)), &subject, false);
    }
    let names: Vec<&String> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
    let wanted = |name: &str| match names.as_slice() {
        [] => true,
        some if has("--exact") => some.iter().any(|n| *n == name),
        some => some.iter().any(|n| name.contains(n.as_str())),
    };
    for (case_name, case) in cases {
        for (name, prepared) in [((*case_name).to_owned(), false), (format!("{PREPARED}{case_name}"), true)] {
            if wanted(&name) {
                run(*case, &subject, prepared);
                println!("test {name} ... ok");
            }
        }
    }
}

fn run(case: for<'a> fn(&'a World) -> BoxFuture<'a, ()>, subject: &Arc<dyn Subject>, prepared: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a tokio runtime").block_on(async {
        let world = World::new(Arc::clone(subject));
        if prepared {
            world.prepare().await;
        }
        case(&world).await;
        world.stop().await;
    });
}
