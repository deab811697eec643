//! The town hall of services (镇街综合服务大厅): receives filings, lets clerks answer them, tells the village.
//!
//! Doors: [`ledger`] (storage and every rule about it), [`door`] (who may come in), [`api`] (terminals),
//! [`desk`] (clerks), [`command`] (the program `town-hall`).
//!
//! Never: acknowledges what is not on the disk; lets anything but the ledger change a case;
//! shows a terminal another point's pages; tells the outside why it failed inside.
//!
//! Start reading at [`ledger`], then `ledger/acts.rs`.

pub mod clock;
pub mod desk;
pub mod ledger;

use ledger::Ledger;

/// The hall while it is open: one value shared by all doors.
pub struct Hall {
    pub ledger: Ledger,
    pub clock: clock::Clock,
}
