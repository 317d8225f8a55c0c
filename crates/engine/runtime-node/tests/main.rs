//! The common suite on Node, and what AWS's client for Node does besides.
#![expect(clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

mod errors;
mod features;
mod layers;
mod streams;

use std::path::PathBuf;
use std::sync::Arc;

use updraft_exec::Runtime;
use updraft_exec::suite::{self, Package, Sample, Subject};
use updraft_runtime_node::{Node, NodeConfig};

fn main() {
    updraft_sandbox::init_main();
    let mut cases = suite::common();
    cases.extend(errors::cases());
    cases.extend(features::cases());
    cases.extend(layers::cases());
    cases.extend(streams::cases());
    suite::main(std::env::args(), Arc::new(OnNode), &cases);
}

struct OnNode;

impl Subject for OnNode {
    fn runtime(&self) -> Arc<dyn Runtime> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::split_paths(&path).collect();
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let sdk = Some(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk")));
        Arc::new(Node::new(NodeConfig { path, home, sdk, ..NodeConfig::default() }))
    }

    fn package(&self, sample: Sample) -> Package {
        index(match sample {
            Sample::Echo => "exports.handler = async (event) => event;",
            Sample::Token => "const t = crypto.randomUUID(); exports.handler = async () => t;",
            Sample::SlowToken => {
                "const t = crypto.randomUUID(); exports.handler = (e, c, cb) => setTimeout(() => cb(null, t), 300);"
            }
            Sample::Hang => "exports.handler = () => { for (;;) {} };",
            Sample::ExitOne => "exports.handler = async () => process.exit(1);",
            Sample::ExitZero => "exports.handler = async () => process.exit(0);",
            Sample::Memory => {
                "const a = []; exports.handler = async () => { for (;;) a.push(Buffer.alloc(1 << 20, 1)); };"
            }
            Sample::Flood => {
                "exports.handler = async () => { const l = 'x'.repeat(1000); for (let i = 0; i < 100000; i++) console.log(l); process.stdout.write('the end\\n'); return 1; };"
            }
            Sample::Large => "exports.handler = async () => 'x'.repeat(7000000);",
            Sample::Daemon => {
                "const { spawn } = require('child_process'); exports.handler = async () => { spawn('/bin/sleep', ['3600'], { detached: true }).unref(); return 1; };"
            }
            Sample::Print => "exports.handler = async () => { console.log('hello from the log'); return 1; };",
            Sample::Environment => "exports.handler = async () => process.env;",
            Sample::Stream => include_str!("stream.js"),
        })
    }
}

/// `index.js` with the handler `index.handler`.
pub(crate) fn index(text: &str) -> Package {
    Package::file("nodejs20.x", "index.handler", "index.js", text)
}
