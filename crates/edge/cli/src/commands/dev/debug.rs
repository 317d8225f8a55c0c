//! The function's door for debuggers, and what an editor needs to know to go through it.

use std::path::Path;

use anyhow::{Context, Result};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use crate::args::DevArgs;
use crate::aws::{Aws, Exchange};
use crate::client::Pieces;
use crate::out::{Look, To};

/// Open for as long as this is kept.
pub(super) struct Door {
    port: u64,
    runtime: String,
    remote: String,
    _open: Pieces,
}

/// `None`: there is to be none.
pub(super) async fn open(args: &DevArgs, aws: &Aws, function: &str) -> Result<Option<Door>> {
    let Some(port) = args.debug else { return Ok(None) };
    let wish = json!({ "function": function, "port": port, "wait": args.wait });
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, "application/json".parse()?)]);
    let (service, method, path, body) = ("lambda", Method::POST, "/_updraft/debug", wish.to_string().into());
    let (_, mut open) =
        aws.pieces(Exchange { service, method, path, headers, body }).await.context("can't be debugged")?;
    let said = open.next().await?.context("the platform has closed the debugger's port again")?;
    let said: Value = serde_json::from_slice(&said).context("the answer is not JSON")?;
    let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let port = said.get("port").and_then(Value::as_u64).unwrap_or_default();
    Ok(Some(Door { port, runtime: text("runtime"), remote: text("remoteRoot"), _open: open }))
}

impl Door {
    /// For a person.
    pub(super) fn told(&self, folder: &Path, name: &str, waits: bool) -> [String; 4] {
        let mark = To::Remark.paint(Look::Green, "✓");
        let what = if self.is_node() { "Node's inspector" } else { "debugpy" };
        let when = if waits { "; nothing is loaded before a debugger is there" } else { "" };
        let dim = |text: &str| To::Remark.paint(Look::Dim, text);
        [
            format!("{mark} {what} listens at 127.0.0.1:{}{when}", self.port),
            dim("meanwhile there is one instance, no call times out, and a save ends what is at work"),
            dim("for VS Code, in configurations of .vscode/launch.json:"),
            self.launch(folder, name),
        ]
    }

    fn is_node(&self) -> bool {
        self.runtime.starts_with("nodejs")
    }

    /// What VS Code attaches by.
    fn launch(&self, folder: &Path, name: &str) -> String {
        let (local, remote) = (folder.display().to_string(), &self.remote);
        let name = format!("updraft: {name}");
        let shown = if self.is_node() {
            json!({
                "name": name, "type": "node", "request": "attach", "address": "127.0.0.1", "port": self.port,
                "localRoot": local, "remoteRoot": remote, "restart": true,
            })
        } else {
            json!({
                "name": name, "type": "debugpy", "request": "attach",
                "connect": { "host": "127.0.0.1", "port": self.port },
                "pathMappings": [{ "localRoot": local, "remoteRoot": remote }],
            })
        };
        format!("{shown:#}")
    }
}
