//! Invoke: warm, cold, in a crowd, and with a thousand functions deployed.

use std::io::Write;

use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::aws;
use crate::floors::runtime::Language;
use crate::platform::Server;
use crate::report::Figure;
use crate::world::World;

mod cold;
mod crowd;
mod deployed;
mod idle;
mod warm;
mod wasm;

/// AWS: the memory with which a function has one core; with less it is slowed down on purpose.
const CORE_MIB: u32 = 1769;
const FUNCTIONS: &str = "/2015-03-31/functions";

pub(crate) fn warm(world: &mut World) -> Result<Vec<Figure>> {
    warm::measure(world)
}

pub(crate) fn cold(world: &mut World) -> Result<Vec<Figure>> {
    cold::measure(world)
}

/// By themselves: not every build of the platform runs components.
pub(crate) fn components(world: &mut World) -> Result<Vec<Figure>> {
    let ours = world.platform()?;
    Ok(vec![wasm::warm(world, &ours)?, wasm::cold(world, &ours)?])
}

pub(crate) fn many(world: &mut World) -> Result<Vec<Figure>> {
    let mut figures = crowd::measure(world)?;
    figures.extend(idle::measure(world)?);
    figures.extend(deployed::measure(world)?);
    Ok(figures)
}

/// Creates an empty function and waits until it is active.
fn create_empty(ours: &Server, name: &str, language: Language) -> Result<()> {
    let (file, content) = language.empty()?;
    let settings = json!({ "Runtime": language.runtime() });
    create(ours, name, &zipped(&[(file, &content)])?, &settings).map(drop)
}

/// Creates a function and waits until it is active; its ARN.
pub(crate) fn create(ours: &Server, name: &str, zip: &[u8], settings: &Value) -> Result<String> {
    let mut input = json!({
        "FunctionName": name,
        "Runtime": Language::Python.runtime(),
        "Handler": "main.handler",
        "Role": "arn:aws:iam::000000000000:role/bench",
        "MemorySize": CORE_MIB,
        "Code": { "ZipFile": BASE64_STANDARD.encode(zip) },
    });
    if let (Some(all), Some(more)) = (input.as_object_mut(), settings.as_object()) {
        all.extend(more.clone());
    }
    let host = ours.host();
    let made = ours.call(&aws::rest(&host, "lambda", "POST", FUNCTIONS, &input))?;
    let path = format!("{FUNCTIONS}/{name}/configuration");
    for _ in 0..500 {
        let found = ours.call(&aws::rest(&host, "lambda", "GET", &path, &Value::Null))?;
        if found.get("State").and_then(Value::as_str) == Some("Active") {
            return text(&made, "FunctionArn");
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    None.context("the function doesn't become active")
}

pub(crate) fn invocation(ours: &Server, name: &str) -> Bytes {
    aws::rest(&ours.host(), "lambda", "POST", &format!("{FUNCTIONS}/{name}/invocations"), &json!({}))
}

pub(crate) fn text(value: &Value, name: &str) -> Result<String> {
    Ok(value.get(name).and_then(Value::as_str).with_context(|| format!("no {name} in {value}"))?.to_owned())
}

/// Every file is executable, as a bootstrap must be.
pub(crate) fn zipped(files: &[(&str, &[u8])]) -> Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    for (name, content) in files {
        archive.start_file(*name, options)?;
        archive.write_all(content)?;
    }
    Ok(archive.finish()?.into_inner())
}
