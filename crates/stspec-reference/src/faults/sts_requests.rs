//! Mistakes about how STS takes requests in: actions, versions, regions and failed authentication.

use super::entry::entries;
use crate::auth::Denial;
use crate::auth::identity::Identity;
use crate::call::Call;
use crate::model::caller::Caller;
use crate::parts::Parts;
use crate::sigv4::Refusal;
use crate::sts::authentication::denied;
use crate::sts::error::{NAMESPACE, StsError};
use crate::sts::operation::{OPERATIONS, Regions};
use crate::sts::reply;

entries! {
    "action-in-any-case",
        "Actions are known in any case of their letters.",
        |parts| parts.sts.requests.find_operation = |name| {
            OPERATIONS.iter().find(|operation| operation.name.eq_ignore_ascii_case(name))
        };
    "invalid-action-code",
        "An unknown action is refused with UnknownOperationException.",
        |parts| edit_code(parts, "InvalidAction", |error| error.code = "UnknownOperationException");
    "invalid-action-namespace",
        "The refusal of an unknown action stands in the namespace of STS.",
        |parts| edit_code(parts, "InvalidAction", |error| error.namespace = NAMESPACE);
    "invalid-action-status",
        "An unknown action is refused with status 404.",
        |parts| edit_code(parts, "InvalidAction", |error| error.status = 404);
    "no-action-as-error",
        "A request without an action is refused as MissingAction.",
        |parts| parts.sts.requests.without_action = |call, rules| {
            let message = "The request must contain an Action";
            reply::failure(call, rules, &StsError::new(400, "MissingAction", message))
        };
    "version-unchecked",
        "Any version of the API will do, or none.",
        |parts| parts.sts.requests.is_version = |_| true;

    "identity-refused-in-disabled-region",
        "GetCallerIdentity is refused in a region where STS is switched off.",
        |parts| parts.sts.requests.needs_active_region = |operation| {
            operation.regions == Regions::Active || operation.name == "GetCallerIdentity"
        };
    "region-disabled-code",
        "A region where STS is switched off is refused with the code RegionDisabled.",
        |parts| edit_code(parts, REGION_DISABLED, |error| error.code = "RegionDisabled");
    "region-disabled-ignored",
        "Credentials are handed out in regions where STS is switched off.",
        |parts| parts.sts.requests.needs_active_region = |_| false;
    "region-disabled-status",
        "A region where STS is switched off is refused with status 400.",
        |parts| edit_code(parts, REGION_DISABLED, |error| error.status = 400);

    "dropped-token-code",
        "A minted key without its token is refused with MissingAuthenticationToken.",
        |parts| parts.sts.requests.denied = |call, denial| {
            let dropped = is_of_credentials(&denial)
                && !has_long_term_key(call)
                && call.presented().is_some_and(|presented| presented.session_token.is_none());
            recoded(denied(call, denial), dropped, "MissingAuthenticationToken")
        };
    "expired-token-code",
        "STS refuses an expired session with ExpiredTokenException and status 400.",
        |parts| edit_code(parts, "ExpiredToken", |error| {
            (error.status, error.code) = (400, "ExpiredTokenException");
        });
    "malformed-authorization-code",
        "An Authorization header that can't be read counts as none.",
        |parts| parts.sts.requests.denied = |call, denial| match denial {
            Denial::Signature(Refusal::Malformed(malformed)) => {
                StsError::new(403, "MissingAuthenticationToken", malformed.to_string())
            }
            denial => denied(call, denial),
        };
    "signature-comparison-shown",
        "STS shows what it compared with a signature, as S3 does.",
        |parts| parts.sts.requests.denied = show_comparison;
    "unknown-key-code",
        "An unknown access key id is refused with UnrecognizedClientException.",
        |parts| parts.sts.requests.denied = |call, denial| {
            let unknown = is_of_credentials(&denial) && has_long_term_key(call);
            recoded(denied(call, denial), unknown, "UnrecognizedClientException")
        };
    "unsigned-accepted",
        "An STS request without any credentials acts as root.",
        |parts| parts.sts.requests.anonymous =
            |directory| Identity::of(Caller::Root, directory);
}

const REGION_DISABLED: &str = "RegionDisabledException";

/// Edits errors of one code.
fn edit_code(parts: &mut Parts, code: &'static str, edit: fn(&mut StsError)) {
    parts.sts.answers.edit_errors(move |_, error| {
        if error.code == code {
            edit(error);
        }
    });
}

/// Whether the credentials are refused, and not what was signed with them.
fn is_of_credentials(denial: &Denial) -> bool {
    matches!(denial, Denial::UnknownKey | Denial::UnreadableToken)
}

fn has_long_term_key(call: &Call<'_>) -> bool {
    call.presented().is_some_and(|presented| !presented.access_key_id.starts_with("ASIA"))
}

fn recoded(error: StsError, concerned: bool, code: &'static str) -> StsError {
    if concerned { StsError { code, ..error } } else { error }
}

fn show_comparison(call: &Call<'_>, denial: Denial) -> StsError {
    let details = match &denial {
        Denial::Signature(Refusal::Mismatch { canonical_request, string_to_sign }) => vec![
            ("StringToSign", string_to_sign.clone()),
            ("CanonicalRequest", canonical_request.clone()),
        ],
        _ => Vec::new(),
    };
    StsError { details, ..denied(call, denial) }
}
