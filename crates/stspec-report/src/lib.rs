//! Renderings of a run record: for a terminal, a machine, a browser and a build server, and as snapshots.
//!
//! Every type that leaves the process is defined here. Renderings of a run take a [`CleanRecord`], which
//! contains no secret. The same record gives the same bytes.
//!
//! Start at [`terminal()`], which shows what a report consists of.

mod baseline;
mod clean_record;
mod coverage;
mod difference;
mod drift;
mod error;
mod github;
mod html;
mod json;
mod junit;
mod labels;
pub mod load;
mod markdown;
mod markdown_text;
mod matrix;
mod page;
mod snapshot;
mod target_file;
mod terminal;
mod text;
mod trace;
mod verdict_matrix;

pub use baseline::{baseline_file, deviations_of};
pub use clean_record::CleanRecord;
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
