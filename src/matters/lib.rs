//! The domain of the house: matters, forms, filings, identities, clocks and states.
//!
//! Doors: [`Catalogue`] and [`Matter`], the form engine in [`form`], [`Filing`] and [`Sealed`],
//! [`Act`], [`CaseView`] and [`State`], [`Calendar`] with [`deadline`] and [`hours`], [`numbering`],
//! [`search`], [`division`]; for authors of matters [`lint`], [`change`], [`guide`] and [`overview`].
//!
//! Never: reads a clock, a file, a socket or a random number; prints a person's data;
//! makes a sentence (it returns codes with arguments, `texts` makes sentences of them).
//!
//! Start reading at `matter.rs`, then `form.rs`, then `filing.rs`.

mod act;
pub mod bundled;
pub mod calendar;
pub mod canonical;
mod case;
pub mod catalogue;
pub mod change;
pub mod deadline;
pub mod division;
mod filing;
pub mod form;
pub mod guide;
pub mod hours;
pub mod identity;
pub mod lint;
pub mod matter;
pub mod numbering;
pub mod overview;
mod personal;
pub mod repeat;
mod rule;
pub mod search;
pub mod state;

pub use act::{Act, Grade, SupplementItem, What};
pub use calendar::Calendar;
pub use case::{About, AgentAccount, CaseStep, CaseView, Correction, CorrectionItem, DELIVERY_WAYS, ResultFile, Role, StepKind};
pub use catalogue::{Catalogue, CatalogueFault};
pub use filing::{
    ActedBy, Capacity, Digest, Filing, HandedOver, Mandate, NoticeGiven, PageRef, PointRef, ProxyKind, Sealed, SealedError,
    Witness,
};
pub use form::{Answers, Complaint, Due, Member, Value};
pub use identity::{CardKind, Identity, Nation, Sex, Source, ValidUntil};
pub use matter::{Capture, Check, Column, ColumnKind, Field, FieldKind, Group, Material, Matter, Rule, Sheet, Words};
pub use numbering::CaseNumber;
pub use personal::Personal;
pub use state::{Actor, Forbidden, Need, Paper, State, Verb};
