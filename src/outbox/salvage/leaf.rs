//! Rows out of a leaf page, without the tree above it.
//!
//! Source: https://www.sqlite.org/fileformat2.html, sections 1.6 (b-tree pages), 1.7 (overflow)
//! and 2.1 (record format). Everything here reads outside bytes: what does not fit is no row.

use super::codec::USABLE;

/// A table's leaf (section 1.6).
const TABLE_LEAF: u8 = 0x0d;
/// Longest payload that is taken: the largest page and room for its row.
const PAYLOAD_MAX: u64 = crate::PAGE_BYTES_MAX as u64 + (1 << 20);

/// A column's value.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// A row and its number.
pub struct Record {
    pub id: i64,
    pub values: Vec<Value>,
}

/// All rows of a page that can be read whole. `fetch` gives overflow pages.
///
/// # Errors
/// Those of `fetch`.
pub fn records<E>(number: u32, page: &[u8], fetch: &mut dyn FnMut(u32) -> Result<Option<Vec<u8>>, E>) -> Result<Vec<Record>, E> {
    let mut found = Vec::new();
    let start = if number == 1 { 100 } else { 0 };
    if page.len() != USABLE || page[start] != TABLE_LEAF {
        return Ok(found);
    }
    let cells = usize::from(u16::from_be_bytes([page[start + 3], page[start + 4]]));
    for cell in 0..cells {
        let Some(pointer) = page.get(start + 8 + 2 * cell..start + 10 + 2 * cell) else { break };
        let at = usize::from(u16::from_be_bytes([pointer[0], pointer[1]]));
        if let Some(record) = record(page, at, fetch)? {
            found.push(record);
        }
    }
    Ok(found)
}

fn record<E>(page: &[u8], at: usize, fetch: &mut dyn FnMut(u32) -> Result<Option<Vec<u8>>, E>) -> Result<Option<Record>, E> {
    let mut rest = page.get(at..).unwrap_or_default();
    let (Some(length), Some(id)) = (varint(&mut rest), varint(&mut rest)) else { return Ok(None) };
    if length > PAYLOAD_MAX {
        return Ok(None);
    }
    let length = length as usize;
    let local = local_bytes(length);
    let Some(head) = rest.get(..local) else { return Ok(None) };
    let mut payload = head.to_vec();
    if local < length {
        let Some(next) = rest.get(local..local + 4) else { return Ok(None) };
        let mut next = word(next);
        payload.reserve(length - local);
        while payload.len() < length {
            // A chain ends at zero; its length is bounded by the payload, so a ring ends too.
            let Some(part) = (if next == 0 { None } else { fetch(next)? }) else { return Ok(None) };
            let wanted = (length - payload.len()).min(USABLE - 4);
            let Some(bytes) = part.get(4..4 + wanted) else { return Ok(None) };
            payload.extend_from_slice(bytes);
            next = word(&part[..4]);
        }
    }
    Ok(values(&payload).map(|values| Record { id: id as i64, values }))
}

/// How much of a payload stands on the leaf itself (section 1.6, "U", "X", "M" and "K").
fn local_bytes(length: usize) -> usize {
    let x = USABLE - 35;
    if length <= x {
        return length;
    }
    let m = (USABLE - 12) * 32 / 255 - 23;
    let k = m + (length - m) % (USABLE - 4);
    if k <= x { k } else { m }
}

/// The columns of a record (section 2.1); `None` when it does not add up.
fn values(payload: &[u8]) -> Option<Vec<Value>> {
    let mut rest = payload;
    let header = usize::try_from(varint(&mut rest)?).ok()?;
    let mut kinds = payload.get(payload.len() - rest.len()..header)?;
    let mut body = payload.get(header..)?;
    let mut values = Vec::new();
    while !kinds.is_empty() {
        let kind = varint(&mut kinds)?;
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind as usize,
            5 => 6,
            6 => 8,
            // No column of ours is a fraction; 10 and 11 are reserved.
            7 | 10 | 11 => return None,
            _ => usize::try_from((kind - 12) / 2).ok()?,
        };
        let bytes = body.get(..size)?;
        body = &body[size..];
        values.push(match kind {
            0 => Value::Null,
            8 => Value::Integer(0),
            9 => Value::Integer(1),
            1..=6 => Value::Integer(signed(bytes)),
            _ if kind % 2 == 0 => Value::Blob(bytes.to_vec()),
            _ => Value::Text(String::from_utf8(bytes.to_vec()).ok()?),
        });
    }
    body.is_empty().then_some(values)
}

fn signed(bytes: &[u8]) -> i64 {
    let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    bytes.iter().fold(sign, |value, byte| value << 8 | i64::from(*byte))
}

fn word(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |value, byte| value << 8 | u32::from(*byte))
}

/// A number of 1 to 9 bytes: seven bits a byte, eight in the ninth.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for count in 0..9 {
        let (byte, tail) = rest.split_first()?;
        *rest = tail;
        if count == 8 {
            return Some(value << 8 | u64::from(*byte));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_of_every_length_are_read_as_the_format_says() {
        let cases: [(&[u8], u64); 5] =
            [(&[0x00], 0), (&[0x7f], 127), (&[0x81, 0x00], 128), (&[0x82, 0x80, 0x00], 32768), (&[0xff; 9], u64::MAX)];
        for (bytes, value) in cases {
            let mut rest = bytes;
            assert_eq!(varint(&mut rest), Some(value));
            assert!(rest.is_empty());
        }
        assert_eq!(varint(&mut &[0x80, 0x80][..]), None);
        assert_eq!(signed(&[0xff, 0xfe]), -2);
        assert_eq!(signed(&[0x7f, 0xff]), 32767);
    }

    proptest! {
        #[test]
        fn any_bytes_are_rows_or_no_rows_but_never_a_panic(
            mut page in proptest::collection::vec(any::<u8>(), USABLE),
            cells in 0u16..2000,
            number in 1u32..4,
        ) {
            let start = if number == 1 { 100 } else { 0 };
            page[start] = TABLE_LEAF;
            page[start + 3..start + 5].copy_from_slice(&cells.to_be_bytes());
            let overflow = page.clone();
            let mut left = 8;
            let fetch = &mut |_| {
                left -= 1;
                Ok::<_, ()>((left > 0).then(|| overflow.clone()))
            };
            prop_assert!(records(number, &page, fetch).is_ok());
        }
    }
}
