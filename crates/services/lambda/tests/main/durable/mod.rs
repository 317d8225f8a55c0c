//! Durable functions, whose code is played by the tests: it reads the events and makes the checkpoints that an SDK does.

mod callbacks;
mod chained;
mod ends;
mod failures;
mod history;
mod letters;
mod lists;
mod pausing;
mod starts;
mod state;
mod steps;
mod support;
mod tokens;
