//! `updraft health`.

use anyhow::Result;
use http::Method;
use serde_json::Value;

use crate::args::Connection;
use crate::client::Client;
use crate::out;

/// # Errors
/// If nothing answers, or the platform isn't ready.
pub async fn run(connection: &Connection) -> Result<()> {
    let health = Client::new(&connection.endpoint).admin(Method::GET, "health", None).await?;
    if connection.json {
        return Ok(out::line(&health.to_string())?);
    }
    let text = |name: &str| health.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
    out::line(&format!("{}  updraft {}", out::green(&text("status")), text("version")))?;
    out::line(&format!("store    {}", text("store")))?;
    Ok(out::line(&format!("sandbox  {}", text("sandbox")))?)
}
