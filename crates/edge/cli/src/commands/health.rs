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
    out::line(&format!("sandbox  {}", text("sandbox")))?;
    out::line(&format!("network  {}", text("network")))?;
    Ok(out::line(&format!("node     {}", node(&health)))?)
}

/// Its name where it has one, and what it is doing.
fn node(health: &Value) -> String {
    let text = |name: &str| health.pointer(&format!("/node/{name}")).and_then(Value::as_str);
    let state = text("state").unwrap_or("?");
    text("name").map_or_else(|| state.to_owned(), |name| format!("{name} ({state})"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_node_is_named_where_it_has_a_name() {
        assert_eq!(node(&json!({ "node": { "name": null, "state": "alone" } })), "alone");
        assert_eq!(node(&json!({ "node": { "name": "a", "state": "serving" } })), "a (serving)");
    }
}
