//! What goes wrong below a reading, and the trouble that people are told of.

use devices::{Kind, Trouble};

/// What a PC/SC service, a reader or a card answered instead of doing what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The service does not run.
    NoService,
    /// The service ended, or the context belongs to one that ended.
    Stopped,
    Denied,
    /// The reader is gone.
    NoReader,
    /// No card, or it was pulled out.
    Removed,
    /// Somebody else reset the card: what was selected is forgotten.
    Reset,
    /// Another program holds it.
    Shared,
    /// A card that does not answer to power.
    Mute,
    /// Contact lost in the middle of an exchange.
    Lost,
    Timeout,
    /// The reader's driver does not do this. On pcsc-lite the same number also says "unexpected".
    Unsupported,
    /// Any other number of the service.
    Other,
}

impl From<::pcsc::Error> for Fault {
    fn from(error: ::pcsc::Error) -> Self {
        use ::pcsc::Error as E;
        match error {
            E::NoService => Self::NoService,
            E::ServiceStopped | E::InvalidHandle | E::Shutdown | E::SystemCancelled => Self::Stopped,
            E::SecurityViolation | E::NoAccess => Self::Denied,
            E::NoReadersAvailable | E::UnknownReader | E::ReaderUnavailable => Self::NoReader,
            E::NoSmartcard | E::RemovedCard => Self::Removed,
            E::ResetCard => Self::Reset,
            E::SharingViolation | E::ServerTooBusy => Self::Shared,
            E::UnresponsiveCard | E::UnpoweredCard | E::ProtoMismatch | E::UnsupportedCard => Self::Mute,
            E::CommError | E::NotTransacted | E::CommDataLost => Self::Lost,
            E::Timeout | E::Cancelled => Self::Timeout,
            E::UnsupportedFeature | E::ReaderUnsupported => Self::Unsupported,
            _ => Self::Other,
        }
    }
}

/// Why one card was not read. Nothing of its data is in here but the raw text of an unknown type.
pub(crate) enum Failure {
    Fault(Fault),
    Card(Trouble),
    /// A card type that this driver does not know; its text is for the eye only.
    UnknownType(zeroize::Zeroizing<String>),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Card(trouble)
    }
}

impl Failure {
    /// The trouble that an event carries.
    pub(crate) fn trouble(&self) -> Trouble {
        match self {
            Self::Card(trouble) => *trouble,
            Self::UnknownType(_) => CARD_TYPE_UNKNOWN,
            Self::Fault(fault) => match fault {
                Fault::NoService => NO_SERVICE,
                Fault::Stopped => SERVICE_STOPPED,
                Fault::Denied => DENIED,
                Fault::NoReader => READER_GONE,
                Fault::Removed => REMOVED,
                Fault::Reset => CARD_RESET,
                Fault::Shared => READER_IN_USE,
                Fault::Mute => CARD_MUTE,
                Fault::Lost => CARD_MOVED,
                Fault::Timeout => READER_SILENT,
                Fault::Unsupported => READER_REFUSES,
                Fault::Other => READER_FAILED,
            },
        }
    }
}

// PC/SC service and reader.
pub(crate) const NO_SERVICE: Trouble = Trouble::new(Kind::Absent, "pcsc_no_service", "the PC/SC service (pcscd) does not run");
pub(crate) const SERVICE_STOPPED: Trouble = Trouble::new(Kind::Unplugged, "pcsc_service_stopped", "the PC/SC service ended");
pub(crate) const DENIED: Trouble = Trouble::new(Kind::Denied, "pcsc_denied", "the PC/SC service refuses this session (polkit)");
pub(crate) const READER_ABSENT: Trouble = Trouble::new(Kind::Absent, "reader_absent", "no reader is connected");
pub(crate) const READER_GONE: Trouble = Trouble::new(Kind::Unplugged, "reader_gone", "the reader was unplugged");
pub(crate) const READER_IN_USE: Trouble = Trouble::new(Kind::Busy, "reader_in_use", "another program holds the reader");
pub(crate) const READER_SILENT: Trouble = Trouble::new(Kind::Timeout, "reader_silent", "the reader does not answer");
pub(crate) const READER_REFUSES: Trouble =
    Trouble::new(Kind::Unsupported, "reader_refuses_command", "the reader's driver does not pass this command");
pub(crate) const READER_FAILED: Trouble = Trouble::new(Kind::Broken, "reader_failed", "the reader reported an error of its own");
pub(crate) const READER_DENIED: Trouble =
    Trouble::new(Kind::Denied, "reader_denied", "no permission to open the reader (udev rule or group)");
pub(crate) const READER_GARBLED: Trouble =
    Trouble::new(Kind::Garbled, "reader_garbled", "the reader's answers do not make sense");
pub(crate) const READER_SELF_TEST: Trouble =
    Trouble::new(Kind::Broken, "reader_self_test", "the security module failed its self-test");
pub(crate) const READER_UNAUTHORISED: Trouble =
    Trouble::new(Kind::Broken, "reader_unauthorised", "the security module is not authorised; its maker must renew it");
pub(crate) const READER_PROFILES: Trouble =
    Trouble::new(Kind::Broken, "reader_profiles", "the file of reader profiles cannot be used");

// One card.
pub(crate) const REMOVED: Trouble =
    Trouble::new(Kind::NoMedia, "card_removed_while_reading", "the card was taken away before the reading ended");
pub(crate) const CARD_MOVED: Trouble = Trouble::new(Kind::NoMedia, "card_moved", "contact was lost while reading");
pub(crate) const CARD_RESET: Trouble = Trouble::new(Kind::Busy, "card_reset", "another program reset the card again and again");
pub(crate) const CARD_MUTE: Trouble =
    Trouble::new(Kind::Garbled, "card_mute", "the card does not answer; check which way up it is");
pub(crate) const CARD_GARBLED: Trouble = Trouble::new(Kind::Garbled, "card_garbled", "the card's data are not what a card holds");
pub(crate) const CARD_BLANK: Trouble = Trouble::new(Kind::Garbled, "card_blank", "the card's text is blank");
pub(crate) const CARD_TYPE_UNKNOWN: Trouble =
    Trouble::new(Kind::Unsupported, "card_type_unknown", "a card type that this driver does not know");
pub(crate) const CARD_UNKNOWN: Trouble =
    Trouble::new(Kind::Unsupported, "card_unknown", "not an identity or social-security card");
pub(crate) const CARD_SEEN_ONLY: Trouble =
    Trouble::new(Kind::Unsupported, "card_not_readable_here", "this reader can see the identity card and cannot read it");
pub(crate) const CARD_TOO_NEW: Trouble =
    Trouble::new(Kind::Unsupported, "card_type_refused", "the reader's firmware does not know this type of card");
pub(crate) const CARD_AUTHENTICATION: Trouble =
    Trouble::new(Kind::Garbled, "card_authentication", "card and reader could not prove themselves to each other");
pub(crate) const CARD_VERIFICATION: Trouble =
    Trouble::new(Kind::Garbled, "card_verification", "the card's data failed the reader's verification");
pub(crate) const CARD_TWO: Trouble =
    Trouble::new(Kind::Garbled, "card_two_cards", "more than one card seems to lie on the reader");

/// Everything that can be told of a reader or a card, so that whoever makes sentences can see that none is missing.
pub const TROUBLES: &[Trouble] = &[
    NO_SERVICE,
    SERVICE_STOPPED,
    DENIED,
    READER_ABSENT,
    READER_GONE,
    READER_IN_USE,
    READER_SILENT,
    READER_REFUSES,
    READER_FAILED,
    READER_DENIED,
    READER_GARBLED,
    READER_SELF_TEST,
    READER_UNAUTHORISED,
    READER_PROFILES,
    REMOVED,
    CARD_MOVED,
    CARD_RESET,
    CARD_MUTE,
    CARD_GARBLED,
    CARD_BLANK,
    CARD_TYPE_UNKNOWN,
    CARD_UNKNOWN,
    CARD_SEEN_ONLY,
    CARD_TOO_NEW,
    CARD_AUTHENTICATION,
    CARD_VERIFICATION,
    CARD_TWO,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trap_25_the_number_with_two_names_is_never_taken_for_one_of_them() {
        // 8010001F is both "unexpected" and "unsupported" on pcsc-lite: whatever follows from it
        // may only say that the reader refuses, and never stop the program.
        assert_eq!(Fault::from(::pcsc::Error::UnsupportedFeature), Fault::Unsupported);
        assert_eq!(Failure::Fault(Fault::Unsupported).trouble().code, "reader_refuses_command");
    }

    #[test]
    fn every_service_error_has_its_own_reason() {
        let codes: Vec<_> = [
            Fault::NoService,
            Fault::Stopped,
            Fault::Denied,
            Fault::NoReader,
            Fault::Removed,
            Fault::Reset,
            Fault::Shared,
            Fault::Mute,
            Fault::Lost,
            Fault::Timeout,
            Fault::Unsupported,
            Fault::Other,
        ]
        .map(|fault| Failure::Fault(fault).trouble().code)
        .to_vec();
        let mut unique = codes.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), codes.len());
    }
}
