//! A baseline file: `snapshots/<target>/baseline.yaml`.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Fields, Reader};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::keys::{BASELINE, KNOWN_DEVIATION};
use crate::model::{AcceptedDeviation, AcceptedVerdict, Baseline};
use crate::yaml::Node;

impl Baseline {
    /// Reads a baseline; `target` is the name of the folder that the file stands in.
    ///
    /// Returns no baseline if the file has an error.
    #[must_use]
    pub fn read(file: &str, text: &str, target: &str) -> (Option<Self>, Vec<Diagnostic>) {
        let mut reader = Reader::new(file, text);
        let baseline = reader.tree().and_then(|node| read_baseline(&mut reader, &node, target));
        let diagnostics = reader.finish();
        let faulty = diagnostics.iter().any(|found| found.severity() == Severity::Error);
        (baseline.filter(|_| !faulty), diagnostics)
    }
}

fn read_baseline(reader: &mut Reader<'_>, node: &Node, folder: &str) -> Option<Baseline> {
    let fields = reader.fields(node, &BASELINE)?;
    let target = fields.get("target").and_then(|node| {
        let name = reader.name(node)?;
        if name.as_str() != folder {
            let message = format!("a baseline of `{name}` stands in the folder of `{folder}`");
            let help = Some(format!("write `target: {folder}`, or move the file"));
            reader.report(Code::MisplacedFile, node.span, message, help);
        }
        Some(name)
    });
    let of = fields.get("of").and_then(|node| reader.prose(node));
    let items = fields.get("deviations").and_then(|node| reader.list(node)).unwrap_or_default();
    let mut deviations = BTreeMap::new();
    for item in items {
        let Some(known) = read_known(reader, item) else { continue };
        let message = format!("`{}` is listed twice", known.check);
        if deviations.insert(known.check.clone(), known).is_some() {
            reader.report(Code::DuplicateKey, item.span, message, Some("remove one".to_owned()));
        }
    }
    Some(Baseline { target: target?, of, deviations: deviations.into_values().collect() })
}

fn read_known(reader: &mut Reader<'_>, node: &Node) -> Option<AcceptedDeviation> {
    let fields = reader.fields(node, &KNOWN_DEVIATION)?;
    let check = fields.get("check").and_then(|node| reader.prose(node));
    let verdict = fields.get("verdict").and_then(|node| reader.word(node, Code::UnknownWord));
    let fingerprint = fields.get("fingerprint").and_then(|node| reader.prose(node));
    let how = fields.get("how").and_then(|node| reader.prose(node));
    let reason = fields.get("reason").and_then(|node| reader.prose(node));
    let expires = read_day(reader, &fields);
    if verdict == Some(AcceptedVerdict::Fail) && fields.get("fingerprint").is_none() {
        let message = "a known failure needs a `fingerprint`, or a worse one would hide behind it";
        let help = Some("`stspec baseline update` writes it".to_owned());
        reader.report(Code::MissingKey, node.span, message, help);
    }
    Some(AcceptedDeviation {
        check: check?,
        verdict: verdict?,
        fingerprint,
        how,
        reason: reason?,
        expires: expires?,
    })
}

fn read_day(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Date> {
    let node = fields.get("expires")?;
    let text = reader.text_or_integer(node)?;
    let day = text.parse().ok();
    if day.is_none() {
        let message = format!("`{text}` is no date");
        let help = Some("write it as 2027-01-31".to_owned());
        reader.report(Code::BadValue, node.span, message, help);
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &str = "target: moto\nof: moto 5.2.5\ndeviations:\n  - check: a/b/c/d\n    \
                         verdict: fail\n    fingerprint: 00ff\n    reason: it never checks\n    \
                         expires: 2027-05-01\n";

    #[track_caller]
    fn check(text: &str, code: Code, line: usize) {
        let (baseline, diagnostics) = Baseline::read("baseline.yaml", text, "moto");
        assert_eq!(baseline, None);
        let found: Vec<(Code, usize)> =
            diagnostics.iter().map(|found| (found.code, found.line)).collect();
        assert_eq!(found, [(code, line)], "{diagnostics:?}");
    }

    #[test]
    fn what_is_known_of_a_check_is_found_by_its_id() {
        let (baseline, diagnostics) = Baseline::read("baseline.yaml", KNOWN, "moto");
        assert_eq!(diagnostics, []);
        let baseline = baseline.unwrap();
        assert_eq!(baseline.deviation("a/b/c/d").unwrap().verdict, AcceptedVerdict::Fail);
        assert_eq!(baseline.deviation("a/b/c"), None);
        assert_eq!(baseline.of.as_deref(), Some("moto 5.2.5"));
    }

    #[test]
    fn an_empty_list_is_a_baseline_too() {
        let (baseline, _) = Baseline::read("b.yaml", "target: moto\ndeviations: []\n", "moto");
        assert_eq!(baseline.unwrap().deviations, []);
    }

    #[test]
    fn faults_are_told_with_their_place() {
        check(&KNOWN.replace("fail", "fails"), Code::UnknownWord, 5);
        check(&KNOWN.replace("    fingerprint: 00ff\n", ""), Code::MissingKey, 4);
        check(&KNOWN.replace("    reason: it never checks\n", ""), Code::MissingKey, 4);
        check(&KNOWN.replace("2027-05-01", "2027-05-32"), Code::BadValue, 8);
        check(&KNOWN.replace("target: moto", "target: other"), Code::MisplacedFile, 1);
        check(&KNOWN.replace("expires:", "expire:"), Code::UnknownKey, 8);
        let twice = KNOWN.split_once("  - ").unwrap().1;
        check(&format!("{KNOWN}  - {twice}"), Code::DuplicateKey, 9);
    }
}
