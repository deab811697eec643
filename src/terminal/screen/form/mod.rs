//! 填表: group by group, card data marked, sample and fault beside each field.

mod earlier;
mod entry;
mod given;
mod household;
mod payee;
mod place;
mod sign;
mod witness;

use std::collections::{BTreeMap, BTreeSet};

use egui::{Align, Layout, Ui, vec2};
use matters::{Complaint, Field, FieldKind, Group, Matter, Value, form};
use texts::{form as t, path};

use self::witness::WitnessEntry;
use crate::{
    look::theme::{self, Tone, text},
    screen::{Cx, aside, capture, checklist, guide, moved, terms},
    speech::{Place, Wish},
    widget::{
        badge, button, card, frame,
        stepper::{Step, stepper},
    },
    words,
};

#[derive(Default)]
pub struct Form {
    /// Shown at least once: where to begin was decided.
    opened: bool,
    group: usize,
    /// What stands in each field, as typed: half a date is no answer and still must not vanish.
    typed: BTreeMap<String, String>,
    /// What is being drawn on the pads, by field: strokes of points in parts of the pad.
    strokes: BTreeMap<String, Vec<Vec<[f32; 2]>>>,
    /// Signatures that are drawn anew.
    signing: BTreeSet<String>,
    /// Lists of places that are open, by field, and how far they were picked.
    places: BTreeMap<String, place::Picked>,
    /// Citizen numbers typed a second time (§4.2), by field.
    again: BTreeMap<String, String>,
    /// Fields that the cursor has left: those complain.
    left: BTreeSet<String>,
    /// Groups whose "next" was pressed: those say everything.
    tried: BTreeSet<usize>,
    /// The field that gets the cursor in the next pass: the first that is wrong.
    wanted: Option<String>,
    /// Sent back here from a later group.
    jumped: bool,
    /// The field that the cursor is in: its sample stands at the right.
    current: Option<String>,
    /// Members that were added and are not whole yet.
    rows: BTreeMap<String, usize>,
    witness: WitnessEntry,
    guide: bool,
}

/// One pass over the form: the matter, how it is judged, and what is wrong with it.
struct Pass<'a> {
    matter: &'a Matter,
    situation: form::Situation<'a>,
    groups: Vec<(&'a Group, Vec<&'a Field>)>,
    complaints: Vec<Complaint>,
}

impl<'a> Pass<'a> {
    fn new(cx: &Cx<'a>) -> Option<Self> {
        let matter = aside::matter(cx)?;
        let situation = aside::situation(cx)?;
        let visible = form::visible_fields(matter, &situation);
        let groups = matter
            .groups
            .iter()
            .map(|group| (group, group.fields.iter().filter(|field| visible.iter().any(|seen| seen.key == field.key)).collect()))
            .filter(|(_, fields): &(&Group, Vec<&Field>)| !fields.is_empty())
            .collect();
        Some(Self { matter, situation, groups, complaints: form::complaints(matter, &situation) })
    }

    fn of(&self, key: &str) -> impl Iterator<Item = &Complaint> {
        self.complaints.iter().filter(move |complaint| complaint.field == key)
    }

    /// Errors of a group; warnings do not hold anybody up.
    fn errors(&self, group: usize) -> Vec<&Complaint> {
        let Some((_, fields)) = self.groups.get(group) else { return Vec::new() };
        self.complaints.iter().filter(|c| !c.warning && fields.iter().any(|field| field.key == c.field)).collect()
    }
}

impl Form {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let Some(pass) = Pass::new(cx) else { return checklist::no_matter(ui, cx) };
        if !std::mem::replace(&mut self.opened, true)
            && let Some(key) = &cx.visit.mend
            && let Some(at) = pass.groups.iter().position(|(_, fields)| fields.iter().any(|field| field.key == *key))
        {
            self.group = at;
            self.wanted = Some(key.clone());
        }
        self.group = self.group.min(pass.groups.len().saturating_sub(1));
        let foot = self.foot(ui, cx, &pass);
        let back = frame::path(ui, |ui| stepper(ui, cx.t, Step::Form)).map(Wish::GoTo);
        let mut open = false;
        let side = frame::side(ui, cx, |ui| {
            frame::resident(ui, cx);
            aside::latest(ui, cx, pass.matter);
            self.sample(ui, cx, &pass);
            open = button::small(ui, path::full_guide(cx.t)).clicked();
            earlier::offer(ui, cx, &pass)
        });
        self.guide |= open;
        self.current = None;
        let body = frame::body_at(ui, ("form", self.group), |ui| {
            if self.guide {
                guide::show(ui, cx, pass.matter);
                return None;
            }
            self.body(ui, cx, &pass)
        });
        foot.or(back).or(side).or(body).or_else(|| given::mend(cx, &pass))
    }

    fn foot(&mut self, ui: &mut Ui, cx: &Cx<'_>, pass: &Pass<'_>) -> Option<Wish> {
        let last = self.group + 1 >= pass.groups.len();
        let main = if !last {
            t::next_group(cx.t)
        } else if capture::anything(pass.matter, &pass.situation) {
            t::to_capture(cx.t)
        } else {
            t::to_review(cx.t)
        };
        let open = self.guide;
        let (mut back, mut next) = (false, false);
        let wrong = if self.tried.contains(&self.group) { pass.errors(self.group).len() } else { 0 };
        let (jumped, group) = (self.jumped, self.group as u64 + 1);
        let wish = frame::foot(
            ui,
            |ui| {
                back = button::secondary(ui, path::back(cx.t)).clicked();
                button::link(ui, path::keep_draft(cx.t)).clicked().then_some(Wish::EndVisit)
            },
            |ui| {
                next = button::primary(ui, main, !open).clicked();
                if wrong > 0 && jumped {
                    ui.label(text::strong(t::wrong_elsewhere(cx.t, group, wrong as u64)).color(theme::RED));
                } else if wrong > 0 {
                    ui.label(text::strong(t::wrong_count(cx.t, wrong as u64)).color(theme::RED));
                } else {
                    frame::saved(ui, cx);
                }
                None
            },
        );
        if back {
            if self.guide {
                self.guide = false;
                return None;
            }
            if self.group == 0 {
                return Some(Wish::GoTo(Place::Checklist));
            }
            self.group -= 1;
        }
        if next {
            return self.next(pass);
        }
        wish
    }

    /// Onward when this group is right, else to the first field that is wrong.
    fn next(&mut self, pass: &Pass<'_>) -> Option<Wish> {
        self.tried.insert(self.group);
        self.jumped = false;
        if let Some(field) = self.doubtful(pass) {
            self.wanted = Some(field);
            return None;
        }
        if let Some(first) = pass.errors(self.group).first() {
            self.wanted = Some(first.field.clone());
            return None;
        }
        if self.group + 1 < pass.groups.len() {
            self.group += 1;
            return None;
        }
        // The last group is right; an earlier one may have become wrong by an answer in it.
        if let Some(group) = (0..pass.groups.len()).find(|group| !pass.errors(*group).is_empty()) {
            self.tried.insert(group);
            self.jumped = true;
            self.group = group;
            self.wanted = pass.errors(group).first().map(|complaint| complaint.field.clone());
            return None;
        }
        if pass.matter.in_person && !self.witness.stands {
            self.witness.tried = true;
            return None;
        }
        let to = if capture::anything(pass.matter, &pass.situation) { Place::Capture } else { Place::Review };
        Some(Wish::GoTo(to))
    }

    fn body(&mut self, ui: &mut Ui, cx: &Cx<'_>, pass: &Pass<'_>) -> Option<Wish> {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = theme::GAP;
            ui.label(text::hero(words::said(cx.t, &pass.matter.name)));
            let (word, tone) = terms::badge(cx.t, pass.matter.badge);
            badge::badge(ui, tone, &word);
            if let Some((group, _)) = pass.groups.get(self.group) {
                let title = words::said(cx.t, &group.title);
                ui.label(text::soft(t::group(cx.t, self.group as u64 + 1, pass.groups.len() as u64, title)));
            }
        });
        let Some((_, fields)) = pass.groups.get(self.group) else {
            card::note(ui, Tone::Quiet, "", &t::no_groups(cx.t));
            return self.in_person(ui, cx, pass);
        };
        if self.group == 0 {
            moved::note(ui, cx);
        }
        for complaint in pass.of("season") {
            card::note(ui, Tone::Warn, "", &terms::complaint(cx.t, complaint));
        }
        ui.push_id(("group", self.group), |ui| {
            ui.spacing_mut().item_spacing.y = theme::GAP;
            let (known, asked): (Vec<&Field>, Vec<&Field>) = fields.iter().partition(|field| given::is_given(cx, pass, field));
            given::block(ui, cx, &known);
            let mut wish = None;
            for row in rows(&asked, ui.available_width()) {
                wish = wish.take().or(self.row(ui, cx, pass, &row));
            }
            let last = self.group + 1 >= pass.groups.len();
            if last {
                wish = wish.or(self.in_person(ui, cx, pass));
            }
            ui.add_space(theme::GAP);
            wish
        })
        .inner
    }

    fn in_person(&mut self, ui: &mut Ui, cx: &Cx<'_>, pass: &Pass<'_>) -> Option<Wish> {
        if pass.matter.in_person { self.witness.show(ui, cx) } else { None }
    }

    /// Fields side by side, their tops on one line.
    fn row(&mut self, ui: &mut Ui, cx: &Cx<'_>, pass: &Pass<'_>, fields: &[&Field]) -> Option<Wish> {
        if let [field] = fields {
            return self.field(ui, cx, pass, field);
        }
        let width = ((ui.available_width() - theme::GAP_L) / 2.0).floor();
        let mut wish = None;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = theme::GAP_L;
            for field in fields {
                ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
                    ui.set_width(width);
                    wish = wish.take().or(self.field(ui, cx, pass, field));
                });
            }
        });
        wish
    }

    /// 样例: the example of the field that the cursor is in.
    fn sample(&self, ui: &mut Ui, cx: &Cx<'_>, pass: &Pass<'_>) {
        card::card(ui, |ui| {
            ui.label(text::large(t::sample_title(cx.t)));
            let field = self.current.as_deref().and_then(|key| pass.matter.fields().find(|field| field.key == key));
            match field {
                Some(field) => {
                    ui.label(text::small(words::said(cx.t, &field.label)));
                    ui.label(text::body(words::said(cx.t, &field.sample)));
                }
                None => drop(ui.label(text::small(t::sample_none(cx.t)))),
            }
        });
    }
}

impl Form {
    /// One field of a sealed filing, answered anew for a correction: `Some(new answer)` when it
    /// changed in this pass, and whether what stands there now is right. `None` when the
    /// catalogue no longer has the field.
    pub fn amend(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        filing: &matters::Filing,
        key: &str,
        answer: Option<&Value>,
    ) -> Option<(Option<Option<Value>>, bool)> {
        let matter = cx.catalogue.matter(&filing.matter)?;
        let field = matter.field(key)?;
        // Judged among the answers that were sealed, as the hall will judge it.
        let mut answers = filing.answers.clone();
        match answer {
            Some(answer) => drop(answers.insert(key.to_owned(), answer.clone())),
            None => drop(answers.remove(key)),
        }
        let situation = form::Situation {
            answers: &answers,
            situations: &filing.situations,
            applicant: Some(&filing.applicant),
            capacity: Some(&filing.capacity),
            today: words::day(cx.now),
        };
        let group = matter.groups.iter().find(|group| group.fields.iter().any(|own| own.key == key))?;
        let pass =
            Pass { matter, situation, groups: vec![(group, vec![field])], complaints: form::complaints(matter, &situation) };
        let wish = self.field(ui, cx, &pass, field);
        let whole = pass.of(key).all(|complaint| complaint.warning);
        let entered = match wish {
            Some(Wish::Answer { value, .. }) => Some(value),
            _ => None,
        };
        Some((entered, whole))
    }
}

/// Short entries stand in pairs where there is room; everything else has its own line.
fn rows<'a>(fields: &[&'a Field], width: f32) -> Vec<Vec<&'a Field>> {
    const PAIR_FROM: f32 = 760.0;
    // A few short choices are no wider than an entry; so many characters fit into half the width.
    const CHOICE_CHARS: usize = 16;
    let short = |field: &Field| match &field.kind {
        FieldKind::Name
        | FieldKind::CitizenNumber
        | FieldKind::Phone
        | FieldKind::Money { .. }
        | FieldKind::Area { .. }
        | FieldKind::Date { .. } => true,
        FieldKind::Text { chars_max } => *chars_max <= 60,
        FieldKind::Choice { choices } => {
            choices.len() <= 3 && choices.iter().map(|choice| choice.label.zh.chars().count()).sum::<usize>() <= CHOICE_CHARS
        }
        _ => false,
    };
    let mut rows: Vec<Vec<&Field>> = Vec::new();
    for field in fields {
        match rows.last_mut() {
            Some(row) if width >= PAIR_FROM && row.len() == 1 && short(row[0]) && short(field) => row.push(field),
            _ => rows.push(vec![field]),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_fields_stand_in_pairs_and_never_past_a_long_one() {
        let catalogue = matters::Catalogue::bundled().expect("the bundled catalogue is whole");
        let matter = catalogue.matter("M07").expect("it is bundled");
        let fields: Vec<&Field> = matter.groups[1].fields.iter().collect();
        let wide = rows(&fields, 1200.0);
        assert_eq!(wide.iter().map(Vec::len).sum::<usize>(), fields.len());
        assert!(wide.iter().any(|row| row.len() == 2));
        let order: Vec<&str> = wide.iter().flatten().map(|field| field.key.as_str()).collect();
        assert_eq!(order, fields.iter().map(|field| field.key.as_str()).collect::<Vec<_>>());
        assert!(rows(&fields, 500.0).iter().all(|row| row.len() == 1));
    }
}
