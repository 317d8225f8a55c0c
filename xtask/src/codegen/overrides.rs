//! `models/overrides/<service>.toml`: what is implemented, and where AWS does otherwise than its model says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use super::model::Model;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Overrides {
    /// The operations that a service crate answers.
    #[serde(default)]
    pub(crate) implemented: BTreeSet<String>,
    /// Operation that isn't → why not, for COMPAT.md.
    #[serde(default)]
    pub(crate) reasons: BTreeMap<String, String>,
    /// Before the code in `__type`, with its `#`.
    #[serde(default)]
    pub(crate) error_namespace: String,
    /// How it words its refusals.
    #[serde(default)]
    pub(crate) style: Style,
    /// The error shape that violated constraints are answered with, if not `ValidationException`.
    pub(crate) validation_error: Option<String>,
    /// Operation → IAM action, where that isn't the operation's name.
    #[serde(default)]
    pub(crate) actions: BTreeMap<String, String>,
    /// Operation → content type of the bytes it answers, where that isn't `application/octet-stream`.
    #[serde(default)]
    pub(crate) content_types: BTreeMap<String, String>,
    /// Operation → HTTP status of its success, where that isn't the model's.
    #[serde(default)]
    pub(crate) successes: BTreeMap<String, u16>,
    /// Operations that nobody needs to sign, where the model doesn't say so.
    #[serde(default)]
    pub(crate) unsigned: BTreeSet<String>,
    /// Error shape → HTTP status, where the model says nothing.
    #[serde(default)]
    pub(crate) statuses: BTreeMap<String, u16>,
    /// Error shape → its code in the older query protocol.
    #[serde(default)]
    pub(crate) query_codes: BTreeMap<String, String>,
    /// The namespace of XML answers, where the model has none.
    pub(crate) xml_namespace: Option<String>,
    /// List → the name of its elements in forms and XML; map → its own, where it is flattened. Where the model has none.
    #[serde(default)]
    pub(crate) elements: BTreeMap<String, String>,
    /// Map → the names of keys and values in forms and XML, where the model has none.
    #[serde(default)]
    pub(crate) entries: BTreeMap<String, [String; 2]>,
    /// Shape → its pattern, where AWS has another one.
    #[serde(default)]
    pub(crate) patterns: BTreeMap<String, String>,
    /// Texts that may be empty, whatever the model says.
    #[serde(default)]
    pub(crate) empty: BTreeSet<String>,
    /// Structure → members that are looked at in this order, whatever the model's is.
    #[serde(default)]
    pub(crate) order: BTreeMap<String, Vec<String>>,
    /// Shape → the values that its refusals list. Those of a list stand for its elements, and are refused all at once.
    #[serde(default)]
    pub(crate) listed: BTreeMap<String, Vec<String>>,
    /// Lists whose refusals say that their elements may not be null.
    #[serde(default)]
    pub(crate) not_null: BTreeSet<String>,
    /// Shapes (`TableName`) that the service itself checks, or not at all, and members (`PutItemInput.Item`) that may be
    /// left out.
    #[serde(default)]
    pub(crate) skip: BTreeSet<String>,
}

/// As the wire's `Style`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Style {
    #[default]
    Plain,
    Dynamodb,
    Apigateway,
    Sqs,
    S3,
}

impl Overrides {
    /// Reads the file, and changes the model to what AWS does.
    pub(crate) fn read(folder: &Path, service: &str, model: &mut Model) -> Result<Self> {
        let overrides = Self::of(folder, service)?;
        let amended = overrides.check(model).and_then(|()| overrides.amend(model));
        amended.with_context(|| format!("the overrides of {service}"))?;
        Ok(overrides)
    }

    /// The file as it is.
    pub(crate) fn of(folder: &Path, service: &str) -> Result<Self> {
        let path = folder.join(format!("{service}.toml"));
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        toml::from_str(&text).with_context(|| path.display().to_string())
    }

    fn amend(&self, model: &mut Model) -> Result<()> {
        for (name, pattern) in &self.patterns {
            model.shape_mut(name)?.pattern = Some(pattern.clone());
        }
        for name in &self.empty {
            model.shape_mut(name)?.min = None;
        }
        for (name, members) in &self.order {
            model.shape_mut(name)?.members.reorder(members)?;
        }
        self.amend_xml(model)?;
        for (name, member) in self.skip.iter().filter_map(|name| name.split_once('.')) {
            model.shape_mut(name)?.required.retain(|required| required != member);
        }
        Ok(())
    }

    /// What a model no longer says of a query protocol that the service still speaks.
    fn amend_xml(&self, model: &mut Model) -> Result<()> {
        if let Some(namespace) = &self.xml_namespace {
            model.metadata.xml_namespace.clone_from(namespace);
        }
        for (name, element) in &self.elements {
            let shape = model.shape_mut(name)?;
            match &mut shape.member {
                Some(member) => member.location_name = Some(element.clone()),
                None => shape.location_name = Some(element.clone()),
            }
        }
        for (name, [key, value]) in &self.entries {
            let shape = model.shape_mut(name)?;
            let (Some(key_of), Some(value_of)) = (&mut shape.key, &mut shape.value) else { bail!("{name} is no map") };
            key_of.location_name = Some(key.clone());
            value_of.location_name = Some(value.clone());
        }
        Ok(())
    }

    /// Every name must be one of the model's: a typing error would silently change nothing.
    fn check(&self, model: &Model) -> Result<()> {
        let named = self.implemented.iter().chain(&self.unsigned);
        let named = named.chain(self.actions.keys()).chain(self.successes.keys());
        for name in named.chain(self.content_types.keys()).chain(self.reasons.keys()) {
            ensure!(model.operations.get(name).is_some(), "no operation {name}");
        }
        for name in self.reasons.keys() {
            ensure!(!self.implemented.contains(name), "{name} is implemented, and there is a reason why it isn't");
        }
        for name in self.statuses.keys().chain(self.query_codes.keys()).chain(&self.validation_error) {
            model.shape(name)?;
        }
        for name in self.listed.keys().chain(&self.not_null) {
            model.shape(name)?;
        }
        for name in &self.skip {
            let (shape, member) = name.split_once('.').unwrap_or((name, ""));
            let shape = model.shape(shape)?;
            ensure!(member.is_empty() || shape.members.get(member).is_some(), "no member {name}");
        }
        Ok(())
    }
}
