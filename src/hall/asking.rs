//! What the hall asks by itself when a filing came under a version of the catalogue that was not in
//! force: the words of a correction (补正), in the language of official notices.

use matters::{About, Complaint, CorrectionItem, FieldKind, Matter};
use texts::{Lang, Texts, complaint as said, desk};

/// One item for what the form in force finds wrong.
pub fn item(matter: &Matter, complaint: &Complaint) -> CorrectionItem {
    let t = Texts::new(Lang::Zh);
    let key = &complaint.field;
    let (about, label) = match (matter.material(key), matter.field(key), matter.situation(key)) {
        (Some(material), ..) => (About::Material { material: key.clone() }, material.name.zh.clone()),
        (_, Some(field), _) => (About::Field { key: key.clone() }, field.label.zh.clone()),
        (.., Some(situation)) => (About::Field { key: key.clone() }, situation.question.zh.clone()),
        // Who files for whom, the notice, the witness.
        _ => (About::Field { key: key.clone() }, desk::old_version_who(&t)),
    };
    let standard = match &complaint.message {
        Some(message) => message.zh.clone(),
        None => said::lookup(&t, complaint.code, &complaint.args).unwrap_or_else(|| desk::old_version_standard(&t)),
    };
    CorrectionItem { about, what: desk::old_version_what(&t, label), standard }
}

/// The one item when the form in force finds nothing wrong: who filed read another version of the
/// guide, so the declaration is given anew under this one.
pub fn again(matter: &Matter) -> CorrectionItem {
    let t = Texts::new(Lang::Zh);
    let field = matter.fields().find(|field| field.kind == FieldKind::Declare).or_else(|| matter.fields().next());
    let (key, label) = field.map_or_else(Default::default, |field| (field.key.clone(), field.label.zh.clone()));
    CorrectionItem {
        about: About::Field { key },
        what: desk::old_version_what(&t, label),
        standard: desk::old_version_standard(&t),
    }
}
