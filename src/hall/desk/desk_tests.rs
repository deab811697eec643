//! The acts after acceptance through the desk's own pages.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    http::{Request, Response, StatusCode, header},
};
use matters::State;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::{
    Hall,
    clock::{Clock, Ids},
    ledger::{Decision, Rules, fixtures::*},
};

struct Browser {
    hall: Arc<Hall>,
    cookie: String,
    lang: &'static str,
}

impl Browser {
    fn sign_in(hall: &Arc<Hall>, lang: &'static str) -> Self {
        let session = hall.ledger.verify_login("li", PASSWORD, now()).unwrap();
        Self { hall: Arc::clone(hall), cookie: session.token, lang }
    }

    async fn send(&self, request: axum::http::request::Builder, body: String) -> Response<Body> {
        let cookie = format!("desk_session={}; desk_lang={}", self.cookie, self.lang);
        let request = request.header(header::COOKIE, cookie).body(Body::from(body)).unwrap();
        super::router(Arc::clone(&self.hall)).oneshot(request).await.unwrap()
    }

    async fn get(&self, path: &str) -> String {
        let answer = self.send(Request::get(path), String::new()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        text(answer).await
    }

    /// Sends a form as the page of `path` drew it, with these fields. `Ok` when it was done.
    async fn submit(&self, path: &str, fields: &str) -> Result<(), String> {
        let page = self.get(path).await;
        let value = |name: &str| {
            let at = page.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{path} has no {name}"));
            page[at..].split('"').nth(3).unwrap().to_owned()
        };
        let body = format!("mark={}&revision={}&{fields}", value("mark"), value("revision"));
        let form = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = self.send(form, body).await;
        if answer.status() == StatusCode::SEE_OTHER { Ok(()) } else { Err(text(answer).await) }
    }
}

async fn text(answer: Response<Body>) -> String {
    String::from_utf8(to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

fn hall(dir: &std::path::Path) -> (Arc<Hall>, Uuid) {
    let ledger = found(dir, Ids::System);
    let slc = terminal(&ledger, "SLC");
    let id = filed(&ledger, &slc, "wang", 1);
    ledger.decide(id, &Decision::Accept, &clerk(&ledger), 1, now()).unwrap();
    (Hall::with(ledger, Rules::bundled().unwrap(), Clock::at(now()), Ids::System).unwrap(), id)
}

#[tokio::test]
async fn forwarding_procedure_and_delivery_are_buttons_with_a_form_each() {
    for lang in ["zh-CN", "en"] {
        let dir = tempfile::tempdir().unwrap();
        let (hall, id) = hall(dir.path());
        let browser = Browser::sign_in(&hall, lang);
        let state = || hall.ledger.case(id).unwrap().unwrap().view.state;
        let case = format!("/case/{id}");
        let page = browser.get(&case).await;
        for (act, shown) in [("forward", true), ("special", true), ("extend", false), ("resume", false), ("void", false)] {
            assert_eq!(page.contains(&format!("/act/{act}\"")), shown, "{act} for a clerk");
        }
        let refused = browser.submit(&format!("{case}/act/forward"), "body=+").await.unwrap_err();
        assert!(refused.contains("role=\"alert\""), "{refused}");
        browser.submit(&format!("{case}/act/forward"), "body=Bureau").await.unwrap();
        assert_eq!(state(), State::Forwarded);
        browser.submit(&format!("{case}/act/special"), "procedure=Visit&days=5").await.unwrap();
        assert_eq!(state(), State::SpecialProcedure);
        let page = browser.get(&case).await;
        assert!(page.contains("Bureau") && page.contains("Visit") && page.contains("2026-12-01"), "{page}");
        browser.submit(&format!("{case}/act/resume"), "").await.unwrap();
        assert_eq!(state(), State::Accepted);
        let done = Decision::Finish { granted: true, reason: "done".into(), remedy: String::new(), result: None };
        hall.ledger.decide(id, &done, &clerk(&hall.ledger), 5, now()).unwrap();
        let page = browser.get(&case).await;
        assert!(page.contains("2026-12-08"), "ten working days to deliver: {page}");
        let refused = browser.submit(&format!("{case}/act/deliver"), "collector=Wang").await.unwrap_err();
        assert!(refused.contains("value=\"Wang\""), "what was typed is kept");
        browser.submit(&format!("{case}/act/deliver"), "collector=Wang&way=village").await.unwrap();
        assert_eq!(state(), State::Delivered);
        let page = browser.get(&case).await;
        assert!(!page.contains("/act/"), "nothing can be done any more");
    }
}

#[tokio::test]
async fn a_value_that_stands_in_another_case_is_said_with_the_way_to_it() {
    let files: Vec<(String, String)> = matters::bundled::FILES
        .iter()
        .map(|(name, text)| {
            let rule = "\n[[repeat]]\nonce = [\"phone\"]\nmessage = { zh = \"这个电话报过\", en = \"Told before\" }\n";
            let more = if name.starts_with("M09") { rule } else { "" };
            ((*name).to_owned(), format!("{text}{more}"))
        })
        .collect();
    let catalogue = matters::Catalogue::parse("", &crate::published::borrowed(&files)).unwrap();
    let rules = Rules::of(vec![Arc::new(catalogue)], Rules::bundled().unwrap().calendar);
    for (lang, said, title) in [("zh-CN", "这个电话报过", "可能重复申报"), ("en", "Told before", "Possibly filed twice")]
    {
        let dir = tempfile::tempdir().unwrap();
        let ledger = found(dir.path(), Ids::System);
        ledger.set_rules(Arc::new(rules.clone()));
        let (slc, bhc) = (terminal(&ledger, "SLC"), terminal(&ledger, "BHC"));
        let [first, second] = [filed(&ledger, &slc, "wang", 1), filed(&ledger, &bhc, "zhao", 2)];
        let hall = Hall::with(ledger, rules.clone(), Clock::at(now()), Ids::System).unwrap();
        let page = Browser::sign_in(&hall, lang).get(&format!("/case/{second}")).await;
        assert!(page.contains(said) && page.contains(title), "{page}");
        assert!(page.contains(&format!("href=\"/case/{first}\"")) && page.contains("石榴村便民服务点"), "{page}");
    }
}

#[tokio::test]
async fn an_act_that_nobody_knows_and_a_form_from_elsewhere_do_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (hall, id) = hall(dir.path());
    let browser = Browser::sign_in(&hall, "zh-CN");
    let unknown = browser.send(Request::get(format!("/case/{id}/act/burn")), String::new()).await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let form = Request::post(format!("/case/{id}/act/forward")).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let forged = browser.send(form, "mark=x&revision=2&body=Bureau".to_owned()).await;
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    assert_eq!(hall.ledger.case(id).unwrap().unwrap().view.state, State::Accepted);
}

/// A case's history names everything that was ever done to it: a verb without words breaks its page.
#[test]
fn every_verb_of_a_cases_history_has_words_in_both_languages() {
    let sources = [
        include_str!("../ledger/acts.rs"),
        include_str!("../ledger/cases.rs"),
        include_str!("../ledger/course.rs"),
        include_str!("../ledger/decide.rs"),
        include_str!("../ledger/deem.rs"),
    ];
    let heads = ["act.", "case.", "clock.", "decide.", "number."];
    let verbs: std::collections::BTreeSet<&str> = sources
        .iter()
        .flat_map(|source| source.split('"').skip(1).step_by(2))
        .filter(|literal| heads.iter().any(|head| literal.starts_with(head)) && !literal.contains([' ', '{']))
        .collect();
    assert!(verbs.len() > 12, "{verbs:?}");
    for lang in [texts::Lang::Zh, texts::Lang::En] {
        let t = texts::Texts::new(lang);
        for verb in &verbs {
            let key = format!("verb-{}", verb.replace(['.', '_'], "-"));
            assert!(texts::desk::lookup(&t, &key, &[]).is_some(), "{key} in {}", lang.tag());
        }
    }
}
