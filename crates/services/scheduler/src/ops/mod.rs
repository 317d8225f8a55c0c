//! One AWS operation = one file.

pub(crate) mod create_schedule;
pub(crate) mod create_schedule_group;
pub(crate) mod delete_schedule;
pub(crate) mod delete_schedule_group;
pub(crate) mod get_schedule;
pub(crate) mod get_schedule_group;
pub(crate) mod list_schedule_groups;
pub(crate) mod list_schedules;
pub(crate) mod list_tags_for_resource;
mod paging;
pub(crate) mod tag_resource;
pub(crate) mod untag_resource;
pub(crate) mod update_schedule;
