//! Who may change what: the administrator arranges, and only an account of one's own is changed.

use super::Reader;
use super::step::StepRead;
use crate::diagnostic::{Code, Span};
use crate::model::{Call, Param, Principal, Role, Service, Step};
use crate::name::Name;
use crate::template::{Part, Placeholder};

/// Reports steps that would change what other scenarios see, or leave something behind.
pub(super) fn check_changes(reader: &mut Reader<'_>, steps: &[StepRead], fresh: bool) {
    for read in steps {
        check_admin(reader, read);
        if read.step.call.changes_account() && !fresh {
            let message = format!("`{}` would change an account that others share", read.step.call);
            let help = Some("write `fresh: true` in the scenario".to_owned());
            reader.report(Code::ChangeOfSharedAccount, read.span, message, help);
        } else {
            let made = |id: &Name| {
                let step = steps.iter().find(|other| other.step.id == *id);
                step.is_some_and(|other| other.step.call.makes().is_some())
            };
            check_subject(reader, read.span, read.step.call, &read.step.params, made);
        }
        check_made(reader, read);
        check_sent_as_called(reader, read);
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

/// The parameters that name what a call changes, the one that counts first: of the others, some name
/// what is only attached to it.
///
/// Source: IAM and S3 API References, requests of the operations that change something.
const SUBJECTS: [&str; 12] = [
    "UserName",
    "RoleName",
    "GroupName",
    "InstanceProfileName",
    "Bucket",
    "PolicyArn",
    "OpenIDConnectProviderArn",
    "SAMLProviderArn",
    "SerialNumber",
    "ServerCertificateName",
    "AccessKeyId",
    "ServiceSpecificCredentialId",
];

/// A call of a load uses what its account has, and changes none of it but its objects: nothing would put it back,
/// or remove what was made.
pub(super) fn check_load(
    reader: &mut Reader<'_>,
    span: Span,
    call: Call,
    params: &[(String, Param)],
) {
    if call.changes_account() {
        let message = format!("`{call}` would change the account that all users of a load share");
        let help = Some("a load uses what its account has; remove the call".to_owned());
        reader.report(Code::ChangeOfSharedAccount, span, message, help);
    } else {
        check_subject(reader, span, call, params, |_| false);
    }
}

/// A call that changes something changes what is ours; `made` says whether a step made something.
fn check_subject(
    reader: &mut Reader<'_>,
    span: Span,
    call: Call,
    params: &[(String, Param)],
    made: impl Fn(&Name) -> bool,
) {
    if !(call.changes_account() || call.changes_objects()) || call.makes().is_some() {
        return;
    }
    let given = |name: &&str| params.iter().find(|(given, _)| given == name);
    let message = match SUBJECTS.iter().find_map(given) {
        Some((_, param)) if is_ours(param) || is_of_a_thing(param, made) => return,
        Some((name, _)) => format!("`{name}` of `{call}` may be somebody else's"),
        None => format!("`{call}` would change whoever calls, or the whole account"),
    };
    let help = "name a thing of the account, such as `${federator.name}`, what a step made, or \
                `stspec-${run.id}-…`";
    reader.report(Code::ForeignChange, span, message, Some(help.to_owned()));
}

/// Whether a text is a thing of the scenario's account, or begins with what an earlier step made.
fn is_of_a_thing(param: &Param, made: impl Fn(&Name) -> bool) -> bool {
    let Param::Text(template) = param else { return false };
    match template.parts() {
        [Part::Placeholder(Placeholder::Resource { .. })] => true,
        [Part::Placeholder(Placeholder::Step { id, .. })] => made(id),
        _ => false,
    }
}

/// What goes on the wire to IAM and S3 is the call that stands in the step.
fn check_sent_as_called(reader: &mut Reader<'_>, read: &StepRead) {
    let Step { call, send, .. } = &read.step;
    let another_action = matches!(&send.action, Some(Some(_)));
    let other = another_action
        || send.body.is_some()
        || send.path.is_some()
        || (send.method.is_some() && call.service == Service::S3);
    if call.service != Service::Sts && other {
        let message =
            format!("`send:` makes another request of `{call}`, which may change anything");
        let help = Some("call the operation that is meant".to_owned());
        reader.report(Code::ForeignChange, read.span, message, help);
    }
}

/// Whether a name starts with `stspec-${run.id}-`.
fn is_ours(param: &Param) -> bool {
    let Param::Text(template) = param else { return false };
    matches!(
        template.parts(),
        [Part::Literal(start), Part::Placeholder(Placeholder::RunId), Part::Literal(rest), ..]
            if start == "stspec-" && rest.starts_with('-')
    )
}
