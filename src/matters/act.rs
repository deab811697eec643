//! Acts toward the hall: what a village does to a case, each under an id of its own.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{ActedBy, Digest, PageRef, Personal};

/// One act (动作) of the outbox. Its id is unique for ever; sending it twice is the same act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    pub id: Uuid,
    pub filing: Uuid,
    pub acted_by: ActedBy,
    pub at: Timestamp,
    /// Revision of the case on which it was decided; 0 before the hall has the case.
    pub revision: u64,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// Files the sealed filing with this digest.
    File { digest: Digest },
    /// Answers a correction (补正) item by item.
    Supplement { correction: Uuid, items: Vec<SupplementItem>, pages: Vec<PageRef> },
    /// The applicant withdraws (撤回).
    Withdraw { reason: String },
    /// The result was handed over (送达): to whom, and how: one of [`crate::DELIVERY_WAYS`].
    Deliver { collector: Personal<String>, way: String },
    /// The resident says how the finished case was served (好差评, 国办发〔2019〕51号): once a case.
    Evaluate { grade: Grade, words: Personal<String> },
    /// The resident complains (投诉) about how the case is handled.
    Complain { words: Personal<String> },
}

/// The five grades of 好差评, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// 非常满意
    VerySatisfied,
    /// 满意
    Satisfied,
    /// 基本满意
    Acceptable,
    /// 不满意
    Dissatisfied,
    /// 非常不满意
    VeryDissatisfied,
}

impl Grade {
    pub const ALL: [Self; 5] =
        [Self::VerySatisfied, Self::Satisfied, Self::Acceptable, Self::Dissatisfied, Self::VeryDissatisfied];
}

/// The answer to one item of a correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplementItem {
    /// Index in the correction's list.
    pub item: u32,
    /// New answer when the item was about a field.
    pub answer: Option<crate::Value>,
    /// A word to the clerk.
    pub note: String,
}
