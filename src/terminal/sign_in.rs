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

/// An account that may serve without typing its password, because whoever owns this machine's
/// configuration said so.
///
/// # Errors
/// When the cabinet cannot be read.
pub fn standing(cabinet: &Cabinet, account: &str, now: Timestamp) -> Result<Result<AgentAccount, SignInRefused>, CabinetError> {
    let found = cabinet.agents()?.into_iter().find(|agent| agent.account == account && agent.role == Role::Agent);
    Ok(match found {
        None => Err(SignInRefused::Unknown),
        Some(agent) if agent.valid_until < words::day(now) => Err(SignInRefused::Expired),
        Some(agent) => Ok(agent),
    })
}

/// The account of the point's only agent on duty; `None` when there are several, or none.
///
/// # Errors
/// When the cabinet cannot be read.
pub fn only_agent(cabinet: &Cabinet, now: Timestamp) -> Result<Option<String>, CabinetError> {
    let agents = cabinet.agents()?;
    let mut on_duty = agents.into_iter().filter(|agent| agent.role == Role::Agent && agent.valid_until >= words::day(now));
    Ok(match (on_duty.next(), on_duty.next()) {
        (Some(agent), None) => Some(agent.account),
        _ => None,
    })
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use argon2::{Algorithm, Params, PasswordHasher as _, Version};
    use jiff::ToSpan as _;
    use outbox::{CabinetKey, FeedNews};

    use super::*;

    /// Cheap on purpose: the cost is the hall's choice and stands in the verifier.
    fn verifier(password: &str) -> String {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
        argon2.hash_password_with_salt(password.as_bytes(), b"sixteen bytes ok").unwrap().to_string()
    }

    fn account(account: &str, role: Role, valid_until: &str) -> AgentAccount {
        AgentAccount {
            account: account.into(),
            name: "王样本".into(),
            verifier: verifier("24681012"),
            role,
            valid_until: valid_until.parse().unwrap(),
            post: "A".into(),
            phone: String::new(),
        }
    }

    fn cabinet(dir: &Path, now: Timestamp) -> Cabinet {
        let key = CabinetKey::load_or_create(&dir.join("key")).unwrap();
        Cabinet::open(&dir.join("cabinet.db"), &key, now).unwrap()
    }

    #[test]
    fn five_failures_lock_and_a_restart_does_not_forget_them() {
        let dir = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-23T01:42:00Z".parse().unwrap();
        let mut open = cabinet(dir.path(), now);
        let agents = vec![
            account("wang", Role::Agent, "2030-01-01"),
            account("zhou", Role::Clerk, "2030-01-01"),
            account("old", Role::Agent, "2026-11-22"),
        ];
        open.apply_feed(&FeedNews { cursor: 1, agents: Some(agents), ..FeedNews::default() }).unwrap();
        assert_eq!(only_agent(&open, now).unwrap().as_deref(), Some("wang"));
        assert_eq!(standing(&open, "wang", now).unwrap().unwrap().account, "wang");
        assert_eq!(standing(&open, "old", now).unwrap(), Err(SignInRefused::Expired));
        assert_eq!(standing(&open, "zhou", now).unwrap(), Err(SignInRefused::Unknown));
        let right = Personal::from("24681012");
        let wrong = Personal::from("24681013");
        assert_eq!(check(&mut open, "zhou", &right, now).unwrap(), Err(SignInRefused::Unknown));
        assert_eq!(check(&mut open, "old", &right, now).unwrap(), Err(SignInRefused::Expired));
        assert_eq!(check(&mut open, "wang", &right, now).unwrap().unwrap().account, "wang");
        for left in [4, 3, 2] {
            assert_eq!(check(&mut open, "wang", &wrong, now).unwrap(), Err(SignInRefused::WrongPassword { left }));
        }
        drop(open);
        let mut open = cabinet(dir.path(), now);
        assert_eq!(check(&mut open, "wang", &wrong, now).unwrap(), Err(SignInRefused::WrongPassword { left: 1 }));
        let locked = check(&mut open, "wang", &wrong, now).unwrap();
        let Err(SignInRefused::Locked { until }) = locked else { panic!("{locked:?}") };
        assert!(until > now);
        // The right password does not open a locked account, and trying it costs nothing.
        assert_eq!(check(&mut open, "wang", &right, now).unwrap(), Err(SignInRefused::Locked { until }));
        let later = until.checked_add(1.second()).unwrap();
        assert_eq!(check(&mut open, "wang", &right, later).unwrap().unwrap().account, "wang");
        assert_eq!(check(&mut open, "wang", &wrong, later).unwrap(), Err(SignInRefused::WrongPassword { left: 4 }));
    }
}
