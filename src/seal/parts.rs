//! A signed text in parts that a code on paper can hold, and put together again from what a scanner read.
//!
//! A part is `R1 HASH i/n CHUNK`: the form, the first eight hex digits of SHA-256 over the whole text (so that
//! parts of two receipts are never mixed), which part of how many, and the text's own characters.

use std::collections::BTreeMap;

use sha2::Digest as _;

const FORM: &str = "R1";
/// Parts of one text; a receipt of a hundred pages has about twenty.
pub const PARTS_MAX: usize = 99;

/// Why scanned parts make no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartsFault {
    /// Nothing that looks like a part or like a signed text.
    #[error("no receipt")]
    None,
    /// Parts of several receipts.
    #[error("parts of several receipts")]
    Mixed,
    /// These parts of so many are missing.
    #[error("parts {missing:?} of {of} are missing")]
    Missing { missing: Vec<usize>, of: usize },
    /// All parts are there, and together they are not what was divided.
    #[error("a part was changed")]
    Changed,
}

/// Divides a text of ASCII characters into parts of at most `bytes_max` bytes each. `None` when it would take
/// more than [`PARTS_MAX`], or `bytes_max` leaves no room beside the head.
pub fn divide(text: &str, bytes_max: usize) -> Option<Vec<String>> {
    let room = bytes_max.checked_sub(head(text, PARTS_MAX, PARTS_MAX).len()).filter(|room| *room > 0)?;
    let count = text.len().div_ceil(room);
    if !text.is_ascii() || count == 0 || count > PARTS_MAX {
        return None;
    }
    let chunk = |i: usize| &text[i * room..text.len().min((i + 1) * room)];
    Some((0..count).map(|i| head(text, i + 1, count) + chunk(i)).collect())
}

/// The text from its parts, in any order, each as often as it was scanned. A text that was never divided is
/// taken as it is.
///
/// # Errors
/// See [`PartsFault`].
pub fn join<'a>(scanned: impl IntoIterator<Item = &'a str>) -> Result<String, PartsFault> {
    let mut found: BTreeMap<usize, &str> = BTreeMap::new();
    let mut whole: Option<(&str, usize)> = None;
    for line in scanned.into_iter().map(str::trim) {
        let Some((hash, part, count, chunk)) = read(line) else {
            if line.split('.').count() == 3 && line.len() > 40 && line.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Ok(line.to_owned());
            }
            continue;
        };
        if *whole.get_or_insert((hash, count)) != (hash, count) {
            return Err(PartsFault::Mixed);
        }
        if found.insert(part, chunk).is_some_and(|before| before != chunk) {
            return Err(PartsFault::Changed);
        }
    }
    let Some((hash, of)) = whole else { return Err(PartsFault::None) };
    let missing: Vec<usize> = (1..=of).filter(|part| !found.contains_key(part)).collect();
    if !missing.is_empty() {
        return Err(PartsFault::Missing { missing, of });
    }
    let text: String = found.into_values().collect();
    if hash_of(&text) == hash { Ok(text) } else { Err(PartsFault::Changed) }
}

fn head(text: &str, part: usize, count: usize) -> String {
    format!("{FORM} {} {part}/{count} ", hash_of(text))
}

fn read(line: &str) -> Option<(&str, usize, usize, &str)> {
    let mut words = line.splitn(4, ' ');
    if words.next()? != FORM {
        return None;
    }
    let hash = words.next().filter(|hash| hash.len() == 8)?;
    let (part, count) = words.next()?.split_once('/')?;
    let (part, count) = (part.parse().ok()?, count.parse().ok()?);
    let chunk = words.next()?;
    (1..=PARTS_MAX).contains(&count).then_some(())?;
    (1..=count).contains(&part).then_some((hash, part, count, chunk))
}

fn hash_of(text: &str) -> String {
    sha2::Sha256::digest(text.as_bytes())[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_divided_is_put_together_in_any_order(text in "[ -~]{1,3000}", room in 120..700usize, turn in 0..40usize) {
            let text = text.trim().to_owned();
            prop_assume!(!text.is_empty());
            let mut parts = divide(&text, room).unwrap();
            prop_assert!(parts.iter().all(|part| part.len() <= room));
            let turn = turn % parts.len();
            parts.rotate_left(turn);
            parts.push(parts[0].clone());
            // Blanks at the ends of a part are what a scanner may lose; signed texts have none.
            prop_assume!(parts.iter().all(|part| part.trim() == part));
            prop_assert_eq!(join(parts.iter().map(String::as_str)), Ok(text));
        }

        #[test]
        fn no_lines_panic(lines in proptest::collection::vec("\\PC{0,40}", 0..5)) {
            let _ = join(lines.iter().map(String::as_str));
        }
    }

    #[test]
    fn what_is_missing_mixed_or_changed_is_told_apart() {
        let (one, two) = ("a".repeat(300), "b".repeat(300));
        let (one, two) = (divide(&one, 150).unwrap(), divide(&two, 150).unwrap());
        assert_eq!(one.len(), 3);
        assert_eq!(join([one[0].as_str(), &one[2]]), Err(PartsFault::Missing { missing: vec![2], of: 3 }));
        assert_eq!(join([one[0].as_str(), &two[1], &one[2]]), Err(PartsFault::Mixed));
        let changed = one[1].replace("aaa", "aba");
        assert_eq!(join([one[0].as_str(), &changed, &one[2]]), Err(PartsFault::Changed));
        assert_eq!(join([one[0].as_str(), &one[1], &changed, &one[2]]), Err(PartsFault::Changed));
        assert_eq!(join(["", "办件号 SLC-A1-000087-4"]), Err(PartsFault::None));
        let undivided = format!("{}.{}.{}", "a".repeat(30), "b".repeat(30), "c".repeat(30));
        assert_eq!(join([undivided.as_str()]), Ok(undivided.clone()));
        assert_eq!(divide(&"x".repeat(100_000), 200), None);
        assert_eq!(divide("x", 10), None);
    }
}
