//! The common suite on Python, and what AWS's client for Python does besides.
#![expect(clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

mod errors;
mod extensions;
mod features;
mod layers;

use std::path::PathBuf;
use std::sync::Arc;

use updraft_exec::Runtime;
use updraft_exec::suite::{self, Package, Sample, Subject};
use updraft_runtime_python::{Python, PythonConfig};

fn main() {
    updraft_sandbox::init_main();
    let mut cases = suite::common();
    cases.extend(errors::cases());
    cases.extend(extensions::cases());
    cases.extend(features::cases());
    cases.extend(layers::cases());
    suite::main(std::env::args(), Arc::new(OnPython), &cases);
}

struct OnPython;

impl Subject for OnPython {
    fn runtime(&self) -> Arc<dyn Runtime> {
        let path = vec![PathBuf::from("/usr/bin"), PathBuf::from("/usr/local/bin")];
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let sdk = Some(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk")));
        Arc::new(Python::new(PythonConfig { path, home, sdk, ..PythonConfig::default() }))
    }

    fn package(&self, sample: Sample) -> Package {
        app(match sample {
            Sample::Echo => "def handler(event, context):\n    return event\n",
            Sample::Token => "import uuid\ntoken = str(uuid.uuid4())\ndef handler(event, context):\n    return token\n",
            Sample::SlowToken => {
                "import time, uuid\ntoken = str(uuid.uuid4())\ndef handler(e, c):\n    time.sleep(0.3)\n    return token\n"
            }
            Sample::Hang => "import time\ndef handler(e, c):\n    time.sleep(3600)\n",
            Sample::ExitOne => "import sys\ndef handler(e, c):\n    sys.exit(1)\n",
            Sample::ExitZero => "def handler(e, c):\n    exit()\n",
            Sample::Memory => {
                "def handler(e, c):\n    a = []\n    while True:\n        a.append(bytearray(b'x' * (1 << 20)))\n"
            }
            Sample::Flood => {
                "def handler(e, c):\n    line = 'x' * 1023\n    for _ in range(100_000):\n        print(line)\n    print('the end')\n"
            }
            Sample::Large => "def handler(e, c):\n    return 'x' * 7_000_000\n",
            Sample::Daemon => {
                "import os, time\ndef handler(e, c):\n    if os.fork() == 0:\n        time.sleep(3600)\n        os._exit(0)\n"
            }
            Sample::Print => "def handler(e, c):\n    print('hello from the log')\n",
            Sample::Environment => "import os\ndef handler(e, c):\n    return dict(os.environ)\n",
            Sample::Stream => include_str!("stream.py"),
        })
    }
}

/// `app.py` with the handler `app.handler`.
pub(crate) fn app(text: &str) -> Package {
    Package::file("python3.12", "app.handler", "app.py", text)
}
