//! The load report for machines, `stspec/load/v1`: all of a record, and a summary of it.

mod form;
mod reading;

use serde::Deserialize;
use stspec_measure::LoadRecord;

use crate::ReportError;

/// The name and version of the load report's format.
pub const SCHEMA: &str = "stspec/load/v1";

/// Largest report that is worth reading, in bytes.
///
/// Source: ours. A series of [`PARTS_MAX`](stspec_measure::PARTS_MAX) parts with an answer in every bucket comes
/// to a third of it.
pub const REPORT_BYTES_MAX: usize = 1 << 30;

/// Renders a record as one line of JSON.
///
/// Histograms are lists of buckets and counts, see [`Histogram`](stspec_measure::Histogram); whoever
/// adds the counts of two reports bucket by bucket has the histogram of both.
///
/// # Panics
///
/// Never: a report holds text and whole numbers only.
#[must_use]
pub fn json(record: &LoadRecord) -> String {
    let report = form::Report::from(record);
    serde_json::to_string(&report).expect("a report holds text and whole numbers only") + "\n"
}

/// What tells a report's format.
#[derive(Deserialize)]
struct Head {
    schema: Option<String>,
}

/// Reads a report that [`json()`] wrote; `read(&json(record))` is the record again.
///
/// Whatever contradicts itself is an error, so that what is read can be relied on as if it had been
/// measured here. The summary is not read: it follows from the rest.
pub fn read(text: &str) -> Result<LoadRecord, ReportError> {
    if text.len() > REPORT_BYTES_MAX {
        return Err(ReportError::NoLoadReport {
            reason: format!("it is longer than {REPORT_BYTES_MAX} bytes"),
        });
    }
    let no_report =
        |error: serde_json::Error| ReportError::NoLoadReport { reason: error.to_string() };
    let head: Head = serde_json::from_str(text).map_err(no_report)?;
    match head.schema {
        Some(schema) if schema == SCHEMA => {}
        Some(schema) => return Err(ReportError::UnknownSchema { schema, expected: SCHEMA }),
        None => {
            return Err(ReportError::NoLoadReport { reason: "`schema` is missing".to_owned() });
        }
    }
    let report: form::Report = serde_json::from_str(text).map_err(no_report)?;
    reading::record(report)
        .map_err(|fault| ReportError::Contradiction { path: fault.place, fact: fault.fact })
}
