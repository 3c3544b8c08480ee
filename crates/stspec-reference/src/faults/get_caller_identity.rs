//! Mistakes of `GetCallerIdentity`.

use stspec_iam::Reason;

use super::edit::FOREIGN_ACCOUNT;
use super::entry::entries;
use crate::parts::Parts;
use crate::sts::StsCall;
use crate::sts::error::StsError;
use crate::sts::members::{Member, Members};

entries! {
    "caller-identity-denied-by-policy",
        "A Deny on sts:GetCallerIdentity refuses the call.",
        |parts| parts.sts.get_caller_identity.check_permission = check_not_denied;
    "caller-identity-of-issuer",
        "GetCallerIdentity shows a federated session as the user who minted it.",
        |parts| edit_federated(parts, |call, _| {
            let owner = call.caller.issuer();
            let (arn, user_id) = (owner.arn(call.state), owner.user_id(call.state));
            identity(arn, user_id, call.state.account.as_str())
        });
    "session-in-foreign-account",
        "GetCallerIdentity shows a federated session in account 000000000000.",
        |parts| edit_federated(parts, |call, name| {
            let partition = call.state.partition.as_str();
            let arn = format!("arn:{partition}:sts::{FOREIGN_ACCOUNT}:federated-user/{name}");
            identity(arn, format!("{FOREIGN_ACCOUNT}:{name}"), FOREIGN_ACCOUNT)
        });
}

/// Replaces what federated sessions get; the edit is given their name.
fn edit_federated(parts: &mut Parts, edit: fn(&StsCall<'_>, &str) -> Members) {
    parts.sts.answers.edit_members(move |call, members| {
        if call.operation.name == "GetCallerIdentity"
            && let Some(name) = call.caller.federated_name()
        {
            *members = edit(call, name);
        }
    });
}

fn identity(arn: String, user_id: String, account: &str) -> Members {
    vec![Member::new("Arn", arn), Member::new("UserId", user_id), Member::new("Account", account)]
}

fn check_not_denied(call: &StsCall<'_>) -> Result<(), StsError> {
    let question = call.question();
    let decision = call.access.authorization.decide(call.call, call.directory, &question);
    match decision.reason() {
        Reason::ExplicitDeny(_) => call.check_allowed(&question, &decision),
        Reason::Allowed | Reason::ImplicitDeny(_) => Ok(()),
    }
}
