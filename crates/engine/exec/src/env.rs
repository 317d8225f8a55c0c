//! The environment a function sees, as AWS sets it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use updraft_kernel::ports::{FunctionSpec, SessionCredentials};

use crate::runtime::Launch;

/// Inside the sandbox, where the Runtime API listens. AWS: the same port.
pub(crate) const RUNTIME_PORT: u16 = 9001;
/// Inside the sandbox, where the platform's own API listens for the function's SDK.
pub(crate) const AWS_PORT: u16 = 4566;

/// Where that is.
pub(crate) const fn inside(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

/// What is taken inside, of loopback's addresses.
#[must_use]
pub fn taken() -> [SocketAddr; 2] {
    [inside(RUNTIME_PORT), inside(AWS_PORT)]
}

const LANGUAGE: &str = "en_US.UTF-8";
const TIME_ZONE: &str = ":UTC";
const PATH: &str = "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin";
const LIBRARIES: &str =
    "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib";

/// Everything that is known when an instance starts.
pub(crate) struct Sources<'a> {
    pub(crate) spec: &'a FunctionSpec,
    pub(crate) stream: &'a str,
    pub(crate) credentials: &'a SessionCredentials,
    /// What the runtime adds.
    pub(crate) launch: &'a Launch,
    pub(crate) kind: Initialization,
}

/// Why an instance is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Initialization {
    /// There is a call for it.
    OnDemand,
    Provisioned,
}

impl Initialization {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::OnDemand => "on-demand",
            Self::Provisioned => "provisioned-concurrency",
        }
    }
}

/// The whole environment. AWS: a function's own variables may change the language's settings and the search paths,
/// but not who it is, nor where it runs.
pub(crate) fn environment(from: &Sources<'_>) -> Vec<(OsString, OsString)> {
    let mut env = BTreeMap::new();
    env.extend(defaults(from.spec, from.launch));
    env.extend(from.launch.env.clone());
    env.extend(from.spec.environment.clone());
    env.extend(reserved(from));
    env.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

/// What a process finds that is started before its function is known. Libraries are looked for where this says, whatever
/// the function's own variables say later.
pub(crate) fn ahead(own: &BTreeMap<String, String>) -> Vec<(OsString, OsString)> {
    let mut env = BTreeMap::from_iter(owned([
        ("LANG", LANGUAGE),
        ("TZ", TIME_ZONE),
        ("PATH", PATH),
        ("LD_LIBRARY_PATH", LIBRARIES),
    ]));
    env.extend(own.clone());
    env.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

/// What the function's own variables may replace.
fn defaults(spec: &FunctionSpec, launch: &Launch) -> Vec<(String, String)> {
    let path = std::iter::once(PATH).chain(launch.path.iter().map(String::as_str)).collect::<Vec<_>>().join(":");
    let endpoint = format!("http://127.0.0.1:{AWS_PORT}");
    let mut env = owned([
        ("LANG", LANGUAGE),
        ("TZ", TIME_ZONE),
        ("PATH", &path),
        ("LD_LIBRARY_PATH", LIBRARIES),
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
        ("AWS_ENDPOINT_URL", &endpoint),
        // Not AWS's: what tools made for local platforms look for.
        ("LOCALSTACK_HOSTNAME", "127.0.0.1"),
        ("EDGE_PORT", "4566"),
    ]);
    if !spec.runtime.starts_with("provided") {
        env.push(("AWS_EXECUTION_ENV".to_owned(), format!("AWS_Lambda_{}", spec.runtime)));
        // AWS: left behind by the shell script that starts its runtimes.
        env.extend(owned([("PWD", "/var/task"), ("SHLVL", "0")]));
    }
    env
}

fn reserved(from: &Sources<'_>) -> Vec<(String, String)> {
    let spec = from.spec;
    let memory = spec.memory_mb.to_string();
    let api = format!("127.0.0.1:{RUNTIME_PORT}");
    let mut env = owned([
        ("_HANDLER", spec.handler.as_str()),
        ("AWS_ACCESS_KEY_ID", &from.credentials.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", &from.credentials.secret.0),
        ("AWS_SESSION_TOKEN", &from.credentials.session_token),
        ("AWS_REGION", spec.region.as_str()),
        ("AWS_DEFAULT_REGION", spec.region.as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", &spec.name),
        ("AWS_LAMBDA_FUNCTION_VERSION", &spec.version),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &spec.logging.group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", from.stream),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", from.kind.as_str()),
        ("AWS_LAMBDA_RUNTIME_API", &api),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
    ]);
    if spec.logging.json {
        // AWS: it is the runtimes that write JSON and leave out what is below the level.
        env.extend(owned([
            ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            ("AWS_LAMBDA_LOG_LEVEL", &spec.logging.application_level),
        ]));
    }
    env
}

fn owned<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[cfg(test)]
mod tests {
    use updraft_kernel::UnixMillis;
    use updraft_kernel::ports::SecretKey;

    use super::*;
    use crate::testing::spec;

    fn read(env: &[(OsString, OsString)], name: &str) -> Option<String> {
        env.iter().find(|(n, _)| n == name).map(|(_, v)| v.to_string_lossy().into_owned())
    }

    fn of(spec: &FunctionSpec) -> Vec<(OsString, OsString)> {
        let credentials = SessionCredentials {
            access_key_id: "ASIA1".to_owned(),
            secret: SecretKey("s".to_owned()),
            session_token: "t".to_owned(),
            expires: UnixMillis(0),
        };
        let (launch, kind) = (Launch::default(), Initialization::OnDemand);
        environment(&Sources { spec, stream: "stream", credentials: &credentials, launch: &launch, kind })
    }

    #[test]
    fn who_logs_json_is_told_so() {
        let mut spec = spec("python3.12");
        spec.environment.insert("AWS_LAMBDA_LOG_LEVEL".to_owned(), "ERROR".to_owned());
        let told = |spec: &FunctionSpec, name| read(&of(spec), name);
        assert_eq!(told(&spec, "AWS_LAMBDA_LOG_FORMAT"), None);
        assert_eq!(told(&spec, "AWS_LAMBDA_LOG_LEVEL").unwrap(), "ERROR", "a variable like all others");
        spec.logging.json = true;
        spec.logging.application_level = "DEBUG".to_owned();
        assert_eq!(told(&spec, "AWS_LAMBDA_LOG_FORMAT").unwrap(), "JSON");
        assert_eq!(told(&spec, "AWS_LAMBDA_LOG_LEVEL").unwrap(), "DEBUG");
    }

    #[test]
    fn a_function_may_set_its_paths_but_not_its_identity() {
        let mut spec = spec("python3.12");
        for (name, value) in [("PATH", "/mine"), ("AWS_REGION", "mars-1"), ("_HANDLER", "x"), ("OWN", "1")] {
            spec.environment.insert(name.to_owned(), value.to_owned());
        }
        let env = of(&spec);
        assert_eq!(read(&env, "PATH").unwrap(), "/mine");
        assert_eq!(read(&env, "OWN").unwrap(), "1");
        assert_eq!(read(&env, "AWS_REGION").unwrap(), "us-east-1");
        assert_eq!(read(&env, "_HANDLER").unwrap(), "app.handler");
        assert_eq!(read(&env, "AWS_EXECUTION_ENV").unwrap(), "AWS_Lambda_python3.12");
        assert_eq!(read(&env, "PWD").unwrap(), "/var/task");
        assert_eq!(read(&env, "AWS_LAMBDA_RUNTIME_API").unwrap(), "127.0.0.1:9001");
    }
}
