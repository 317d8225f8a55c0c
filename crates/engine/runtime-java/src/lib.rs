//! Runs Java functions on the host's Java, with AWS's own runtime interface client, which is Java itself.
//!
//! It must never know pools or the Runtime API's server. Start reading at [`Java`].

mod find;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use updraft_exec::{Availability, Launch, LaunchError, ReadOnly, Runtime, Unpacked, programs};
use updraft_kernel::ports::FunctionSpec;

use crate::find::{Found, closest, installed};

const NAMES: [&str; 5] = ["java8.al2", "java11", "java17", "java21", "java25"];
/// Where AWS has the client's jars.
const CLIENT: &str = "/var/runtime/lib";
const MAIN: &str = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";

/// Where to look for Java and for AWS's client. The binary fills it in.
#[derive(Clone, Debug, Default)]
pub struct JavaConfig {
    /// Programs named by the user; they come first.
    pub programs: Vec<PathBuf>,
    /// The folders of `PATH`.
    pub path: Vec<PathBuf>,
    /// A folder with the jars of `aws-lambda-java-runtime-interface-client` and what it needs.
    pub client: Option<PathBuf>,
}

/// The runtimes `java8.al2` to `java25`.
#[derive(Debug)]
pub struct Java {
    config: JavaConfig,
    found: OnceLock<Vec<Found>>,
}

impl Java {
    /// Nothing is looked for before it is needed: asking a Java for its version takes long.
    #[must_use]
    pub fn new(config: JavaConfig) -> Self {
        Self { config, found: OnceLock::new() }
    }

    /// A Java and the client.
    ///
    /// # Errors
    /// A sentence on what to install.
    fn needed(&self, name: &str) -> Result<(&Found, &Path), String> {
        let wanted = major(name).unwrap_or_default();
        let java = closest(self.found.get_or_init(|| installed(&self.config)), wanted).ok_or(NO_JAVA)?;
        Ok((java, self.config.client.as_deref().ok_or(NO_CLIENT)?))
    }
}

const NO_JAVA: &str = "no Java was found: install one (on Debian: apt-get install openjdk-17-jre-headless), or name its \
                       program with --java";
const NO_CLIENT: &str = "AWS's runtime client for Java isn't there: `updraft runtimes install java` fetches it with Maven, \
                         or name a folder with its jars (aws-lambda-java-runtime-interface-client and what it needs) with \
                         --java-client";

impl Runtime for Java {
    fn names(&self) -> &'static [&'static str] {
        &NAMES
    }

    fn availability(&self, name: &str) -> Availability {
        match self.needed(name) {
            Ok((found, _)) => Availability::Ready { version: found.version.clone(), note: note(name, found) },
            Err(missing) => Availability::Missing(missing),
        }
    }

    fn prepare(&self, spec: &FunctionSpec, _from: &Unpacked) -> Result<Launch, LaunchError> {
        let (found, client) = self.needed(&spec.runtime).map_err(LaunchError::Unavailable)?;
        let client = ReadOnly { host: client.to_owned(), inside: CLIENT.into() };
        let settings = found.settings().into_iter().map(ReadOnly::same);
        Ok(Launch {
            argv: argv(found, spec),
            binds: programs::prefix_bind(&found.home).into_iter().chain(settings).chain([client]).collect(),
            version: format!("java:{}", found.version),
            note: note(&spec.runtime, found),
            ..Launch::default()
        })
    }
}

/// AWS: memory is divided so, whatever the machine has, and code is compiled quickly rather than well. Functions add to it
/// by `JAVA_TOOL_OPTIONS`. The client loads the function's own classes.
fn argv(found: &Found, spec: &FunctionSpec) -> Vec<String> {
    let kib = u64::from(spec.memory_mb) * 1024;
    let share = |name: &str, percent: u64| format!("-XX:{name}={}k", kib * percent / 100);
    let memory = [share("MaxHeapSize", 85), share("MaxMetaspaceSize", 10), share("ReservedCodeCacheSize", 5)];
    let fast = ["-XX:+UseSerialGC", "-XX:+TieredCompilation", "-XX:TieredStopAtLevel=1", "-Xshare:auto"];
    let program = found.program.to_string_lossy().into_owned();
    let client = ["-classpath".to_owned(), format!("{CLIENT}/*"), MAIN.to_owned(), spec.handler.clone()];
    [program].into_iter().chain(memory).chain(fast.map(str::to_owned)).chain(client).collect()
}

/// `java8.al2` is 8, `java21` is 21.
fn major(name: &str) -> Option<u32> {
    name.strip_prefix("java")?.split('.').next()?.parse().ok()
}

fn note(name: &str, found: &Found) -> Option<String> {
    let same = major(name) == Some(found.major);
    (!same).then(|| format!("{name} was asked for, Java {} runs it: no closer one is installed", found.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_version() {
        assert_eq!(NAMES.map(|name| major(name).unwrap()), [8, 11, 17, 21, 25]);
    }

    #[test]
    fn a_host_without_java_says_what_to_install() {
        let java = Java { config: JavaConfig::default(), found: OnceLock::from(Vec::new()) };
        let Availability::Missing(said) = java.availability("java21") else { panic!("there is none") };
        assert!(said.contains("openjdk"), "{said}");
    }

    #[test]
    fn a_host_without_the_client_says_how_to_get_it() {
        let one =
            Found { program: "/java/bin/java".into(), home: "/java".into(), major: 17, version: "17.0.1".to_owned() };
        let config = JavaConfig::default();
        let java = Java { config, found: OnceLock::from(vec![one]) };
        let Availability::Missing(said) = java.availability("java17") else { panic!("there is none") };
        assert!(said.contains("updraft runtimes install java"), "{said}");
    }
}
