//! Stories: what people go through, told with the real rooms.

#[path = "../support/mod.rs"]
mod support;

mod clock;
mod feed;
mod interleavings;
mod line;
mod shell;
mod stick;
mod storm;
mod third_party;
