//! Room card.
