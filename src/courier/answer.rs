//! What an HTTP answer is worth: the hall's word, the hall's problem, or somebody else talking.

use std::time::Duration;

use serde::de::DeserializeOwned;
use wire::problem::{self, Kind, Problem};

use crate::{
    outcome::{Finding, LineTrouble, Outcome},
    patience,
};

/// An answer as it came off the line, read whole within its limit.
#[derive(Clone, Debug, Default)]
pub struct Answered {
    pub status: u16,
    pub content_type: String,
    pub retry_after: Option<String>,
    pub date: Option<String>,
    pub location: Option<String>,
    pub upload_offset: Option<u64>,
    pub upload_length: Option<u64>,
    pub body: Vec<u8>,
}

impl Answered {
    /// The answer, when its status is one of `expected`.
    ///
    /// # Errors
    /// The hall's problem, or what a foreign answer means.
    pub(crate) fn expect(self, expected: &[u16]) -> Result<Self, Outcome> {
        if expected.contains(&self.status) { Ok(self) } else { Err(self.refusal()) }
    }

    /// The body as JSON of the hall.
    ///
    /// # Errors
    /// A web page is somebody else talking; JSON of another shape is a hall that this version
    /// does not understand.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Outcome> {
        if !is_json(&self.content_type) {
            return Err(LineTrouble::NotTheHall.into());
        }
        serde_json::from_slice(&self.body).map_err(|_| {
            // Line and column only: the error's own text may quote the body.
            tracing::warn!(status = self.status, bytes = self.body.len(), "an answer in JSON has another shape than expected");
            LineTrouble::AnswerUnreadable.into()
        })
    }

    /// The body as a compact JWS.
    ///
    /// # Errors
    /// As for [`Answered::json`].
    pub(crate) fn jws(&self) -> Result<&str, Outcome> {
        if self.content_type.starts_with("text/html") {
            return Err(LineTrouble::NotTheHall.into());
        }
        std::str::from_utf8(&self.body).map(str::trim).map_err(|_| LineTrouble::NotTheHall.into())
    }

    /// How long the hall wants to be left alone.
    pub(crate) fn pace(&self) -> Option<Duration> {
        let date = self.date.as_deref().and_then(patience::http_date);
        self.retry_after.as_deref().and_then(|header| patience::retry_after(header, date))
    }

    /// What kind of problem the hall names, if it is the hall that speaks.
    pub(crate) fn problem(&self) -> Option<Result<Kind, Problem>> {
        if media_type(&self.content_type) != problem::MEDIA_TYPE {
            return None;
        }
        let problem: Problem = serde_json::from_slice(&self.body).ok()?;
        Some(Kind::from_uri(&problem.kind_uri).ok_or(problem))
    }

    /// What an answer means that is not the expected one.
    pub(crate) fn refusal(&self) -> Outcome {
        let wait = |code| Outcome::Wait { code, retry_after: None };
        let outcome = match self.problem() {
            Some(Ok(kind)) => {
                tracing::info!(status = self.status, kind = kind.slug(), "the hall answers with a problem");
                Outcome::from(kind)
            }
            Some(Err(problem)) => {
                tracing::warn!(status = self.status, kind = problem.kind_uri, "the hall answers with a problem unknown here");
                if self.status >= 500 { wait("internal") } else { Finding::ProblemUnknown.into() }
            }
            // Without a problem of ours it was not the hall's program that answered, but what
            // stands before it.
            None => match self.status {
                300..400 => LineTrouble::Redirected.into(),
                407 => LineTrouble::ProxyAuthentication.into(),
                413 => Kind::BodyTooLarge.into(),
                429 | 503 => Kind::Busy.into(),
                502 | 504 => LineTrouble::Gateway.into(),
                507 => Kind::StorageFull.into(),
                _ => LineTrouble::NotTheHall.into(),
            },
        };
        outcome.with_retry_after(self.pace())
    }
}

fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
}

fn is_json(content_type: &str) -> bool {
    let media = media_type(content_type);
    media == "application/json" || media.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, content_type: &str, body: &str) -> Answered {
        Answered { status, content_type: content_type.into(), body: body.into(), ..Answered::default() }
    }

    fn problem(uri: &str, status: u16) -> Answered {
        answer(
            status,
            "application/problem+json; charset=utf-8",
            &format!(r#"{{"type":"{uri}","title":"t","status":{status},"new":1}}"#),
        )
    }

    #[test]
    fn the_halls_problems_keep_their_meaning_and_its_pace() {
        for kind in Kind::ALL {
            assert_eq!(problem(&kind.uri(), kind.status()).refusal().code(), Outcome::from(*kind).code());
        }
        let mut busy = problem(&Kind::Busy.uri(), 503);
        busy.retry_after = Some("17".into());
        assert_eq!(busy.refusal(), Outcome::Wait { code: "busy", retry_after: Some(Duration::from_secs(17)) });
        assert_eq!(problem("urn:village-point:problem:from-the-future", 422).refusal(), Finding::ProblemUnknown.into());
        assert_eq!(problem("urn:village-point:problem:from-the-future", 500).refusal().code(), "internal");
    }

    #[test]
    fn whoever_else_answers_is_never_taken_for_the_hall() {
        let page = "<html><body>登录上网</body></html>";
        let table = [
            (200, "text/html", "not_the_hall"),
            (302, "text/html", "redirected"),
            (403, "text/html", "not_the_hall"),
            (404, "text/plain", "not_the_hall"),
            (407, "text/html", "proxy_authentication"),
            (413, "text/html", "body_too_large"),
            (429, "", "busy"),
            (502, "text/html", "gateway"),
            (503, "text/html", "busy"),
            (504, "", "gateway"),
            (507, "", "storage_full"),
            (511, "text/html", "not_the_hall"),
        ];
        for (status, content_type, code) in table {
            let outcome = answer(status, content_type, page).expect(&[201]).unwrap_err();
            assert_eq!(outcome.code(), code, "{status} {content_type}");
        }
    }

    #[test]
    fn json_of_another_shape_and_no_json_are_told_apart() {
        let code = |outcome: Result<wire::Held, Outcome>| outcome.unwrap_err().code();
        assert_eq!(code(answer(200, "application/json", "[]").json()), "answer_unreadable");
        assert_eq!(code(answer(200, "text/html", "{}").json()), "not_the_hall");
        assert!(answer(200, "application/json", r#"{"digests":[],"new_in_version_2":true}"#).json::<wire::Held>().is_ok());
    }
}
