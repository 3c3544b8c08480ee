//! Renderings of a run record: for a terminal, for a machine, and as snapshots.
//!
//! Every type that leaves the process is defined here. Every rendering takes the secrets of the run out
//! first; nothing that this crate returns holds one. The same record gives the same bytes.
//!
//! Start at [`terminal()`], which shows what a report is made of.

mod baseline;
mod coverage;
mod drift;
mod error;
mod json;
mod matrix;
mod redaction;
mod snapshot;
mod terminal;
mod text;

pub use baseline::{baseline_file, deviations_of};
pub use coverage::coverage_matrix;
pub use drift::drift_report;
pub use error::ReportError;
pub use json::{SCHEMA, json};
pub use matrix::{Demand, Finding, MatrixRow, fault_matrix, finding};
pub use snapshot::snapshot;
pub use terminal::{Style, terminal};
