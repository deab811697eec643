//! A value about a person: it cannot print itself and is wiped when dropped.

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A value about a person (个人信息). `Debug` and `Display` show dots, the memory is
/// zeroised on drop, and the only way to the value is [`Personal::expose`], which is
/// easy to find in a review.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Personal<T: Zeroize>(T);

impl<T: Zeroize> Personal<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself: for the form, the paper and the canonical bytes, never for a log.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// The value for editing in place.
    pub fn expose_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Zeroize> Drop for Personal<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> std::fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("•••")
    }
}

impl<T: Zeroize> std::fmt::Display for Personal<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("•••")
    }
}

impl From<String> for Personal<String> {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl From<&str> for Personal<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_personal_value_prints_dots_only() {
        let name = Personal::from("测试村民");
        assert_eq!(format!("{name} {name:?}"), "••• •••");
        assert_eq!(format!("{:?}", Some(&name)), "Some(•••)");
    }
}
