//! What a subscriber asks for.

use std::time::Duration;

use http::Uri;
use serde::Deserialize;

/// A stream that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Platform,
    Function,
    Extension,
}

impl Kind {
    fn named(name: &str) -> Option<Self> {
        match name {
            "platform" => Some(Self::Platform),
            "function" => Some(Self::Function),
            "extension" => Some(Self::Extension),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Function => "function",
            Self::Extension => "extension",
        }
    }
}

/// By which of the two one subscribes. They tell partly different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Telemetry,
    /// `done`: in its second version it tells of the runtime's being done.
    Logs {
        done: bool,
    },
}

impl Api {
    pub(crate) fn is_logs(self) -> bool {
        self != Self::Telemetry
    }
}

/// Where to, inside the sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    Http { port: u16, path: String, put: bool },
    Tcp { port: u16 },
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) api: Api,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) max_bytes: usize,
    pub(crate) max_items: usize,
    /// How long the first piece of a batch waits for others.
    pub(crate) timeout: Duration,
    pub(crate) to: Destination,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    schema_version: Option<String>,
    #[serde(default)]
    types: Vec<String>,
    #[serde(default)]
    buffering: Buffering,
    destination: Option<To>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Buffering {
    max_bytes: Option<usize>,
    max_items: Option<usize>,
    timeout_ms: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct To {
    protocol: Option<String>,
    #[serde(rename = "URI")]
    uri: Option<String>,
    port: Option<u16>,
    method: Option<String>,
}

/// The platform's own, inside the sandbox.
const RESERVED: u16 = crate::env::RUNTIME_PORT;
const HOSTS: [&str; 4] = ["sandbox.localdomain", "sandbox", "localhost", "127.0.0.1"];

/// # Errors
/// What is wrong with the request: all of it, in one sentence.
pub(crate) fn parse(logs: bool, body: &[u8]) -> Result<Subscription, String> {
    let wanted: Wanted = serde_json::from_slice(body).map_err(|error| format!("the request is not valid: {error}"))?;
    let mut wrong = Vec::new();
    let api = noted(&mut wrong, api(logs, wanted.schema_version.as_deref()));
    let to = noted(&mut wrong, destination(wanted.destination));
    let kinds = noted(&mut wrong, kinds(&wanted.types));
    let Buffering { max_bytes, max_items, timeout_ms } = wanted.buffering;
    let max_bytes = noted(&mut wrong, within("maxBytes", max_bytes.unwrap_or(262_144), (262_144, 1_048_576)));
    let max_items = noted(&mut wrong, within("maxItems", max_items.unwrap_or(10_000), (1_000, 10_000)));
    let timeout = noted(&mut wrong, within("timeoutMs", timeout_ms.unwrap_or(1_000), (25, 30_000)));
    match (api, kinds, max_bytes, max_items, timeout, to) {
        (Some(api), Some(kinds), Some(max_bytes), Some(max_items), Some(timeout), Some(to)) => {
            Ok(Subscription { api, kinds, max_bytes, max_items, timeout: Duration::from_millis(timeout), to })
        }
        _ => Err(wrong.join("; ")),
    }
}

fn noted<T>(wrong: &mut Vec<String>, read: Result<T, String>) -> Option<T> {
    read.map_err(|why| wrong.push(why)).ok()
}

fn api(logs: bool, version: Option<&str>) -> Result<Api, String> {
    match (logs, version) {
        (true, None | Some("2020-08-15")) => Ok(Api::Logs { done: false }),
        (true, Some("2021-03-18")) => Ok(Api::Logs { done: true }),
        (false, Some("2022-07-01" | "2022-12-13" | "2025-01-29")) => Ok(Api::Telemetry),
        (false, None) => Err("schemaVersion should not be empty".to_owned()),
        (_, Some(other)) => Err(format!("schemaVersion {other} is not supported")),
    }
}

fn kinds(names: &[String]) -> Result<Vec<Kind>, String> {
    if names.is_empty() {
        return Err("types should not be empty".to_owned());
    }
    names.iter().map(|name| Kind::named(name).ok_or_else(|| format!("type {name} is not supported"))).collect()
}

fn within<T: PartialOrd + std::fmt::Display>(name: &str, value: T, (least, most): (T, T)) -> Result<T, String> {
    if value < least || value > most {
        return Err(format!("{name} should be between {least} and {most}"));
    }
    Ok(value)
}

fn destination(to: Option<To>) -> Result<Destination, String> {
    let to = to.ok_or("destination should not be empty")?;
    match to.protocol.as_deref() {
        Some("TCP") => {
            let port = to.port.or_else(|| to.uri?.rsplit_once(':')?.1.parse().ok());
            Ok(Destination::Tcp { port: free(port.ok_or("port is not provided")?)? })
        }
        Some("HTTP") => http(&to.uri.unwrap_or_default(), to.method.as_deref()),
        _ => Err("destination protocol should be HTTP or TCP".to_owned()),
    }
}

fn http(uri: &str, method: Option<&str>) -> Result<Destination, String> {
    let uri: Uri = uri.parse().map_err(|error| format!("URI is not valid: {error}"))?;
    if uri.scheme_str() != Some("http") {
        return Err("URI scheme should be http".to_owned());
    }
    let host = uri.host().unwrap_or_default();
    if !HOSTS.contains(&host) {
        return Err(format!("URI host should be {}", HOSTS.join(" or ")));
    }
    let port = free(uri.port_u16().ok_or("URI port is not provided")?)?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    Ok(Destination::Http { port, path, put: method == Some("PUT") })
}

fn free(port: u16) -> Result<u16, String> {
    match port {
        0 | RESERVED => Err(format!("port {port} is reserved")),
        port => Ok(port),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = r#"{"schemaVersion": "2022-12-13", "types": ["platform", "function", "extension"],
        "buffering": {"maxItems": 1000, "timeoutMs": 25},
        "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:8080/here"}}"#;

    #[test]
    fn a_subscription_is_read_with_its_defaults() {
        let asked = parse(false, ALL.as_bytes()).unwrap();
        assert_eq!(asked.to, Destination::Http { port: 8080, path: "/here".to_owned(), put: false });
        assert_eq!(asked.kinds, [Kind::Platform, Kind::Function, Kind::Extension]);
        assert_eq!((asked.max_bytes, asked.max_items, asked.timeout), (262_144, 1000, Duration::from_millis(25)));
        let tcp = r#"{"types": ["function"], "destination": {"protocol": "TCP", "port": 7000}}"#;
        let asked = parse(true, tcp.as_bytes()).unwrap();
        assert_eq!((asked.api, asked.to), (Api::Logs { done: false }, Destination::Tcp { port: 7000 }));
    }

    #[test]
    fn everything_that_is_wrong_is_said() {
        let refused = |text: &str| parse(false, text.as_bytes()).unwrap_err();
        let no_port = r#"{"schemaVersion": "2022-07-01", "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain"}}"#;
        assert_eq!(refused(no_port), "URI port is not provided; types should not be empty");
        assert_eq!(refused(&ALL.replace("8080", "9001")), "port 9001 is reserved");
        assert_eq!(refused(&ALL.replace("8080", "0")), "port 0 is reserved");
        assert_eq!(
            refused(&ALL.replace("sandbox.localdomain", "example.com")),
            format!("URI host should be {}", HOSTS.join(" or "))
        );
        assert_eq!(refused(&ALL.replace("25", "24")), "timeoutMs should be between 25 and 30000");
        assert_eq!(refused(&ALL.replace("function", "other")), "type other is not supported");
        assert!(refused("{").starts_with("the request is not valid"));
    }
}
