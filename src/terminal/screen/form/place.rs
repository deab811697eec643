//! 住址 by touch: province, prefecture, county, then the town's own villages. What was picked stands in
//! the entry, and the house is typed behind it.

use egui::Ui;
use matters::{
    Field,
    catalogue::Township,
    division::{self, Division},
    form::parse_input,
};
use texts::form as t;

use super::Form;
use crate::{
    look::theme::{self, text},
    screen::Cx,
    speech::Wish,
    widget::{
        button, card,
        field::{CHOICE, flow},
    },
    words,
};

/// How far an address was picked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Picked {
    division: Option<Division>,
    /// Which of the town's own places.
    town: Option<usize>,
}

/// One button of the list.
struct Offer {
    words: String,
    /// The address as far as it is picked then.
    address: String,
    then: Picked,
}

impl Picked {
    /// Where a list opens for an address: beside what it names already.
    fn beside(address: &str) -> Self {
        let named = division::named_in(address);
        Self { division: named.split_last().and_then(|(_, above)| above.last().copied()), town: None }
    }

    /// One step up; `None` when nothing lies above.
    fn above(self) -> Option<Self> {
        match (self.town, self.division) {
            (Some(_), division) => Some(Self { division, town: None }),
            (None, Some(division)) => Some(Self { division: division.above(), town: None }),
            (None, None) => None,
        }
    }

    /// What can be picked next. The town's own places come first of all: most people live there.
    fn options(self, places: &[Township]) -> Vec<Offer> {
        if let Some(town) = self.town.and_then(|town| places.get(town)) {
            let village = |name: &String| Offer { words: name.clone(), address: town.address() + name, then: self };
            return town.villages.iter().map(village).collect();
        }
        let own = places.iter().enumerate().filter(|(_, own)| self.division.is_none_or(|county| county.code == own.region));
        let own = own.map(|(at, own)| Offer {
            words: own.town.clone(),
            address: own.address(),
            then: Self { division: Division::of(&own.region), town: Some(at) },
        });
        let below = self.division.map_or_else(|| division::provinces().collect(), Division::below);
        let below = below.into_iter().map(|division| Offer {
            words: division.name.to_owned(),
            address: division.whole_name(),
            then: Self { division: Some(division), town: None },
        });
        own.chain(below).collect()
    }
}

impl Form {
    /// The list below an address, when it is open: what was picked becomes the address.
    pub(super) fn picker(&mut self, ui: &mut Ui, cx: &Cx<'_>, field: &Field) -> Option<Wish> {
        // Two addresses may stand on one screen: each button says which it fills.
        let button = |ui: &mut Ui, words: String| {
            let name = format!("{} {words}", words::said(cx.t, &field.label));
            button::small(ui, words).accessible_name(name).clicked()
        };
        let places = &cx.catalogue.head().places;
        let Some(at) = self.places.get(&field.key).copied() else {
            if button(ui, t::address_pick(cx.t)) {
                let stands = self.typed.get(&field.key).map(String::as_str).unwrap_or_default();
                self.places.insert(field.key.clone(), Picked::beside(stands));
            }
            return None;
        };
        let options = at.options(places);
        let pressed = card::card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 10.0;
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = theme::GAP;
                if let Some(above) = at.above()
                    && button(ui, t::address_above(cx.t))
                {
                    self.places.insert(field.key.clone(), above);
                }
                if button(ui, t::address_close(cx.t)) {
                    self.places.remove(&field.key);
                }
                let whole = at.division.map(Division::whole_name).unwrap_or_default();
                ui.label(text::small(if whole.is_empty() { t::address_first(cx.t) } else { t::address_next(cx.t, whole) }));
            });
            let labels: Vec<&str> = options.iter().map(|option| option.words.as_str()).collect();
            flow(ui, &labels, CHOICE, |ui, index| button::choice_sized(ui, labels[index], false, CHOICE).clicked())
        });
        let Offer { address, then, .. } = options.into_iter().nth(pressed.inner?)?;
        if then == at || then.options(places).is_empty() {
            // Nothing lies below: the group and the house are typed.
            self.places.remove(&field.key);
            self.wanted = Some(field.key.clone());
        } else {
            self.places.insert(field.key.clone(), then);
        }
        self.typed.insert(field.key.clone(), address.clone());
        Some(Wish::Answer { field: field.key.clone(), value: parse_input(field, &address).ok() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(picked: Picked, places: &[Township]) -> Vec<String> {
        picked.options(places).into_iter().map(|option| option.words).collect()
    }

    fn press(picked: Picked, places: &[Township], words: &str) -> (String, Picked) {
        let option = picked.options(places).into_iter().find(|option| option.words == words).expect(words);
        (option.address, option.then)
    }

    #[test]
    fn an_address_is_picked_down_to_the_village() {
        let town = |region: &str| Township {
            region: region.to_owned(),
            town: "样本镇".to_owned(),
            villages: vec!["石榴村".to_owned(), "东渠村".to_owned()],
        };
        let places = [town("610113")];
        let start = Picked::default();
        assert_eq!(names(start, &places)[..2], ["样本镇", "北京市"], "the town's own places come first");
        let mut at = start;
        for (word, address) in [
            ("陕西省", "陕西省"),
            ("西安市", "陕西省西安市"),
            ("雁塔区", "陕西省西安市雁塔区"),
            ("样本镇", "陕西省西安市雁塔区样本镇"),
            ("东渠村", "陕西省西安市雁塔区样本镇东渠村"),
        ] {
            let (whole, then) = press(at, &places, word);
            assert_eq!(whole, address);
            if word == "东渠村" {
                assert_eq!(then, at, "nothing lies below a village");
            }
            at = then;
        }
        assert_eq!(press(start, &places, "样本镇").0, "陕西省西安市雁塔区样本镇");
        assert_eq!(press(start, &[town("000000")], "样本镇").0, "样本镇");
        assert!(
            names(Picked { division: Division::of("610111"), town: None }, &places).is_empty(),
            "another county's towns are typed"
        );
    }

    #[test]
    fn a_list_opens_beside_what_stands_and_walks_back_to_the_provinces() {
        let at = Picked::beside("陕西省西安市雁塔区样本镇石榴村3组");
        assert_eq!(at.division, Division::of("610100"));
        assert!(names(at, &[]).contains(&"未央区".to_owned()));
        let above = at.above().unwrap();
        assert_eq!(above.division, Division::of("610000"));
        assert_eq!(above.above(), Some(Picked::default()));
        assert_eq!(Picked::default().above(), None);
        assert_eq!(Picked::beside("某省某市样本县"), Picked::default());
        // A county of a municipality lies directly below it.
        assert_eq!(Picked::beside("重庆市城口县").division, Division::of("500000"));
    }
}
