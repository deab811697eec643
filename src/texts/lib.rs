//! Room texts.
