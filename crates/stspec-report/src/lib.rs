//! Renderings of a run record: for a terminal, a machine, a browser and a build server, and as snapshots.
//!
//! Every type that leaves the process is defined here. Every rendering takes the secrets of the run out
//! first; nothing that this crate returns holds one. The same record gives the same bytes.
//!
//! Start at [`terminal()`], which shows what a report is made of.

mod baseline;
mod coverage;
mod difference;
mod drift;
mod error;
mod github;
mod html;
mod json;
mod junit;
pub mod load;
mod markdown;
mod markup;
mod matrix;
mod redaction;
mod snapshot;
mod target_file;
mod terminal;
mod text;
mod trace;
mod verdict_matrix;
mod words;

pub use baseline::{baseline_file, deviations_of};
pub use coverage::coverage_matrix;
pub use drift::drift_report;
pub use error::ReportError;
pub use github::{annotations, guarded};
pub use html::html;
pub use json::{SCHEMA, json};
pub use junit::junit;
pub use markdown::{MARKDOWN_BYTES_MAX, markdown};
pub use matrix::{Demand, Finding, MatrixRow, fault_matrix, finding};
pub use snapshot::{
    DifferenceClass, SnapshotDifference, compare_snapshots, render_differences, snapshot, snapshots,
};
pub use target_file::target_file;
pub use terminal::{Style, terminal};
pub use text::line as one_line;
pub use trace::{TRACE_SCHEMA, trace};
pub use verdict_matrix::{
    Column, MATRIX_SCHEMA, Row, TargetReport, VerdictMatrix, matrix_html, matrix_json,
    matrix_markdown, read_report,
};
