//! The desk's pages: templates of assets/hall, spoken in the language of who looks.

use axum::response::Html;
use minijinja::{Environment, Error, ErrorKind, Value, value::Kwargs};
use texts::{Lang, Texts};

const TEMPLATES: [(&str, &str); 9] = [
    ("base.html", include_str!("../../../assets/hall/base.html")),
    ("login.html", include_str!("../../../assets/hall/login.html")),
    ("inbox.html", include_str!("../../../assets/hall/inbox.html")),
    ("case.html", include_str!("../../../assets/hall/case.html")),
    ("correct.html", include_str!("../../../assets/hall/correct.html")),
    ("refuse.html", include_str!("../../../assets/hall/refuse.html")),
    ("act.html", include_str!("../../../assets/hall/act.html")),
    ("finish.html", include_str!("../../../assets/hall/finish.html")),
    ("trouble.html", include_str!("../../../assets/hall/trouble.html")),
];

pub(crate) struct Pages {
    zh: Environment<'static>,
    en: Environment<'static>,
}

impl Pages {
    pub fn new() -> Self {
        Self { zh: environment(Lang::Zh), en: environment(Lang::En) }
    }

    pub fn render(&self, lang: Lang, name: &str, context: Value) -> Result<Html<String>, Error> {
        let environment = match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        };
        environment.get_template(name)?.render(context).map(Html)
    }
}

fn environment(lang: Lang) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source).unwrap_or_else(|error| panic!("assets/hall/{name}: {error}"));
    }
    let texts = Texts::new(lang);
    environment.add_global("lang", lang.tag());
    // t("key", name=value): the sentence of desk.ftl.
    environment.add_function("t", move |key: &str, arguments: Kwargs| -> Result<String, Error> {
        let mut pairs = Vec::new();
        for name in arguments.args() {
            pairs.push((name, arguments.get::<Value>(name)?.to_string()));
        }
        texts::desk::lookup(&texts, key, &pairs)
            .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("desk.ftl has no {key}")))
    });
    environment
}

/// A page for troubles, in both languages: it must not depend on who is signed in.
pub(crate) fn trouble(key: &str, reference: &str) -> String {
    let sentences: Vec<String> =
        [Lang::Zh, Lang::En].into_iter().filter_map(|lang| texts::desk::lookup(&Texts::new(lang), key, &[])).collect();
    let pages = Pages::new();
    pages
        .render(Lang::Zh, "trouble.html", minijinja::context! { sentences, reference })
        .map_or_else(|_| format!("{key} {reference}"), |page| page.0)
}
