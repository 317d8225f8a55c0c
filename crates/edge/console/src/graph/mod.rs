//! Definitions as pictures: read as far as they can be, laid out in layers, drawn.

mod conditions;
mod draw;
mod layout;
mod mermaid;
mod order;
mod place;
mod ranks;
mod read;
mod route;

pub(crate) use draw::{Mark, Marks, picture, short, standalone};
pub(crate) use mermaid::mermaid;
pub(crate) use read::read;
