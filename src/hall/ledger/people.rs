//! Accounts, passwords and sessions at the desk.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use matters::{ActedBy, AgentAccount, Digest, Role};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;
use zeroize::Zeroizing;

use super::{
    Clerk, LOGIN_FAILURES_MAX, LOGIN_LOCK_MINUTES, Ledger, LedgerError, LoginRefuse, NewUser, SESSION_IDLE_MINUTES, Session,
    UserRow, audit, events,
    rows::{date, micros, role, timestamp, timestamp_opt, truncate, uuid, word},
};

/// Fewest characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Most bytes of a password: argon2 reads them all.
const PASSWORD_BYTES_MAX: usize = 1024;

/// Why an account cannot be entered.
#[derive(Debug, thiserror::Error)]
pub enum UserRefuse {
    #[error("an account is 2 to 32 of a-z, 0-9, dot and dash")]
    Account,
    #[error("an account of this name exists")]
    Taken,
    #[error("no account of this name")]
    Unknown,
    #[error("the name is empty or too long")]
    Name,
    #[error("an agent belongs to a service point that exists")]
    Point,
    #[error("a password has at least {PASSWORD_CHARS_MIN} characters and is not the account's name")]
    Password,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<rusqlite::Error> for UserRefuse {
    fn from(error: rusqlite::Error) -> Self {
        Self::Ledger(error.into())
    }
}

struct Stored {
    user: UserRow,
    verifier: Zeroizing<String>,
    failures: u32,
    locked_until: Option<Timestamp>,
}

const COLUMNS: &str = "account, name, role, point, valid_until, post, phone, disabled_at";

fn user_row(row: &Row<'_>) -> rusqlite::Result<UserRow> {
    Ok(UserRow {
        account: row.get(0)?,
        name: row.get(1)?,
        role: role(row, 2)?,
        point: row.get(3)?,
        valid_until: date(row, 4)?,
        post: row.get(5)?,
        phone: row.get(6)?,
        disabled_at: timestamp_opt(row, 7)?,
    })
}

fn stored(db: &Connection, account: &str) -> Result<Option<Stored>, LedgerError> {
    Ok(db
        .prepare_cached(&format!("SELECT {COLUMNS}, verifier, failures, locked_until FROM users WHERE account = ?1"))?
        .query_row([account], |row| {
            Ok(Stored {
                user: user_row(row)?,
                verifier: Zeroizing::new(row.get(8)?),
                failures: row.get(9)?,
                locked_until: timestamp_opt(row, 10)?,
            })
        })
        .optional()?)
}

/// The day at the hall's place: +08:00 whatever the machine's zone.
pub(super) fn day(at: Timestamp) -> Date {
    jiff::tz::Offset::constant(8).to_datetime(at).date()
}

/// Name of an account for people; the account itself when it is unknown here.
pub(super) fn name_of(db: &Connection, account: &str) -> Result<String, LedgerError> {
    let name =
        db.prepare_cached("SELECT name FROM users WHERE account = ?1")?.query_row([account], |row| row.get(0)).optional()?;
    Ok(name.unwrap_or_else(|| account.to_owned()))
}

/// The role in which this account may act for the point, when it might at the moment of the act.
///
/// A terminal's clock may be years off, so the moment is the earlier of the act's own and now.
pub(super) fn may_act(
    db: &Connection,
    actor: &ActedBy,
    point: &str,
    at: Timestamp,
    now: Timestamp,
) -> Result<Option<Role>, LedgerError> {
    let Some(Stored { user, .. }) = stored(db, &actor.account)? else { return Ok(None) };
    let at = at.min(now);
    let fits = !actor.session.is_nil()
        && user.role == Role::Agent
        && user.point.as_deref() == Some(point)
        && day(at) <= user.valid_until
        && user.disabled_at.is_none_or(|disabled| at < disabled);
    Ok(fits.then_some(user.role))
}

/// Accounts that may sign in at the terminals of a point, as the feed carries them.
pub(super) fn agents(db: &Connection, point: &str) -> Result<Vec<AgentAccount>, LedgerError> {
    let mut query = db.prepare_cached(&format!(
        "SELECT {COLUMNS}, verifier FROM users WHERE point = ?1 AND role = ?2 AND disabled_at IS NULL ORDER BY post, account"
    ))?;
    let found = query.query_map(params![point, word(&Role::Agent)?], |row| {
        let user = user_row(row)?;
        Ok(AgentAccount {
            account: user.account,
            name: user.name,
            verifier: row.get(8)?,
            role: user.role,
            valid_until: user.valid_until,
            post: user.post,
            phone: user.phone,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn verifier_of(account: &str, password: &str) -> Result<String, UserRefuse> {
    let fits = password.chars().count() >= PASSWORD_CHARS_MIN && password.len() <= PASSWORD_BYTES_MAX;
    if !fits || password.eq_ignore_ascii_case(account) {
        return Err(UserRefuse::Password);
    }
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|_| LedgerError::Random)?;
    Ok(hash.to_string())
}

fn verified(verifier: &str, password: &str) -> bool {
    password.len() <= PASSWORD_BYTES_MAX
        && PasswordHash::new(verifier).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

impl Ledger {
    /// Enters an account. An agent's reaches the terminals of the point with the next feed.
    ///
    /// # Errors
    /// See [`UserRefuse`].
    pub fn add_user(&self, new: &NewUser, password: &str, by: &str, now: Timestamp) -> Result<(), UserRefuse> {
        let now = truncate(now);
        let account = &new.account;
        let sayable = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'.' || c == b'-';
        if !(2..=32).contains(&account.len()) || !account.bytes().all(sayable) {
            return Err(UserRefuse::Account);
        }
        if new.name.trim().is_empty() || new.name.chars().count() > 64 {
            return Err(UserRefuse::Name);
        }
        if (new.role == Role::Agent) != new.point.is_some() {
            return Err(UserRefuse::Point);
        }
        let verifier = verifier_of(account, password)?;
        self.write(|tx| {
            if stored(tx, account)?.is_some() {
                return Err(UserRefuse::Taken);
            }
            if let Some(point) = &new.point {
                let known = tx.prepare_cached("SELECT 1 FROM points WHERE id = ?1")?.exists([point])?;
                if !known {
                    return Err(UserRefuse::Point);
                }
            }
            tx.execute(
                "INSERT INTO users (account, name, role, point, verifier, valid_until, post, phone)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    account,
                    new.name,
                    word(&new.role)?,
                    new.point,
                    verifier,
                    new.valid_until.to_string(),
                    new.post,
                    new.phone
                ],
            )?;
            let detail = json!({ "role": word(&new.role)?, "point": new.point, "valid_until": new.valid_until.to_string() });
            audit::append(tx, now, &audit::Entry { who: by, verb: "user.added", subject: account, detail })?;
            if let Some(point) = &new.point {
                events::touch(tx, point, events::AGENTS)?;
            }
            Ok(())
        })
    }

    /// Gives an account a new password, ends its sessions and lifts a lock.
    ///
    /// # Errors
    /// See [`UserRefuse`].
    pub fn set_password(&self, account: &str, password: &str, by: &str, now: Timestamp) -> Result<(), UserRefuse> {
        let now = truncate(now);
        let verifier = verifier_of(account, password)?;
        self.write(|tx| {
            let user = stored(tx, account)?.ok_or(UserRefuse::Unknown)?.user;
            tx.execute(
                "UPDATE users SET verifier = ?2, failures = 0, locked_until = NULL WHERE account = ?1",
                params![account, verifier],
            )?;
            tx.execute("DELETE FROM sessions WHERE account = ?1", [account])?;
            audit::append(tx, now, &audit::Entry { who: by, verb: "user.password", subject: account, detail: json!({}) })?;
            if let Some(point) = &user.point {
                events::touch(tx, point, events::AGENTS)?;
            }
            Ok(())
        })
    }

    /// Ends an account: its sessions end now, terminals learn it with the next feed. What it did stays.
    ///
    /// # Errors
    /// [`UserRefuse::Unknown`].
    pub fn disable_user(&self, account: &str, by: &str, now: Timestamp) -> Result<(), UserRefuse> {
        let now = truncate(now);
        self.write(|tx| {
            let user = stored(tx, account)?.ok_or(UserRefuse::Unknown)?.user;
            if user.disabled_at.is_some() {
                return Ok(());
            }
            tx.execute("UPDATE users SET disabled_at = ?2 WHERE account = ?1", params![account, micros(now)])?;
            tx.execute("DELETE FROM sessions WHERE account = ?1", [account])?;
            audit::append(tx, now, &audit::Entry { who: by, verb: "user.disabled", subject: account, detail: json!({}) })?;
            if let Some(point) = &user.point {
                events::touch(tx, point, events::AGENTS)?;
            }
            Ok(())
        })
    }

    pub fn users(&self) -> Result<Vec<UserRow>, LedgerError> {
        self.read(|db| {
            let mut query = db.prepare_cached(&format!("SELECT {COLUMNS} FROM users ORDER BY account"))?;
            let found = query.query_map([], user_row)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Signs somebody in at the desk. Slow on purpose (argon2id); holds no lock while it computes.
    ///
    /// # Errors
    /// [`LoginRefuse::Wrong`] for an unknown account and a wrong password alike, taking the same
    /// time; [`LoginRefuse::Locked`] after [`LOGIN_FAILURES_MAX`] failures in a row.
    pub fn verify_login(&self, account: &str, password: &str, now: Timestamp) -> Result<Session, LoginRefuse> {
        let now = truncate(now);
        let found = self.read::<_, LedgerError>(|db| stored(db, account))?;
        if let Some(until) = found.as_ref().and_then(|found| found.locked_until).filter(|until| now < *until) {
            return Err(LoginRefuse::Locked { until });
        }
        let Some(found) = found else {
            // As slow as for a known account, so that time tells nothing about who exists.
            let _ = Argon2::default().hash_password(password.as_bytes());
            return Err(LoginRefuse::Wrong { left: LOGIN_FAILURES_MAX - 1 });
        };
        if !verified(&found.verifier, password) {
            return Err(self.login_failed(account, now)?);
        }
        let user = found.user;
        let at_desk = matches!(user.role, Role::Clerk | Role::Reviewer | Role::Administrator | Role::Auditor);
        if !at_desk || user.disabled_at.is_some() || day(now) > user.valid_until {
            return Err(LoginRefuse::NotHere);
        }
        let token = hex::encode(self.ids.bytes::<32>()?);
        let id = self.ids.uuid(now)?;
        let until = now + SignedDuration::from_mins(SESSION_IDLE_MINUTES);
        self.write(|tx| {
            // Somebody else may have failed into a lock, or changed the password, meanwhile.
            let again = stored(tx, account)?.ok_or(LoginRefuse::NotHere)?;
            if let Some(until) = again.locked_until.filter(|until| now < *until) {
                return Err(LoginRefuse::Locked { until });
            }
            if again.verifier != found.verifier || again.user.disabled_at.is_some() {
                return Err(LoginRefuse::Wrong { left: LOGIN_FAILURES_MAX.saturating_sub(again.failures) });
            }
            tx.execute("UPDATE users SET failures = 0, locked_until = NULL WHERE account = ?1", [account])?;
            tx.execute("DELETE FROM sessions WHERE until < ?1", [micros(now)])?;
            tx.execute(
                "INSERT INTO sessions (token_sha256, id, account, started_at, until) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![Digest::of(token.as_bytes()).0, id.to_string(), account, micros(now), micros(until)],
            )?;
            let detail = json!({ "session": id });
            audit::append(tx, now, &audit::Entry { who: account, verb: "login", subject: account, detail })?;
            Ok(())
        })?;
        let clerk = Clerk { account: user.account, name: user.name, role: user.role, session: id, phone: user.phone };
        Ok(Session { token, clerk, until })
    }

    fn login_failed(&self, account: &str, now: Timestamp) -> Result<LoginRefuse, LedgerError> {
        self.write(|tx| {
            let Some(found) = stored(tx, account)? else { return Ok(LoginRefuse::Wrong { left: 0 }) };
            // A lock that has run out starts a new count.
            let before = if found.locked_until.is_some_and(|until| until <= now) { 0 } else { found.failures };
            let failures = before + 1;
            let until = (failures >= LOGIN_FAILURES_MAX).then(|| now + SignedDuration::from_mins(LOGIN_LOCK_MINUTES));
            tx.execute(
                "UPDATE users SET failures = ?2, locked_until = ?3 WHERE account = ?1",
                params![account, failures, until.map(micros)],
            )?;
            let detail = json!({ "failures": failures });
            audit::append(tx, now, &audit::Entry { who: "hall", verb: "login.failed", subject: account, detail })?;
            Ok(match until {
                Some(until) => LoginRefuse::Locked { until },
                None => LoginRefuse::Wrong { left: LOGIN_FAILURES_MAX - failures },
            })
        })
    }

    /// The session behind a cookie, prolonged by this use; `None` when it ended.
    pub fn session(&self, token: &str, now: Timestamp) -> Result<Option<Session>, LedgerError> {
        let now = truncate(now);
        let key = Digest::of(token.as_bytes());
        let found = self.read(|db| {
            db.prepare_cached(
                "SELECT s.id, s.until, u.account, u.name, u.role, u.phone, u.valid_until FROM sessions s
                 JOIN users u ON u.account = s.account WHERE s.token_sha256 = ?1 AND u.disabled_at IS NULL",
            )?
            .query_row([key.0], |row| {
                let clerk = Clerk {
                    session: uuid(row, 0)?,
                    account: row.get(2)?,
                    name: row.get(3)?,
                    role: role(row, 4)?,
                    phone: row.get(5)?,
                };
                Ok((Session { token: token.to_owned(), clerk, until: timestamp(row, 1)? }, date(row, 6)?))
            })
            .optional()
            .map_err(LedgerError::from)
        })?;
        let Some((mut session, valid_until)) = found else { return Ok(None) };
        if session.until <= now || day(now) > valid_until {
            return Ok(None);
        }
        let until = now + SignedDuration::from_mins(SESSION_IDLE_MINUTES);
        // Written once a minute at most: a page with twenty pictures is twenty requests.
        if until.duration_since(session.until) >= SignedDuration::from_mins(1) {
            let db = super::lock(&self.writer);
            db.execute("UPDATE sessions SET until = ?2 WHERE token_sha256 = ?1", params![key.0, micros(until)])?;
            session.until = until;
        }
        Ok(Some(session))
    }

    /// Ends a session; one that ended already is no mistake.
    pub fn sign_out(&self, token: &str, now: Timestamp) -> Result<(), LedgerError> {
        let Some(session) = self.session(token, now)? else { return Ok(()) };
        self.write(|tx| {
            tx.execute("DELETE FROM sessions WHERE token_sha256 = ?1", [Digest::of(token.as_bytes()).0])?;
            let account = &session.clerk.account;
            let detail = json!({ "session": session.clerk.session });
            audit::append(tx, truncate(now), &audit::Entry { who: account, verb: "logout", subject: account, detail })?;
            Ok(())
        })
    }
}
