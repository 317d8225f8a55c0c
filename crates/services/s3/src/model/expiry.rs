//! What lifecycle rules do to a version, and when.

use updraft_api_s3::types::{
    BucketLifecycleConfiguration, ExpirationStatus, LifecycleRule, LifecycleRuleFilter, NoncurrentVersionTransition,
    Tag, Transition,
};
use updraft_kernel::UnixMillis;

const DAY: i64 = 24 * 3600 * 1000;

/// AWS: what is smaller isn't moved, where no rule says otherwise.
const WORTH_MOVING: u64 = 128 * 1024;

/// From warm to cold: nothing is moved back.
const CLASSES: [&str; 7] =
    ["STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"];

/// What rules look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) key: &'a str,
    /// In bytes; `None`: a delete marker.
    pub(crate) size: Option<u64>,
    pub(crate) tags: &'a [(String, String)],
    /// `None`: the usual one.
    pub(crate) class: Option<&'a str>,
    pub(crate) at: UnixMillis,
    pub(crate) place: Place,
}

/// Where it stands among the versions of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Newest,
    /// Since when there is a newer one, and how many of these are no longer the newest either.
    Behind {
        since: UnixMillis,
        newer: i32,
    },
}

/// What is to become of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// A marker that is the newest goes only where nothing is behind it: that is for the caller to see.
    Expires,
    /// Into a storage class.
    Moves(String),
}

/// The rules of a bucket that are enabled.
#[derive(Debug)]
pub(crate) struct Rules {
    rules: Vec<LifecycleRule>,
    /// Small objects may be archived, too.
    small: bool,
}

impl Rules {
    /// `small`: the size at which objects are worth moving depends on the class.
    pub(crate) fn new(given: BucketLifecycleConfiguration, small: bool) -> Self {
        let enabled = |rule: &LifecycleRule| rule.status == ExpirationStatus::Enabled;
        Self { rules: given.rules.into_iter().filter(enabled).collect(), small }
    }

    /// What all keys begin with that a rule is for.
    pub(crate) fn prefix(&self) -> String {
        let mut prefixes = self.rules.iter().map(prefix_of);
        let first = prefixes.next().unwrap_or_default();
        let common = |one: &str, other: &str| {
            one.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect::<String>()
        };
        prefixes.fold(first.to_owned(), |so_far, prefix| common(&so_far, prefix))
    }

    pub(crate) fn fate(&self, facts: Facts<'_>, now: UnixMillis) -> Option<Fate> {
        let mut moves = None;
        for rule in self.rules.iter().filter(|rule| applies(rule, facts)) {
            // AWS: what would be moved and would expire expires.
            if expires(rule, facts, now) {
                return Some(Fate::Expires);
            }
            moves = colder(moves, self.moves(rule, facts, now));
        }
        let from = coldness(facts.class.unwrap_or("STANDARD"));
        moves.filter(|to| coldness(to) > from).map(|to| Fate::Moves(to.to_owned()))
    }

    /// When the newest version of a key expires, and by which rule.
    pub(crate) fn expiry(&self, facts: Facts<'_>) -> Option<(UnixMillis, &str)> {
        let ends = self.rules.iter().filter(|rule| applies(rule, facts)).filter_map(|rule| {
            let expiration = rule.expiration.as_ref()?;
            let at = expiration.date.or_else(|| expiration.days.map(|days| due(facts.at, days)))?;
            Some((at, rule.id.as_deref().unwrap_or_default()))
        });
        ends.min_by_key(|(at, _)| *at)
    }

    /// When an upload in parts is given up that isn't completed, and by which rule.
    pub(crate) fn abort(&self, key: &str, begun: UnixMillis) -> Option<(UnixMillis, &str)> {
        let ends = self.rules.iter().filter(|rule| key.starts_with(prefix_of(rule))).filter_map(|rule| {
            let days = rule.abort_incomplete_multipart_upload.as_ref()?.days_after_initiation?;
            Some((due(begun, days), rule.id.as_deref().unwrap_or_default()))
        });
        ends.min_by_key(|(at, _)| *at)
    }

    fn moves<'a>(&self, rule: &'a LifecycleRule, facts: Facts<'_>, now: UnixMillis) -> Option<&'a str> {
        let size = facts.size?;
        let by_age = rule.transitions.iter().flatten().filter(|one| has_come(one, facts, now));
        let by_age = by_age.filter_map(|one| one.storage_class.as_ref());
        let behind = rule.noncurrent_version_transitions.iter().flatten().filter(|one| is_left(one, facts, now));
        let behind = behind.filter_map(|one| one.storage_class.as_ref());
        let classes = by_age.chain(behind).map(|class| class.as_str());
        let sized = names_size(rule);
        let worth = |class: &&str| {
            let archive = matches!(*class, "GLACIER" | "DEEP_ARCHIVE");
            sized || size >= WORTH_MOVING || (self.small && archive)
        };
        classes.filter(worth).fold(None, |so_far, class| colder(so_far, Some(class)))
    }
}

fn colder<'a>(one: Option<&'a str>, other: Option<&'a str>) -> Option<&'a str> {
    [one, other].into_iter().flatten().max_by_key(|class| coldness(class))
}

fn coldness(class: &str) -> usize {
    CLASSES.iter().position(|one| *one == class).unwrap_or(0)
}

fn has_come(one: &Transition, facts: Facts<'_>, now: UnixMillis) -> bool {
    let by_date = one.date.is_some_and(|date| now >= date);
    facts.place == Place::Newest && (by_date || one.days.is_some_and(|days| now >= due(facts.at, days)))
}

fn is_left(one: &NoncurrentVersionTransition, facts: Facts<'_>, now: UnixMillis) -> bool {
    is_behind(facts, (one.newer_noncurrent_versions, one.noncurrent_days), now)
}

fn is_behind(facts: Facts<'_>, (kept, days): (Option<i32>, Option<i32>), now: UnixMillis) -> bool {
    let Place::Behind { since, newer } = facts.place else { return false };
    newer >= kept.unwrap_or_default() && days.is_some_and(|days| now >= due(since, days))
}

fn expires(rule: &LifecycleRule, facts: Facts<'_>, now: UnixMillis) -> bool {
    if facts.place != Place::Newest {
        let expiration = rule.noncurrent_version_expiration.as_ref();
        return expiration
            .is_some_and(|one| is_behind(facts, (one.newer_noncurrent_versions, one.noncurrent_days), now));
    }
    let Some(expiration) = &rule.expiration else { return false };
    let by_days = expiration.days.is_some_and(|days| now >= due(facts.at, days));
    if facts.size.is_some() {
        return by_days || expiration.date.is_some_and(|date| now >= date);
    }
    // AWS: a marker that hides nothing any more goes where that is said, and with what expires by its age.
    expiration.expired_object_delete_marker == Some(true) || by_days
}

/// AWS: at the first midnight after so many days.
fn due(from: UnixMillis, days: i32) -> UnixMillis {
    let end = from.0.saturating_add(i64::from(days).saturating_mul(DAY));
    UnixMillis(end.saturating_add(DAY - 1).div_euclid(DAY).saturating_mul(DAY))
}

/// The next midnight.
pub(crate) fn midnight(now: UnixMillis) -> UnixMillis {
    UnixMillis((now.0.div_euclid(DAY) + 1).saturating_mul(DAY))
}

fn prefix_of(rule: &LifecycleRule) -> &str {
    let of_filter = rule.filter.as_ref().and_then(|filter| {
        filter.prefix.as_deref().or_else(|| filter.and.as_ref().and_then(|and| and.prefix.as_deref()))
    });
    of_filter.or(rule.prefix.as_deref()).unwrap_or_default()
}

/// The rule says itself which sizes are worth it.
fn names_size(rule: &LifecycleRule) -> bool {
    rule.filter.as_ref().is_some_and(|filter| {
        let of_and = filter.and.as_ref();
        let and =
            of_and.is_some_and(|and| and.object_size_greater_than.is_some() || and.object_size_less_than.is_some());
        filter.object_size_greater_than.is_some() || filter.object_size_less_than.is_some() || and
    })
}

fn applies(rule: &LifecycleRule, facts: Facts<'_>) -> bool {
    if !facts.key.starts_with(prefix_of(rule)) {
        return false;
    }
    let Some(LifecycleRuleFilter { tag, object_size_greater_than, object_size_less_than, and, .. }) = &rule.filter
    else {
        return true;
    };
    let one = tag.as_ref().is_none_or(|tag| has(facts, tag))
        && is_between(facts, *object_size_greater_than, *object_size_less_than);
    one && and.as_ref().is_none_or(|and| {
        and.tags.iter().flatten().all(|tag| has(facts, tag))
            && is_between(facts, and.object_size_greater_than, and.object_size_less_than)
    })
}

fn has(facts: Facts<'_>, tag: &Tag) -> bool {
    facts.tags.iter().any(|(key, value)| *key == tag.key && *value == tag.value)
}

/// Markers have no size, and so no rule that asks for one.
fn is_between(facts: Facts<'_>, more_than: Option<i64>, less_than: Option<i64>) -> bool {
    let size = facts.size.map(|size| i64::try_from(size).unwrap_or(i64::MAX));
    more_than.is_none_or(|least| size.is_some_and(|size| size > least))
        && less_than.is_none_or(|most| size.is_some_and(|size| size < most))
}

#[cfg(test)]
mod tests {
    use updraft_api_s3::types::{
        AbortIncompleteMultipartUpload, LifecycleExpiration, LifecycleRuleAndOperator, NoncurrentVersionExpiration,
        TransitionStorageClass,
    };

    use super::*;

    const NOON: UnixMillis = UnixMillis(DAY / 2);
    const LATE: UnixMillis = UnixMillis(900 * DAY);

    fn after(days: i32) -> LifecycleRule {
        let expiration = Some(LifecycleExpiration { days: Some(days), ..Default::default() });
        let filter = Some(LifecycleRuleFilter::default());
        LifecycleRule { expiration, filter, status: ExpirationStatus::Enabled, ..Default::default() }
    }

    fn rules(rules: impl Into<Vec<LifecycleRule>>) -> Rules {
        Rules::new(BucketLifecycleConfiguration { rules: rules.into() }, false)
    }

    fn object(key: &str) -> Facts<'_> {
        Facts { key, size: Some(10), tags: &[], class: None, at: NOON, place: Place::Newest }
    }

    fn is_over(given: impl Into<Vec<LifecycleRule>>, facts: Facts<'_>, now: UnixMillis) -> bool {
        rules(given).fate(facts, now) == Some(Fate::Expires)
    }

    #[test]
    fn an_object_goes_at_the_midnight_after_its_days() {
        assert!(!is_over([after(1)], object("a"), UnixMillis(2 * DAY - 1)));
        assert!(is_over([after(1)], object("a"), UnixMillis(2 * DAY)));
        let disabled = [LifecycleRule { status: ExpirationStatus::Disabled, ..after(1) }];
        assert!(!is_over(disabled, object("a"), LATE));
        assert_eq!(midnight(NOON), UnixMillis(DAY));
        assert_eq!(midnight(UnixMillis(DAY)), UnixMillis(2 * DAY));
        let two = rules([after(3), LifecycleRule { id: Some("r".into()), ..after(1) }]);
        assert_eq!(two.expiry(object("a")), Some((UnixMillis(2 * DAY), "r")));
    }

    #[test]
    fn an_object_goes_at_a_date() {
        let expiration = LifecycleExpiration { date: Some(UnixMillis(5 * DAY)), ..Default::default() };
        let rule = || [LifecycleRule { expiration: Some(expiration.clone()), ..after(1) }];
        assert!(!is_over(rule(), object("a"), UnixMillis(5 * DAY - 1)));
        assert!(is_over(rule(), object("a"), UnixMillis(5 * DAY)));
    }

    #[test]
    fn filters() {
        let told = |filter, facts| is_over([LifecycleRule { filter: Some(filter), ..after(1) }], facts, LATE);
        let prefix = LifecycleRuleFilter { prefix: Some("tmp/".into()), ..Default::default() };
        assert!(told(prefix.clone(), object("tmp/a")));
        assert!(!told(prefix, object("a")));
        let larger = LifecycleRuleFilter { object_size_greater_than: Some(10), ..Default::default() };
        assert!(!told(larger.clone(), object("a")));
        assert!(told(larger, Facts { size: Some(11), ..object("a") }));
        let tags = [("k".to_owned(), "v".to_owned())];
        let tag = Tag { key: "k".into(), value: "v".into() };
        let and = LifecycleRuleAndOperator { prefix: Some("a".into()), tags: Some(vec![tag]), ..Default::default() };
        let both = LifecycleRuleFilter { and: Some(and), ..Default::default() };
        assert!(told(both.clone(), Facts { tags: &tags, ..object("a") }));
        assert!(!told(both.clone(), object("a")));
        assert!(!told(both, Facts { tags: &tags, ..object("b") }));
        let older = LifecycleRule { filter: None, prefix: Some("tmp/".into()), ..after(1) };
        assert!(is_over([older.clone()], object("tmp/a"), LATE));
        assert!(!is_over([older], object("a"), LATE));
    }

    #[test]
    fn only_keys_are_looked_at_that_a_rule_is_for() {
        let of = |prefix: &str| LifecycleRule { filter: None, prefix: Some(prefix.into()), ..after(1) };
        assert_eq!(rules([of("logs/a"), of("logs/é")]).prefix(), "logs/");
        assert_eq!(rules([of("logs/"), after(1)]).prefix(), "");
        assert_eq!(rules([of("logs/")]).prefix(), "logs/");
    }

    #[test]
    fn versions_that_are_not_the_newest() {
        let noncurrent =
            |kept| NoncurrentVersionExpiration { noncurrent_days: Some(1), newer_noncurrent_versions: kept };
        let rule = |kept| {
            [LifecycleRule { expiration: None, noncurrent_version_expiration: Some(noncurrent(kept)), ..after(1) }]
        };
        let behind = |newer| Facts { place: Place::Behind { since: NOON, newer }, ..object("a") };
        assert!(!is_over(rule(None), object("a"), LATE), "the newest stays");
        assert!(!is_over(rule(None), behind(0), UnixMillis(2 * DAY - 1)));
        assert!(is_over(rule(None), behind(0), UnixMillis(2 * DAY)));
        assert!(!is_over(rule(Some(2)), behind(1), UnixMillis(2 * DAY)));
        assert!(is_over(rule(Some(2)), behind(2), UnixMillis(2 * DAY)));
    }

    #[test]
    fn markers() {
        let expiration = LifecycleExpiration { expired_object_delete_marker: Some(true), ..Default::default() };
        let rule = || [LifecycleRule { expiration: Some(expiration.clone()), ..after(1) }];
        let marker = Facts { size: None, ..object("a") };
        assert!(is_over(rule(), marker, NOON));
        assert!(!is_over(rule(), object("a"), LATE));
        assert!(is_over([after(1)], marker, LATE));
        assert_eq!(rules(rule()).expiry(object("a")), None);
    }

    #[test]
    fn objects_become_colder_and_never_warmer() {
        let to = |days, storage_class: TransitionStorageClass| Transition {
            days: Some(days),
            storage_class: Some(storage_class),
            date: None,
        };
        let transitions = vec![to(30, TransitionStorageClass::StandardIa), to(60, TransitionStorageClass::Glacier)];
        let filter = Some(LifecycleRuleFilter { object_size_greater_than: Some(1), ..Default::default() });
        let rule = LifecycleRule { expiration: None, transitions: Some(transitions), ..after(1) };
        let sized = rules([LifecycleRule { filter, ..rule.clone() }]);
        let day = |day| UnixMillis(day * DAY);
        let moves = |class: &str| Some(Fate::Moves(class.to_owned()));
        assert_eq!(sized.fate(object("a"), day(30)), None);
        assert_eq!(sized.fate(object("a"), day(31)), moves("STANDARD_IA"));
        assert_eq!(sized.fate(object("a"), day(61)), moves("GLACIER"));
        assert_eq!(sized.fate(Facts { class: Some("DEEP_ARCHIVE"), ..object("a") }, day(61)), None);
        let small = |small| Rules::new(BucketLifecycleConfiguration { rules: vec![rule.clone()] }, small);
        assert_eq!(small(false).fate(object("a"), day(61)), None);
        assert_eq!(small(true).fate(object("a"), day(31)), None);
        assert_eq!(small(true).fate(object("a"), day(61)), moves("GLACIER"));
        assert_eq!(small(false).fate(Facts { size: Some(131_072), ..object("a") }, day(31)), moves("STANDARD_IA"));
    }

    #[test]
    fn uploads_that_nobody_completes() {
        let abort = Some(AbortIncompleteMultipartUpload { days_after_initiation: Some(2) });
        let rule = LifecycleRule {
            expiration: None,
            abort_incomplete_multipart_upload: abort,
            id: Some("r".into()),
            ..after(1)
        };
        assert_eq!(rules([rule]).abort("a", NOON), Some((UnixMillis(3 * DAY), "r")));
        assert_eq!(rules([after(1)]).abort("a", NOON), None);
    }
}
