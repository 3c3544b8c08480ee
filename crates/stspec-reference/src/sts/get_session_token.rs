//! `GetSessionToken`: a user's own powers for a while, without permission asked.

use super::constraint::{TextShape, Violations, integer};
use super::credentials::{Order, mint};
use super::duration;
use super::error::StsError;
use super::operation::Operation;
use super::reply::Field;
use crate::call::Call;
use crate::caller::{Caller, SessionKind};
use crate::fault::Fault;
use crate::identity::Identity;
use crate::request::Params;

/// Source: botocore's service model, `serialNumberType`.
const SERIAL_NUMBER: TextShape = TextShape {
    pattern: r"[\w+=/:,.@-]*",
    allows: |char| char.is_ascii_alphanumeric() || "_+=/:,.@-".contains(char),
    chars_min: 9,
    chars_max: 256,
    length: |text| text.chars().count(),
};

/// Source: botocore's service model, `tokenCodeType`.
const TOKEN_CODE: TextShape = TextShape {
    pattern: r"[\d]*",
    allows: |char| char.is_ascii_digit(),
    chars_min: 6,
    chars_max: 6,
    length: |text| text.chars().count(),
};

/// Answers long-term credentials; temporary ones can't be prolonged this way.
///
/// Source: `facts/sts.md`, CALL-GST-FREE, FED-STS-GST and CALL-SESSION-SIB.
pub(super) fn answer(
    call: &Call<'_>,
    params: &Params,
    caller: &Identity<'_>,
) -> Result<Vec<Field>, StsError> {
    let faults = &call.state.faults;
    let seconds = integer(params.get("DurationSeconds"))?;
    let mut violations = Violations::new(faults);
    duration::check(seconds, &mut violations);
    let parts =
        [("SerialNumber", "serialNumber", &SERIAL_NUMBER), ("TokenCode", "tokenCode", &TOKEN_CODE)];
    for (name, member, shape) in parts {
        if let Some(value) = params.get(name) {
            violations.check_text(value, member, shape);
        }
    }
    violations.into_result()?;
    match caller.caller() {
        Caller::Root | Caller::User(_) => {}
        Caller::Session(session) => match session.kind {
            SessionKind::Federated { .. }
                if faults.has(Fault::FederatedSessionGetsSessionToken) => {}
            SessionKind::Federated { .. } | SessionKind::SessionToken => {
                return Err(super::session_refused(Operation::GetSessionToken));
            }
        },
    }
    if params.get("SerialNumber").is_some() || params.get("TokenCode").is_some() {
        // The reference's users have no MFA devices, so that no code can be right.
        let message = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
        return Err(StsError::access_denied(message));
    }
    let issuer = caller.as_issuer();
    let seconds = duration::granted(seconds, &issuer);
    let order = Order { issuer, kind: SessionKind::SessionToken, seconds, token_chars_min: None };
    Ok(vec![mint(call, order).into_field(call)])
}
