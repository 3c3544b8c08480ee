//! Multi-factor authentication: no user of this account has a device.

use crate::sts::constraint::{TextShape, Violations, code_points};
use crate::sts::error::StsError;
use crate::wire::request::Params;

/// Source: botocore's service model, `serialNumberType`.
const SERIAL_NUMBER: TextShape = TextShape {
    pattern: r"[\w+=/:,.@-]*",
    matches: |text| {
        text.chars().all(|char| char.is_ascii_alphanumeric() || "_+=/:,.@-".contains(char))
    },
    chars_min: 9,
    chars_max: 256,
    length: code_points,
};

/// Source: botocore's service model, `tokenCodeType`.
const TOKEN_CODE: TextShape = TextShape {
    pattern: r"[\d]*",
    matches: |text| text.chars().all(|char| char.is_ascii_digit()),
    chars_min: 6,
    chars_max: 6,
    length: code_points,
};

/// Checks the shapes of `SerialNumber` and `TokenCode`.
pub(crate) fn check_shapes(params: &Params, violations: &mut Violations<'_>) {
    let parts =
        [("SerialNumber", "serialNumber", &SERIAL_NUMBER), ("TokenCode", "tokenCode", &TOKEN_CODE)];
    for (name, member, shape) in parts {
        if let Some(value) = params.get(name) {
            violations.check_text(value, member, shape);
        }
    }
}

/// Refuses every code: the reference keeps no devices, so no code can be right.
pub(crate) fn check_absent(params: &Params) -> Result<(), StsError> {
    if params.get("SerialNumber").is_none() && params.get("TokenCode").is_none() {
        return Ok(());
    }
    let message = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
    Err(StsError::access_denied(message))
}
