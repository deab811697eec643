//! Admission codes (准入码): 24 characters that a person reads from one screen and types at another.
//!
//! The first 8 are the secret; the last 16 are the first 80 bits of SHA-256 over the authority's
//! certificate, by which the terminal knows the hall before any other trust exists. The alphabet
//! is Crockford's base 32: without I, L, O, U; O is read as 0, I and L as 1.

use matters::Digest;

use crate::ledger::SECRET_BYTES;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SECRET_CHARS: usize = 8;
const AUTHORITY_CHARS: usize = 16;

/// The code as it is printed: six groups of four.
pub fn print(secret: &[u8; SECRET_BYTES], authority_der: &[u8]) -> String {
    let authority = Digest::of(authority_der);
    let all = encode(secret) + &encode(&authority.0[..10]);
    let groups: Vec<&str> = (0..all.len()).step_by(4).filter_map(|at| all.get(at..at + 4)).collect();
    groups.join("-")
}

/// The secret of a typed code, when the code is meant for this authority.
pub fn parse(text: &str, authority_der: &[u8]) -> Option<[u8; SECRET_BYTES]> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if plain.len() != SECRET_CHARS + AUTHORITY_CHARS {
        return None;
    }
    let (secret, authority) = plain.split_at_checked(SECRET_CHARS)?;
    let fits = decode(authority)? == Digest::of(authority_der).0[..10];
    if fits { decode(secret)?.try_into().ok() } else { None }
}

fn encode(bytes: &[u8]) -> String {
    debug_assert!(bytes.len().is_multiple_of(5), "five bytes are eight characters");
    bytes
        .chunks(5)
        .flat_map(|chunk| {
            let bits = chunk.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
            (0..8).rev().map(move |i| char::from(ALPHABET[(bits >> (5 * i) & 31) as usize]))
        })
        .collect()
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let values: Vec<u64> = text.chars().map(value).collect::<Option<_>>()?;
    Some(
        values
            .chunks(8)
            .flat_map(|chunk| {
                let bits = chunk.iter().fold(0u64, |bits, value| bits << 5 | value);
                bits.to_be_bytes()[3..].to_vec()
            })
            .collect(),
    )
}

fn value(c: char) -> Option<u64> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    ALPHABET.iter().position(|a| char::from(*a) == c).map(|at| at as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_however_it_was_typed() {
        let code = print(&[1, 2, 3, 4, 255], b"authority");
        assert_eq!(code.len(), 29);
        assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [4; 6]);
        for typed in [code.clone(), code.to_lowercase(), code.replace('-', " "), code.replace('0', "o").replace('1', "l")] {
            assert_eq!(parse(&typed, b"authority"), Some([1, 2, 3, 4, 255]), "{typed}");
        }
    }

    #[test]
    fn a_code_for_another_hall_or_with_a_slip_is_no_code() {
        let code = print(&[9; 5], b"authority");
        assert_eq!(parse(&code, b"another"), None);
        assert_eq!(parse(&code[1..], b"authority"), None);
        assert_eq!(parse("", b"authority"), None);
        assert_eq!(parse(&code.replace(code.chars().last().unwrap(), "U"), b"authority"), None);
        assert_eq!(parse(&"石".repeat(8), b"authority"), None);
    }
}
