//! Multi-factor authentication: nobody here has a device.

use crate::sts::constraint::{TextShape, Violations};
use crate::sts::error::StsError;
use crate::wire::request::Params;

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

/// Refuses whoever shows a code: the reference keeps no devices, so that no code can be right.
pub(crate) fn check_absent(params: &Params) -> Result<(), StsError> {
    if params.get("SerialNumber").is_none() && params.get("TokenCode").is_none() {
        return Ok(());
    }
    let message = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
    Err(StsError::access_denied(message))
}
