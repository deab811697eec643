//! Service points, accounts, admission codes and terminals.

use std::io::{BufRead as _, Read as _};

use jiff::{ToSpan as _, civil::Date};
use matters::{Role, calendar::place_date};
use serde_json::{Value, json};
use texts::town_hall as said;
use wire::PointInfo;
use zeroize::Zeroizing;

use super::{Args, CONSOLE, Desk, Failure};
use crate::{clock::Clock, ledger::NewUser};

/// Years for which an account is good unless the administrator says otherwise.
const ACCOUNT_YEARS: i16 = 1;

pub fn point_add(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir", "id", "name", "hours", "phone"], &[])?;
    args.no_words()?;
    let hall = desk.hall(&desk.dir(&args)?)?;
    let point = PointInfo {
        id: args.needed("id")?.to_owned(),
        name: args.needed("name")?.to_owned(),
        hours: args.maybe("hours")?.unwrap_or_default().to_owned(),
        phone: args.maybe("phone")?.unwrap_or_default().to_owned(),
    };
    hall.ledger.add_point(&point, CONSOLE, hall.clock.now())?;
    desk.tell(&said::point_added(desk.t, point.id));
    Ok(())
}

pub fn point_list(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir"], &["json"])?;
    args.no_words()?;
    desk.print_json(&json!(desk.hall(&desk.dir(&args)?)?.ledger.points()?))
}

pub fn user_add(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir", "account", "name", "role", "point", "valid-until", "post", "phone"], &[])?;
    args.no_words()?;
    let hall = desk.hall(&desk.dir(&args)?)?;
    let role = args.needed("role")?;
    let role: Role =
        serde_json::from_value(Value::String(role.to_owned())).map_err(|_| Failure::usage("user-role").with("role", role))?;
    let valid_until = match args.maybe("valid-until")? {
        Some(text) => text.parse::<Date>().map_err(|_| Failure::usage("date").with("text", text))?,
        None => place_date(hall.clock.now()).checked_add(ACCOUNT_YEARS.years()).map_err(|_| Failure::usage("date"))?,
    };
    let new = NewUser {
        account: args.needed("account")?.to_owned(),
        name: args.needed("name")?.to_owned(),
        role,
        point: args.maybe("point")?.map(str::to_owned),
        valid_until,
        post: args.maybe("post")?.unwrap_or_default().to_owned(),
        phone: args.maybe("phone")?.unwrap_or_default().to_owned(),
    };
    hall.ledger.add_user(&new, &password()?, CONSOLE, hall.clock.now())?;
    desk.tell(&said::user_added(desk.t, new.account));
    Ok(())
}

pub fn user_list(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir"], &["json"])?;
    args.no_words()?;
    let users = desk.hall(&desk.dir(&args)?)?.ledger.users()?;
    let rows: Vec<Value> = users
        .into_iter()
        .map(|user| {
            json!({ "account": user.account, "name": user.name, "role": user.role, "point": user.point,
                "valid_until": user.valid_until, "post": user.post, "phone": user.phone, "disabled_at": user.disabled_at })
        })
        .collect();
    desk.print_json(&json!(rows))
}

pub fn user_password(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir", "account"], &[])?;
    args.no_words()?;
    let hall = desk.hall(&desk.dir(&args)?)?;
    let account = args.needed("account")?;
    hall.ledger.set_password(account, &password()?, CONSOLE, hall.clock.now())?;
    desk.tell(&said::password_set(desk.t, account));
    Ok(())
}

pub fn user_disable(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir", "account"], &[])?;
    args.no_words()?;
    let hall = desk.hall(&desk.dir(&args)?)?;
    let account = args.needed("account")?;
    hall.ledger.disable_user(account, CONSOLE, hall.clock.now())?;
    desk.tell(&said::user_disabled(desk.t, account));
    Ok(())
}

/// First line of standard input: a password never stands among arguments, where every user sees it.
fn password() -> Result<Zeroizing<String>, Failure> {
    let mut line = Zeroizing::new(String::new());
    std::io::stdin().lock().take(4096).read_line(&mut line)?;
    let len = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(len);
    Ok(line)
}

pub fn code(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir", "point"], &[])?;
    args.no_words()?;
    let hall = desk.hall(&desk.dir(&args)?)?;
    desk.print(&hall.admission_code(args.needed("point")?, CONSOLE)?)
}

pub fn terminals(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir"], &["json"])?;
    args.no_words()?;
    let terminals = desk.hall(&desk.dir(&args)?)?.ledger.terminals()?;
    let rows: Vec<Value> = terminals
        .into_iter()
        .map(|row| {
            json!({ "terminal": row.terminal, "point": row.point, "serial": row.serial, "machine": row.machine,
                "admitted_at": row.admitted_at, "revoked_at": row.revoked_at, "seen_at": row.seen_at,
                "heartbeat_at": row.heartbeat_at,
                "heartbeat": row.heartbeat.as_deref().and_then(|told| serde_json::from_str::<Value>(told).ok()) })
        })
        .collect();
    desk.print_json(&json!(rows))
}

pub fn revoke(desk: &Desk<'_>, raw: &[String]) -> Result<(), Failure> {
    let args = Args::parse(raw, &["dir", "terminal"], &[])?;
    args.no_words()?;
    let hall = desk.hall(&desk.dir(&args)?)?;
    let terminal = args.needed("terminal")?;
    if !hall.ledger.revoke(terminal, CONSOLE, Clock::System.now())? {
        return Err(Failure::new("terminal-unknown").with("terminal", terminal));
    }
    desk.tell(&said::revoked(desk.t, terminal));
    Ok(())
}
