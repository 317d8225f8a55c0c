//! The pages.

mod activities;
mod bucket;
mod editor;
mod execution;
mod executions;
mod frame;
mod functions;
mod lists;
mod machine;
mod machines;
mod map_run;
mod overview;
mod published;
mod queue;
mod table;

pub(crate) use activities::{activities, activity};
pub(crate) use bucket::bucket;
pub(crate) use editor::{edit, new as new_machine, sent};
pub(crate) use execution::{drawn, execution, redriven, stopped, told};
pub(crate) use executions::executions;
pub(crate) use frame::{refusal, trouble};
pub(crate) use functions::{function, functions};
pub(crate) use lists::plain;
pub(crate) use machine::{graph_file, machine, mermaid_file, started};
pub(crate) use machines::machines;
pub(crate) use map_run::map_run;
pub(crate) use overview::overview;
pub(crate) use queue::queue;
pub(crate) use table::table;
