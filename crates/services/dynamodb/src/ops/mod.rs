//! The operations: one file each, and `shared` for what requests on single items have in common.

pub(crate) mod batch_get_item;
pub(crate) mod batch_write_item;
pub(crate) mod create_table;
pub(crate) mod delete_item;
pub(crate) mod delete_table;
pub(crate) mod describe_continuous_backups;
pub(crate) mod describe_endpoints;
pub(crate) mod describe_limits;
pub(crate) mod describe_table;
pub(crate) mod describe_time_to_live;
pub(crate) mod get_item;
pub(crate) mod list_tables;
pub(crate) mod list_tags_of_resource;
pub(crate) mod put_item;
pub(crate) mod query;
pub(crate) mod scan;
mod shared;
pub(crate) mod tag_resource;
pub(crate) mod transact_get_items;
pub(crate) mod transact_write_items;
pub(crate) mod untag_resource;
pub(crate) mod update_continuous_backups;
pub(crate) mod update_item;
pub(crate) mod update_table;
pub(crate) mod update_time_to_live;
