//! One AWS operation = one file.
pub(crate) mod create_pipe;
pub(crate) mod delete_pipe;
pub(crate) mod describe_pipe;
pub(crate) mod list_pipes;
pub(crate) mod list_tags_for_resource;
pub(crate) mod start_pipe;
pub(crate) mod stop_pipe;
pub(crate) mod tag_resource;
pub(crate) mod untag_resource;
pub(crate) mod update_pipe;
