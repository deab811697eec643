//! Stories: the whole village in one test binary, its law, its cables and its walk.
//!
//! This library is empty: everything here is a test, and all dependencies are dev-dependencies,
//! so that nothing of them leaks into releases.
