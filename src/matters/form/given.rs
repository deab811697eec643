//! What a file of answers says: the one form in which scripts and authors of matters write a filing.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Answers, Complaint, Value, json, prefill};
use crate::{Capacity, Identity, Matter, NoticeGiven, Witness};

/// A file of answers. Flat, it is `{key: text}` as it would be typed; whole, it tells apart answers,
/// questions before the form, the applicant, in what capacity is filed, the notice and the witness.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// By field key: as it would be typed (see [`super::read_answers`]), or tagged
    /// (`{"t": …, "v": …}`) as a sealed filing holds it.
    #[serde(default)]
    pub answers: BTreeMap<String, Json>,
    #[serde(default)]
    pub situations: BTreeMap<String, String>,
    pub applicant: Option<Identity>,
    pub capacity: Option<Capacity>,
    /// The notice that the resident was given; where it is absent, who files says when he files.
    pub notice: Option<NoticeGiven>,
    pub witness: Option<Witness>,
}

impl Given {
    /// Reads a file's JSON. Whole when it has an object `answers`, else flat.
    ///
    /// # Errors
    /// What is not of this form.
    pub fn read(matter: &Matter, json: Json) -> Result<Self, serde_json::Error> {
        let whole = json.as_object().is_some_and(|map| map.get("answers").is_some_and(Json::is_object));
        if whole {
            return serde_json::from_value(json);
        }
        let flat: BTreeMap<String, Json> = serde_json::from_value(json)?;
        let mut given = Self { capacity: Some(Capacity::Myself), ..Self::default() };
        for (key, value) in flat {
            let question = matter.situations.iter().any(|situation| situation.key == key) && matter.field(&key).is_none();
            match (question, value) {
                (true, Json::String(choice)) => drop(given.situations.insert(key, choice)),
                (_, value) => drop(given.answers.insert(key, value)),
            }
        }
        Ok(given)
    }

    /// The answers as the form holds them, and what could not be read, each under its key. What the
    /// applicant's card tells need not be repeated in the answers.
    pub fn values(&self, matter: &Matter, today: Date) -> (Answers, Vec<Complaint>) {
        let (mut answers, mut complaints) = (Answers::new(), Vec::new());
        for (key, json) in &self.answers {
            let Some(field) = matter.field(key) else {
                complaints.push(Complaint::new(key, "wrong_kind"));
                continue;
            };
            let value = match serde_json::from_value::<Value>(json.clone()) {
                Ok(value) => Ok(Some(value)),
                Err(_) => json::answer(field, json),
            };
            match value {
                Ok(Some(value)) => drop(answers.insert(key.clone(), value)),
                Ok(None) => {}
                Err(complaint) => complaints.push(complaint),
            }
        }
        for (field, value) in self.applicant.iter().flat_map(|applicant| prefill(matter, applicant, today)) {
            if !complaints.iter().any(|complaint| complaint.field == field) {
                answers.entry(field).or_insert(value);
            }
        }
        (answers, complaints)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::form::fixtures::{catalogue, person};

    fn today() -> Date {
        jiff::civil::date(2026, 11, 24)
    }

    #[test]
    fn what_the_card_tells_is_not_asked_again_and_what_was_entered_stays() {
        let matter = catalogue().matter("M09").unwrap();
        let applicant = person(jiff::civil::date(1950, 3, 8));
        let given = Given {
            answers: BTreeMap::from([("addr_reg".to_owned(), json!("样本县样本镇"))]),
            applicant: Some(applicant.clone()),
            ..Given::default()
        };
        let (answers, complaints) = given.values(matter, today());
        assert!(complaints.is_empty());
        assert_eq!(answers.get("name"), Some(&Value::Text(applicant.name)));
        assert_eq!(answers.get("addr_reg"), Some(&Value::Text("样本县样本镇".into())));
    }

    #[test]
    fn flat_and_whole_files_say_the_same() {
        let matter = catalogue().matter("M09").unwrap();
        let flat = Given::read(matter, json!({ "residence": "same", "phone": "029-00000003", "declared": true })).unwrap();
        let whole = json!({
            "situations": { "residence": "same" },
            "answers": { "phone": { "t": "text", "v": "029-00000003" }, "declared": true },
            "capacity": { "kind": "myself" }
        });
        let whole = Given::read(matter, whole).unwrap();
        assert_eq!(flat.situations, whole.situations);
        assert_eq!(flat.capacity, whole.capacity);
        assert_eq!(flat.values(matter, today()), whole.values(matter, today()));
        assert!(flat.values(matter, today()).1.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_named_and_nothing_is_dropped_in_silence() {
        let matter = catalogue().matter("M09").unwrap();
        let given = Given::read(matter, json!({ "answers": { "nobody_asked": "1", "declared": [1] } })).unwrap();
        let (answers, complaints) = given.values(matter, today());
        assert!(answers.is_empty());
        let seen: Vec<&str> = complaints.iter().map(|complaint| complaint.field.as_str()).collect();
        assert_eq!(seen, ["declared", "nobody_asked"]);
        assert!(Given::read(matter, json!({ "answers": {}, "aplicant": {} })).is_err(), "a slip of the pen is refused");
        assert!(Given::read(matter, json!([])).is_err());
    }
}
