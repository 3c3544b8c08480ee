//! `GetFederationToken`: the operation that all this is about.

use super::error::StsError;
use super::operation::Operation;
use super::reply::{Field, Value};
use crate::auth::identity::{Identity, federated_user_arn};
use crate::authz::{self, Question};
use crate::faults::Fault;
use crate::model::account::Revision;
use crate::model::caller::{Caller, Issuer, SessionKind};
use crate::state::directory::Directory;
use crate::sts::StsCall;
use crate::sts::session::mint::{Order, mint};
use crate::sts::session::size::Size;
use crate::sts::session::{parameters, policy};
use crate::wire::request::Params;

pub(crate) mod input;
pub(crate) mod rules;

use input::Input;

pub(crate) use rules::Rules;

/// Answers a call: shapes, then the kind of caller, then its permissions, then the documents.
///
/// AWS documents no order between these steps; this one is `docs/evidence/get-federation-token.md`,
/// VAL-BEFORE-AUTHZ, and our guess beyond it.
pub(crate) fn answer(
    call: &StsCall<'_>,
    params: &Params,
    caller: &Identity<'_>,
    directory: &Directory,
) -> Result<Vec<Field>, StsError> {
    let faults = &call.state.faults;
    let rules = &call.rules.get_federation_token;
    let issuer = caller.as_issuer();
    check_wire(call, params)?;
    let without_tags = params.iter().all(|(name, _)| !name.starts_with("Tags."));
    if faults.has(Fault::PermissionBeforeValidation) && without_tags {
        let name = params.get("Name").unwrap_or_default();
        check_minting(call, &caller.issuer(), (name, &[]), directory)?;
    }
    if let (Some(text), true) = (params.get("Policy"), faults.has(Fault::PolicyCheckedFirst)) {
        policy::check_document(call.state, text)?;
    }
    let input = Input::read(params, &issuer, rules, call.state.revision, faults)?;
    check_kind(call, caller)?;
    check_permission(call, &caller.issuer(), &input, directory)?;
    parameters::check_tag_keys(&input.terms.tags, faults)?;
    policy::check(call.state, &input.terms, directory)?;
    let size = Size::of(&input.terms, call.state.revision);
    let size = overlooked(call, size, Size::Packed(100))?;
    let policy_passed = input.terms.policy.is_some();
    let repeats = faults.has(Fault::AnswerWithPolicy);
    let repeated = repeats.then(|| input.terms.policy.clone()).flatten();
    let lowercased = faults.has(Fault::NameLowercased);
    let name = if lowercased { input.name.to_lowercase() } else { input.name };
    let terms = call.state.mixed_up(&issuer, &name, input.terms);
    let order = Order {
        seconds: rules.duration.seconds(input.duration_seconds, &issuer),
        kind: SessionKind::Federated { name: name.clone(), terms },
        issuer,
        token_bytes_min: input.token_bytes_min.filter(|_| !faults.has(Fault::TokenMinimumIgnored)),
    };
    let credentials = mint(call, order);
    authz::freeze(call.call, directory, caller, &credentials.access_key_id);
    let sizes = size.into_fields(&credentials.session_token);
    let sizes = overlooked(call, sizes, vec![("PackedPolicySize", Value::Number(100))])?;
    let mut result = vec![credentials.into_field(call)];
    result.extend(federated_user(call, caller, &name));
    result.extend(size_fields(call, sizes, policy_passed));
    result.extend(repeated.map(|policy| ("Policy", policy.into())));
    Ok(result)
}

/// What a fault looks at before it is known who calls.
pub(crate) fn check_before_caller(call: &StsCall<'_>, params: &Params) -> Result<(), StsError> {
    let faults = &call.state.faults;
    if !faults.has(Fault::ValidationBeforeAuthentication) {
        return Ok(());
    }
    Input::read(
        params,
        &Issuer::Root,
        &call.rules.get_federation_token,
        call.state.revision,
        faults,
    )
    .map(drop)
}

/// What a fault holds against the way in which a call came.
fn check_wire(call: &StsCall<'_>, params: &Params) -> Result<(), StsError> {
    let faults = &call.state.faults;
    if faults.has(Fault::GetRefused) && call.request.method == http::Method::GET {
        return Err(StsError::new(400, "InvalidAction", "GetFederationToken takes POST only"));
    }
    let unknown = params.iter().map(|(name, _)| name).find(|name| !is_known(name));
    match unknown.filter(|_| faults.has(Fault::UnknownParametersRefused)) {
        Some(name) => {
            let message = format!("The parameter {name} is not known");
            Err(StsError::new(400, "InvalidQueryParameter", message))
        }
        None => Ok(()),
    }
}

/// Whether a parameter is one of the operation's, or of every request's.
fn is_known(name: &str) -> bool {
    let member = name.split('.').next().unwrap_or_default();
    let members = [
        "Action",
        "Version",
        "Name",
        "Policy",
        "PolicyArns",
        "DurationSeconds",
        "Tags",
        "MinimumSessionTokenSize",
    ];
    members.contains(&member) || member.starts_with("X-Amz-")
}

/// Temporary credentials don't mint, whatever they may do otherwise.
///
/// Source: `docs/evidence/get-federation-token.md`, CALL-ROLE and CALL-ROOT.
fn check_kind(call: &StsCall<'_>, caller: &Identity<'_>) -> Result<(), StsError> {
    let faults = &call.state.faults;
    let lenient = match caller.caller() {
        Caller::Root if faults.has(Fault::RootRefused) => {
            return Err(StsError::access_denied("Root may not call GetFederationToken"));
        }
        Caller::User(_) if faults.has(Fault::UserRefused) => false,
        Caller::Root | Caller::User(_) => true,
        Caller::Session(session) => match session.kind {
            SessionKind::Federated { .. } => faults.has(Fault::FederatedSessionMints),
            SessionKind::SessionToken => faults.has(Fault::SessionCredentialsMint),
            SessionKind::AssumedRole { .. } => faults.has(Fault::RoleSessionMints),
        },
    };
    if lenient { Ok(()) } else { Err(super::session_refused(Operation::GetFederationToken)) }
}

/// Both permissions are asked for on the ARN of the federated user that would come to be.
///
/// Source: `docs/evidence/get-federation-token.md`, CALL-PERM, CALL-PERM-RESOURCE and
/// GFT-TAGS-PERM.
fn check_permission(
    call: &StsCall<'_>,
    issuer: &Identity<'_>,
    input: &Input,
    directory: &Directory,
) -> Result<(), StsError> {
    let tags = &input.terms.tags;
    check_minting(call, issuer, (&input.name, tags), directory)?;
    if tags.is_empty() {
        return Ok(());
    }
    let resource = federated_user_arn(call.state, call.state.account.as_str(), &input.name);
    let tag = question(issuer, "sts:TagSession", &resource, tags);
    super::check_allowed(
        call,
        &tag,
        &call.authorization().decide_tagging(call.call, directory, &tag),
    )
}

fn check_minting(
    call: &StsCall<'_>,
    issuer: &Identity<'_>,
    (name, tags): (&str, &[(String, String)]),
    directory: &Directory,
) -> Result<(), StsError> {
    let resource = federated_user_arn(call.state, call.state.account.as_str(), name);
    let mint = question(issuer, Operation::GetFederationToken.iam_action(), &resource, tags);
    super::check_allowed(
        call,
        &mint,
        &call.authorization().decide_minting(call.call, directory, &mint),
    )
}

fn question<'a>(
    issuer: &'a Identity<'a>,
    action: &'a str,
    resource: &'a str,
    request_tags: &'a [(String, String)],
) -> Question<'a> {
    let caller = Some(issuer);
    Question { caller, action, resource, resource_policy: None, request_tags, service_keys: &[] }
}

/// Who the session is.
///
/// Source: `docs/evidence/get-federation-token.md`, RSP-FEDUSER-ARN and RSP-FEDUSER-ID.
fn federated_user(call: &StsCall<'_>, issuer: &Identity<'_>, name: &str) -> Option<Field> {
    let (state, faults) = (call.state, &call.state.faults);
    let foreign = faults.has(Fault::FederatedUserInForeignAccount);
    let account = if foreign { "000000000000" } else { state.account.as_str() };
    let mut arn = federated_user_arn(state, account, name);
    if faults.has(Fault::FederatedArnWithIamService) {
        arn = arn.replacen(":sts:", ":iam:", 1);
    }
    let id = match issuer.user() {
        Some(user) if faults.has(Fault::FederatedIdFromUserId) => &user.id,
        Some(_) | None => account,
    };
    let parts = vec![("FederatedUserId", format!("{id}:{name}").into()), ("Arn", arn.into())];
    let shown = !faults.has(Fault::AnswerWithoutFederatedUser);
    shown.then_some(("FederatedUser", Value::Group(parts)))
}

/// A size, with the mistakes that `GetFederationToken` may make where it is too large.
fn overlooked<T>(call: &StsCall<'_>, size: Result<T, StsError>, largest: T) -> Result<T, StsError> {
    let faults = &call.state.faults;
    match size {
        Err(_) if faults.has(Fault::SizeUnchecked) => Ok(largest),
        Err(error) if faults.has(Fault::TooLargeCodeSuffixed) => {
            Err(StsError { code: "PackedPolicyTooLargeException", ..error })
        }
        size => size,
    }
}

/// The sizes, with the mistakes that `GetFederationToken` may make about them.
fn size_fields(
    call: &StsCall<'_>,
    fields: Vec<Field>,
    policy_passed: bool,
) -> impl Iterator<Item = Field> {
    let faults = &call.state.faults;
    let missing = faults.has(Fault::AnswerWithoutPackedSize) && !policy_passed;
    fields.into_iter().filter_map(move |field| match field {
        ("PackedPolicySize", _) if missing => None,
        ("PackedPolicySize", Value::Number(percent)) => {
            Some(("PackedPolicySize", Value::Number(printed_percent(call, percent))))
        }
        ("SessionTokenSize", Value::Number(bytes)) if faults.has(Fault::TokenSizeTooHigh) => {
            Some(("SessionTokenSize", Value::Number(bytes + 1)))
        }
        ("SessionTokenSize" | "SessionTokenUtilization", _)
            if faults.has(Fault::TokenSizesMissing) =>
        {
            None
        }
        field => Some(field),
    })
}

/// `PackedPolicySize` as it is printed; faults leave alone what takes up nothing.
fn printed_percent(call: &StsCall<'_>, percent: i64) -> i64 {
    let faults = &call.state.faults;
    match percent {
        0 => 0,
        _ if faults.has(Fault::PackedSizeOverHundred) => percent + 100,
        _ if faults.has(Fault::PackedSizeConstant) => 6,
        _ if faults.has(Fault::PackedSizeUnsteady) => {
            let drift = 1 + call.call.request_id.bytes().map(i64::from).sum::<i64>() % 14;
            (percent + drift).min(100)
        }
        _ if faults.has(Fault::PackedSizeNotUtilisation)
            && call.state.revision == Revision::FromSeptember2026 =>
        {
            0
        }
        percent => percent,
    }
}
