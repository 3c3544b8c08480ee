//! How a snapshot differs from a run, line by line.

use similar::{Algorithm, ChangeTag, TextDiff};
use stspec_verdict::SnapshotChange;

use crate::text::line;

/// How many unchanged lines are shown around a change.
const CONTEXT_LINES: usize = 3;

/// Most lines of one rule's difference; a reader has the whole of it with `git diff` after `accept`.
///
/// Source: ours, about a screen.
const LINES_MAX: usize = 60;

/// Where a line of a difference comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// From both.
    Kept,
    /// From neither: it says that lines were left out.
    Skipped,
    /// From the snapshot alone.
    Before,
    /// From the run alone.
    Now,
}

impl Mark {
    fn sign(self) -> &'static str {
        match self {
            Self::Kept => "  ",
            Self::Skipped => "",
            Self::Before => "- ",
            Self::Now => "+ ",
        }
    }
}

/// The changed lines with a few around them, each with its sign.
pub(crate) fn lines(change: &SnapshotChange) -> Vec<(Mark, String)> {
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Patience)
        .diff_lines(change.before.as_str(), change.now.as_str());
    let mut lines = Vec::new();
    for (position, group) in diff.grouped_ops(CONTEXT_LINES).iter().enumerate() {
        if position > 0 {
            lines.push((Mark::Skipped, "…".to_owned()));
        }
        for op in group {
            lines.extend(diff.iter_changes(op).map(|each| {
                let mark = match each.tag() {
                    ChangeTag::Equal => Mark::Kept,
                    ChangeTag::Delete => Mark::Before,
                    ChangeTag::Insert => Mark::Now,
                };
                (mark, format!("{}{}", mark.sign(), line(each.value().trim_end_matches('\n'))))
            }));
        }
    }
    let left_out = lines.len().saturating_sub(LINES_MAX);
    if left_out > 0 {
        lines.truncate(LINES_MAX);
        lines.push((Mark::Skipped, format!("… and {left_out} more lines")));
    }
    lines
}

/// The difference as one text.
pub(crate) fn plain(change: &SnapshotChange) -> String {
    lines(change).into_iter().map(|(_, line)| line + "\n").collect()
}

#[cfg(test)]
mod tests {
    use stspec_scenario::RuleId;

    use super::*;

    fn change(before: &str, now: &str) -> SnapshotChange {
        SnapshotChange {
            rule: RuleId::parse("a/b").unwrap(),
            before: before.into(),
            now: now.into(),
        }
    }

    fn numbers(count: u32) -> String {
        (0..count).flat_map(|number| [number.to_string(), "\n".to_owned()]).collect()
    }

    #[test]
    fn changed_lines_have_three_others_around_them() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let shown = plain(&change(before, &before.replace("5\n", "five\n")));
        assert_eq!(shown, "  2\n  3\n  4\n- 5\n+ five\n  6\n  7\n  8\n");
    }

    #[test]
    fn far_changes_have_a_gap_between_them() {
        let before = numbers(20);
        let now = before.replace("0\n1\n", "zero\n1\n").replace("19\n", "nineteen\n");
        assert!(plain(&change(&before, &now)).contains("\n…\n"));
    }

    #[test]
    fn what_would_steer_a_terminal_is_spelt_out() {
        assert_eq!(plain(&change("a\n", "\u{1b}[2J\n")), "- a\n+ \\u{1b}[2J\n");
    }

    #[test]
    fn a_long_difference_is_cut_and_says_so() {
        let shown = lines(&change("", &numbers(100)));
        assert_eq!(shown.len(), LINES_MAX + 1);
        assert_eq!(shown.last(), Some(&(Mark::Skipped, "… and 40 more lines".to_owned())));
    }
}
