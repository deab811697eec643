//! Who came: in person, on behalf with a mandate, or the guardian.

use egui::{Ui, vec2};
use matters::{Capacity, ProxyKind, identity::age_on};
use texts::person as t;

use super::{
    Person, Way,
    committee::{self, CommitteeEntry},
    mandate::{GuardianEntry, MandateEntry, MandateFaults, POWERS},
    typed::tidy_number,
};
use crate::{
    look::theme::{self, Tone, text},
    screen::Cx,
    speech::Wish,
    widget::{
        button, card, columns,
        field::{self, Around, Manner},
    },
    words,
};

/// Which entries the cursor has left.
pub type Left = [bool; 5];

impl Person {
    /// The four ways, once there is a person, and what the chosen one asks for.
    pub(super) fn who(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let person = cx.visit.applicant()?;
        ui.add_space(4.0);
        let pressed = tiles(ui, cx, self.way.as_ref());
        let today = words::day(cx.now);
        match pressed {
            Some(0) => {
                self.way = Some(Way::Myself);
                self.tried = false;
                return Some(Wish::Capacity(Capacity::Myself));
            }
            Some(1) if !matches!(self.way, Some(Way::OnBehalf(..))) => {
                self.way = Some(Way::OnBehalf(Box::new(MandateEntry::new(today)), Left::default()));
                self.tried = false;
            }
            Some(2) if !matches!(self.way, Some(Way::Guardian(..))) => {
                self.way = Some(Way::Guardian(GuardianEntry::default(), Left::default()));
                self.tried = false;
            }
            Some(3) if !matches!(self.way, Some(Way::Committee(..))) => {
                self.way = Some(Way::Committee(CommitteeEntry::default(), Left::default()));
                self.tried = false;
            }
            _ => {}
        }
        let age = person.birth.map(|birth| age_on(birth, today));
        if matches!(self.way, Some(Way::Myself)) {
            // 民法典 19, 20: said where it is chosen, not only before sealing.
            match age {
                Some(..8) => card::note(ui, Tone::Warn, "", &t::under_eight(cx.t)),
                Some(8..16) => card::note(ui, Tone::Warn, "", &texts::complaint::minor_guardian(cx.t)),
                Some(16..18) => card::note(ui, Tone::Warn, "", &texts::complaint::minor_working(cx.t)),
                _ => {}
            }
        }
        let number = person.number.expose().clone();
        let tried = self.tried;
        match &mut self.way {
            Some(Way::OnBehalf(entry, left)) => mandate(ui, cx, entry, left, &number, tried),
            Some(Way::Guardian(entry, left)) => guardian(ui, cx, entry, left, &number, age, tried),
            Some(Way::Committee(entry, left)) => committee::show(ui, cx, entry, left, tried),
            Some(Way::Myself) | None => {}
        }
        self.agreed(cx)
    }

    /// The capacity that is whole and not in the draft yet: it is saved as soon as it is whole.
    pub(super) fn agreed(&self, cx: &Cx<'_>) -> Option<Wish> {
        let number = cx.visit.applicant()?.number.expose();
        let today = words::day(cx.now);
        let matter = cx.visit.draft.as_ref().and_then(|draft| draft.matter.clone());
        let capacity = match self.way.as_ref()? {
            Way::Myself => Capacity::Myself,
            Way::OnBehalf(entry, _) => entry.capacity(cx.t, number, matter.into_iter().collect(), today)?,
            Way::Guardian(entry, _) => entry.capacity(cx.t, number, today)?,
            Way::Committee(entry, _) => entry.capacity(cx.t)?,
        };
        (Some(&capacity) != super::draft_capacity(cx)).then_some(Wish::Capacity(capacity))
    }
}

fn tiles(ui: &mut Ui, cx: &Cx<'_>, way: Option<&Way>) -> Option<usize> {
    let words = [
        (t::myself(cx.t), t::myself_more(cx.t), matches!(way, None | Some(Way::Myself))),
        (t::on_behalf(cx.t), t::on_behalf_more(cx.t), matches!(way, Some(Way::OnBehalf(..)))),
        (t::guardian(cx.t), t::guardian_more(cx.t), matches!(way, Some(Way::Guardian(..)))),
        (t::committee(cx.t), t::committee_more(cx.t), matches!(way, Some(Way::Committee(..)))),
    ];
    let width = ((ui.available_width() - 3.0 * theme::GAP_L) / 4.0).floor();
    let mut pressed = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GAP_L;
        for (index, (title, line, chosen)) in words.iter().enumerate() {
            if button::choice_tile(ui, vec2(width, 120.0), title, line, *chosen).clicked() {
                pressed = Some(index);
            }
        }
    });
    pressed
}

fn mandate(ui: &mut Ui, cx: &Cx<'_>, entry: &mut MandateEntry, left: &mut Left, principal: &str, tried: bool) {
    let faults = entry.faults(cx.t, principal, words::day(cx.now));
    let stacked = ui.available_width() < super::STACK_BELOW;
    card::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = theme::GAP;
        ui.label(text::title(t::mandate_title(cx.t)));
        ui.label(text::soft(t::mandate_more(cx.t)));
        kinds(ui, cx, entry);
        let mut both = (entry, left);
        columns::two::<_, ()>(
            ui,
            stacked,
            0.5,
            &mut both,
            |ui, (entry, left)| {
                person_entries(ui, cx, entry, left, &faults, tried);
                None
            },
            |ui, (entry, left)| {
                terms_of_mandate(ui, cx, entry, left, &faults, tried);
                None
            },
        );
        let (entry, _) = both;
        if field::tick(ui, entry.free_told, &t::free_told(cx.t)) {
            entry.free_told = !entry.free_told;
        }
        if let Some(fault) = faults.free.filter(|_| tried) {
            ui.label(text::small_strong(fault).color(theme::RED));
        }
        ui.label(text::small(t::mandate_matters(cx.t)));
    });
}

fn kinds(ui: &mut Ui, cx: &Cx<'_>, entry: &mut MandateEntry) {
    const KINDS: [ProxyKind; 3] = [ProxyKind::Relative, ProxyKind::Agent, ProxyKind::Other];
    let label = t::proxy_kind(cx.t);
    let options = [t::proxy_relative(cx.t), t::proxy_agent(cx.t), t::proxy_other(cx.t)].map(|words| (words.clone(), words));
    let around = Around { label: &label, ..Around::default() };
    if let Some(index) = field::choices(ui, &around, &options, &KINDS.map(|kind| kind == entry.kind)) {
        entry.kind = KINDS[index];
        if let (ProxyKind::Agent, Some(agent)) = (entry.kind, cx.agent) {
            entry.fill_agent(agent);
        }
    }
}

fn person_entries(ui: &mut Ui, cx: &Cx<'_>, entry: &mut MandateEntry, left: &mut Left, faults: &MandateFaults, tried: bool) {
    let rows: [(&mut String, String, String, &Option<String>, Manner); 3] = [
        (&mut entry.name, t::proxy_name(cx.t), String::new(), &faults.name, Manner::of(50)),
        (&mut entry.number, t::proxy_number(cx.t), t::number_sample(cx.t), &faults.number, Manner::DIGITS),
        (&mut entry.phone, t::proxy_phone(cx.t), t::phone_sample(cx.t), &faults.phone, Manner::DIGITS),
    ];
    for (index, (value, label, sample, fault, manner)) in rows.into_iter().enumerate() {
        line(ui, ("mandate", index), value, &label, sample, fault, manner, &mut left[index], tried);
    }
}

fn terms_of_mandate(ui: &mut Ui, cx: &Cx<'_>, entry: &mut MandateEntry, left: &mut Left, faults: &MandateFaults, tried: bool) {
    let label = t::powers(cx.t);
    let options = [t::power_fill(cx.t), t::power_hand_in(cx.t), t::power_receive_notices(cx.t), t::power_collect_result(cx.t)]
        .map(|words| (words.clone(), words));
    let around = Around { label: &label, fault: faults.powers.clone(), ..Around::default() };
    debug_assert_eq!(options.len(), POWERS.len());
    if let Some(index) = field::choices(ui, &around, &options, &entry.powers) {
        entry.powers[index] = !entry.powers[index];
    }
    line(ui, "mandate-from", &mut entry.from, &t::from(cx.t), String::new(), &faults.from, Manner::DIGITS, &mut left[3], tried);
    line(
        ui,
        "mandate-until",
        &mut entry.until,
        &t::until(cx.t),
        String::new(),
        &faults.until,
        Manner::DIGITS,
        &mut left[4],
        tried,
    );
}

fn guardian(
    ui: &mut Ui,
    cx: &Cx<'_>,
    entry: &mut GuardianEntry,
    left: &mut Left,
    principal: &str,
    age: Option<i16>,
    tried: bool,
) {
    let faults = entry.faults(cx.t, principal, words::day(cx.now));
    card::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = theme::GAP;
        ui.label(text::title(t::guardian_title(cx.t)));
        let adult = age.is_some_and(|age| age >= 18);
        ui.label(text::soft(match age {
            Some(..8) => t::under_eight(cx.t),
            Some(8..18) => t::eight_to_eighteen(cx.t),
            _ => t::adult_without_capacity(cx.t),
        }));
        line(
            ui,
            "guardian-name",
            &mut entry.name,
            &t::guardian_name(cx.t),
            String::new(),
            &faults.name,
            Manner::of(50),
            &mut left[0],
            tried,
        );
        line(
            ui,
            "guardian-number",
            &mut entry.number,
            &t::guardian_number(cx.t),
            t::number_sample(cx.t),
            &faults.number,
            Manner::DIGITS,
            &mut left[1],
            tried,
        );
        let label = t::guardian_relation(cx.t);
        // 民法典 27 for a child, 28 for an adult: who comes first stands first.
        let list = if adult {
            vec![t::relation_spouse(cx.t), t::relation_parent(cx.t), t::relation_child(cx.t), t::relation_kin(cx.t)]
        } else {
            vec![t::relation_parent(cx.t), t::relation_grandparent(cx.t), t::relation_sibling(cx.t)]
        };
        let options: Vec<(String, String)> =
            list.into_iter().chain([t::relation_appointed(cx.t)]).map(|words| (words.clone(), words)).collect();
        let chosen: Vec<bool> = options.iter().map(|(words, _)| *words == entry.relation).collect();
        let around = Around { label: &label, fault: faults.relation.filter(|_| tried), ..Around::default() };
        if let Some(index) = field::choices(ui, &around, &options, &chosen) {
            // What the clerk reads, not a key: the desk shows this word as it stands.
            entry.relation.clone_from(&options[index].0);
        }
        ui.label(text::small(t::guardian_more_papers(cx.t)));
    });
}

#[expect(clippy::too_many_arguments, reason = "one line of a table of fields")]
pub(super) fn line(
    ui: &mut Ui,
    salt: impl std::hash::Hash + std::fmt::Debug,
    value: &mut String,
    label: &str,
    sample: String,
    fault: &Option<String>,
    manner: Manner,
    left: &mut bool,
    tried: bool,
) {
    let around = Around { label, sample, fault: fault.clone().filter(|_| tried || *left), ..Around::default() };
    let heard = field::entry(ui, salt, value, &around, manner);
    *left |= heard.left && !value.is_empty();
    if heard.changed && manner.digits {
        *value = tidy_number(value);
    }
}
