//! `updraft reset`.

use anyhow::Result;
use http::Method;
use serde_json::json;

use crate::args::Connection;
use crate::client::Client;
use crate::out;

/// # Errors
/// If nothing answers, or the platform refuses (it is asked from another machine).
pub async fn run(connection: &Connection, account: Option<&str>) -> Result<()> {
    let body = account.map_or_else(|| json!({}), |account| json!({ "account": account }));
    let answer = Client::new(&connection.endpoint).admin(Method::POST, "reset", Some(&body)).await?;
    let done = account.map_or_else(|| "everything is empty".to_owned(), |a| format!("account {a} is empty"));
    Ok(out::line(&if connection.json { answer.to_string() } else { done })?)
}
