//! `updraft clock`: show time, or move it.

use anyhow::Result;
use http::Method;
use serde_json::{Value, json};

use crate::args::{ClockAction, Connection};
use crate::client::Client;
use crate::out;

/// # Errors
/// If nothing answers, or the platform refuses what was asked.
pub async fn run(connection: &Connection, action: Option<&ClockAction>) -> Result<()> {
    let client = Client::new(&connection.endpoint);
    let answer = match action {
        None => client.admin(Method::GET, "clock", None).await?,
        Some(action) => client.admin(Method::POST, "clock", Some(&request(action))).await?,
    };
    if connection.json {
        return Ok(out::line(&answer.to_string())?);
    }
    let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
    let ahead = answer.get("offsetMillis").and_then(Value::as_i64).unwrap_or(0);
    let note =
        if ahead == 0 { "the machine's time".to_owned() } else { format!("{}s from the machine's", ahead / 1000) };
    out::line(&format!("{}  ({note})", out::bold(&text("now"))))?;
    if let Some(fired) = answer.get("fired").and_then(Value::as_u64) {
        out::line(&format!("{fired} due event(s) happened on the way"))?;
    }
    Ok(())
}

fn request(action: &ClockAction) -> Value {
    match action {
        ClockAction::Advance { by } => json!({ "advance": by }),
        ClockAction::Set { to } => json!({ "set": to }),
        ClockAction::Reset => json!({ "reset": true }),
    }
}
