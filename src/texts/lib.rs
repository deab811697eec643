//! Every sentence that a person reads, as functions generated from assets/texts (Fluent).
//!
//! Doors: [`Texts`], [`Lang`], and one module a file, e.g. `texts::home::new_filing(&t)`.
//! Codes that come from data (a device's trouble, a complaint of the form) are said by the
//! module's `lookup`.
//!
//! Never: decides anything, knows a person, reads a file at run time.

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

/// The languages, Chinese first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    #[default]
    Zh,
    En,
}

impl Lang {
    /// `zh-CN` or `en`, as in the configuration.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }

    pub fn from_tag(tag: &str) -> Option<Self> {
        [Lang::Zh, Lang::En].into_iter().find(|lang| lang.tag() == tag)
    }
}

/// The sentences of one language.
pub struct Texts {
    lang: Lang,
    bundles: Vec<FluentBundle<FluentResource>>,
}

impl Texts {
    pub fn new(lang: Lang) -> Self {
        let id: unic_langid::LanguageIdentifier = lang.tag().parse().expect("our own tags are language tags");
        let bundles = FILES
            .iter()
            .map(|(name, sources)| {
                let source = sources[lang as usize].to_owned();
                let resource = FluentResource::try_new(source).unwrap_or_else(|_| panic!("{name}.ftl was parsed at build time"));
                let mut bundle = FluentBundle::new_concurrent(vec![id.clone()]);
                // Isolation marks are invisible on paper and boxes in a window.
                bundle.set_use_isolating(false);
                bundle.add_resource(resource).unwrap_or_else(|_| panic!("{name}.ftl has each key once"));
                bundle
            })
            .collect();
        Self { lang, bundles }
    }

    pub fn lang(&self) -> Lang {
        self.lang
    }

    fn say<const N: usize>(&self, file: usize, key: &str, args: [(&'static str, FluentValue<'_>); N]) -> String {
        let args = FluentArgs::from_iter(args);
        self.format(file, key, &args).unwrap_or_else(|| format!("{}:{key}", FILES[file].0))
    }

    fn lookup(&self, file: usize, code: &str, args: &[(&str, String)]) -> Option<String> {
        let args = FluentArgs::from_iter(args.iter().map(|(key, value)| (*key, FluentValue::from(value.as_str()))));
        // Codes are written with underscores in Rust and with hyphens in Fluent.
        self.format(file, code, &args).or_else(|| self.format(file, &code.replace('_', "-"), &args))
    }

    fn format(&self, file: usize, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let bundle = &self.bundles[file];
        let pattern = bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        Some(bundle.format_pattern(pattern, Some(args), &mut errors).into_owned())
    }
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Texts({})", self.lang.tag())
    }
}

include!(concat!(env!("OUT_DIR"), "/sentences.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_build_and_speak() {
        for lang in [Lang::Zh, Lang::En] {
            let t = Texts::new(lang);
            for (index, (name, _)) in FILES.iter().enumerate() {
                assert!(!t.bundles[index].has_message("no-such-key"), "{name}");
            }
            assert_eq!(Lang::from_tag(lang.tag()), Some(lang));
        }
        assert_eq!(common::language_name(&Texts::new(Lang::Zh)), "中文");
        assert_eq!(common::language_name(&Texts::new(Lang::En)), "English");
    }

    #[test]
    fn numbers_and_words_stand_in_sentences_without_invisible_marks() {
        let t = Texts::new(Lang::Zh);
        assert_eq!(common::reference(&t, "A1"), "编号 A1");
        assert_eq!(common::lookup(&t, "language_name", &[]).as_deref(), Some("中文"));
        assert_eq!(common::lookup(&t, "no_such", &[]), None);
    }
}
