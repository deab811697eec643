//! The agent's day: what to do today by due date, what the hall has not received, the board, figures.

use egui::{Align, CentralPanel, Frame, Layout, Margin, ScrollArea, Ui, vec2};
use jiff::civil::Date;
use matters::{Role, State};
use outbox::{Draft, FilingRow, Message, Stage};
use uuid::Uuid;

use super::Cx;
use crate::{
    look::theme::{self, Tone, bold, text},
    speech::{Place, Wish},
    widget::{
        badge::{badge, figure, progress},
        button, card,
    },
    words,
};

/// More rows than this do not fit without scrolling; the rest is under 查进度.
const ROWS_MAX: usize = 7;

/// Width of the labels in the board's card: the hours must fit behind them on a small screen.
const LABEL: f32 = 96.0;

#[derive(Default)]
pub struct Home {}

impl Home {
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
        let frame = Frame::new().fill(theme::PAPER).inner_margin(Margin { left: 32, right: 18, top: 28, bottom: 12 });
        CentralPanel::default()
            .frame(frame)
            .show(ui, |ui| {
                ScrollArea::vertical()
                    .auto_shrink([false, false])
                    .show(ui, |ui| {
                        let width = ui.available_width() - 14.0;
                        let right = (width * 0.32).clamp(420.0, 596.0);
                        let gap = if width > 1500.0 { 64.0 } else { 32.0 };
                        ui.horizontal_top(|ui| {
                            ui.spacing_mut().item_spacing = vec2(gap, 20.0);
                            let from_left = column(ui, width - right - gap, |ui| work(ui, cx));
                            let from_right = column(ui, right, |ui| sides(ui, cx));
                            from_left.or(from_right)
                        })
                        .inner
                    })
                    .inner
            })
            .inner
    }
}

fn column<R>(ui: &mut Ui, width: f32, add: impl FnOnce(&mut Ui) -> R) -> R {
    ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing = vec2(24.0, 20.0);
        add(ui)
    })
    .inner
}

fn work(ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
    let mut wish = None;
    let width = ui.available_width();
    ui.horizontal(|ui| {
        let main = (width - 24.0) * 0.58;
        let height = 164.0;
        let new = button::tile(ui, vec2(main, height), &texts::home::new_filing(cx.t), &texts::home::new_filing_line(cx.t), true);
        if new.clicked() {
            wish = Some(Wish::NewVisit);
        }
        let rest = vec2(width - 24.0 - main, height);
        if button::tile(ui, rest, &texts::home::progress(cx.t), &texts::home::progress_line(cx.t), false).clicked() {
            wish = Some(Wish::GoTo(Place::Filings));
        }
    });
    let from_today = close(ui, |ui| today(ui, cx));
    wish.or(from_today)
}

/// One thing to do, with its due date for the order.
struct Task {
    due: Option<Date>,
    tone: Tone,
    sign: String,
    title: String,
    line: String,
    act: String,
    wish: Target,
}

#[derive(Clone, Copy)]
enum Target {
    Filing(Uuid),
    Correction(Uuid),
    Draft(Uuid),
}

fn today(ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
    let tasks = tasks(cx);
    ui.horizontal(|ui| {
        ui.label(text::title(texts::home::today(cx.t)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if !tasks.is_empty() {
                ui.label(text::small(texts::home::today_count(cx.t, tasks.len() as u64)));
            }
        });
    });
    if tasks.is_empty() {
        ui.add_space(theme::GAP);
        ui.label(text::strong(texts::home::today_empty(cx.t)));
        ui.label(text::small(texts::home::today_empty_words(cx.t)));
        ui.add_space(theme::GAP);
        return None;
    }
    let mut wish = None;
    for (index, task) in tasks.iter().take(ROWS_MAX).enumerate() {
        if index > 0 {
            card::rule(ui);
        }
        if row(ui, task) {
            wish = Some(match task.wish {
                Target::Filing(id) => Wish::OpenFiling(id),
                Target::Correction(id) => Wish::Mend(id),
                Target::Draft(id) => Wish::OpenDraft(id),
            });
        }
    }
    if tasks.len() > ROWS_MAX {
        card::rule(ui);
        ui.label(text::small(texts::home::more(cx.t, (tasks.len() - ROWS_MAX) as u64)));
    }
    wish
}

fn row(ui: &mut Ui, task: &Task) -> bool {
    ui.horizontal(|ui| {
        ui.set_min_height(68.0);
        ui.allocate_ui_with_layout(vec2(150.0, 60.0), Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(150.0);
            badge(ui, task.tone, &task.sign);
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            // The name says whose row it is, or "去补" would stand there four times.
            let pressed = named_button(ui, &task.act, &format!("{} {}", task.act, task.title));
            ui.with_layout(Layout::top_down(Align::Min), |ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.add_space(4.0);
                ui.add(egui::Label::new(text::strong(&task.title)).truncate());
                ui.add(egui::Label::new(text::small(&task.line)).truncate());
            });
            pressed
        })
        .inner
    })
    .inner
}

/// A small button whose accessible name says more than what stands on it.
fn named_button(ui: &mut Ui, words: &str, name: &str) -> bool {
    let response = button::small(ui, words);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
    response.clicked()
}

fn tasks(cx: &Cx<'_>) -> Vec<Task> {
    let today = words::day(cx.now);
    let mut tasks: Vec<Task> = cx.overview.filings.iter().filter_map(|row| of_filing(cx, row, today)).collect();
    tasks.extend(cx.overview.drafts.iter().map(|draft| of_draft(cx, draft)));
    // What has a due date first, the earliest first; then troubles, results, drafts as they came.
    tasks.sort_by_key(|task| task.due.unwrap_or(Date::MAX));
    tasks
}

fn of_filing(cx: &Cx<'_>, row: &FilingRow, today: Date) -> Option<Task> {
    let title = |say: fn(&texts::Texts, String, String) -> String| {
        say(cx.t, row.applicant_name.expose().clone(), matter_name(cx, &row.matter))
    };
    if row.stage == Stage::Quarantined {
        return Some(Task {
            due: Some(Date::MIN),
            tone: Tone::Bad,
            sign: texts::home::aside(cx.t),
            title: title(texts::home::aside_title),
            line: words::line_trouble(cx.t, row.trouble.as_deref().unwrap_or_default()),
            act: texts::home::see(cx.t),
            wish: Target::Filing(row.id),
        });
    }
    let case = row.case.as_ref()?;
    if case.state == State::InCorrection
        && let Some(correction) = &case.correction
    {
        let days = i64::from((correction.due - today).get_days());
        let (tone, sign) = match days {
            ..0 => (Tone::Bad, texts::home::overdue(cx.t, -days)),
            0 => (Tone::Bad, texts::home::due_today(cx.t)),
            _ => (Tone::Warn, texts::home::due_in(cx.t, days)),
        };
        let told = words::date(cx.t, words::day(correction.told_at));
        return Some(Task {
            due: Some(correction.due),
            tone,
            sign,
            title: title(texts::home::correct),
            line: texts::home::correct_line(cx.t, correction.items.len() as u64, told, words::date(cx.t, correction.due)),
            act: texts::home::go_correct(cx.t),
            wish: Target::Correction(row.id),
        });
    }
    if matches!(case.state, State::Granted | State::Refused | State::NotAccepted) {
        let told = words::date(cx.t, words::day(case.last_change));
        return Some(Task {
            due: None,
            tone: if case.state == State::Granted { Tone::Good } else { Tone::Warn },
            sign: texts::home::result(cx.t),
            title: title(texts::home::draft_title),
            line: texts::home::result_line(cx.t, told),
            act: texts::home::see(cx.t),
            wish: Target::Filing(row.id),
        });
    }
    None
}

fn of_draft(cx: &Cx<'_>, draft: &Draft) -> Task {
    let name =
        draft.applicant.as_ref().map(|person| person.name.expose().clone()).unwrap_or_else(|| texts::home::draft_nobody(cx.t));
    let matter = draft.matter.as_deref().map_or_else(|| texts::home::draft_no_matter(cx.t), |id| matter_name(cx, id));
    let answering = draft.supplement_to.is_some();
    Task {
        due: None,
        tone: Tone::Quiet,
        sign: if answering { texts::home::answering(cx.t) } else { texts::home::draft(cx.t) },
        title: texts::home::draft_title(cx.t, name, matter),
        line: texts::home::draft_line(cx.t, words::when(cx.t, draft.changed_at, cx.now)),
        act: texts::home::go_on(cx.t),
        wish: Target::Draft(draft.id),
    }
}

/// Name of a matter, of one that was withdrawn, or its id when the catalogue knows neither.
pub(super) fn matter_name(cx: &Cx<'_>, id: &str) -> String {
    let known = cx.catalogue.matter(id).map(|matter| &matter.name);
    let name = known.or_else(|| cx.catalogue.withdrawn(id).map(|matter| &matter.name));
    name.map_or_else(|| id.to_owned(), |name| words::said(cx.t, name).to_owned())
}

fn sides(ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
    let from_messages = cx.overview.messages.first().and_then(|first| close(ui, |ui| message(ui, cx, first)));
    let from_queue = close(ui, |ui| queue(ui, cx));
    let from_board = close(ui, |ui| board(ui, cx));
    close(ui, |ui| month(ui, cx));
    from_messages.or(from_queue).or(from_board)
}

/// The newest message of the town that nobody here has read; the next one comes when it was.
fn message(ui: &mut Ui, cx: &Cx<'_>, message: &Message) -> Option<Wish> {
    let mut wish = None;
    ui.horizontal(|ui| {
        ui.label(text::title(texts::home::message(cx.t)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if button::small(ui, texts::home::message_read(cx.t)).clicked() {
                wish = Some(Wish::ReadMessage(message.id));
            }
        });
    });
    ui.label(text::body(&message.text));
    let mut line = texts::home::message_line(cx.t, words::when(cx.t, message.at, cx.now));
    let more = cx.overview.messages.len() as u64 - 1;
    if more > 0 {
        line.push(' ');
        line.push_str(&texts::home::message_more(cx.t, more));
    }
    ui.label(text::small(line));
    wish
}

/// A card whose lines stand closer than the cards do.
fn close<R>(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> R {
    card::card(ui, |ui| {
        ui.spacing_mut().item_spacing = vec2(theme::GAP, theme::GAP_S);
        add(ui)
    })
    .inner
}

fn queue(ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
    let queue = &cx.overview.queue;
    let waiting = queue.filings_waiting;
    let mut wish = None;
    ui.horizontal(|ui| {
        ui.label(text::title(texts::home::queue(cx.t)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if button::small(ui, texts::shell::show_queue(cx.t)).clicked() {
                wish = Some(Wish::GoTo(Place::Queue));
            }
            let (tone, words) = queue_state(cx);
            badge(ui, tone, &words);
        });
    });
    ui.horizontal(|ui| {
        ui.label(egui::RichText::new(waiting.to_string()).font(bold(52.0)).color(theme::INK));
        let words = if waiting == 0 && cx.overview.filings.is_empty() {
            texts::home::queue_none_yet(cx.t)
        } else if waiting == 0 && queue.quarantined > 0 {
            texts::home::queue_stopped(cx.t)
        } else if waiting == 0 {
            texts::home::queue_empty(cx.t)
        } else {
            texts::home::queue_count(cx.t, queue.pages_waiting, words::bytes(queue.bytes_total))
        };
        ui.label(text::body(words).color(theme::SOFT));
    });
    if waiting > 0 && queue.bytes_total > 0 {
        let share = queue.bytes_sent as f32 / queue.bytes_total as f32;
        progress(ui, share, &texts::home::queue_progress(cx.t, (share * 100.0) as i64));
        ui.add_space(4.0);
    }
    let mut line = String::new();
    if queue.bytes_sent > 0 && waiting > 0 {
        line.push_str(&texts::home::queue_sent(cx.t, words::bytes(queue.bytes_sent)));
    }
    match queue.last_receipt_at {
        Some(at) => line.push_str(&texts::home::queue_last(cx.t, words::when(cx.t, at, cx.now))),
        None if waiting > 0 => line.push_str(&texts::home::queue_never(cx.t)),
        // Nothing was ever filed here: nothing to answer.
        None => {}
    }
    if !line.is_empty() {
        ui.label(text::small(line));
    }
    if queue.quarantined > 0 {
        ui.label(text::small_strong(texts::home::quarantined(cx.t, queue.quarantined)).color(theme::RED));
    }
    wish
}

/// What the queue does at this moment, in one word with its tone.
pub(super) fn queue_state(cx: &Cx<'_>) -> (Tone, String) {
    let queue = &cx.overview.queue;
    if queue.paused {
        (Tone::Warn, texts::home::queue_badge_paused(cx.t))
    } else if queue.filings_waiting == 0 && queue.quarantined > 0 {
        // What stopped was not received: "all delivered" would be a lie.
        (Tone::Bad, texts::home::aside(cx.t))
    } else if queue.filings_waiting == 0 && cx.overview.filings.is_empty() {
        (Tone::Quiet, texts::home::queue_badge_none(cx.t))
    } else if queue.filings_waiting == 0 {
        (Tone::Good, texts::home::queue_badge_done(cx.t))
    } else if cx.lamps.offline() {
        (Tone::Warn, texts::home::queue_badge_waiting(cx.t))
    } else {
        (Tone::Primary, texts::home::queue_badge_sending(cx.t))
    }
}

fn board(ui: &mut Ui, cx: &Cx<'_>) -> Option<Wish> {
    let mut wish = None;
    ui.horizontal(|ui| {
        ui.label(text::title(texts::home::board(cx.t)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if button::small(ui, texts::home::see_board(cx.t)).clicked() {
                wish = Some(Wish::GoTo(Place::Board));
            }
        });
    });
    ui.label(text::small(texts::home::board_tabs(cx.t)));
    if let Some(p) = cx.particulars {
        card::fact(ui, LABEL, &texts::home::board_today(cx.t), &p.point_hours);
        for agent in cx.overview.agents.iter().filter(|agent| agent.role == Role::Agent) {
            if !agent.post.is_empty() {
                card::fact(ui, LABEL, &texts::home::board_post(cx.t, agent.post.as_str()), &agent.name);
            }
        }
        card::fact(ui, LABEL, &texts::home::board_hall(cx.t), &p.hall_phone);
        if !p.supervision_phone.is_empty() {
            card::fact(ui, LABEL, &texts::home::board_supervision(cx.t), &p.supervision_phone);
        }
    }
    wish
}

fn month(ui: &mut Ui, cx: &Cx<'_>) {
    let count = |key: &str| cx.overview.month.get(key).copied().unwrap_or(0);
    let (ended, at_once) = (count("ended"), count("ended_at_once"));
    ui.label(text::title(texts::home::month(cx.t)));
    ui.columns(3, |columns| {
        figure(&mut columns[0], &count("sealed").to_string(), &texts::home::month_sealed(cx.t));
        figure(&mut columns[1], &ended.to_string(), &texts::home::month_ended(cx.t));
        // No share of nothing.
        let share = (at_once * 100).checked_div(ended).map_or_else(|| "–".to_owned(), |share| format!("{share}%"));
        figure(&mut columns[2], &share, &texts::home::month_at_once(cx.t));
    });
}
