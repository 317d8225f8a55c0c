//! Several nodes on one store, in virtual time, stepped by hand: each beats when its own loop would.

mod decide;
mod fence;
mod late;
mod life;
mod random;
mod world;
