//! A case (办件) as the hall sees it and tells it to the village.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Digest, State};

/// The hall's view of a case, whole: the newest revision replaces every earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseView {
    pub filing: Uuid,
    pub case_number: String,
    /// Earlier numbers of the same case.
    #[serde(default)]
    pub aliases: Vec<String>,
    pub matter: String,
    pub state: State,
    /// Grows by one with every act on the case.
    pub revision: u64,
    /// T0: when the hall had everything on its disk.
    pub received_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
    /// By when the clerk must answer (5 working days after T0).
    pub answer_due: Option<Date>,
    /// Promised end.
    pub due: Option<Date>,
    /// True while `due` crosses a year whose calendar is not published (暂定).
    #[serde(default)]
    pub provisional: bool,
    pub last_change: Timestamp,
    /// Who made the last change, as told to the public: name of the clerk.
    pub by: String,
    /// The open correction, if any.
    pub correction: Option<Correction>,
    /// Corrections that the village has answered, oldest first: what was asked stays readable.
    #[serde(default)]
    pub answered: Vec<Correction>,
    /// Said at refusal or at the end.
    pub reason: Option<String>,
    pub results: Vec<ResultFile>,
    /// What happened since acceptance that the state alone does not say, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<CaseStep>,
    /// What a newer hall says beyond this: kept as it came, so that a program that is brought up to date
    /// finds it.
    #[serde(flatten)]
    pub more: BTreeMap<String, serde_json::Value>,
}

/// A step of an accepted case, as its resident is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseStep {
    pub at: Timestamp,
    /// Who took it: name of the clerk.
    pub by: String,
    #[serde(flatten)]
    pub what: StepKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StepKind {
    /// 转报: to this body.
    Forwarded {
        body: String,
    },
    /// 特别程序: the clock stands from here; by when it is expected to end.
    SpecialStarted {
        procedure: String,
        expected: Date,
    },
    SpecialEnded,
    /// 延期: the new end, `days` working days after the old one.
    Extended {
        reason: String,
        until: Date,
        days: u16,
    },
    /// 送达: who took it, and how: one of [`DELIVERY_WAYS`].
    Delivered {
        collector: String,
        way: String,
    },
}

/// How a result reaches its resident: 村领, 窗口领取, 邮寄, 电子.
pub const DELIVERY_WAYS: [&str; 4] = ["village", "window", "mail", "electronic"];

/// One-time notice of what is missing (一次性告知补正).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    pub id: Uuid,
    pub told_at: Timestamp,
    pub due: Date,
    pub clerk: String,
    pub phone: String,
    pub items: Vec<CorrectionItem>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionItem {
    pub about: About,
    /// What is missing, in words a resident understands.
    pub what: String,
    /// The standard that the new page or answer must meet.
    pub standard: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum About {
    Field { key: String },
    Page { material: String, order: u32 },
    Material { material: String },
}

/// A paper or file that ends the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultFile {
    pub sha256: Digest,
    pub bytes: u64,
    /// `application/pdf`, `image/jpeg` …
    pub media_type: String,
    pub title: String,
}

/// An account that may sign in at a terminal, as it comes down with the feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentAccount {
    pub account: String,
    pub name: String,
    /// PHC string of argon2id.
    pub verifier: String,
    pub role: Role,
    pub valid_until: Date,
    /// A岗 or B岗 at this point.
    pub post: String,
    pub phone: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 代办员
    Agent,
    /// 窗口受理
    Clerk,
    /// 审核
    Reviewer,
    /// 管理员
    Administrator,
    /// 审计员
    Auditor,
}
