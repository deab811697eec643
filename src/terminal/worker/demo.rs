//! The buttons of the demo band: a word to the `virtual-card` tool's control socket. Only with a
//! configuration that names the socket; never a real reader.

use std::path::PathBuf;

use card::simulator::{control, persona::Persona};

use super::Post;
use crate::speech::{DemoCard, Fact};

/// Made-up people (region 000000) and a card that cannot be read, as the tool takes them.
const PERSONAS: [&str; 3] = [
    include_str!("../../../assets/demo/personas/li-yangben.toml"),
    include_str!("../../../assets/demo/personas/zhang-yangli.toml"),
    include_str!("../../../assets/demo/personas/unreadable.toml"),
];

/// What stands on the buttons: the first words of each title.
pub fn personas() -> Vec<String> {
    PERSONAS.iter().filter_map(|text| name(text)).collect()
}

fn name(text: &str) -> Option<String> {
    let persona = Persona::parse(text).ok()?;
    Some(persona.title.split(['·', '（']).next().unwrap_or_default().trim().to_owned())
}

/// Tells the tool on a short thread of its own: the window does not wait.
pub fn press(socket: PathBuf, wish: DemoCard, post: Post) {
    let work = move || {
        let done = match &wish {
            DemoCard::Remove => control::remove(&socket),
            DemoCard::Insert { persona } => match PERSONAS.iter().find(|text| name(text).as_deref() == Some(persona)) {
                Some(text) => control::insert(&socket, text, &[]),
                None => Err("no such persona".to_owned()),
            },
        };
        if let Err(error) = done {
            tracing::warn!(error, "demo card");
            post.send(Fact::DemoCardFailed);
        }
    };
    if std::thread::Builder::new().name("demo".into()).spawn(work).is_err() {
        tracing::warn!("no thread for the demo card");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_persona_has_a_button_of_its_own() {
        let names = super::personas();
        assert_eq!(names.len(), super::PERSONAS.len());
        assert_eq!(names[0], "李样本");
        let mut unique = names.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), names.len());
    }
}
