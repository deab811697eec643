//! Bundles that only one hall can open (HPKE, RFC 9180), for days without a network.
//!
//! A bundle is written and read piece by piece, so that a week of pages needs no memory.
//! Layout: `VPB1`, key id (8 bytes), length and bytes of a header that everybody may read,
//! encapsulated key (32 bytes), then pieces, each with its length before it; lengths are 32
//! bits, big-endian. The header is bound into the key, the order of the pieces into their
//! nonces, and the last piece is marked, so that a bundle cut short is noticed.

use std::io::{self, Read, Write};

use hpke::{
    Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _,
    aead::{AeadCtxR, AeadCtxS, ChaCha20Poly1305},
    kdf::HkdfSha256,
    kem::X25519HkdfSha256,
    setup_receiver, setup_sender,
};
use sha2::Digest as _;
use zeroize::Zeroizing;

type Kem = X25519HkdfSha256;

const MAGIC: &[u8; 4] = b"VPB1";
const KID_BYTES: usize = 8;
const ENCAPSULATED_BYTES: usize = 32;
const TAG_BYTES: usize = 16;
/// Longest header.
pub const HEADER_BYTES_MAX: usize = 64 * 1024;
/// Longest piece.
pub const PIECE_BYTES_MAX: usize = 1024 * 1024;
const MORE: &[u8] = b"more";
const LAST: &[u8] = b"last";

/// Why a bundle cannot be written or opened.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error("not a bundle of this house, or of a later version")]
    Foreign,
    #[error("the bundle is for another hall")]
    OtherHall,
    #[error("the bundle was changed or cut")]
    Damaged,
    #[error("a header or piece is longer than the limit")]
    TooLong,
    #[error("not a key")]
    Key,
    #[error("the stick cannot be read or written")]
    Io(#[source] io::Error),
}

/// The hall's secret key for bundles.
pub struct BundleKey {
    secret: <Kem as hpke::Kem>::PrivateKey,
    address: BundleAddress,
}

/// The hall's public key for bundles: what terminals seal to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleAddress([u8; 32]);

impl BundleKey {
    /// From 32 random bytes, kept sealed by the hall.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let (secret, public) = Kem::derive_keypair(seed);
        Self { secret, address: BundleAddress(public.to_bytes().into()) }
    }

    pub fn address(&self) -> BundleAddress {
        self.address.clone()
    }
}

impl BundleAddress {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn to_bytes(&self) -> [u8; 32] {
        self.0
    }

    /// Tells before any decryption whose bundle it is.
    fn kid(&self) -> [u8; KID_BYTES] {
        let mut kid = [0; KID_BYTES];
        kid.copy_from_slice(&sha2::Sha256::digest(self.0)[..KID_BYTES]);
        kid
    }
}

/// Writes a bundle.
pub struct Sealer<W: Write> {
    out: W,
    context: AeadCtxS<ChaCha20Poly1305, HkdfSha256, Kem>,
}

impl<W: Write> Sealer<W> {
    /// Begins a bundle to this hall, with a header that everybody may read but nobody change.
    ///
    /// # Errors
    /// See [`BundleError`].
    pub fn new(to: &BundleAddress, header: &[u8], mut out: W) -> Result<Self, BundleError> {
        let length = u32::try_from(header.len()).ok().filter(|_| header.len() <= HEADER_BYTES_MAX).ok_or(BundleError::TooLong)?;
        let public = <Kem as hpke::Kem>::PublicKey::from_bytes(&to.0).map_err(|_| BundleError::Key)?;
        let (encapsulated, context) =
            setup_sender::<ChaCha20Poly1305, HkdfSha256, Kem>(&OpModeS::Base, &public, &info(&to.kid(), header))
                .map_err(|_| BundleError::Key)?;
        let parts: [&[u8]; 5] = [MAGIC, &to.kid(), &length.to_be_bytes(), header, &encapsulated.to_bytes()];
        for part in parts {
            out.write_all(part).map_err(BundleError::Io)?;
        }
        Ok(Self { out, context })
    }

    /// 32 bytes that belong to this bundle and no other: what a sender signs to say that the
    /// bundle is his.
    pub fn binding(&self) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        self.context.export(b"sender", &mut *out).expect("32 bytes are far below the limit of HKDF");
        out
    }

    /// Adds a piece; an empty one adds nothing, since an empty piece is what ends a bundle.
    ///
    /// # Errors
    /// See [`BundleError`].
    pub fn piece(&mut self, plain: &[u8]) -> Result<(), BundleError> {
        if plain.is_empty() { Ok(()) } else { self.write(plain, MORE) }
    }

    /// Ends the bundle; without this it is not whole. Flushes; making it durable is the caller's.
    ///
    /// # Errors
    /// See [`BundleError`].
    pub fn finish(mut self) -> Result<W, BundleError> {
        self.write(b"", LAST)?;
        self.out.flush().map_err(BundleError::Io)?;
        Ok(self.out)
    }

    fn write(&mut self, plain: &[u8], mark: &[u8]) -> Result<(), BundleError> {
        if plain.len() > PIECE_BYTES_MAX {
            return Err(BundleError::TooLong);
        }
        let sealed = self.context.seal(plain, mark).map_err(|_| BundleError::Damaged)?;
        let length = u32::try_from(sealed.len()).map_err(|_| BundleError::TooLong)?;
        self.out.write_all(&length.to_be_bytes()).and_then(|()| self.out.write_all(&sealed)).map_err(BundleError::Io)
    }
}

/// Reads a bundle.
pub struct Opener<R: Read> {
    input: R,
    context: AeadCtxR<ChaCha20Poly1305, HkdfSha256, Kem>,
    header: Vec<u8>,
    ended: bool,
}

impl<R: Read> Opener<R> {
    /// Reads the header; whether it is genuine shows with the first piece.
    ///
    /// # Errors
    /// See [`BundleError`].
    pub fn new(key: &BundleKey, mut input: R) -> Result<Self, BundleError> {
        if take(&mut input, MAGIC.len())? != MAGIC {
            return Err(BundleError::Foreign);
        }
        if take(&mut input, KID_BYTES)? != key.address.kid() {
            return Err(BundleError::OtherHall);
        }
        let length = length(&mut input)?;
        if length > HEADER_BYTES_MAX {
            return Err(BundleError::TooLong);
        }
        let header = take(&mut input, length)?;
        let encapsulated = take(&mut input, ENCAPSULATED_BYTES)?;
        let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(&encapsulated).map_err(|_| BundleError::Damaged)?;
        let context = setup_receiver(&OpModeR::Base, &key.secret, &encapsulated, &info(&key.address.kid(), &header))
            .map_err(|_| BundleError::Damaged)?;
        Ok(Self { input, context, header, ended: false })
    }

    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// The same 32 bytes as [`Sealer::binding`].
    pub fn binding(&self) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        self.context.export(b"sender", &mut *out).expect("32 bytes are far below the limit of HKDF");
        out
    }

    /// The next piece; `None` after the last, and only when the bundle is whole.
    ///
    /// # Errors
    /// See [`BundleError`]; after an error nothing of this bundle should be kept that is not
    /// complete in itself.
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>, BundleError> {
        if self.ended {
            return Ok(None);
        }
        let length = length(&mut self.input)?;
        if length > PIECE_BYTES_MAX + TAG_BYTES {
            return Err(BundleError::TooLong);
        }
        let sealed = take(&mut self.input, length)?;
        // Only an empty piece can be the last; every other is opened once.
        let mark = if length == TAG_BYTES { LAST } else { MORE };
        let plain = self.context.open(&sealed, mark).map_err(|_| BundleError::Damaged)?;
        self.ended = mark == LAST;
        Ok((!self.ended).then_some(plain))
    }
}

/// What the key depends on: purpose, hall and header.
fn info(kid: &[u8], header: &[u8]) -> Vec<u8> {
    [b"village-point bundle 1", kid, header].concat()
}

fn length(input: &mut impl Read) -> Result<usize, BundleError> {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&take(input, 4)?);
    usize::try_from(u32::from_be_bytes(bytes)).map_err(|_| BundleError::TooLong)
}

fn take(input: &mut impl Read, length: usize) -> Result<Vec<u8>, BundleError> {
    let mut bytes = vec![0; length];
    input.read_exact(&mut bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => BundleError::Damaged,
        _ => BundleError::Io(error),
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn write(key: &BundleKey, header: &[u8], pieces: &[Vec<u8>]) -> Vec<u8> {
        let mut sealer = Sealer::new(&key.address(), header, Vec::new()).unwrap();
        for piece in pieces {
            sealer.piece(piece).unwrap();
        }
        sealer.finish().unwrap()
    }

    fn read(key: &BundleKey, bytes: &[u8]) -> Result<(Vec<u8>, Vec<Vec<u8>>), BundleError> {
        let mut opener = Opener::new(key, bytes)?;
        let mut pieces = Vec::new();
        while let Some(piece) = opener.next_piece()? {
            pieces.push(piece);
        }
        Ok((opener.header().to_vec(), pieces))
    }

    #[test]
    fn only_the_hall_it_is_for_opens_a_bundle() {
        let (hall, other) = (BundleKey::from_seed(&[1; 32]), BundleKey::from_seed(&[2; 32]));
        let bytes = write(&hall, b"SLC-1", &[b"page".to_vec()]);
        assert!(matches!(read(&other, &bytes), Err(BundleError::OtherHall)));
        assert!(matches!(read(&hall, b"PK\x03\x04"), Err(BundleError::Foreign)));
        assert!(!bytes.windows(4).any(|window| window == b"page"), "nothing of it can be read from the stick");
        assert_ne!(bytes, write(&hall, b"SLC-1", &[b"page".to_vec()]), "a key of its own for every bundle");
    }

    #[test]
    fn both_ends_know_the_same_binding_and_no_other_bundle_has_it() {
        let hall = BundleKey::from_seed(&[1; 32]);
        let sealer = Sealer::new(&hall.address(), b"", Vec::new()).unwrap();
        let binding = sealer.binding();
        let bytes = sealer.finish().unwrap();
        assert_eq!(Opener::new(&hall, &bytes[..]).unwrap().binding(), binding);
        assert_ne!(Sealer::new(&hall.address(), b"", Vec::new()).unwrap().binding(), binding);
    }

    #[test]
    fn a_full_stick_says_so() {
        let hall = BundleKey::from_seed(&[1; 32]);
        let mut stick = [0u8; 60];
        let mut sealer = Sealer::new(&hall.address(), b"", &mut stick[..]).unwrap();
        assert!(matches!(sealer.piece(&[0; 100]), Err(BundleError::Io(_))));
        assert!(matches!(sealer.piece(&vec![0; PIECE_BYTES_MAX + 1]), Err(BundleError::TooLong)));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(header in proptest::collection::vec(any::<u8>(), 0..50), pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..200), 0..5)) {
            let hall = BundleKey::from_seed(&[3; 32]);
            let (got_header, got) = read(&hall, &write(&hall, &header, &pieces)).unwrap();
            prop_assert_eq!((got_header, got), (header, pieces));
        }

        #[test]
        fn a_changed_or_missing_byte_is_noticed(at: prop::sample::Index, bit in 0u8..8, cut: bool) {
            let hall = BundleKey::from_seed(&[3; 32]);
            let mut bytes = write(&hall, b"SLC-1", &[vec![1; 40], vec![2; 40]]);
            let at = at.index(bytes.len());
            if cut {
                bytes.truncate(at);
            } else {
                bytes[at] ^= 1 << bit;
            }
            prop_assert!(read(&hall, &bytes).is_err());
        }

        #[test]
        fn no_bytes_panic(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
            let hall = BundleKey::from_seed(&[3; 32]);
            let bytes = [MAGIC.as_slice(), &hall.address().kid(), &tail].concat();
            prop_assert!(read(&hall, &bytes).is_err());
        }
    }

    #[test]
    fn an_empty_piece_does_not_end_a_bundle() {
        let hall = BundleKey::from_seed(&[3; 32]);
        let bytes = write(&hall, b"", &[vec![1], Vec::new(), vec![2]]);
        assert_eq!(read(&hall, &bytes).unwrap().1, [[1], [2]]);
    }

    #[test]
    fn pieces_in_another_order_are_noticed() {
        let hall = BundleKey::from_seed(&[3; 32]);
        let bytes = write(&hall, b"", &[vec![1; 40], vec![2; 40]]);
        let start = 4 + KID_BYTES + 4 + ENCAPSULATED_BYTES;
        let piece = 4 + 40 + TAG_BYTES;
        let swapped = [
            &bytes[..start],
            &bytes[start + piece..start + 2 * piece],
            &bytes[start..start + piece],
            &bytes[start + 2 * piece..],
        ]
        .concat();
        assert!(matches!(read(&hall, &swapped), Err(BundleError::Damaged)));
    }
}
