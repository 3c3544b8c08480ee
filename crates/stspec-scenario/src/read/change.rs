//! Who may change what: the administrator arranges, and only an account of one's own is changed.

use super::Reader;
use super::step::StepRead;
use crate::diagnostic::Code;
use crate::model::{Param, Principal, Role};
use crate::template::{Part, Reference};

/// Reports steps that would change what other scenarios see, or leave something behind.
pub(super) fn check_changes(reader: &mut Reader<'_>, steps: &[StepRead], fresh: bool) {
    for read in steps {
        check_admin(reader, read);
        if read.step.call.changes_account() && !fresh {
            let message = format!("`{}` would change an account that others share", read.step.call);
            let help = Some("write `fresh: true` in the scenario".to_owned());
            reader.report(Code::ChangeOfSharedAccount, read.span, message, help);
        }
        check_made(reader, read);
    }
}

fn check_admin(reader: &mut Reader<'_>, read: &StepRead) {
    if read.step.principal == Principal::Admin && read.step.role != Role::Control {
        let message =
            format!("`{}` is no control, and the administrator only arranges", read.step.id);
        let help = Some("write `role: control`, or let another principal call".to_owned());
        reader.report(Code::AdminBeyondControl, read.span, message, help);
    }
}

/// A step that makes something gives it a name of this run.
fn check_made(reader: &mut Reader<'_>, read: &StepRead) {
    let Some(parameter) = read.step.call.makes() else { return };
    let mut given = read.step.params.iter().filter(|(name, _)| name == parameter);
    if given.any(|(_, param)| !is_ours(param)) {
        let call = read.step.call;
        let message = format!("what `{call}` makes here would not be removed after the run");
        let help = format!("write `{parameter}: \"stspec-${{run.id}}-…\"`");
        reader.report(Code::UncountedResource, read.span, message, Some(help));
    }
}

/// Whether a name starts with `stspec-${run.id}-`.
fn is_ours(param: &Param) -> bool {
    let Param::Text(template) = param else { return false };
    matches!(
        template.parts(),
        [Part::Literal(start), Part::Reference(Reference::RunId), Part::Literal(rest), ..]
            if start == "stspec-" && rest.starts_with('-')
    )
}
