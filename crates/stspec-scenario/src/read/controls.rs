//! Denials need company: what keeps a probe from passing on a target that always answers the same.

use super::Reader;
use super::step::{RuleFacts, StepRead};
use crate::diagnostic::Code;
use crate::model::{
    Call, Controls, Matcher, Outcome, Principal, Role, Root, Service, SigningOptions, Step,
};
use crate::template::Template;

/// Reports probes of a scenario that stand alone.
pub(super) fn check_controls(
    reader: &mut Reader<'_>,
    steps: &[StepRead],
    controls: Controls,
    facts: RuleFacts,
) {
    for (index, read) in steps.iter().enumerate() {
        if read.step.role != Role::Probe || read.step.outcomes.is_empty() {
            continue;
        }
        if controls == Controls::Steps {
            check_control(reader, read, steps.get(..index).unwrap_or_default());
            check_liveness(reader, read, steps);
            check_contrast(reader, read, steps, facts);
        }
        check_more_than_status(reader, read);
    }
    if controls == Controls::Neighbours {
        check_neighbour(reader, steps);
    }
}

fn check_control(reader: &mut Reader<'_>, probe: &StepRead, earlier: &[StepRead]) {
    let vouched = earlier.iter().any(|read| read.step.role == Role::Control && accepts(&read.step));
    if refuses(&probe.step) && !vouched {
        let message = format!("`{}` expects a refusal without a control before it", probe.step.id);
        let help = "add a step with `role: control` before it that expects `status: 200`";
        reader.report(Code::RefusalWithoutControl, probe.span, message, Some(help.to_owned()));
    }
}

fn check_liveness(reader: &mut Reader<'_>, probe: &StepRead, steps: &[StepRead]) {
    let Principal::Session(session) = &probe.step.principal else { return };
    let alive = steps.iter().any(|read| {
        read.step.role == Role::Liveness
            && read.step.principal == probe.step.principal
            && is_get_caller_identity(read.step.call)
            && read.step.sign == SigningOptions::default()
            && accepts(&read.step)
            && names_the_caller(&read.step)
    });
    if refuses(&probe.step) && !alive {
        let message = format!("nothing shows that the session `{session}` is alive");
        let help = format!(
            "add a step with `role: liveness`, `as: session.{session}`, \
             `call: sts.GetCallerIdentity` and `expect: {{status: 200, result.Arn: \"…\"}}`"
        );
        reader.report(Code::RefusalWithoutLiveness, probe.span, message, Some(help));
    }
}

fn check_contrast(reader: &mut Reader<'_>, probe: &StepRead, steps: &[StepRead], facts: RuleFacts) {
    let concerned = facts.enforcement
        && probe.step.call.service == Service::S3
        && matches!(probe.step.principal, Principal::Session(_))
        && !refuses(&probe.step);
    let contrasted = steps.iter().any(|read| {
        matches!(read.step.role, Role::Contrast | Role::Control) && refuses(&read.step)
    });
    if concerned && !contrasted {
        let message = format!("`{}` expects an allowance without a contrast", probe.step.id);
        let help = "add a step with `role: contrast` that expects a refusal";
        reader.report(Code::AllowanceWithoutContrast, probe.span, message, Some(help.to_owned()));
    }
}

fn check_neighbour(reader: &mut Reader<'_>, cases: &[StepRead]) {
    if cases.iter().any(|read| accepts(&read.step)) {
        return;
    }
    for read in cases.iter().filter(|read| refuses(&read.step)) {
        let message = format!("`{}` expects a refusal, and no case is accepted", read.step.id);
        let help = "add a case that expects `status: 200`";
        reader.report(Code::RefusalWithoutNeighbour, read.span, message, Some(help.to_owned()));
    }
}

fn check_more_than_status(reader: &mut Reader<'_>, probe: &StepRead) {
    let bare = probe.step.outcomes.iter().any(|outcome| {
        let looks = outcome.expectations.iter().any(|expectation| {
            matches!(expectation.path.root(), Root::Result | Root::Body | Root::Error)
        });
        admits(outcome, STATUS_OK) && !looks
    });
    if probe.step.call.service == Service::Sts && bare {
        let message = format!("`{}` passes on a server that always answers 200", probe.step.id);
        let help = "expect something of `result.…` or `body.…` as well";
        reader.report(Code::BareAcceptance, probe.span, message, Some(help.to_owned()));
    }
}

fn is_get_caller_identity(call: Call) -> bool {
    call.service == Service::Sts && call.operation == "GetCallerIdentity"
}

/// Whether every outcome says what the ARN is, so that an identity made up for anybody won't do.
fn names_the_caller(step: &Step) -> bool {
    step.outcomes.iter().all(|outcome| {
        outcome.expectations.iter().any(|expectation| {
            expectation.path.root() == Root::Result
                && expectation.path.below_root() == ["Arn"]
                && matches!(expectation.matcher, Matcher::Eq(_) | Matcher::EndsWith(_))
        })
    })
}

/// Whether some outcome is a refusal: a status of 400 or more, or something in the error.
fn refuses(step: &Step) -> bool {
    step.outcomes.iter().any(|outcome| {
        let has_error = outcome.expectations.iter().any(|expectation| {
            expectation.path.root() == Root::Error && expectation.matcher != Matcher::Absent
        });
        let has_status = outcome.expectations.iter().any(|e| e.path.root() == Root::Status);
        has_error || (has_status && REFUSALS.into_iter().any(|status| admits(outcome, status)))
    })
}

/// Whether every outcome is an acceptance: a status of 200 to 299 and no other.
fn accepts(step: &Step) -> bool {
    !step.outcomes.is_empty()
        && !refuses(step)
        && step.outcomes.iter().all(|outcome| {
            outcome.expectations.iter().any(|e| e.path.root() == Root::Status)
                && ACCEPTANCES.into_iter().any(|status| admits(outcome, status))
                && !REDIRECTS.into_iter().any(|status| admits(outcome, status))
        })
}

const STATUS_OK: i64 = 200;
const ACCEPTANCES: std::ops::RangeInclusive<i64> = 200..=299;
const REDIRECTS: std::ops::RangeInclusive<i64> = 300..=399;
const REFUSALS: std::ops::RangeInclusive<i64> = 400..=599;

/// Whether an outcome leaves room for a status.
fn admits(outcome: &Outcome, status: i64) -> bool {
    let text = status.to_string();
    let equals = |template: &Template| template.as_literal() == Some(text.as_str());
    outcome.expectations.iter().filter(|expectation| expectation.path.root() == Root::Status).all(
        |expectation| match &expectation.matcher {
            Matcher::Eq(value) => equals(value),
            Matcher::Ne(value) => !equals(value),
            Matcher::In(values) => values.iter().any(equals),
            Matcher::Distinct(values) => !values.iter().any(equals),
            Matcher::Lt(bound) => status < *bound,
            Matcher::Lte(bound) => status <= *bound,
            Matcher::Gt(bound) => status > *bound,
            Matcher::Gte(bound) => status >= *bound,
            Matcher::Absent => false,
            // Text matchers on a number leave room for anything, as far as we can tell.
            Matcher::Matches(_)
            | Matcher::StartsWith(_)
            | Matcher::EndsWith(_)
            | Matcher::Present
            | Matcher::Len(_)
            | Matcher::ExpiresIn(_) => true,
        },
    )
}
