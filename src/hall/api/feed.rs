//! The feed: what the hall has to tell a point, signed, waited for when there is nothing yet.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use matters::canonical;
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};
use wire::{EVENTS_MAX, FeedPage, problem::Kind};

use super::{blocking, problem::Fault};
use crate::{Hall, door::Terminal, ledger::Refuse};

/// Longest wait for something to tell; shorter than the idle limits of usual proxies.
const WAIT_S_MAX: u64 = 55;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    cursor: u64,
    #[serde(default)]
    wait_s: u64,
}

pub async fn feed(
    State(hall): State<Arc<Hall>>,
    Terminal(caller): Terminal,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Fault> {
    let Query(asked) = asked.map_err(|_| Refuse::because(Kind::BadRequest, "query"))?;
    let until = Instant::now() + Duration::from_secs(asked.wait_s.min(WAIT_S_MAX));
    let (asking, point) = (Arc::clone(&hall), caller.point.clone());
    if blocking(move || asking.ledger.check_cursor(&point, asked.cursor, asking.clock.now())).await? {
        tracing::error!(terminal = caller.terminal, "a terminal heard more than this ledger knows: a new incarnation begins");
    }
    // Subscribed before it is looked up: a change between the two is not missed.
    let mut news = hall.news.subscribe(&caller.point);
    let slice = loop {
        let (ledger, point) = (Arc::clone(&hall), caller.point.clone());
        let slice = blocking(move || ledger.ledger.feed(&point, asked.cursor, EVENTS_MAX)).await?;
        if !slice.events.is_empty() || asked.wait_s == 0 {
            break slice;
        }
        match timeout_at(until, news.changed()).await {
            Ok(Ok(())) => continue,
            // Time is up, or the hall is closing: an empty page now, so that nobody waits for nothing.
            Ok(Err(_)) | Err(_) => break slice,
        }
    };
    let page = FeedPage {
        point: caller.point,
        cursor: slice.cursor,
        more: slice.more,
        hall_time: hall.clock.now(),
        ledger: slice.ledger,
        events: slice.events,
    };
    let jws = hall.ledger.sign("feed", &canonical::to_bytes(&page));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/jose")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, jws).into_response())
}
