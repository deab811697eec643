//! Signing in without the hall: argon2id verifiers that came with the feed, and a count of failures
//! that no restart forgets.

use argon2::{Argon2, PasswordHash, PasswordVerifier as _};
use jiff::Timestamp;
use matters::{AgentAccount, Personal, Role};
use outbox::{Cabinet, CabinetError, FAILURES_MAX};

use crate::{speech::SignInRefused, words};

/// Takes about half a second of one core on a poor machine, by intent: only records calls it.
///
/// # Errors
/// When the cabinet cannot be read or the failure cannot be counted: then nobody signs in.
pub fn check(
    cabinet: &mut Cabinet,
    account: &str,
    password: &Personal<String>,
    now: Timestamp,
) -> Result<Result<AgentAccount, SignInRefused>, CabinetError> {
    let (_, locked_until) = cabinet.failures(account)?;
    if let Some(until) = locked_until.filter(|until| *until > now) {
        return Ok(Err(SignInRefused::Locked { until }));
    }
    let agents = cabinet.agents()?;
    // Only agents serve here: a clerk's account belongs to the desk.
    let Some(agent) = agents.into_iter().find(|agent| agent.account == account && agent.role == Role::Agent) else {
        return Ok(Err(SignInRefused::Unknown));
    };
    if agent.valid_until < words::day(now) {
        return Ok(Err(SignInRefused::Expired));
    }
    if fits(&agent.verifier, password) {
        cabinet.clear_failures(account)?;
        return Ok(Ok(agent));
    }
    let (count, locked_until) = cabinet.record_failure(account, now)?;
    Ok(Err(match locked_until.filter(|until| *until > now) {
        Some(until) => SignInRefused::Locked { until },
        None => SignInRefused::WrongPassword { left: FAILURES_MAX.saturating_sub(count) },
    }))
}

fn fits(verifier: &str, password: &Personal<String>) -> bool {
    match PasswordHash::new(verifier) {
        Ok(hash) => Argon2::default().verify_password(password.expose().as_bytes(), &hash).is_ok(),
        Err(error) => {
            tracing::error!(%error, "a verifier from the feed is no PHC string");
            false
        }
    }
}
