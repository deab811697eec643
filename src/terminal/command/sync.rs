//! `sync`: works the queue without a window: once, or until nothing waits, and never without an end.

use std::time::Duration;

use courier::plan::{Move, Plan, Waiting};
use serde_json::json;
use texts::{Texts, command as say};

use super::{Fault, Options, cabinet, print, queue};
use crate::{
    clock::{Clock, Stopwatch},
    config::Config,
    words,
    worker::round::{Came, Round},
};

/// How long `--until-empty` tries when nobody says.
const SECONDS: u64 = 600;
/// And at most, when somebody does: a day.
const SECONDS_MAX: u64 = 86_400;

/// `sync [--once | --until-empty [--seconds N]] [--json]`
pub fn sync(t: &Texts, options: &mut Options, config: &Config, clock: &Clock) -> Result<(), Fault> {
    let as_json = options.flag("--json");
    let until_empty = options.flag("--until-empty");
    if options.flag("--once") && until_empty {
        return Err(Fault::Unknown("--once --until-empty".to_owned()));
    }
    let seconds = match options.take("--seconds") {
        None => SECONDS,
        Some(text) => text.parse().ok().filter(|seconds| (1..=SECONDS_MAX).contains(seconds)).ok_or(Fault::Number(text))?,
    };
    options.nothing_left()?;
    let mut round = Round::new(config, cabinet(config, clock)?, clock)?;
    let (mut plan, mut came) = (Plan::default(), Came::default());
    round.cabinet.send_now()?;
    let watch = Stopwatch::start();
    let line = loop {
        let mut line = round.listen()?;
        round.carry(&mut plan, &mut came)?;
        line = plan.line_down().or(line);
        if line.is_none() && !came.delivered.is_empty() {
            // What the hall made of it.
            line = round.listen()?;
        }
        let left = Duration::from_secs(seconds).saturating_sub(watch.elapsed());
        let waits = round.reading.open_acts()?.iter().any(|act| !matches!(act.why, outbox::Why::Aside(_)));
        if !until_empty || !waits || left.is_zero() {
            break line;
        }
        rest(&round, &plan, clock, left)?;
    };
    let look = queue::look(t, &round.reading)?;
    let waiting = look["waiting"].as_array().map_or(0, Vec::len) as u64;
    if as_json {
        let aside: Vec<_> = came
            .aside
            .iter()
            .map(|(act, code)| json!({ "act": act, "code": code, "sentence": words::line_trouble(t, code) }))
            .collect();
        let line = line.map(|code| json!({ "code": code, "sentence": words::line_trouble(t, code) }));
        print(&json!({ "delivered": came.delivered, "aside": aside, "line": line, "queue": look }).to_string())?;
    } else {
        for code in came.aside.iter().map(|(_, code)| *code).chain(line) {
            print(&words::line_trouble(t, code))?;
        }
        print(&say::delivered(t, came.delivered.len() as u64))?;
    }
    match (waiting, came.aside.len()) {
        (0, 0) => line.map_or(Ok(()), |code| Err(Fault::Line(code.to_owned()))),
        (0, aside) => Err(Fault::Aside(aside as u64)),
        (waiting, _) => Err(Fault::Waiting(waiting)),
    }
}

/// Leaves the line alone as long as the plan says, within what is left.
fn rest(round: &Round<'_>, plan: &Plan, clock: &Clock, left: Duration) -> Result<(), Fault> {
    let now = clock.now();
    let paused = round.reading.queue()?.paused;
    let due = round.cabinet.parcels(now)?.len();
    let waiting = Waiting { paused, due, next_due: round.cabinet.next_due()? };
    if let Move::Rest(rest) = plan.next(&waiting, now) {
        let (watch, rest) = (Stopwatch::start(), rest.min(left));
        // Parking may end early, and then goes on.
        while watch.elapsed() < rest {
            std::thread::park_timeout(rest.saturating_sub(watch.elapsed()));
        }
    }
    Ok(())
}
