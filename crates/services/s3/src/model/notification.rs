//! Notification configurations: what they must be, and whom they tell of what.

use std::collections::BTreeSet;

use updraft_api_s3::types::{
    Event, FilterRule, LambdaFunctionConfiguration, NotificationConfiguration, NotificationConfigurationFilter,
    QueueConfiguration, TopicConfiguration,
};
use updraft_kernel::{Arn, AwsError, Region};

use crate::errors::{invalid_argument, invalid_value};

/// One of a configuration's parts, whichever kind of destination it is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish<'a> {
    pub(crate) id: Option<&'a str>,
    pub(crate) destination: Destination,
    pub(crate) arn: &'a str,
    events: &'a [Event],
    filter: Option<&'a NotificationConfigurationFilter>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    Topic,
    Queue,
    Function,
}

impl Destination {
    /// The name that errors give the ARN.
    fn argument(self) -> &'static str {
        match self {
            Self::Topic => "Topic",
            Self::Queue => "Queue",
            Self::Function => "CloudFunction",
        }
    }

    fn service(self) -> &'static str {
        match self {
            Self::Topic => "sns",
            Self::Queue => "sqs",
            Self::Function => "lambda",
        }
    }

    /// What it is told where there is none.
    pub(crate) fn missing(self) -> &'static str {
        match self {
            Self::Topic => "The destination topic does not exist",
            Self::Queue => "The destination queue does not exist",
            Self::Function => "The destination Lambda function does not exist",
        }
    }
}

impl Destination {
    /// What is told where its policy lets nothing from the bucket in.
    pub(crate) fn refusing(self, arn: &str) -> String {
        let of = |what| {
            format!("Permissions on the destination {what} do not allow S3 to publish notifications from this bucket")
        };
        match self {
            Self::Topic => of("topic"),
            Self::Queue => of("queue"),
            Self::Function => format!("Not authorized to invoke function [{arn}]"),
        }
    }
}

/// All parts, in the order in which they are looked at.
pub(crate) fn wishes(given: &NotificationConfiguration) -> impl Iterator<Item = Wish<'_>> {
    let topics = given.topic_configurations.iter().flatten().map(|one: &TopicConfiguration| Wish {
        id: one.id.as_deref(),
        destination: Destination::Topic,
        arn: &one.topic_arn,
        events: &one.events,
        filter: one.filter.as_ref(),
    });
    let queues = given.queue_configurations.iter().flatten().map(|one: &QueueConfiguration| Wish {
        id: one.id.as_deref(),
        destination: Destination::Queue,
        arn: &one.queue_arn,
        events: &one.events,
        filter: one.filter.as_ref(),
    });
    let functions = given.lambda_function_configurations.iter().flatten();
    let functions = functions.map(|one: &LambdaFunctionConfiguration| Wish {
        id: one.id.as_deref(),
        destination: Destination::Function,
        arn: &one.lambda_function_arn,
        events: &one.events,
        filter: one.filter.as_ref(),
    });
    topics.chain(queues).chain(functions)
}

/// # Errors
/// If it can't be, wherever its destinations are.
pub(crate) fn check(given: &NotificationConfiguration, region: &Region) -> Result<(), AwsError> {
    let all: Vec<Wish<'_>> = wishes(given).collect();
    all.iter().try_for_each(|wish| check_arn(wish, region))?;
    let mut ids = BTreeSet::new();
    for wish in &all {
        check_events(wish)?;
        check_filter(wish)?;
        if wish.id.is_some_and(|id| !ids.insert(id)) {
            let message = "Same ID used for multiple configurations. IDs must be unique";
            return Err(invalid_argument("Id", message));
        }
    }
    let overlaps = all.iter().enumerate().any(|(at, one)| all.iter().skip(at + 1).any(|other| one.overlaps(other)));
    if overlaps {
        let filtered = all.iter().any(|wish| wish.filter.is_some());
        return Err(invalid_argument("Event", if filtered { AMBIGUOUS } else { COMMON }));
    }
    Ok(())
}

const AMBIGUOUS: &str = "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the \
                         prefixes are overlapping for the same event type.";
const COMMON: &str = "Configurations overlap. Configurations on the same bucket cannot share a common event type.";

fn check_arn(wish: &Wish<'_>, region: &Region) -> Result<(), AwsError> {
    let wrong = |message: &str| invalid_value(wish.destination.argument(), wish.arn, message);
    let arn = Arn::parse(wish.arn).map_err(|_| wrong("The ARN could not be parsed"))?;
    if arn.service != wish.destination.service() {
        return Err(wrong("The ARN is not well formed"));
    }
    if arn.region != region.as_str() {
        let message = "The notification destination service region is not valid for the bucket location constraint";
        return Err(wrong(message));
    }
    Ok(())
}

fn check_events(wish: &Wish<'_>) -> Result<(), AwsError> {
    let unknown = wish.events.iter().find(|event| matches!(event, Event::Unknown(_)));
    unknown.map_or(Ok(()), |event| {
        Err(invalid_value("Event", event.as_str(), "The event is not supported for notifications"))
    })
}

fn check_filter(wish: &Wish<'_>) -> Result<(), AwsError> {
    let mut kinds = BTreeSet::new();
    for rule in rules(wish.filter) {
        let name = rule.name.as_ref().map_or("", |name| name.as_str());
        let kind = name.to_ascii_lowercase();
        if !matches!(kind.as_str(), "prefix" | "suffix") {
            return Err(invalid_value("FilterRule.Name", name, "filter rule name must be either prefix or suffix"));
        }
        if !kinds.insert(kind.clone()) {
            let message = format!("Cannot specify more than one {kind} rule in a filter.");
            return Err(invalid_value("FilterRule.Name", name, message));
        }
        if rule.value.as_ref().is_some_and(|value| value.len() > 1024) {
            return Err(invalid_argument(
                "FilterRule.Value",
                "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation",
            ));
        }
    }
    Ok(())
}

fn rules(filter: Option<&NotificationConfigurationFilter>) -> impl Iterator<Item = &FilterRule> {
    filter.and_then(|filter| filter.key.as_ref()).and_then(|key| key.filter_rules.as_ref()).into_iter().flatten()
}

impl Wish<'_> {
    fn rule(&self, kind: &str) -> &str {
        let is_it =
            |rule: &&FilterRule| rule.name.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case(kind));
        rules(self.filter).find(is_it).and_then(|rule| rule.value.as_deref()).unwrap_or_default()
    }

    /// Whether one change could be both's.
    fn overlaps(&self, other: &Self) -> bool {
        let (prefix, suffix) = (self.rule("prefix"), self.rule("suffix"));
        let (other_prefix, other_suffix) = (other.rule("prefix"), other.rule("suffix"));
        let heads = prefix.starts_with(other_prefix) || other_prefix.starts_with(prefix);
        let tails = suffix.ends_with(other_suffix) || other_suffix.ends_with(suffix);
        let shares = |one: &Event| other.events.iter().any(|event| share(one.as_str(), event.as_str()));
        heads && tails && self.events.iter().any(shares)
    }

    /// Whether it is told of an event (`ObjectCreated:Put`) of that key.
    pub(crate) fn wants(&self, event: &str, key: &str) -> bool {
        self.events.iter().any(|wanted| is_of(wanted.as_str(), event))
            && key.starts_with(self.rule("prefix"))
            && key.ends_with(self.rule("suffix"))
    }
}

/// Whether an event is of a kind: `s3:ObjectCreated:*`, `s3:ObjectCreated:Put`.
fn is_of(kind: &str, event: &str) -> bool {
    let kind = kind.strip_prefix("s3:").unwrap_or(kind);
    match kind.strip_suffix('*') {
        Some(head) => event.starts_with(head),
        None => kind == event,
    }
}

fn share(one: &str, other: &str) -> bool {
    let bare = |kind: &str| kind.strip_prefix("s3:").unwrap_or(kind).trim_end_matches('*').to_owned();
    is_of(one, &bare(other)) || is_of(other, &bare(one))
}

/// AWS: names of filter rules are shown with a capital, however they came.
pub(crate) fn capitalise(given: &mut NotificationConfiguration) {
    let topics = given.topic_configurations.iter_mut().flatten().map(|one| &mut one.filter);
    let queues = given.queue_configurations.iter_mut().flatten().map(|one| &mut one.filter);
    let functions = given.lambda_function_configurations.iter_mut().flatten().map(|one| &mut one.filter);
    for filter in topics.chain(queues).chain(functions).flatten() {
        for rule in filter.key.iter_mut().filter_map(|key| key.filter_rules.as_mut()).flatten() {
            let is_prefix = rule.name.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case("prefix"));
            rule.name = Some(if is_prefix { "Prefix" } else { "Suffix" }.into());
        }
    }
}

/// Gives an id to all that have none.
pub(crate) fn name(given: &mut NotificationConfiguration, mut fresh: impl FnMut() -> String) {
    let topics = given.topic_configurations.iter_mut().flatten().map(|one| &mut one.id);
    let queues = given.queue_configurations.iter_mut().flatten().map(|one| &mut one.id);
    let functions = given.lambda_function_configurations.iter_mut().flatten().map(|one| &mut one.id);
    for id in topics.chain(queues).chain(functions) {
        id.get_or_insert_with(&mut fresh);
    }
}

#[cfg(test)]
mod tests {
    use updraft_api_s3::types::S3KeyFilter;

    use super::*;

    const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";

    fn queue(events: &[&str], rules: &[(&str, &str)]) -> QueueConfiguration {
        let rule =
            |(name, value): &(&str, &str)| FilterRule { name: Some((*name).into()), value: Some((*value).into()) };
        let key = Some(S3KeyFilter { filter_rules: Some(rules.iter().map(rule).collect()) });
        let filter = (!rules.is_empty()).then_some(NotificationConfigurationFilter { key });
        let events = events.iter().map(|event| Event::from(*event)).collect();
        QueueConfiguration { id: None, queue_arn: QUEUE.into(), events, filter }
    }

    fn all(queues: Vec<QueueConfiguration>) -> NotificationConfiguration {
        NotificationConfiguration { queue_configurations: Some(queues), ..Default::default() }
    }

    fn told(queues: Vec<QueueConfiguration>) -> String {
        let result = check(&all(queues), &Region::default_region());
        result.map_or_else(|error| error.message().to_owned(), |()| "fine".into())
    }

    #[test]
    fn what_a_configuration_may_be() {
        let created = "s3:ObjectCreated:*";
        assert_eq!(told(vec![queue(&[created], &[("prefix", "a"), ("Suffix", "")])]), "fine");
        let wrong = "filter rule name must be either prefix or suffix";
        assert_eq!(told(vec![queue(&[created], &[("INVALID", "a")])]), wrong);
        let twice = "Cannot specify more than one prefix rule in a filter.";
        assert_eq!(told(vec![queue(&[created], &[("prefix", "a"), ("Prefix", "b")])]), twice);
        assert_eq!(told(vec![queue(&["s3:Object"], &[])]), "The event is not supported for notifications");
        let arn = |arn: &str| told(vec![QueueConfiguration { queue_arn: arn.into(), ..queue(&[created], &[]) }]);
        assert_eq!(arn("invalid-queue"), "The ARN could not be parsed");
        assert_eq!(arn("arn:aws:sns:us-east-1:000000000000:t"), "The ARN is not well formed");
        assert!(arn("arn:aws:sqs:eu-west-1:000000000000:q").contains("region is not valid"));
        let id = |id: &str| QueueConfiguration { id: Some(id.into()), ..queue(&[created], &[("prefix", id)]) };
        assert_eq!(told(vec![id("a"), id("b")]), "fine");
        assert!(told(vec![id("a"), id("a")]).starts_with("Same ID"));
    }

    #[test]
    fn what_overlaps() {
        let (created, put, removed) = ("s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectRemoved:*");
        assert_eq!(told(vec![queue(&[created], &[]), queue(&[removed], &[])]), "fine");
        assert_eq!(told(vec![queue(&[created], &[]), queue(&[put], &[])]), COMMON);
        assert_eq!(told(vec![queue(&[put], &[("prefix", "a")]), queue(&[created], &[("prefix", "b")])]), "fine");
        assert_eq!(told(vec![queue(&[put], &[("prefix", "a")]), queue(&[put], &[("prefix", "ab")])]), AMBIGUOUS);
        assert_eq!(told(vec![queue(&[put], &[("suffix", "g")]), queue(&[put], &[("prefix", "ab")])]), AMBIGUOUS);
        let (jpg, png) = ([("suffix", ".jpg")], [("suffix", ".png")]);
        assert_eq!(told(vec![queue(&[put], &jpg), queue(&[put], &png)]), "fine");
    }

    #[test]
    fn who_is_told() {
        let given = all(vec![queue(&["s3:ObjectCreated:*"], &[("Prefix", "in/"), ("Suffix", ".jpg")])]);
        let wish = wishes(&given).next().unwrap();
        assert!(wish.wants("ObjectCreated:Put", "in/a.jpg"));
        assert!(!wish.wants("ObjectRemoved:Delete", "in/a.jpg"));
        assert!(!wish.wants("ObjectCreated:Put", "in/a.png"));
        assert!(!wish.wants("ObjectCreated:Put", "out/a.jpg"));
        let given = all(vec![queue(&["s3:ObjectRemoved:Delete"], &[])]);
        let wish = wishes(&given).next().unwrap();
        assert!(wish.wants("ObjectRemoved:Delete", "a"));
        assert!(!wish.wants("ObjectRemoved:DeleteMarkerCreated", "a"));
    }
}
