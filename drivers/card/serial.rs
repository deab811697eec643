//! Serial stub.
pub(crate) fn ports() -> Vec<String> {
    Vec::new()
}
