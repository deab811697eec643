//! Bundles that came on a stick: the same pages and acts that go over the line, taken by the same verbs.
//!
//! A bundle is read to its end before anything of it is taken: what was changed or cut is refused whole.
//! Taken twice it has the same result, because pages go by their digest and acts by their id.

use std::io::Read;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use matters::Digest;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use seal::bundle::{BundleError, Opener};
use wire::{
    Commit,
    bundle::{Outside, Record, Sender, signed_text},
    problem::Kind,
};

use super::{Caller, Chunk, Ledger, PAGE_BYTES_MAX, Refuse, rows::truncate};

/// What came of a bundle.
#[derive(Debug)]
pub struct Taken {
    pub terminal: String,
    pub point: String,
    /// Pages that the hall did not hold before.
    pub pages: u64,
    /// The answers to its acts in their order: JSON of [`wire::Answer`], to be carried back.
    pub answers: Vec<Vec<u8>>,
    /// Acts that were known already, among the answers.
    pub known: u64,
    /// Acts that the hall does not take, with the kind of problem: they wait at the terminal.
    pub refused: Vec<(uuid::Uuid, Kind)>,
}

/// Why a bundle was not taken. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum BundleRefuse {
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// Its records are not what a terminal of this house writes.
    #[error("the bundle's records are not in order")]
    Disorder,
    /// Sealed by somebody whose certificate this hall never gave, or with another key.
    #[error("the bundle was not sealed by an admitted terminal")]
    Sender,
    #[error("the terminal that sealed the bundle was revoked")]
    Revoked,
    #[error(transparent)]
    Refuse(#[from] Refuse),
}

impl Ledger {
    /// Takes a bundle. `open` gives its bytes from the beginning, twice: first it is read to its end, then
    /// it is taken.
    ///
    /// # Errors
    /// See [`BundleRefuse`]. A terminal whose certificate ended while it was without a network may still
    /// bring its bundle; one that was revoked may not.
    pub fn take_bundle<R: Read>(
        &self,
        mut open: impl FnMut() -> std::io::Result<R>,
        now: Timestamp,
    ) -> Result<Taken, BundleRefuse> {
        let now = truncate(now);
        let caller = self.walk(open().map_err(BundleError::Io)?, now, &mut |_, _| Ok(()))?;
        let mut taken = Taken {
            terminal: caller.terminal.clone(),
            point: caller.point.clone(),
            pages: 0,
            answers: Vec::new(),
            known: 0,
            refused: Vec::new(),
        };
        self.walk(open().map_err(BundleError::Io)?, now, &mut |caller, item| self.take(caller, item, now, &mut taken))?;
        Ok(taken)
    }

    /// Goes through a bundle and hands over each page and commit when it is whole.
    fn walk(
        &self,
        input: impl Read,
        now: Timestamp,
        item: &mut dyn FnMut(&Caller, Item) -> Result<(), BundleRefuse>,
    ) -> Result<Caller, BundleRefuse> {
        let mut opener = Opener::new(&self.bundle, input)?;
        let outside: Outside = serde_json::from_slice(opener.header()).map_err(|_| BundleRefuse::Disorder)?;
        let binding = opener.binding();
        let first = opener.next_piece()?.ok_or(BundleRefuse::Disorder)?;
        let Some(Record::Sender(sender)) = Record::from_bytes(&first) else { return Err(BundleRefuse::Disorder) };
        let caller = self.sender(&sender, &binding, now)?;
        if caller.terminal != outside.terminal || caller.point != outside.point {
            return Err(BundleRefuse::Sender);
        }
        let mut page: Option<(Digest, u64, Vec<u8>)> = None;
        while let Some(piece) = opener.next_piece()? {
            match Record::from_bytes(&piece).ok_or(BundleRefuse::Disorder)? {
                Record::Sender(_) => return Err(BundleRefuse::Disorder),
                Record::Page { sha256, bytes } => {
                    if page.is_some() || bytes == 0 || bytes > PAGE_BYTES_MAX {
                        return Err(BundleRefuse::Disorder);
                    }
                    page = Some((sha256, bytes, Vec::new()));
                }
                Record::Data(data) => {
                    let (sha256, bytes, mut whole) = page.take().ok_or(BundleRefuse::Disorder)?;
                    if whole.len() as u64 + data.len() as u64 > bytes {
                        return Err(BundleRefuse::Disorder);
                    }
                    whole.extend_from_slice(&data);
                    if (whole.len() as u64) < bytes {
                        page = Some((sha256, bytes, whole));
                        continue;
                    }
                    if Digest::of(&whole) != sha256 {
                        return Err(BundleRefuse::Disorder);
                    }
                    item(&caller, Item::Page(sha256, whole))?;
                }
                Record::Commit(commit) => {
                    if page.is_some() {
                        return Err(BundleRefuse::Disorder);
                    }
                    item(&caller, Item::Commit(commit))?;
                }
                Record::Unknown => {}
            }
        }
        if page.is_some() { Err(BundleRefuse::Disorder) } else { Ok(caller) }
    }

    /// The admitted terminal that sealed the bundle with this binding.
    fn sender(&self, sender: &Sender, binding: &[u8; 32], now: Timestamp) -> Result<Caller, BundleRefuse> {
        let der = CertificateDer::from_pem_slice(sender.certificate_pem.as_bytes()).map_err(|_| BundleRefuse::Sender)?;
        let caller = self.caller(Digest::of(&der), now).map_err(|refuse| match refuse.kind() {
            Kind::TerminalUnknown => BundleRefuse::Sender,
            Kind::CertificateRevoked => BundleRefuse::Revoked,
            _ => refuse.into(),
        })?;
        // Known to the ledger byte for byte, so whatever is read from it is what the authority signed.
        let (_, certificate) = x509_parser::parse_x509_certificate(&der).map_err(|_| BundleRefuse::Sender)?;
        let public = &certificate.public_key().subject_public_key.data;
        let signature = STANDARD.decode(&sender.signature).map_err(|_| BundleRefuse::Sender)?;
        let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms;
        let fits = algorithms
            .mapping
            .iter()
            .filter(|(scheme, _)| *scheme == rustls::SignatureScheme::ECDSA_NISTP256_SHA256)
            .flat_map(|(_, algorithms)| algorithms.iter())
            .any(|algorithm| algorithm.verify_signature(public, &signed_text(binding), &signature).is_ok());
        if fits { Ok(caller) } else { Err(BundleRefuse::Sender) }
    }

    fn take(&self, caller: &Caller, item: Item, now: Timestamp, taken: &mut Taken) -> Result<(), BundleRefuse> {
        match item {
            Item::Page(sha256, bytes) => {
                if !self.held_pages(caller, &[sha256])?.is_empty() {
                    return Ok(());
                }
                let upload = self.create_upload(caller, bytes.len() as u64, Some(sha256), now)?;
                let mut chunks = [Chunk::Bytes(bytes.into()), Chunk::End].into_iter();
                self.append_upload(caller, &upload.name, 0, None, now, &mut || chunks.next().unwrap_or(Chunk::End))?;
                taken.pages += 1;
            }
            Item::Commit(commit) => {
                let decode = |text: &str| STANDARD.decode(text).map_err(|_| BundleRefuse::Disorder);
                let act = decode(&commit.act)?;
                let filing = commit.filing.as_deref().map(decode).transpose()?;
                match self.receive_act(caller, &act, filing.as_deref(), now) {
                    Ok(answer) => {
                        taken.known += u64::from(answer.replayed);
                        taken.answers.push(answer.body);
                    }
                    // The fault of one act keeps nobody else's out; a full disk or a broken ledger does.
                    Err(refuse) if matches!(refuse.kind(), Kind::StorageFull | Kind::Internal | Kind::Busy) => {
                        return Err(refuse.into());
                    }
                    Err(refuse) => {
                        let id = serde_json::from_slice::<matters::Act>(&act).map_or(uuid::Uuid::nil(), |act| act.id);
                        taken.refused.push((id, refuse.kind()));
                    }
                }
            }
        }
        Ok(())
    }
}

enum Item {
    Page(Digest, Vec<u8>),
    Commit(Commit),
}
