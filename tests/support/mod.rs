//! What the test binaries share.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod children;
pub mod clerk;
pub mod desktop;
pub mod eyes;
pub mod hand;
pub mod town;
pub mod village;
