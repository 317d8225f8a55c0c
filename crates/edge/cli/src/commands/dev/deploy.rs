//! The function that a folder becomes.

use std::path::Path;

use anyhow::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use updraft_kernel::{Clock, SystemClock};

use super::debug::{self, Door};
use super::guess::{self, Entry};
use super::package::packed;
use super::watch::Saved;
use crate::args::DevArgs;
use crate::aws::{Aws, Refusal};
use crate::failure::Usage;
use crate::out::{Look, To};
use crate::{advice, lambda};

const MEMORY_MB: u32 = 512;
const TIMEOUT_SECONDS: u32 = 30;
/// What Lambda allows for a name.
const LONGEST_NAME: usize = 64;
/// Names of files in a line.
const NAMED: usize = 3;

/// A folder, and the function of it.
pub(super) struct Function<'a> {
    args: &'a DevArgs,
    aws: &'a Aws,
    folder: &'a Path,
    account: &'a str,
    name: String,
    /// What it was made of last.
    package: Bytes,
}

/// How it stood at the beginning.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) name: String,
    pub(super) group: String,
    runtime: String,
    handler: String,
    is_new: bool,
}

impl Begun {
    /// For a person.
    pub(super) fn told(&self, folder: &Path) -> [String; 2] {
        let Self { name, runtime, handler, is_new, .. } = self;
        let verb = if *is_new { "made of" } else { "has the code in" };
        let (mark, name) = (To::Remark.paint(Look::Green, "✓"), To::Remark.paint(Look::Bold, name));
        let about = To::Remark.paint(Look::Dim, &format!("({runtime}, {handler})"));
        let next = format!("call it with `updraft invoke {}`; every save reloads it; Ctrl-C ends this", self.name);
        [format!("{mark} {name} {verb} {} {about}", folder.display()), To::Remark.paint(Look::Dim, &next)]
    }
}

impl<'a> Function<'a> {
    pub(super) fn new(args: &'a DevArgs, aws: &'a Aws, folder: &'a Path, account: &'a str) -> Result<Self> {
        let name = match &args.name {
            Some(name) => name.clone(),
            None => named(folder)?,
        };
        Ok(Self { args, aws, folder, account, name, package: Bytes::new() })
    }

    /// Gives the function the folder's code and what was said of it; makes it, if it isn't there.
    pub(super) async fn begin(&mut self) -> Result<Begun> {
        let package = packed(self.folder)?;
        let (mut configuration, is_new) = self.put(&package).await?;
        if let Some(changes) = self.changes().filter(|_| !is_new) {
            self.advised(lambda::configure(self.aws, &self.name, &changes).await).await?;
            configuration = lambda::configuration(self.aws, &self.name).await?;
        }
        self.package = package;
        let text = |path: &str| configuration.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let group = Some(text("/LoggingConfig/LogGroup")).filter(|group| !group.is_empty());
        Ok(Begun {
            name: self.name.clone(),
            group: group.unwrap_or_else(|| format!("/aws/lambda/{}", self.name)),
            runtime: text("/Runtime"),
            handler: text("/Handler"),
            is_new,
        })
    }

    /// The code that is there now; `None`, if it is what the function has. For a person.
    pub(super) async fn reload(&mut self, saved: &Saved) -> Result<Option<String>> {
        let clock = SystemClock::new();
        let package = packed(self.folder)?;
        if package == self.package && !saved.names.is_empty() {
            return Ok(None);
        }
        let (_, is_new) = self.put(&package).await?;
        self.package = package;
        let took = (saved.ago + clock.monotonic()).as_millis();
        let verb = if is_new { "made anew" } else { "reloaded" };
        let names = To::Remark.paint(Look::Dim, &listed(saved));
        Ok(Some(format!("{} {verb} in {took} ms {names}", self.name).trim_end().to_owned()))
    }

    /// Lets debuggers into the code that is there now, if they are to be let in: before the old door closes, so that the
    /// port stays the same.
    pub(super) async fn open(&self, door: &mut Option<Door>) -> Result<()> {
        let opened = debug::open(self.args, self.aws, &self.name).await?;
        *door = opened;
        Ok(())
    }

    /// Its configuration, and whether it is new.
    async fn put(&self, package: &Bytes) -> Result<(Value, bool)> {
        match lambda::update_code(self.aws, &self.name, package).await {
            Ok(configuration) => Ok((configuration, false)),
            Err(err) if is_missing(&err) => {
                let input = self.input(package)?;
                let made = lambda::create(self.aws, &input).await;
                Ok((self.advised(made).await?, true))
            }
            Err(err) => self.advised(Err(err)).await,
        }
    }

    async fn advised<T>(&self, outcome: Result<T>) -> Result<T> {
        match outcome {
            Err(err) => Err(advice::given(self.aws, &self.name, err).await),
            Ok(value) => Ok(value),
        }
    }

    fn input(&self, package: &Bytes) -> Result<Value> {
        let DevArgs { runtime, handler, memory, timeout, env, .. } = self.args;
        let Entry { runtime, handler } = guess::entry(self.folder, runtime.as_deref(), handler.as_deref())?;
        Ok(json!({
            "FunctionName": self.name,
            "Runtime": runtime,
            "Handler": handler,
            "Role": format!("arn:aws:iam::{}:role/updraft-dev", self.account),
            "MemorySize": memory.unwrap_or(MEMORY_MB),
            "Timeout": timeout.unwrap_or(TIMEOUT_SECONDS),
            "Environment": { "Variables": variables(env) },
            "Code": { "ZipFile": STANDARD.encode(package) },
        }))
    }

    /// What was said of a function that is there already.
    fn changes(&self) -> Option<Value> {
        let DevArgs { runtime, handler, memory, timeout, env, .. } = self.args;
        let env = Some(env).filter(|env| !env.is_empty()).map(|env| json!({ "Variables": variables(env) }));
        let said = [
            ("Runtime", runtime.as_ref().map(|runtime| json!(runtime))),
            ("Handler", handler.as_ref().map(|handler| json!(handler))),
            ("MemorySize", memory.map(|memory| json!(memory))),
            ("Timeout", timeout.map(|timeout| json!(timeout))),
            ("Environment", env),
        ];
        let said: Map<_, _> = said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        (!said.is_empty()).then_some(Value::Object(said))
    }
}

fn is_missing(error: &Error) -> bool {
    error.downcast_ref::<Refusal>().is_some_and(|said| said.status == 404)
}

fn variables(env: &[(String, String)]) -> Map<String, Value> {
    env.iter().map(|(name, value)| (name.clone(), json!(value))).collect()
}

/// The folder's name, as far as it can be a function's.
fn named(folder: &Path) -> Result<String, Usage> {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let legal = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
    let name: String = name.chars().map(legal).take(LONGEST_NAME).collect();
    if name.trim_matches('-').is_empty() {
        return Err(Usage(format!("{} has no name for a function; say one by --name", folder.display())));
    }
    Ok(name)
}

fn listed(saved: &Saved) -> String {
    let shown: Vec<_> = saved.names.iter().take(NAMED).map(String::as_str).collect();
    let more = saved.names.len().saturating_sub(NAMED);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_function_a_name_that_is_allowed() {
        for (folder, expected) in [("/a/orders", Some("orders")), ("/a/my api.v2", Some("my-api-v2")), ("/", None)] {
            assert_eq!(named(Path::new(folder)).ok().as_deref(), expected, "{folder}");
        }
    }
}
