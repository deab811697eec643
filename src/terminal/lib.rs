//! Room terminal.
