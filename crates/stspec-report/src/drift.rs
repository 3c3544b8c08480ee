//! What a service model says otherwise than it was recorded.

use std::fmt::Write as _;

use stspec_scenario::{Change, ChangeKind, Drift};

use crate::text::{counted, line};

/// Renders the differences between the recorded values and a model, one line each, sorted by path, with
/// those who recorded a value below it; then the numbers.
#[must_use]
pub fn drift_report(drift: &Drift) -> String {
    let mut text = String::new();
    let width = drift.changes.iter().map(|change| change.path.len()).max().unwrap_or_default();
    for change in &drift.changes {
        push_change(&mut text, change, width);
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text + &totals(drift)
}

fn push_change(text: &mut String, change: &Change, width: usize) {
    let (word, values) = match &change.kind {
        ChangeKind::New { found } => ("new", format!("`{}`", line(found))),
        ChangeKind::Changed { recorded, found } => {
            ("changed", format!("`{}` became `{}`", line(recorded), line(found)))
        }
        ChangeKind::Deprecated { found } => ("deprecated", format!("`{}`", line(found))),
        ChangeKind::Gone { recorded } => ("gone", format!("was `{}`", line(recorded))),
    };
    // The path comes from the model file and may hold anything. Writing to a string never fails.
    let _ = writeln!(text, "{word:<10}  {:<width$}  {values}", line(&change.path));
    for who in &change.recorded_by {
        let _ = writeln!(text, "            recorded by {who}");
    }
}

fn totals(drift: &Drift) -> String {
    let of = |wanted: fn(&ChangeKind) -> bool| {
        drift.changes.iter().filter(|change| wanted(&change.kind)).count()
    };
    format!(
        "{} recorded · {} new · {} changed · {} deprecated · {} gone\n",
        counted(drift.recorded, "value", "values"),
        of(|kind| matches!(kind, ChangeKind::New { .. })),
        of(|kind| matches!(kind, ChangeKind::Changed { .. })),
        of(|kind| matches!(kind, ChangeKind::Deprecated { .. })),
        of(|kind| matches!(kind, ChangeKind::Gone { .. })),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: &str, kind: ChangeKind, recorded_by: &[&str]) -> Change {
        let recorded_by = recorded_by.iter().map(|&who| who.to_owned()).collect();
        Change { path: path.to_owned(), kind, recorded_by }
    }

    #[test]
    fn each_kind_of_change_has_its_line() {
        let changes = vec![
            change("Toll/members/Cart", ChangeKind::New { found: "cart".into() }, &[]),
            change(
                "toll/max",
                ChangeKind::Changed { recorded: "3".into(), found: "4".into() },
                &["fact toll-max", "rule toll/maximum"],
            ),
            change("toll/deprecated", ChangeKind::Deprecated { found: "true".into() }, &[]),
            change("toll/min", ChangeKind::Gone { recorded: "0".into() }, &["fact toll-min"]),
        ];
        let expected = "\
new         Toll/members/Cart  `cart`
changed     toll/max           `3` became `4`
            recorded by fact toll-max
            recorded by rule toll/maximum
deprecated  toll/deprecated    `true`
gone        toll/min           was `0`
            recorded by fact toll-min

2 values recorded · 1 new · 1 changed · 1 deprecated · 1 gone
";
        assert_eq!(drift_report(&Drift { recorded: 2, changes }), expected);
    }

    #[test]
    fn no_drift_is_one_line_of_numbers() {
        let drift = Drift { recorded: 1, changes: Vec::new() };
        let expected = "1 value recorded · 0 new · 0 changed · 0 deprecated · 0 gone\n";
        assert_eq!(drift_report(&drift), expected);
    }

    #[test]
    fn what_the_model_file_holds_can_not_steer_the_terminal() {
        let changes = vec![change("a\u{1b}[2J", ChangeKind::New { found: "\u{7}".into() }, &[])];
        assert!(!drift_report(&Drift { recorded: 0, changes }).contains(['\u{1b}', '\u{7}']));
    }
}
