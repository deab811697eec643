//! The reader: a read-only connection for lists, filings and pages, so that saving never waits
//! behind a picture that is being unpacked.

use std::sync::mpsc::Receiver;

use egui::ColorImage;
use outbox::{Cabinet, CabinetError, Reading};

use super::{Post, key};
use crate::{
    catalogue::{Sent, Town},
    clock::Clock,
    config::Config,
    ids::Ids,
    speech::{Fact, Overview, Question},
    words,
    worker::records::trouble,
};

/// Filings that lists can show; older ones are found by searching.
const FILINGS_MAX: usize = 500;
/// Unread messages of the town that are shown; more come as these are read.
const MESSAGES_MAX: usize = 20;
/// Longest side of a page on the screen, in pixels: large enough to read small print when zoomed.
const PAGE_SIDE_MAX: u32 = 1800;

pub fn run(config: &Config, clock: &Clock, questions: &Receiver<Question>, post: &Post, ready: &Receiver<()>) {
    if ready.recv().is_err() {
        // Records could not open the cabinet and has said so.
        return;
    }
    let ids = Ids::random();
    let reading = match key(config).and_then(|key| Cabinet::reading(&config.cabinet_file(), &key)) {
        Ok(reading) => reading,
        Err(error) => {
            post.send(Fact::CabinetShut(trouble(&ids, clock, &error)));
            return;
        }
    };
    match Sent::of(&reading) {
        // What the town has sent counts from the first screen on.
        Ok(sent) if !sent.is_empty() => {
            post.send(Fact::Town(Box::new(Town::load(config, words::day(clock.now()), &sent))));
        }
        Ok(_) => {}
        Err(error) => {
            post.send(Fact::Cabinet(trouble(&ids, clock, &error)));
        }
    }
    while let Ok(question) = questions.recv() {
        if matches!(question, Question::Stop) {
            return;
        }
        let fact = answer(config, &reading, clock, question).unwrap_or_else(|error| Fact::Cabinet(trouble(&ids, clock, &error)));
        if !post.send(fact) {
            return;
        }
    }
}

fn answer(config: &Config, reading: &Reading, clock: &Clock, question: Question) -> Result<Fact, CabinetError> {
    Ok(match question {
        Question::Overview => Fact::Overview(Box::new(Overview {
            drafts: reading.drafts()?,
            filings: reading.filings(FILINGS_MAX)?,
            queue: reading.queue()?,
            agents: reading.agents()?,
            messages: reading.messages(MESSAGES_MAX)?.into_iter().filter(|message| message.read_at.is_none()).collect(),
            month: reading.month(clock.now())?,
        })),
        Question::Town => Fact::Town(Box::new(Town::load(config, words::day(clock.now()), &Sent::of(reading)?))),
        Question::Draft(id) => reading.draft(id)?.map_or(Fact::NotThere, |draft| Fact::DraftLoaded(Box::new(draft))),
        Question::Filing(id) => reading.filing(id)?.map_or(Fact::NotThere, |full| Fact::FilingLoaded(Box::new(full))),
        Question::Page(digest) => match reading.page(digest)? {
            None => Fact::NotThere,
            Some(jpeg) => Fact::PagePicture { digest, image: picture(&jpeg) },
        },
        Question::Bytes(digest) => match reading.page(digest)? {
            None => Fact::NotThere,
            Some(jpeg) => Fact::PageBytes { digest, jpeg },
        },
        Question::Frame(page) => reading.frame(page)?.map_or(Fact::NotThere, |frame| Fact::FrameBytes { page, frame }),
        Question::Stop => Fact::NotThere,
    })
}

/// A page that cannot be unpacked shows as one grey point; the cabinet vouches for its bytes.
fn picture(jpeg: &[u8]) -> ColorImage {
    match scan::decode(jpeg, Some(PAGE_SIDE_MAX)) {
        Ok(picture) => {
            let picture = picture.to_rgb();
            ColorImage::from_rgb([picture.w as usize, picture.h as usize], &picture.data)
        }
        Err(error) => {
            tracing::warn!(code = error.code(), "a kept page cannot be unpacked");
            ColorImage::filled([1, 1], crate::look::theme::LINE)
        }
    }
}
