//! Executions under way: a step for each signal, and what steps ask for.

pub(crate) mod activities;
pub(crate) mod begin;
pub(crate) mod call;
pub(crate) mod definitions;
mod effects;
mod faults;
pub(crate) mod fits;
mod function;
mod given;
pub(crate) mod in_memory;
mod limit;
pub(crate) mod logging;
mod names;
pub(crate) mod redrive;
mod rows;
pub(crate) mod seats;
pub(crate) mod servers;
pub(crate) mod status;
mod step;
pub(crate) mod timers;
pub(crate) mod work;

use std::sync::Arc;

pub(crate) use call::context;
pub(crate) use step::{facts, signal, step, take};

use crate::StepFunctions;

/// Takes part in deliveries and timers.
pub(crate) fn register(service: &Arc<StepFunctions>) {
    work::register(service);
    timers::register(service);
}
