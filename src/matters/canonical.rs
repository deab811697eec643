//! Canonical JSON (RFC 8785): one value, one sequence of bytes.
//!
//! Only integers occur as numbers in what this house seals (money is in cents, areas in
//! thousandths), so the number rule of the RFC reduces to decimal integers.

use serde::Serialize;
use serde_json::Value;

/// Canonical bytes of anything that serialises to JSON without fractions.
///
/// # Panics
/// When the value has a map with keys that are not strings or a number that is no integer
/// of at most 53 bits: both are mistakes in this house's own types, not in what people enter.
pub fn to_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    let value = serde_json::to_value(value).expect("our own types serialise");
    let mut out = Vec::new();
    write(&value, &mut out);
    out
}

/// Parses JSON and renders it canonically; `None` when it is no JSON or has fractions.
pub fn reorder(bytes: &[u8]) -> Option<Vec<u8>> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    if !integers_only(&value) {
        return None;
    }
    let mut out = Vec::new();
    write(&value, &mut out);
    Some(out)
}

const SAFE_MAX: i64 = (1 << 53) - 1;

fn integers_only(value: &Value) -> bool {
    match value {
        Value::Number(n) => n.as_i64().is_some_and(|n| (-SAFE_MAX..=SAFE_MAX).contains(&n)),
        Value::Array(list) => list.iter().all(integers_only),
        Value::Object(map) => map.values().all(integers_only),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(n) => {
            let n = n.as_i64().filter(|n| (-SAFE_MAX..=SAFE_MAX).contains(n)).expect("sealed numbers are integers of 53 bits");
            out.extend_from_slice(n.to_string().as_bytes());
        }
        Value::String(s) => write_string(s, out),
        Value::Array(list) => {
            out.push(b'[');
            for (i, item) in list.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Value::Object(map) => {
            // RFC 8785 3.2.3: keys sort by UTF-16 code units, which differs from UTF-8 order
            // once a key holds a character beyond the basic plane.
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
            out.push(b'{');
            for (i, key) in keys.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_string(key, out);
                out.push(b':');
                write(&map[key], out);
            }
            out.push(b'}');
        }
    }
}

fn write_string(s: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for c in s.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{9}' => out.extend_from_slice(b"\\t"),
            '\u{a}' => out.extend_from_slice(b"\\n"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            '\u{d}' => out.extend_from_slice(b"\\r"),
            c if (c as u32) < 0x20 => out.extend_from_slice(format!("\\u{:04x}", c as u32).as_bytes()),
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_by_utf16_units_and_strings_escape_as_the_rfc_says() {
        // RFC 8785 3.2.3, its own example of sorting.
        let text = "{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}";
        let bytes = reorder(text.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}");
    }

    #[test]
    fn fractions_and_huge_numbers_are_refused() {
        assert!(reorder(b"[1.5]").is_none());
        assert!(reorder(b"[9007199254740992]").is_none());
        assert!(reorder(b"[9007199254740991]").is_some());
    }
}
