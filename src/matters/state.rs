//! The states of a case (§1.6) as one machine shared by terminal and hall.

use serde::{Deserialize, Serialize};

/// State of a case at the hall. Local states before the hall has it belong to the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 镇街已收, 待预审 (T0 is running)
    Received,
    /// 待补正
    InCorrection,
    /// 已补正, 待受理
    Corrected,
    /// 已受理
    Accepted,
    /// 特别程序, clock stopped
    SpecialProcedure,
    /// 已转报上级
    Forwarded,
    /// 不予受理
    NotAccepted,
    /// 办结, 准予
    Granted,
    /// 办结, 不予
    Refused,
    /// 已送达
    Delivered,
    /// 撤回
    Withdrawn,
    /// 终止 (逾期不补正)
    Terminated,
    /// 作废 (误录)
    Voided,
}
