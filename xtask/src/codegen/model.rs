//! The public models as they are written. What the house doesn't need, above all the documentation, is not even read.

use std::fmt;
use std::marker::PhantomData;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize as DeriveDeserialize;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

#[derive(Debug, DeriveDeserialize)]
pub(crate) struct Model {
    pub(crate) metadata: Metadata,
    pub(crate) operations: Ordered<Operation>,
    pub(crate) shapes: Ordered<Shape>,
}

impl Model {
    pub(crate) fn parse(json: &[u8]) -> Result<Self> {
        let mut model: Self = serde_json::from_slice(json)?;
        model.operations.0.sort_by(|a, b| a.0.cmp(&b.0));
        model.shapes.0.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(model)
    }

    pub(crate) fn shape(&self, name: &str) -> Result<&Shape> {
        self.shapes.get(name).with_context(|| format!("no shape {name}"))
    }

    pub(crate) fn shape_mut(&mut self, name: &str) -> Result<&mut Shape> {
        let found = self.shapes.0.iter_mut().find(|(found, _)| found == name).map(|(_, shape)| shape);
        found.with_context(|| format!("no shape {name}"))
    }

    /// Every error shape, by name.
    pub(crate) fn errors(&self) -> impl Iterator<Item = (&str, &Shape)> {
        self.shapes.iter().filter(|(_, shape)| shape.exception)
    }

    /// The member of an operation's output that is a stream of events: its place, and the shape of the events.
    pub(crate) fn event_stream<'a>(&'a self, op: &'a Operation) -> Option<(usize, &'a str)> {
        let output = self.shapes.get(&op.output.as_ref()?.shape)?;
        let mut members = output.members.iter().map(|(_, member)| member.shape.as_str()).enumerate();
        members.find(|(_, shape)| self.shapes.get(shape).is_some_and(|shape| shape.event_stream))
    }

    /// In order of preference.
    pub(crate) fn protocols(&self) -> Vec<&str> {
        let listed: Vec<&str> = self.metadata.protocols.iter().map(String::as_str).collect();
        if listed.is_empty() { vec![&self.metadata.protocol] } else { listed }
    }
}

#[derive(Debug, DeriveDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) api_version: String,
    pub(crate) endpoint_prefix: String,
    pub(crate) signing_name: Option<String>,
    pub(crate) service_id: String,
    protocol: String,
    #[serde(default)]
    protocols: Vec<String>,
    #[serde(default)]
    pub(crate) target_prefix: String,
    #[serde(default)]
    pub(crate) json_version: String,
    #[serde(default)]
    pub(crate) xml_namespace: String,
    pub(crate) global_endpoint: Option<String>,
    pub(crate) aws_query_compatible: Option<serde_json::Value>,
}

#[derive(Debug, DeriveDeserialize)]
pub(crate) struct Operation {
    pub(crate) http: Http,
    pub(crate) input: Option<Reference>,
    pub(crate) output: Option<Reference>,
    #[serde(default)]
    pub(crate) errors: Vec<Reference>,
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) authtype: Option<String>,
    #[serde(default)]
    pub(crate) deprecated: bool,
}

#[derive(Debug, DeriveDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Http {
    pub(crate) method: String,
    pub(crate) request_uri: String,
    pub(crate) response_code: Option<u16>,
}

#[derive(Debug, DeriveDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Endpoint {
    #[serde(default)]
    pub(crate) host_prefix: String,
}

#[derive(Debug, DeriveDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reference {
    pub(crate) shape: String,
    pub(crate) location: Option<String>,
    pub(crate) location_name: Option<String>,
    pub(crate) result_wrapper: Option<String>,
    pub(crate) xml_namespace: Option<Namespace>,
    #[serde(default)]
    pub(crate) idempotency_token: bool,
    #[serde(default)]
    pub(crate) flattened: bool,
    #[serde(default)]
    pub(crate) xml_attribute: bool,
    #[serde(default)]
    pub(crate) streaming: bool,
    #[serde(default)]
    pub(crate) host_label: bool,
    #[serde(default, rename = "eventpayload")]
    pub(crate) event_payload: bool,
    #[serde(default, rename = "eventheader")]
    pub(crate) event_header: bool,
}

#[derive(Debug, DeriveDeserialize)]
pub(crate) struct Namespace {
    #[serde(default)]
    pub(crate) prefix: String,
    #[serde(default)]
    pub(crate) uri: String,
}

#[derive(Debug, DeriveDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) members: Ordered<Reference>,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    pub(crate) member: Option<Reference>,
    pub(crate) key: Option<Reference>,
    pub(crate) value: Option<Reference>,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) pattern: Option<String>,
    #[serde(default, rename = "enum")]
    pub(crate) values: Vec<String>,
    pub(crate) payload: Option<String>,
    pub(crate) timestamp_format: Option<String>,
    pub(crate) location_name: Option<String>,
    pub(crate) xml_namespace: Option<Namespace>,
    pub(crate) error: Option<ErrorTrait>,
    #[serde(default)]
    pub(crate) exception: bool,
    #[serde(default)]
    pub(crate) fault: bool,
    #[serde(default)]
    pub(crate) flattened: bool,
    #[serde(default)]
    pub(crate) sensitive: bool,
    #[serde(default)]
    pub(crate) union: bool,
    #[serde(default, rename = "eventstream")]
    pub(crate) event_stream: bool,
    #[serde(default)]
    pub(crate) document: bool,
}

impl Shape {
    pub(crate) fn is_structure(&self) -> bool {
        self.kind == "structure" && !self.document
    }

    /// Every shape this one names.
    pub(crate) fn references(&self) -> impl Iterator<Item = &Reference> {
        let members = self.members.iter().map(|(_, member)| member);
        members.chain(self.member.as_ref()).chain(self.key.as_ref()).chain(self.value.as_ref())
    }
}

#[derive(Debug, DeriveDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorTrait {
    pub(crate) code: Option<String>,
    pub(crate) http_status_code: Option<u16>,
    pub(crate) sender_fault: Option<bool>,
}

/// A JSON object whose order counts.
#[derive(Debug)]
pub(crate) struct Ordered<T>(Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Ordered<T> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.iter().find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Brings the named entries into this order, in the places that they have; the others stay.
    pub(crate) fn reorder(&mut self, names: &[String]) -> Result<()> {
        let place = |entries: &[(String, T)], name: &String| entries.iter().position(|(found, _)| found == name);
        let mut places: Vec<usize> = names.iter().filter_map(|name| place(&self.0, name)).collect();
        ensure!(places.len() == names.len(), "not all of {names:?} are there");
        places.sort_unstable();
        for (at, name) in places.into_iter().zip(names) {
            let from = place(&self.0, name).context("it was there")?;
            self.0.swap(at, from);
        }
        Ok(())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder(PhantomData))
    }
}

struct InOrder<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
    type Value = Ordered<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Ordered(entries))
    }
}
