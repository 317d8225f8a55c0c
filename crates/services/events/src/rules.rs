//! The rules of buses, kept ready to be matched for as long as none of them changes.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use updraft_api_events::types::Target;
use updraft_expr::pattern::Pattern;
use updraft_kernel::AwsError;
use updraft_store::{StoreExt, Tx};

use crate::keys::{ArchiveKey, GenerationKey, Scope};
use crate::model::archive::Archive;
use crate::model::name::BusId;
use crate::model::rule_set::{Keeper, Loaded, RuleSet};
use crate::{EventBridge, table};

/// By the number that a bus's rules had last.
#[derive(Debug, Default)]
pub(crate) struct Ready(Mutex<HashMap<BusId, (u64, Arc<RuleSet>)>>);

impl EventBridge {
    /// As they are now. Of a bus that isn't there, none.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn rules_of(&self, bus: &BusId) -> Result<Arc<RuleSet>, AwsError> {
        let mut tx = self.parts.store.read().await?;
        let Some(generation) = tx.row(&GenerationKey(bus)).await? else { return Ok(Arc::default()) };
        if let Some((known, rules)) = self.ready.0.lock().get(bus).cloned().filter(|(known, _)| *known == generation.0)
        {
            tracing::trace!(known, "a bus's rules are as they were");
            return Ok(rules);
        }
        let archives = keepers(&mut tx, bus).await?;
        let rules = Arc::new(RuleSet::new(load(&mut tx, bus).await?, archives));
        self.ready.0.lock().insert(bus.clone(), (generation.0, Arc::clone(&rules)));
        Ok(rules)
    }
}

async fn load(tx: &mut Tx, bus: &BusId) -> Result<Vec<(Loaded, Option<Pattern>)>, AwsError> {
    let mut targets: HashMap<String, Vec<Target>> = HashMap::new();
    for (rule, target) in table::all_targets(tx, bus).await? {
        targets.entry(rule).or_default().push(target);
    }
    let rules = table::rules(tx, bus).await?.into_iter().filter(|(_, rule)| rule.is_enabled());
    let loaded = rules.map(|(name, rule)| {
        // One that could be read when it was put can be read again.
        let pattern = rule.pattern.as_deref().and_then(|pattern| Pattern::parse(pattern).ok());
        let targets = targets.remove(&name).unwrap_or_default();
        (Loaded { name, targets }, pattern)
    });
    Ok(loaded.collect())
}

async fn keepers(tx: &mut Tx, bus: &BusId) -> Result<Vec<Keeper>, AwsError> {
    let scope = Scope { account: &bus.account, region: &bus.region };
    let archives = table::all::<ArchiveKey<'_>>(tx, ArchiveKey::starting(scope, "")).await?;
    let source = bus.arn().to_string();
    let of_bus = archives.into_iter().map(|(_, archive)| archive).filter(|archive| archive.source == source);
    let keeper = |archive: Archive| {
        let pattern = archive.pattern.as_deref().map(Pattern::parse).transpose().ok()?;
        Some(Keeper { number: archive.number, pattern })
    };
    Ok(of_bus.filter_map(keeper).collect())
}
