//! The services behind the gateway, and which of them a [`Target`] means.

use std::collections::HashMap;
use std::sync::Arc;

use updraft_wire::Service;
use updraft_wire::model::Protocol;

use crate::route::Target;

/// Every service of the composition, found by what requests say.
#[derive(Clone, Debug)]
pub struct Services {
    all: Vec<Arc<dyn Service>>,
    by_target: HashMap<&'static str, usize>,
    by_signing: HashMap<&'static str, Vec<usize>>,
    by_version: HashMap<&'static str, usize>,
    by_name: HashMap<&'static str, usize>,
}

/// The signing name under which a service is known here.
/// AWS: two kinds of S3 requests are signed for names that no service of its own stands behind.
pub(crate) fn home(signing: &str) -> &str {
    if matches!(signing, "s3express" | "s3-object-lambda") { "s3" } else { signing }
}

impl Services {
    #[must_use]
    pub fn new(all: Vec<Arc<dyn Service>>) -> Self {
        let models = || all.iter().enumerate().map(|(index, service)| (index, service.model()));
        let by_target =
            models().filter(|(_, m)| !m.target_prefix.is_empty()).map(|(i, m)| (m.target_prefix, i)).collect();
        let queries = models().filter(|(_, m)| m.speaks(Protocol::Query) || m.query_compatible);
        let by_version = queries.map(|(i, m)| (m.api_version, i)).collect();
        let by_name = models().map(|(i, m)| (m.name, i)).collect();
        let mut by_signing: HashMap<_, Vec<_>> = HashMap::new();
        for (index, model) in models() {
            by_signing.entry(model.signing_name).or_default().push(index);
        }
        Self { all, by_target, by_signing, by_version, by_name }
    }

    pub fn all(&self) -> impl Iterator<Item = &Arc<dyn Service>> {
        self.all.iter()
    }

    /// `path` tells the services apart that sign under one name (both of API Gateway).
    #[must_use]
    pub fn find(&self, target: &Target, path: &str) -> Option<&Arc<dyn Service>> {
        match target {
            Target::JsonTarget { prefix } => self.at(self.by_target.get(prefix.as_str())),
            Target::Cbor { shape } => self.at(self.by_target.get(shape.as_str())),
            Target::QueryVersion(version) => self.at(self.by_version.get(version.as_str())),
            Target::Path(name) => self.at(self.by_name.get(name)),
            Target::Scope(signing) => self.at(self.signed(signing, path)),
            Target::S3 => self.at(self.by_name.get("s3")),
        }
    }

    fn signed(&self, signing: &str, path: &str) -> Option<&usize> {
        let candidates = self.by_signing.get(home(signing))?;
        let wanted = match signing {
            "apigateway" if path.starts_with("/v2/") => "apigatewayv2",
            other => other,
        };
        candidates
            .iter()
            .find(|at| self.all.get(**at).is_some_and(|s| s.model().name == wanted))
            .or_else(|| candidates.first())
    }

    fn at(&self, index: Option<&usize>) -> Option<&Arc<dyn Service>> {
        self.all.get(*index?)
    }
}
