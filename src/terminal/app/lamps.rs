//! How the devices and the line are, as the top bar shows them.

use crate::{
    speech::{CameraFact, CardFact, LineFact},
    widget::badge::Light,
};

/// One lamp: its light, why, and whether a stand-in plays the device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lamp {
    pub light: Light,
    /// Stable code of the trouble; empty while all is well.
    pub code: String,
    /// Name of the device as its driver gives it.
    pub name: String,
    pub stand_in: bool,
}

/// Card reader, document camera, printer and the line to the hall.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lamps {
    pub card: Lamp,
    pub camera: Lamp,
    /// No printer is driven yet: the lamp says so and stays a ring.
    pub printer: Lamp,
    pub line: Lamp,
    /// Our clock minus the hall's, in milliseconds, when it was last measured.
    pub skew_ms: Option<i64>,
}

impl Lamps {
    /// True while the hall cannot be reached.
    pub fn offline(&self) -> bool {
        self.line.light != Light::Good
    }

    pub fn any_stand_in(&self) -> bool {
        self.card.stand_in || self.camera.stand_in
    }

    pub fn learn_card(&mut self, fact: &CardFact) {
        match fact {
            CardFact::Lamp { reader, trouble } => self.card.set(reader, *trouble),
            CardFact::Present
            | CardFact::Reading
            | CardFact::Read(_)
            | CardFact::Photo { .. }
            | CardFact::Failed(_)
            | CardFact::Removed => {}
        }
    }

    pub fn learn_camera(&mut self, fact: &CameraFact) {
        match fact {
            CameraFact::Lamp { camera, trouble } => self.camera.set(camera, *trouble),
            CameraFact::Settled
            | CameraFact::Still { .. }
            | CameraFact::StillPicture(_)
            | CameraFact::Reopened { .. }
            | CameraFact::Failed(_) => {}
        }
    }

    pub fn learn_line(&mut self, fact: &LineFact) {
        match fact {
            LineFact::Up { skew_ms, .. } => {
                self.line.light = Light::Good;
                self.line.code.clear();
                self.skew_ms = skew_ms.or(self.skew_ms);
            }
            LineFact::Down { code } => {
                self.line.light = if waits_by_itself(code) { Light::Warn } else { Light::Bad };
                self.line.code.clone_from(code);
            }
            LineFact::Progress { .. } | LineFact::News => {}
        }
    }
}

impl Lamp {
    fn set(&mut self, name: &str, trouble: Option<devices::Trouble>) {
        if !name.is_empty() {
            name.clone_into(&mut self.name);
        }
        match trouble {
            None => {
                self.light = Light::Good;
                self.code.clear();
            }
            Some(trouble) => {
                self.light = match trouble.kind {
                    devices::Kind::Busy | devices::Kind::Timeout | devices::Kind::NoMedia | devices::Kind::Unplugged => {
                        Light::Warn
                    }
                    devices::Kind::Absent
                    | devices::Kind::Denied
                    | devices::Kind::Garbled
                    | devices::Kind::Unsupported
                    | devices::Kind::Broken => Light::Bad,
                };
                trouble.code.clone_into(&mut self.code);
            }
        }
    }
}

/// False for troubles of the line that somebody must mend: then the lamp is a square.
fn waits_by_itself(code: &str) -> bool {
    !matches!(
        code,
        "foreign_authority"
            | "hall_certificate_date"
            | "hall_certificate_name"
            | "hall_refuses_certificate"
            | "tls_incompatible"
            | "proxy_authentication"
            | "address_unusable"
            | "own_key_unusable"
            | "signer_unknown"
            | "signature_wrong"
            | "feed_of_another_point"
            | "certificate_revoked"
            | "terminal_unknown"
            | "no_certificate"
            | "wire_version"
    ) && !code.starts_with("cabinet_")
}
