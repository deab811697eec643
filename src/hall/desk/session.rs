//! Who sits at the desk: login, the session's cookie, the mark that a form came from our own page.

use std::sync::Arc;

use axum::{
    Form,
    extract::{FromRequestParts, State},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use matters::{Digest, Personal};
use serde::Deserialize;
use texts::Lang;

use super::{Desk, DeskError, blocking};
use crate::ledger::{Clerk, LoginRefuse};

const SESSION: &str = "desk_session";
const LANGUAGE: &str = "desk_lang";

/// A clerk who is signed in. Taken as an argument, it guards a handler.
pub(crate) struct Signed {
    pub clerk: Clerk,
    pub lang: Lang,
    token: String,
}

impl Signed {
    /// The mark that every form of this session carries.
    pub fn mark(&self) -> String {
        Digest::of(format!("desk-form:{}", self.token).as_bytes()).to_string()
    }

    /// # Errors
    /// When the form came from elsewhere.
    pub fn check(&self, mark: &str) -> Result<(), DeskError> {
        if mark == self.mark() { Ok(()) } else { Err(DeskError::Forged) }
    }
}

impl FromRequestParts<Arc<Desk>> for Signed {
    type Rejection = DeskError;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, DeskError> {
        let token = cookie(&parts.headers, SESSION).ok_or(DeskError::SignIn)?;
        let lang = language_of(&parts.headers);
        let desk = desk.clone();
        let asked = token.clone();
        let session = blocking(move || desk.hall.ledger.session(&asked, desk.hall.clock.now())).await??;
        Ok(Self { clerk: session.ok_or(DeskError::SignIn)?.clerk, lang, token })
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

fn language_of(headers: &HeaderMap) -> Lang {
    cookie(headers, LANGUAGE).and_then(|tag| Lang::from_tag(&tag)).unwrap_or_default()
}

fn set_cookie(response: &mut Response, name: &str, value: &str, more: &str) {
    // Strict: another site's link or form never carries it. The desk binds to this machine until
    // TLS is configured, so `Secure` would only lock the clerk out.
    let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{more}");
    if let Ok(line) = HeaderValue::from_str(&line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

pub(crate) async fn form(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Result<Response, DeskError> {
    login_page(&desk, language_of(&headers), "", minijinja::Value::UNDEFINED).await
}

async fn login_page(desk: &Arc<Desk>, lang: Lang, account: &str, refused: minijinja::Value) -> Result<Response, DeskError> {
    let asked = desk.clone();
    let hall = blocking(move || asked.hall.ledger.hall_info()).await??;
    let refused = if refused.is_undefined() { minijinja::Value::from(()) } else { refused };
    Ok(desk.pages.render(lang, "login.html", minijinja::context! { hall => hall.name, account, refused })?.into_response())
}

#[derive(Deserialize)]
pub(crate) struct Login {
    account: String,
    password: Personal<String>,
}

pub(crate) async fn sign_in(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Form(login): Form<Login>,
) -> Result<Response, DeskError> {
    let lang = language_of(&headers);
    let asked = desk.clone();
    let account = login.account.trim().to_owned();
    let typed = account.clone();
    let outcome =
        blocking(move || asked.hall.ledger.verify_login(&typed, login.password.expose(), asked.hall.clock.now())).await?;
    let refused = match outcome {
        Ok(session) => {
            let mut response = Redirect::to("/inbox").into_response();
            set_cookie(&mut response, SESSION, &session.token, "");
            return Ok(response);
        }
        Err(LoginRefuse::Wrong { left }) => minijinja::context! { key => "login-wrong", left },
        Err(LoginRefuse::Locked { until }) => {
            minijinja::context! { key => "login-locked", until => super::show::time(until) }
        }
        Err(LoginRefuse::NotHere) => minijinja::context! { key => "login-not-here" },
        Err(LoginRefuse::Ledger(error)) => return Err(error.into()),
    };
    login_page(&desk, lang, &account, refused).await
}

#[derive(Deserialize)]
pub(crate) struct Marked {
    pub mark: String,
}

pub(crate) async fn sign_out(
    State(desk): State<Arc<Desk>>,
    signed: Signed,
    Form(form): Form<Marked>,
) -> Result<Response, DeskError> {
    signed.check(&form.mark)?;
    let token = signed.token.clone();
    blocking(move || desk.hall.ledger.sign_out(&token, desk.hall.clock.now())).await??;
    let mut response = Redirect::to("/login").into_response();
    set_cookie(&mut response, SESSION, "", "; Max-Age=0");
    Ok(response)
}

#[derive(Deserialize)]
pub(crate) struct Language {
    lang: String,
}

/// Changes what the pages speak; needs no mark, it is a matter of this browser only.
pub(crate) async fn language(Form(form): Form<Language>) -> Response {
    let mut response = Redirect::to("/inbox").into_response();
    if let Some(lang) = Lang::from_tag(&form.lang) {
        set_cookie(&mut response, LANGUAGE, lang.tag(), "; Max-Age=31536000");
    }
    response
}
