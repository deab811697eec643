//! Carries the outbox to the hall over HTTP and brings the answers back.
//!
//! Doors: [`Client`] (admission, delivery, feed, results, packages), [`Outcome`] (what came of it),
//! [`plan`] (what to do next), [`delivery`] (what to ask next, without a line of its own), [`bundle`] (the same by a stick, for days without a network),
//! [`StopFlag`] (how a call is called off).
//!
//! Never: opens the cabinet (page bytes come through a closure), calls anything done before
//! the hall's receipt was verified, trusts an authority that was not pinned at admission,
//! follows a redirect, reads a proxy from the environment.
//!
//! Start reading at `client.rs`; it and `talk.rs` below it are the only files that say HTTP and are async;
//! what they decide by stands in `delivery.rs`, `outcome.rs`, `tus.rs`, `answer.rs` and `verify.rs`.

mod answer;
pub mod bundle;
mod client;
mod clock;
mod convert;
pub mod delivery;
#[cfg(test)]
mod interop_tests;
mod kinds;
pub mod outcome;
#[cfg(test)]
mod package_tests;
pub mod patience;
pub mod plan;
mod seen;
mod stop;
mod talk;
mod tls;
mod transport;
#[cfg(test)]
mod trust_tests;
mod tus;
mod verify;

pub use answer::Answered;
pub use client::Client;
pub use convert::keys as hall_keys;
pub use kinds::{Attested, Counter, Heard, Line, PageBytes, Progress, Signed, Skew, Step};
pub use outcome::Outcome;
pub use stop::{StopFlag, StopGuard};
pub use verify::{attested, feed as verify_feed};
