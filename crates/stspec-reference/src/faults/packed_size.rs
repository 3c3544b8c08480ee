//! Mistakes of `GetFederationToken` about how large a session is and what it says about that.

use super::edit::{edit_federation, find, remove};
use super::entry::entries;
use crate::model::account::Revision;
use crate::parts::Parts;
use crate::sts::StsCall;
use crate::sts::members::{Members, Value};
use crate::sts::session::size::SizeRules;

entries! {
    "answer-without-packed-size",
        "The answer lacks PackedPolicySize when no policy was passed.",
        |parts| edit_federation(parts, |call, members| {
            if call.params.get("Policy").is_none() {
                remove(members, "PackedPolicySize");
            }
        });
    "packed-size-constant",
        "PackedPolicySize is 6 wherever something was packed.",
        |parts| edit_federation(parts, |_, members| edit_percent(members, |_| 6));
    "packed-size-not-utilisation",
        "PackedPolicySize is 0 also where it repeats SessionTokenUtilization.",
        |parts| edit_federation(parts, |call, members| {
            if call.state.revision == Revision::FromSeptember2026 {
                edit_percent(members, |_| 0);
            }
        });
    "packed-size-over-hundred",
        "PackedPolicySize is printed a hundred too high where something was packed.",
        |parts| edit_federation(parts, |_, members| edit_percent(members, |percent| percent + 100));
    "packed-size-unsteady",
        "PackedPolicySize differs from call to call where something was packed.",
        |parts| edit_federation(parts, |call, members| {
            edit_percent(members, |percent| (percent + drift(call)).min(100));
        });
    "size-unchecked",
        "What is passed to a session is never too large.",
        |parts| {
            let size = size(parts);
            size.percent_max = usize::MAX;
            size.serialised_bytes_max = usize::MAX;
            size.token_bytes_max = usize::MAX;
            edit_federation(parts, |_, members| cap_sizes(members));
        };
    "token-minimum-ignored",
        "A session token is not padded to MinimumSessionTokenSize.",
        |parts| parts.sts.mint.edits.push(Box::new(|call, new| {
            if call.operation.name == "GetFederationToken" {
                new.token_bytes_min = None;
            }
        }));
    "token-minimum-unchecked",
        "MinimumSessionTokenSize may have any value.",
        |parts| size(parts).token_bytes_min = i32::MIN..=i32::MAX;
    "token-size-too-high",
        "SessionTokenSize is printed one byte too high.",
        |parts| edit_federation(parts, |_, members| {
            edit_number(members, "SessionTokenSize", |bytes| bytes + 1);
        });
    "token-sizes-missing",
        "The answer lacks SessionTokenSize and SessionTokenUtilization.",
        |parts| edit_federation(parts, |_, members| remove_token_sizes(members));
    "too-large-code-suffixed",
        "A session that is too large is refused with the code PackedPolicyTooLargeException.",
        |parts| parts.sts.answers.edit_errors(|operation, error| {
            let federation = operation.is_some_and(|operation| operation.name == "GetFederationToken");
            if federation && error.code == "PackedPolicyTooLarge" {
                error.code = "PackedPolicyTooLargeException";
            }
        });
}

fn size(parts: &mut Parts) -> &mut SizeRules {
    &mut parts.sts.get_federation_token.session.size
}

fn edit_number(members: &mut Members, name: &str, edit: impl Fn(i64) -> i64) {
    if let Some(Value::Number(number)) = find(members, name).map(|member| &mut member.value) {
        *number = edit(*number);
    }
}

/// Changes `PackedPolicySize` unless nothing was packed.
fn edit_percent(members: &mut Members, edit: impl Fn(i64) -> i64) {
    edit_number(
        members,
        "PackedPolicySize",
        |percent| if percent == 0 { 0 } else { edit(percent) },
    );
}

/// A number from 1 to 14 that differs from call to call.
fn drift(call: &StsCall<'_>) -> i64 {
    1 + call.call.request_id.bytes().map(i64::from).sum::<i64>() % 14
}

/// Answers with the largest size instead of one that is too large.
fn cap_sizes(members: &mut Members) {
    let percent = find(members, "PackedPolicySize").map(|member| &member.value);
    if matches!(percent, Some(Value::Number(percent)) if *percent > 100) {
        edit_percent(members, |_| 100);
        remove_token_sizes(members);
    }
}

fn remove_token_sizes(members: &mut Members) {
    remove(members, "SessionTokenSize");
    remove(members, "SessionTokenUtilization");
}
