//! `new-op` and `new-service`: the mechanical part of adding things, so that what is left is the thinking.

mod names;
mod operation;
mod service;
mod text;

pub(crate) use operation::{OpArgs, new_op};
pub(crate) use service::{ServiceArgs, new_service};
