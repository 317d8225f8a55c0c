//! The Amazon States Language: what a state machine's definition says, what is wrong with it, and an execution's way through
//! it. Pure: no clock, no files, no calls. Whoever runs executions gives [`run::Signal`]s, keeps what [`run::Run`] holds, and
//! carries out the [`run::Effect`]s.
//!
//! Start reading at [`definition`]; [`read`] makes it of text; [`run`] walks through it.

pub mod definition;
mod lang;
pub mod read;
pub mod run;
