//! Room courier.
