//! What `GetFederationToken` answers.

use super::input::Input;
use crate::auth::identity::federated_user_arn;
use crate::authz::Question;
use crate::model::caller::SessionKind;
use crate::sts::StsCall;
use crate::sts::error::StsError;
use crate::sts::members::{Member, Members};
use crate::sts::session::mint::{NewSession, mint};

/// Answers a call: shapes, then the kind of caller, then its permissions, then the documents.
///
/// AWS documents no order between these steps; this one is `docs/evidence/get-federation-token.md`,
/// VAL-BEFORE-AUTHZ, and our guess beyond it.
pub(crate) fn answer(call: &StsCall<'_>) -> Result<Members, StsError> {
    let rules = &call.rules.get_federation_token;
    let issuer = call.caller.as_issuer();
    let input = Input::read(call.params, call.rules, call.state.revision, &issuer)?;
    call.check_caller()?;
    let arn = federated_user_arn(call.state, call.state.account.as_str(), &input.name);
    check_permission(call, &arn, &input.parameters.tags)?;
    let size = rules.session.check(call, &input.parameters)?;
    let user = federated_user(call, &input.name, arn);
    let new = NewSession {
        seconds: rules.duration.seconds(input.duration_seconds, &issuer),
        kind: SessionKind::Federated { name: input.name, terms: input.parameters },
        issuer,
        token_bytes_min: input.token_bytes_min,
    };
    let minted = mint(call, new);
    let sizes = rules.session.size.sizes(size, &minted.session_token)?;
    let mut members = vec![minted.into_member(), user];
    members.extend(sizes.members());
    Ok(members)
}

/// Both permissions are checked on the ARN of the federated user to be.
///
/// Source: `docs/evidence/get-federation-token.md`, CALL-PERM, CALL-PERM-RESOURCE and
/// GFT-TAGS-PERM.
pub(crate) fn check_permission(
    call: &StsCall<'_>,
    arn: &str,
    tags: &[(String, String)],
) -> Result<(), StsError> {
    let authorization = &call.access.authorization;
    let caller = (call.rules.get_federation_token.permissions_of)(call.caller);
    let mint =
        Question { caller: Some(&caller), resource: arn, request_tags: tags, ..call.question() };
    let decide =
        |edits, question| authorization.decide_with(edits, call.call, call.directory, question);
    call.check_allowed(&mint, &decide(&authorization.minting, &mint))?;
    if tags.is_empty() {
        return Ok(());
    }
    let tag = Question { action: "sts:TagSession", ..mint };
    call.check_allowed(&tag, &decide(&authorization.tagging, &tag))
}

/// Who the session is.
///
/// Source: `docs/evidence/get-federation-token.md`, RSP-FEDUSER-ARN and RSP-FEDUSER-ID.
fn federated_user(call: &StsCall<'_>, name: &str, arn: String) -> Member {
    let id = format!("{}:{name}", call.state.account);
    Member::group(
        "FederatedUser",
        vec![Member::new("FederatedUserId", id), Member::new("Arn", arn)],
    )
}
