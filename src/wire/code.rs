//! The one-time admission code: a secret, and the fingerprint of the authority it may be told to.

use matters::Digest;

/// Crockford's base 32: no I, L, O, U, so that a code survives being read aloud and written down.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS: usize = 24;
const GROUP: usize = 4;
const SECRET_BYTES: usize = 5;
const AUTHORITY_BYTES: usize = 10;

/// A code of 24 characters: 8 are the secret, 16 the first 80 bits of SHA-256 over the
/// authority certificate's DER. The terminal tells the secret only to a hall that this
/// authority vouches for, so that nobody on the way can admit a terminal of his own.
#[derive(Clone, PartialEq, Eq)]
pub struct AdmissionCode {
    secret: [u8; SECRET_BYTES],
    authority: [u8; AUTHORITY_BYTES],
}

/// Why typed characters are no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    /// Without dashes and blanks there are not 24 characters.
    #[error("a code has {CHARACTERS} characters, not {0}")]
    Length(usize),
    #[error("a character that occurs in no code")]
    Character,
}

impl AdmissionCode {
    /// A code for this authority; the 40 random bits come from the caller.
    pub fn new(secret: [u8; SECRET_BYTES], authority_der: &[u8]) -> Self {
        Self { secret, authority: fingerprint(authority_der) }
    }

    /// Reads what a person typed: either case, any dashes and blanks, full-width letters of
    /// a Chinese keyboard, O for 0, I and L for 1.
    ///
    /// # Errors
    /// See [`CodeFault`].
    pub fn parse(text: &str) -> Result<Self, CodeFault> {
        let typed: Vec<char> = text.chars().map(narrow).filter(|c| !c.is_whitespace() && !is_dash(*c)).collect();
        if typed.len() != CHARACTERS {
            return Err(CodeFault::Length(typed.len()));
        }
        let mut bytes = [0u8; SECRET_BYTES + AUTHORITY_BYTES];
        for (at, c) in typed.into_iter().enumerate() {
            let value = value_of(c).ok_or(CodeFault::Character)?;
            // Five bits a character, most significant first; a character may lie across two bytes.
            let bits = u16::from(value) << (11 - at * 5 % 8);
            bytes[at * 5 / 8] |= (bits >> 8) as u8;
            if let Some(next) = bytes.get_mut(at * 5 / 8 + 1) {
                *next |= bits as u8;
            }
        }
        let (mut secret, mut authority) = ([0; SECRET_BYTES], [0; AUTHORITY_BYTES]);
        secret.copy_from_slice(&bytes[..SECRET_BYTES]);
        authority.copy_from_slice(&bytes[SECRET_BYTES..]);
        Ok(Self { secret, authority })
    }

    /// The 40 secret bits: what the hall knows a code by (it keeps only their digest).
    pub fn secret(&self) -> &[u8; SECRET_BYTES] {
        &self.secret
    }

    /// True when this authority is the one that the code was issued for.
    pub fn names(&self, authority_der: &[u8]) -> bool {
        self.authority == fingerprint(authority_der)
    }
}

/// As printed: `XXXX-XXXX-XXXX-XXXX-XXXX-XXXX`. This is also the form that travels.
impl std::fmt::Display for AdmissionCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = [&self.secret[..], &self.authority[..]].concat();
        for at in 0..CHARACTERS {
            if at > 0 && at % GROUP == 0 {
                f.write_str("-")?;
            }
            let high = u16::from(bytes[at * 5 / 8]) << 8;
            let low = bytes.get(at * 5 / 8 + 1).copied().map_or(0, u16::from);
            let value = ((high | low) >> (11 - at * 5 % 8)) & 31;
            write!(f, "{}", char::from(ALPHABET[usize::from(value)]))?;
        }
        Ok(())
    }
}

/// A code admits a machine: it never shows up in a log.
impl std::fmt::Debug for AdmissionCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AdmissionCode(•••)")
    }
}

fn fingerprint(authority_der: &[u8]) -> [u8; AUTHORITY_BYTES] {
    let mut out = [0; AUTHORITY_BYTES];
    out.copy_from_slice(&Digest::of(authority_der).0[..AUTHORITY_BYTES]);
    out
}

/// Full-width forms (U+FF01–U+FF5E) are what a Chinese keyboard gives in its wide mode.
fn narrow(c: char) -> char {
    match c as u32 {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn value_of(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|known| char::from(*known) == c).map(|at| at as u8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_printed_in_groups_of_four_and_names_its_authority() {
        let code = AdmissionCode::new([0, 1, 2, 0xfe, 0xff], b"the authority");
        let text = code.to_string();
        assert_eq!(&text[..10], "000G-5ZQZ-");
        assert_eq!(text.len(), 29);
        assert!(code.names(b"the authority") && !code.names(b"another"));
        assert_eq!(format!("{code:?}"), "AdmissionCode(•••)");
    }

    #[test]
    fn a_code_read_aloud_typed_badly_or_in_full_width_is_the_same_code() {
        let code = AdmissionCode::new([0, 1, 2, 0xfe, 0xff], b"the authority");
        let text = code.to_string();
        let wide: String = text.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap()).collect();
        for typed in [
            text.to_lowercase(),
            text.replace('-', ""),
            text.replace('0', "O"),
            text.replace('1', "l"),
            wide,
            format!(" {text}\n"),
        ] {
            assert_eq!(AdmissionCode::parse(&typed), Ok(code.clone()), "{typed}");
        }
    }

    #[test]
    fn too_few_characters_and_characters_of_no_code_are_told_apart() {
        assert_eq!(AdmissionCode::parse(""), Err(CodeFault::Length(0)));
        assert_eq!(AdmissionCode::parse("0000-0000-0000-0000-0000-000"), Err(CodeFault::Length(23)));
        assert_eq!(AdmissionCode::parse("0000-0000-0000-0000-0000-000U"), Err(CodeFault::Character));
        assert_eq!(AdmissionCode::parse("0000-0000-0000-0000-0000-000碼"), Err(CodeFault::Character));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(secret: [u8; 5], authority: Vec<u8>) {
            let code = AdmissionCode::new(secret, &authority);
            prop_assert_eq!(AdmissionCode::parse(&code.to_string()), Ok(code));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = AdmissionCode::parse(&text);
        }
    }
}
