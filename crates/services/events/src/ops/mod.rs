//! One AWS operation = one file.

pub(crate) mod create_event_bus;
pub(crate) mod delete_event_bus;
pub(crate) mod delete_rule;
pub(crate) mod describe_event_bus;
pub(crate) mod describe_rule;
pub(crate) mod disable_rule;
pub(crate) mod enable_rule;
pub(crate) mod list_event_buses;
pub(crate) mod list_rule_names_by_target;
pub(crate) mod list_rules;
pub(crate) mod list_tags_for_resource;
pub(crate) mod list_targets_by_rule;
mod paging;
pub(crate) mod put_events;
pub(crate) mod put_permission;
pub(crate) mod put_rule;
pub(crate) mod put_targets;
pub(crate) mod remove_permission;
pub(crate) mod remove_targets;
pub(crate) mod tag_resource;
pub(crate) mod test_event_pattern;
pub(crate) mod untag_resource;
pub(crate) mod update_event_bus;
