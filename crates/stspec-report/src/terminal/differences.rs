//! The rules that look otherwise than their snapshots, line by line.

use std::fmt::Write as _;

use stspec_verdict::SnapshotRecord;

use super::Style;
use crate::difference::lines;
use crate::text::line;

/// How many rules are shown in full; the others are listed.
///
/// Source: ours. A new release of an emulator may change a message in all of them.
const RULES_MAX: usize = 20;

/// Renders the differences, each below the file that it is a difference from.
pub(super) fn differences(seen: &SnapshotRecord, style: Style) -> String {
    let mut text = String::new();
    for change in seen.changed.iter().take(RULES_MAX) {
        // Writing to a string never fails.
        let _ = writeln!(text, "\nseen otherwise than {}/{}.snap", line(&seen.folder), change.rule);
        for (mark, line) in lines(change) {
            let _ = writeln!(text, "  {}", style.difference(mark, &line));
        }
    }
    let others = seen.changed.iter().skip(RULES_MAX);
    if others.len() > 0 {
        text.push_str("\nseen otherwise, too:\n");
        for change in others {
            let _ = writeln!(text, "  {}", change.rule);
        }
    }
    text
}
