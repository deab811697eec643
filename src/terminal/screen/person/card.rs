//! The card's data, large enough to compare with the paper and the person.

use egui::{Stroke, StrokeKind, Ui, vec2};
use matters::{CardKind, Identity, ValidUntil, identity};
use texts::person as t;

use crate::{
    look::theme::{self, Tone, bold, regular, size, text},
    screen::{Cx, terms},
    speech::Wish,
    visit::CardOnReader,
    widget::{badge, button, card},
    words,
    worker::identity::read_event,
};

const LABEL: f32 = 150.0;

/// Before there is a person: what the reader is doing.
pub fn waiting(ui: &mut Ui, cx: &Cx<'_>) {
    let (title, more, tone) = match &cx.visit.card {
        CardOnReader::Reading => (t::card_reading(cx.t), t::card_put_more(cx.t), theme::PRIMARY),
        CardOnReader::Failed(trouble) => (words::device_trouble(cx.t, trouble.code), t::card_failed_more(cx.t), theme::RED),
        CardOnReader::Nothing | CardOnReader::Read(_) => (t::card_put(cx.t), t::card_put_more(cx.t), theme::LINE),
    };
    card::edged(ui, Stroke::new(2.0, tone), |ui| {
        ui.vertical_centered(|ui| {
            ui.add_space(40.0);
            picture(ui, tone);
            ui.add_space(28.0);
            ui.label(text::title(title));
            ui.label(text::soft(more));
            ui.add_space(48.0);
        });
    });
}

/// A card drawn in a few lines: recognised from across the counter.
fn picture(ui: &mut Ui, tone: egui::Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(280.0, 176.0), egui::Sense::hover());
    let painter = ui.painter();
    painter.rect(rect, theme::RADIUS, theme::PRIMARY_SOFT, Stroke::new(2.0, tone), StrokeKind::Inside);
    let photo = egui::Rect::from_min_size(rect.min + vec2(196.0, 32.0), vec2(60.0, 76.0));
    painter.rect(photo, theme::RADIUS_BADGE, theme::CARD, theme::STROKE, StrokeKind::Inside);
    for (line, width) in [(36.0, 120.0), (62.0, 84.0), (88.0, 140.0), (140.0, 220.0)] {
        let bar = egui::Rect::from_min_size(rect.min + vec2(28.0, line), vec2(width, 10.0));
        painter.rect_filled(bar, 5.0, theme::LINE);
    }
}

/// The person's data.
pub fn data(ui: &mut Ui, cx: &Cx<'_>, person: &Identity) -> Option<Wish> {
    let by_card = person.card != CardKind::None;
    let mut looked = false;
    let edge = if by_card { theme::GREEN } else { theme::AMBER };
    card::edged(ui, Stroke::new(2.0, edge), |ui| {
        ui.horizontal_top(|ui| {
            // The card itself has the photo; where room is short the data are worth more.
            let photo = by_card && ui.available_width() > 760.0;
            let width = if photo { ui.available_width() - 230.0 } else { ui.available_width() };
            ui.allocate_ui_with_layout(vec2(width, 0.0), egui::Layout::top_down(egui::Align::Min), |ui| {
                ui.set_width(width);
                looked = facts(ui, cx, person);
            });
            if photo {
                match read_event(person).and_then(|event| cx.textures.photo(event)) {
                    Some(texture) => decoded_photo(ui, cx, texture),
                    None => no_photo(ui, cx),
                }
            }
        });
    });
    looked.then_some(Wish::Looked { what: "number" })
}

/// True when the whole number was just called for.
fn facts(ui: &mut Ui, cx: &Cx<'_>, person: &Identity) -> bool {
    ui.spacing_mut().item_spacing.y = 8.0;
    card::fact_with(ui, LABEL, &t::name(cx.t), |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = theme::GAP;
            ui.label(egui::RichText::new(person.name.expose()).font(bold(42.0)).color(theme::INK));
            whence(ui, cx, person);
        });
    });
    let nation = person.nation.as_ref().map_or("", |nation| nation.name.as_str());
    row(ui, &t::sex_nation(cx.t), format!("{} {nation}", words::sex(cx.t, person.sex)).trim());
    if let Some(birth) = person.birth {
        let age = identity::age_on(birth, words::day(cx.now));
        row(ui, &t::birth(cx.t), &t::born_age(cx.t, terms::full_day(cx.t, birth), age));
    }
    if !person.address.expose().is_empty() {
        row(ui, &t::address(cx.t), person.address.expose());
    }
    let looked = card::fact_with(ui, LABEL, &t::number(cx.t), |ui| number(ui, cx, person));
    if !person.issuer.is_empty() {
        row(ui, &t::issuer(cx.t), &person.issuer);
    }
    if let Some(until) = person.valid_until {
        let until = match until {
            ValidUntil::Date(date) => terms::full_day(cx.t, date),
            ValidUntil::LongTerm => t::valid_long(cx.t),
        };
        let words = match person.valid_from {
            Some(from) => t::valid_from_until(cx.t, terms::full_day(cx.t, from), until),
            None => until,
        };
        row(ui, &t::valid(cx.t), &words);
    }
    looked
}

fn row(ui: &mut Ui, label: &str, value: &str) {
    card::fact_with(ui, LABEL, label, |ui| ui.label(egui::RichText::new(value).font(regular(26.0)).color(theme::INK)));
}

/// Read from a chip or typed by hand, as a sign.
fn whence(ui: &mut Ui, cx: &Cx<'_>, person: &Identity) {
    if person.card == CardKind::None {
        badge::badge(ui, Tone::Warn, &t::card_hand(cx.t));
    } else {
        badge::badge(ui, Tone::Good, &t::card_chip(cx.t, terms::card_kind(cx.t, person.card)));
    }
}

/// The person in one line, while something else needs the room.
pub fn short(ui: &mut Ui, cx: &Cx<'_>, person: &Identity) {
    let by_card = person.card != CardKind::None;
    card::edged(ui, Stroke::new(2.0, if by_card { theme::GREEN } else { theme::AMBER }), |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = theme::GAP;
            ui.label(egui::RichText::new(person.name.expose()).font(bold(size::HERO)).color(theme::INK));
            let sex = words::sex(cx.t, person.sex);
            let age = person.birth.map(|birth| texts::shell::age(cx.t, i64::from(identity::age_on(birth, words::day(cx.now)))));
            ui.label(text::soft([sex, age.unwrap_or_default()].join(" · ")));
            ui.label(text::body(identity::mask_number(person.number.expose())));
            whence(ui, cx, person);
        });
    });
}

/// Masked until somebody holds the button down; true when that begins.
fn number(ui: &mut Ui, cx: &Cx<'_>, person: &Identity) -> bool {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GAP;
        // The number is laid out after the button was asked, but stands before it: its width is
        // that of the longest of both forms, so that nothing jumps under the finger.
        let id = egui::Id::unique("number-held");
        let held = ui.data(|data| data.get_temp::<bool>(id)).unwrap_or(false);
        let shown = if held { person.number.expose().clone() } else { identity::mask_number(person.number.expose()) };
        let (rect, response) = ui.allocate_exact_size(vec2(276.0, 40.0), egui::Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &shown));
        ui.painter().text(rect.left_center(), egui::Align2::LEFT_CENTER, &shown, regular(26.0), theme::INK);
        ui.spacing_mut().interact_size.y = 36.0;
        let hold = button::link(ui, t::hold_to_show(cx.t));
        let by_key = hold.has_focus() && ui.input(|input| input.key_down(egui::Key::Space));
        let now = hold.is_pointer_button_down_on() || by_key;
        ui.data_mut(|data| data.insert_temp(id, now));
        now && !held
    })
    .inner
}

/// The photo on the chip, as the town's own decoder made it.
fn decoded_photo(ui: &mut Ui, cx: &Cx<'_>, texture: &egui::TextureHandle) {
    let picture = egui::Image::from_texture(texture).fit_to_exact_size(vec2(200.0, 247.0));
    let response = ui.add(picture);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, t::photo(cx.t)));
}

/// The photo on the chip needs a licensed decoder; the card itself shows it.
fn no_photo(ui: &mut Ui, cx: &Cx<'_>) {
    let (rect, response) = ui.allocate_exact_size(vec2(200.0, 248.0), egui::Sense::hover());
    let words = format!("{}\n{}", t::no_photo(cx.t), t::no_photo_more(cx.t));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
    let painter = ui.painter();
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    painter.extend(egui::Shape::dashed_line(&corners, Stroke::new(1.5, theme::LINE), 6.0, 5.0));
    let mut job = egui::text::LayoutJob::simple(words, regular(size::SMALL), theme::SOFT, 180.0);
    job.halign = egui::Align::Center;
    let galley = painter.layout_job(job);
    painter.galley(rect.center() - vec2(0.0, galley.size().y / 2.0), galley, theme::SOFT);
}

/// What is odd about the card, in words.
pub fn warnings(ui: &mut Ui, cx: &Cx<'_>, person: &Identity) {
    if let Some(ValidUntil::Date(until)) = person.valid_until
        && until < words::day(cx.now)
    {
        card::note(ui, Tone::Warn, &t::is_expired(cx.t, terms::full_day(cx.t, until)), &t::is_expired_more(cx.t));
    }
    for code in &person.warnings {
        // Said above in its own note, and beside the empty place of the photo.
        if matches!(code.as_str(), "expired" | "photo_not_read") {
            continue;
        }
        let key = format!("warning-{code}");
        let words = t::lookup(cx.t, &key, &[]).unwrap_or_else(|| t::warning_other(cx.t, code.as_str()));
        card::note(ui, Tone::Warn, "", &words);
    }
}
