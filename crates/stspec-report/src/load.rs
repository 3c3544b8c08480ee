//! Renderings of what a target did under load, and of how two such runs compare.
//!
//! Start at [`terminal()`], which shows what a report consists of; [`json()`] and [`read()`] keep all of it.

mod comparison;
mod csv;
mod html;
mod json;
mod plot;
mod prometheus;
mod quantity;
mod terminal;

pub use comparison::{COMPARISON_SCHEMA, comparison_json, comparison_terminal};
pub use csv::csv;
pub use html::html;
pub use json::{REPORT_BYTES_MAX, SCHEMA, json, read};
pub use prometheus::prometheus;
pub use terminal::terminal;
