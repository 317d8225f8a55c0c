//! The AWS SDKs that AWS's own runtimes ship: found where they were configured or fetched before, fetched through
//! the languages' package managers when asked. They land in the user's cache and are bound read-only into sandboxes.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tokio::process::Command;
use updraft_cli::out;

use crate::config::Config;

/// The JavaScript clients fetched: those of the services that updraft speaks, and the document client.
const NODE_PACKAGES: &[&str] = &[
    "@aws-sdk/client-apigatewayv2",
    "@aws-sdk/client-cloudwatch",
    "@aws-sdk/client-cloudwatch-logs",
    "@aws-sdk/client-dynamodb",
    "@aws-sdk/client-dynamodb-streams",
    "@aws-sdk/client-eventbridge",
    "@aws-sdk/client-lambda",
    "@aws-sdk/client-s3",
    "@aws-sdk/client-scheduler",
    "@aws-sdk/client-secrets-manager",
    "@aws-sdk/client-sfn",
    "@aws-sdk/client-sns",
    "@aws-sdk/client-sqs",
    "@aws-sdk/client-ssm",
    "@aws-sdk/client-sts",
    "@aws-sdk/lib-dynamodb",
    "@aws-sdk/util-dynamodb",
];

/// A language whose functions may expect an SDK to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    Node,
}

impl Language {
    pub(crate) const ALL: [Self; 2] = [Self::Python, Self::Node];

    pub(crate) fn parse(name: &str) -> Result<Self> {
        match name {
            "python" => Ok(Self::Python),
            "node" | "nodejs" => Ok(Self::Node),
            other => bail!("{other} is not a language here; say python, node or java"),
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Node => "node",
        }
    }

    /// What must be in the folder for it to be whole.
    const fn proof(self) -> &'static str {
        match self {
            Self::Python => "boto3/__init__.py",
            Self::Node => "node_modules/@aws-sdk/client-dynamodb/package.json",
        }
    }

    fn configured(self, config: &Config) -> Option<&PathBuf> {
        match self {
            Self::Python => config.python_sdk.as_ref(),
            Self::Node => config.node_sdk.as_ref(),
        }
    }
}

/// The folder with the SDK: configured, or fetched before. `None`: functions must bring their own.
pub(crate) fn find(language: Language, config: &Config) -> Option<PathBuf> {
    if let Some(folder) = language.configured(config) {
        return Some(folder.clone());
    }
    cache(language.name()).ok().filter(|folder| folder.join(language.proof()).is_file())
}

/// The folder of packages: the one named, where it is called `node_modules` itself, else the one inside.
pub(crate) fn node_modules(folder: &Path) -> PathBuf {
    if folder.ends_with("node_modules") { folder.to_owned() } else { folder.join("node_modules") }
}

/// Fetches what isn't there yet; says which folder it is in.
pub(crate) async fn install(language: Language, config: &Config) -> Result<PathBuf> {
    if let Some(folder) = find(language, config) {
        return Ok(folder);
    }
    let folder = cache(language.name())?;
    out::line(&format!("fetching the AWS SDK for {} into {} (once)", language.name(), folder.display()))?;
    // Fetched beside and renamed, so that an interrupted fetch is never taken for a whole one.
    let partial = folder.with_extension("partial");
    tokio::fs::create_dir_all(&partial).await.with_context(|| format!("can't write {}", partial.display()))?;
    run(fetch(language, config, &partial), language).await?;
    tokio::fs::rename(&partial, &folder).await.with_context(|| format!("can't rename to {}", folder.display()))?;
    Ok(folder)
}

fn fetch(language: Language, config: &Config, into: &Path) -> Command {
    match language {
        Language::Python => {
            let python = config.python.clone().unwrap_or_else(|| PathBuf::from("python3"));
            let mut command = Command::new(python);
            command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
            command.arg(into).arg("boto3");
            command
        }
        Language::Node => {
            let mut command = Command::new("npm");
            command.args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"]).arg(into).args(NODE_PACKAGES);
            command
        }
    }
}

async fn run(mut command: Command, language: Language) -> Result<()> {
    let tool = match language {
        Language::Python => "pip (Debian: apt install python3-pip)",
        Language::Node => "npm (Debian: apt install npm)",
    };
    let output = command.output().await.with_context(|| format!("{tool} is needed to fetch the AWS SDK"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    bail!("{tool} could not fetch the AWS SDK for {}:\n{}", language.name(), said.trim());
}

#[expect(clippy::disallowed_methods, reason = "the binary reads its environment once, at start")]
pub(crate) fn cache(language: &str) -> Result<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .context(
            "neither HOME nor XDG_CACHE_HOME is set; name a folder with --python-sdk, --node-sdk or --java-client",
        )?;
    Ok(base.join("updraft").join("sdk").join(language))
}
