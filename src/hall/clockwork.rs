//! What time itself does in the hall: sweeps what is not needed any more, lets deadlines act.

use std::{sync::Weak, time::Duration};

use crate::Hall;

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(600);

/// One round: uploads and pages that nobody named in time go, cases whose answer is overdue are
/// deemed accepted where their matter says so, provisional days are counted anew.
pub fn round(hall: &Hall) {
    let now = hall.clock.now();
    match hall.ledger.sweep(now) {
        Ok(0) => {}
        Ok(files) => tracing::info!(files, "swept"),
        Err(error) => tracing::error!(code = error.code(), "sweeping failed"),
    }
    if let Err(error) = hall.ledger.check_mark(now) {
        tracing::error!(code = error.code(), "the mark beside the ledger cannot be written");
    }
    match hall.ledger.deem(now) {
        Ok(0) => {}
        Ok(cases) => tracing::warn!(cases, "deemed accepted: no answer within five working days"),
        Err(error) => tracing::error!(code = error.code(), "deadlines failed"),
    }
    match hall.ledger.recount(now) {
        Ok(0) => {}
        Ok(cases) => tracing::info!(cases, "counted anew by the published calendar"),
        Err(error) => tracing::error!(code = error.code(), "recounting failed"),
    }
}

/// Rounds until the hall is dropped.
pub async fn run(hall: Weak<Hall>) {
    loop {
        let Some(hall) = hall.upgrade() else { return };
        if tokio::task::spawn_blocking(move || round(&hall)).await.is_err() {
            tracing::error!("a round of the clockwork broke off");
        }
        tokio::time::sleep(EVERY).await;
    }
}
