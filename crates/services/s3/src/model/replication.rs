//! Where versions are to be replicated to.

use std::collections::BTreeMap;

use updraft_api_s3::types::{
    DeleteMarkerReplicationStatus, ReplicationConfiguration, ReplicationRule, ReplicationRuleStatus, Tag,
};
use updraft_kernel::Arn;

/// A version that has come or changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) key: &'a str,
    /// `None`: a delete marker.
    pub(crate) tags: Option<&'a [(String, String)]>,
}

/// A bucket, and the class that replicas are to have there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    pub(crate) bucket: String,
    pub(crate) class: Option<String>,
}

/// Of the rules for one bucket, the one of the highest priority says how.
pub(crate) fn destinations(given: &ReplicationConfiguration, facts: Facts<'_>) -> Vec<Destination> {
    let mut best: BTreeMap<String, &ReplicationRule> = BTreeMap::new();
    for rule in given.rules.iter().filter(|rule| applies(rule, facts)) {
        let Ok(arn) = Arn::parse(&rule.destination.bucket) else { continue };
        let before = best.get(&arn.resource);
        if before.is_none_or(|before| rule.priority.unwrap_or(0) > before.priority.unwrap_or(0)) {
            best.insert(arn.resource, rule);
        }
    }
    let class = |rule: &ReplicationRule| rule.destination.storage_class.as_ref().map(|class| class.as_str().to_owned());
    best.into_iter().map(|(bucket, rule)| Destination { bucket, class: class(rule) }).collect()
}

fn applies(rule: &ReplicationRule, facts: Facts<'_>) -> bool {
    rule.status == ReplicationRuleStatus::Enabled
        && match facts.tags {
            Some(tags) => facts.key.starts_with(prefix(rule)) && wanted(rule).all(|tag| has(tags, tag)),
            None => facts.key.starts_with(prefix(rule)) && markers(rule),
        }
}

/// AWS: rules without a filter, as they once were, always took markers along; those that look at tags never do.
fn markers(rule: &ReplicationRule) -> bool {
    let asked = rule.delete_marker_replication.as_ref().and_then(|asked| asked.status.as_ref());
    match &rule.filter {
        None => rule.priority.is_none() || asked == Some(&DeleteMarkerReplicationStatus::Enabled),
        Some(_) => asked == Some(&DeleteMarkerReplicationStatus::Enabled) && wanted(rule).next().is_none(),
    }
}

fn prefix(rule: &ReplicationRule) -> &str {
    let of_filter = rule.filter.as_ref().and_then(|filter| {
        filter.prefix.as_deref().or_else(|| filter.and.as_ref().and_then(|and| and.prefix.as_deref()))
    });
    of_filter.or(rule.prefix.as_deref()).unwrap_or_default()
}

fn wanted(rule: &ReplicationRule) -> impl Iterator<Item = &Tag> {
    let of_and = rule.filter.iter().filter_map(|filter| filter.and.as_ref()).flat_map(|and| and.tags.iter().flatten());
    rule.filter.iter().filter_map(|filter| filter.tag.as_ref()).chain(of_and)
}

fn has(tags: &[(String, String)], wanted: &Tag) -> bool {
    tags.iter().any(|(key, value)| *key == wanted.key && *value == wanted.value)
}

#[cfg(test)]
mod tests {
    use updraft_api_s3::types::{DeleteMarkerReplication, Destination as To, ReplicationRuleFilter, StorageClass};

    use super::*;

    fn rule(to: &str, prefix: &str, priority: i32, class: Option<StorageClass>) -> ReplicationRule {
        ReplicationRule {
            status: ReplicationRuleStatus::Enabled,
            priority: Some(priority),
            filter: Some(ReplicationRuleFilter { prefix: Some(prefix.into()), ..Default::default() }),
            destination: To { bucket: format!("arn:aws:s3:::{to}"), storage_class: class, ..Default::default() },
            ..Default::default()
        }
    }

    fn told(rules: Vec<ReplicationRule>, facts: Facts<'_>) -> Vec<(String, Option<String>)> {
        let found = destinations(&ReplicationConfiguration { role: String::new(), rules }, facts);
        found.into_iter().map(|one| (one.bucket, one.class)).collect()
    }

    const OBJECT: Facts<'static> = Facts { key: "a/b", tags: Some(&[]) };
    const MARKER: Facts<'static> = Facts { key: "a/b", tags: None };

    #[test]
    fn the_rule_of_the_highest_priority_counts_for_each_bucket() {
        let cold = Some(StorageClass::StandardIa);
        let rules = vec![rule("x", "", 1, None), rule("x", "a/", 2, cold), rule("y", "b/", 3, None)];
        assert_eq!(told(rules.clone(), OBJECT), [("x".to_owned(), Some("STANDARD_IA".to_owned()))]);
        assert_eq!(told(rules, Facts { key: "c", ..OBJECT }), [("x".to_owned(), None)]);
        let off = ReplicationRule { status: ReplicationRuleStatus::Disabled, ..rule("x", "", 1, None) };
        assert!(told(vec![off], OBJECT).is_empty());
    }

    #[test]
    fn tags_and_markers() {
        let tag = Some(Tag { key: "k".into(), value: "v".into() });
        let tagged = || {
            let filter = Some(ReplicationRuleFilter { tag: tag.clone(), ..Default::default() });
            ReplicationRule { filter, ..rule("x", "", 1, None) }
        };
        assert!(told(vec![tagged()], OBJECT).is_empty());
        let tags = [("k".to_owned(), "v".to_owned())];
        assert_eq!(told(vec![tagged()], Facts { tags: Some(&tags), ..OBJECT }).len(), 1);
        assert!(told(vec![rule("x", "", 1, None)], MARKER).is_empty());
        let asked = DeleteMarkerReplication { status: Some(DeleteMarkerReplicationStatus::Enabled) };
        let with = ReplicationRule { delete_marker_replication: Some(asked), ..rule("x", "", 1, None) };
        assert_eq!(told(vec![with], MARKER).len(), 1);
        let older =
            ReplicationRule { filter: None, priority: None, prefix: Some("a/".into()), ..rule("x", "", 1, None) };
        assert_eq!(told(vec![older], MARKER).len(), 1);
    }
}
