//! The states of a case (§1.6) as one machine shared by terminal and hall: every step names who
//! may take it, what it needs and which paper it owes. What the table does not list cannot happen.

use serde::{Deserialize, Serialize};

use crate::Role;

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

/// What can be done to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// 受理 (行政许可法 32(5))
    Accept,
    /// 一次性告知补正 (行政许可法 32(4))
    AskCorrection,
    /// 补正: the village answers the correction
    Supplement,
    /// 不予受理 (行政许可法 32(1)(2))
    RefuseAcceptance,
    /// 视为受理: no notice within five working days (行政许可法 32(4))
    Deem,
    /// 转报上级 (行政许可法 35)
    Forward,
    /// 特别程序开始: the clock stops (行政许可法 45)
    StartSpecial,
    /// 特别程序结束
    EndSpecial,
    /// 延期 (行政许可法 42)
    Extend,
    /// 办结, 准予
    Grant,
    /// 办结, 不予 (行政许可法 38)
    Refuse,
    /// 送达 (行政许可法 44)
    Deliver,
    /// 撤回: the applicant takes it back
    Withdraw,
    /// 终止: the correction was not answered in time
    Terminate,
    /// 作废: recorded by mistake, the record stays
    Void,
}

/// Who acts: a person in a role, or the hall's own clockwork.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    Person(Role),
    /// The hall's deadlines.
    Clock,
}

impl From<Role> for Actor {
    fn from(role: Role) -> Self {
        Self::Person(role)
    }
}

/// The paper (文书) that a step owes the applicant (§2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// 受理通知书
    AcceptanceNotice,
    /// 补正通知书
    CorrectionNotice,
    /// 补正材料收件凭证
    SupplementReceipt,
    /// 不予受理通知书
    NonAcceptanceNotice,
    /// 特别程序告知书
    SpecialProcedureNotice,
    /// 延期通知书
    ExtensionNotice,
    /// 办结通知书
    Decision,
    /// 不予决定书, with reasons and remedies
    RefusalDecision,
    /// 送达回证
    DeliveryReceipt,
    /// 撤回确认书
    WithdrawalConfirmation,
    /// 终止办理通知书
    TerminationNotice,
}

/// What must be given with a step; the hall refuses the step without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// A reason in words.
    Reason,
    /// Every missing item with the standard it must meet, at least one.
    Items,
    /// An answer to every item of the open correction.
    ItemAnswers,
    /// The name of the body it goes to.
    Body,
    /// The procedure and the days it is expected to take.
    Procedure,
    /// A later date.
    NewDate,
    /// The result in words or as a file.
    Result,
    /// The remedies: 行政复议 within 60 days, 行政诉讼 within 6 months.
    Remedies,
    /// Who took it and how.
    Collector,
}

/// Which clock of the hall runs in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Running {
    /// Five working days to accept, refuse or ask for a correction.
    Answer,
    /// The resident's time to answer a correction.
    Correction,
    /// The promised time of the matter.
    Promise,
    /// Stopped by a special procedure.
    Stopped,
    /// Ten working days to deliver (行政许可法 44).
    Delivery,
    /// Nothing is owed any more.
    Ended,
}

/// Why a step is refused. `code` is stable: `case_closed`, `step_not_possible`, `not_your_role`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {verb:?} on {state:?}")]
pub struct Forbidden {
    pub code: &'static str,
    pub state: State,
    pub verb: Verb,
}

/// One line of the table: who may take this step, where it leads, what it needs and owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub from: State,
    pub verb: Verb,
    pub to: State,
    pub by: &'static [Actor],
    pub needs: &'static [Need],
    pub paper: Option<Paper>,
}

const AGENT: Actor = Actor::Person(Role::Agent);
const CLERK: Actor = Actor::Person(Role::Clerk);
const REVIEWER: Actor = Actor::Person(Role::Reviewer);
const ADMINISTRATOR: Actor = Actor::Person(Role::Administrator);

/// At the window.
const WINDOW: &[Actor] = &[CLERK, REVIEWER];
/// A misrecorded case is voided by the window before acceptance, by an administrator after it.
const VOIDS_EARLY: &[Actor] = &[CLERK, REVIEWER, ADMINISTRATOR];
const VOIDS_LATE: &[Actor] = &[ADMINISTRATOR];
/// The resident speaks through the village or at the window.
const RESIDENT: &[Actor] = &[AGENT, CLERK, REVIEWER];
/// The responsible person approves an extension (行政许可法 42).
const APPROVES: &[Actor] = &[REVIEWER, ADMINISTRATOR];
const CLOCK: &[Actor] = &[Actor::Clock];
const CLOCK_OR_WINDOW: &[Actor] = &[Actor::Clock, CLERK, REVIEWER];

const fn step(from: State, verb: Verb, to: State, by: &'static [Actor], needs: &'static [Need], paper: Option<Paper>) -> Step {
    Step { from, verb, to, by, needs, paper }
}

/// Every step there is. A second correction (from `Corrected`) needs a written reason: what could
/// have been seen the first time may not be asked for later (一次告知制).
pub const STEPS: &[Step] = {
    use Need as N;
    use Paper as P;
    use State::*;
    use Verb::*;
    &[
        step(Received, Accept, Accepted, WINDOW, &[], Some(P::AcceptanceNotice)),
        // The hall itself asks when a filing came under a catalogue that was not in force.
        step(Received, AskCorrection, InCorrection, CLOCK_OR_WINDOW, &[N::Items], Some(P::CorrectionNotice)),
        step(Received, RefuseAcceptance, NotAccepted, WINDOW, &[N::Reason, N::Remedies], Some(P::NonAcceptanceNotice)),
        step(Received, Deem, Accepted, CLOCK, &[], Some(P::AcceptanceNotice)),
        step(Received, Withdraw, Withdrawn, RESIDENT, &[], Some(P::WithdrawalConfirmation)),
        step(Received, Void, Voided, VOIDS_EARLY, &[N::Reason], None),
        step(InCorrection, Supplement, Corrected, RESIDENT, &[N::ItemAnswers], Some(P::SupplementReceipt)),
        step(InCorrection, Withdraw, Withdrawn, RESIDENT, &[], Some(P::WithdrawalConfirmation)),
        step(InCorrection, Terminate, Terminated, CLOCK_OR_WINDOW, &[N::Reason], Some(P::TerminationNotice)),
        step(InCorrection, Void, Voided, VOIDS_EARLY, &[N::Reason], None),
        step(Corrected, Accept, Accepted, WINDOW, &[], Some(P::AcceptanceNotice)),
        step(Corrected, AskCorrection, InCorrection, WINDOW, &[N::Items, N::Reason], Some(P::CorrectionNotice)),
        step(Corrected, RefuseAcceptance, NotAccepted, WINDOW, &[N::Reason, N::Remedies], Some(P::NonAcceptanceNotice)),
        step(Corrected, Deem, Accepted, CLOCK, &[], Some(P::AcceptanceNotice)),
        step(Corrected, Withdraw, Withdrawn, RESIDENT, &[], Some(P::WithdrawalConfirmation)),
        step(Corrected, Void, Voided, VOIDS_EARLY, &[N::Reason], None),
        step(Accepted, Forward, Forwarded, WINDOW, &[N::Body], None),
        step(Accepted, StartSpecial, SpecialProcedure, WINDOW, &[N::Procedure], Some(P::SpecialProcedureNotice)),
        step(Accepted, Extend, Accepted, APPROVES, &[N::Reason, N::NewDate], Some(P::ExtensionNotice)),
        step(Accepted, Grant, Granted, WINDOW, &[N::Result], Some(P::Decision)),
        step(Accepted, Refuse, Refused, WINDOW, &[N::Reason, N::Remedies], Some(P::RefusalDecision)),
        step(Accepted, Withdraw, Withdrawn, RESIDENT, &[], Some(P::WithdrawalConfirmation)),
        step(Accepted, Void, Voided, VOIDS_LATE, &[N::Reason], None),
        // The case is at the town again when a procedure ends, whoever asked for it.
        step(SpecialProcedure, EndSpecial, Accepted, WINDOW, &[], None),
        step(SpecialProcedure, Withdraw, Withdrawn, RESIDENT, &[], Some(P::WithdrawalConfirmation)),
        step(SpecialProcedure, Void, Voided, VOIDS_LATE, &[N::Reason], None),
        step(Forwarded, StartSpecial, SpecialProcedure, WINDOW, &[N::Procedure], Some(P::SpecialProcedureNotice)),
        step(Forwarded, Extend, Forwarded, APPROVES, &[N::Reason, N::NewDate], Some(P::ExtensionNotice)),
        step(Forwarded, Grant, Granted, WINDOW, &[N::Result], Some(P::Decision)),
        step(Forwarded, Refuse, Refused, WINDOW, &[N::Reason, N::Remedies], Some(P::RefusalDecision)),
        step(Forwarded, Withdraw, Withdrawn, RESIDENT, &[], Some(P::WithdrawalConfirmation)),
        step(Forwarded, Void, Voided, VOIDS_LATE, &[N::Reason], None),
        step(Granted, Deliver, Delivered, RESIDENT, &[N::Collector], Some(P::DeliveryReceipt)),
        step(Refused, Deliver, Delivered, RESIDENT, &[N::Collector], Some(P::DeliveryReceipt)),
    ]
};

impl Verb {
    pub const ALL: [Verb; 15] = [
        Verb::Accept,
        Verb::AskCorrection,
        Verb::Supplement,
        Verb::RefuseAcceptance,
        Verb::Deem,
        Verb::Forward,
        Verb::StartSpecial,
        Verb::EndSpecial,
        Verb::Extend,
        Verb::Grant,
        Verb::Refuse,
        Verb::Deliver,
        Verb::Withdraw,
        Verb::Terminate,
        Verb::Void,
    ];
}

impl State {
    pub const ALL: [State; 13] = [
        State::Received,
        State::InCorrection,
        State::Corrected,
        State::Accepted,
        State::SpecialProcedure,
        State::Forwarded,
        State::NotAccepted,
        State::Granted,
        State::Refused,
        State::Delivered,
        State::Withdrawn,
        State::Terminated,
        State::Voided,
    ];

    /// The line of the table for this verb, whoever acts.
    pub fn step(self, verb: Verb) -> Option<&'static Step> {
        STEPS.iter().find(|step| step.from == self && step.verb == verb)
    }

    /// Where the verb leads when this actor takes it.
    pub fn next(self, verb: Verb, actor: impl Into<Actor>) -> Result<State, Forbidden> {
        let forbidden = |code| Forbidden { code, state: self, verb };
        if self.closed() {
            return Err(forbidden("case_closed"));
        }
        let step = self.step(verb).ok_or(forbidden("step_not_possible"))?;
        if step.by.contains(&actor.into()) { Ok(step.to) } else { Err(forbidden("not_your_role")) }
    }

    /// Every verb that leads on from here, whoever may take it.
    pub fn allows(self) -> impl Iterator<Item = Verb> {
        STEPS.iter().filter(move |step| step.from == self).map(|step| step.verb)
    }

    /// The verbs that this actor may take here.
    pub fn allows_to(self, actor: impl Into<Actor>) -> impl Iterator<Item = Verb> {
        let actor = actor.into();
        STEPS.iter().filter(move |step| step.from == self && step.by.contains(&actor)).map(|step| step.verb)
    }

    /// Nothing can happen to the case any more.
    pub fn closed(self) -> bool {
        !STEPS.iter().any(|step| step.from == self)
    }

    /// A decision stands, delivered or not.
    pub fn decided(self) -> bool {
        matches!(self, State::Granted | State::Refused | State::Delivered)
    }

    /// The hall has ended the matter or the village has taken it back: nothing more is owed by either, a
    /// result's delivery apart.
    pub fn over(self) -> bool {
        match self {
            State::Received
            | State::InCorrection
            | State::Corrected
            | State::Accepted
            | State::SpecialProcedure
            | State::Forwarded => false,
            State::NotAccepted
            | State::Granted
            | State::Refused
            | State::Delivered
            | State::Withdrawn
            | State::Terminated
            | State::Voided => true,
        }
    }

    /// Its resident has the answer and may say how it was (好差评). Nobody is asked about a voided case.
    pub fn may_be_evaluated(self) -> bool {
        self.over() && self != State::Voided
    }

    /// The clock that runs now.
    pub fn running(self) -> Running {
        match self {
            State::Received | State::Corrected => Running::Answer,
            State::InCorrection => Running::Correction,
            State::Accepted | State::Forwarded => Running::Promise,
            State::SpecialProcedure => Running::Stopped,
            State::Granted | State::Refused => Running::Delivery,
            State::NotAccepted | State::Delivered | State::Withdrawn | State::Terminated | State::Voided => Running::Ended,
        }
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod state_tests;
