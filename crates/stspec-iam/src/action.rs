//! The `Action` and `NotAction` elements.

use crate::{
    error::{GrammarError, MalformedPolicy},
    json::{Json, JsonPath},
    pattern::{self, Case, Unit},
    sense::Sense,
};

/// The actions that a statement applies to.
#[derive(Debug)]
pub(crate) struct Actions {
    sense: Sense,
    patterns: Vec<Vec<Unit>>,
}

impl Actions {
    pub(crate) fn read(
        json: &Json,
        sense: Sense,
        path: &JsonPath,
    ) -> Result<Actions, MalformedPolicy> {
        let names = json.strings(path)?;
        if names.is_empty() {
            return Err(path.error(GrammarError::ActionMissing, "the list is empty"));
        }
        for name in &names {
            check_name(name, path)?;
        }
        Ok(Actions { sense, patterns: names.into_iter().map(pattern::units).collect() })
    }

    /// Whether the action is covered; names compare ignoring case.
    pub(crate) fn cover(&self, action: &str) -> bool {
        let listed =
            self.patterns.iter().any(|pattern| pattern::matches(pattern, action, Case::Ignored));
        self.sense.holds(listed)
    }
}

/// An action is `*`, or a service and an operation with one colon between them.
fn check_name(name: &str, path: &JsonPath) -> Result<(), MalformedPolicy> {
    if name == "*" {
        return Ok(());
    }
    let Some((_, operation)) = name.split_once(':').filter(|(vendor, _)| is_vendor(vendor)) else {
        return Err(
            path.error(GrammarError::VendorMissing, format_args!("`{name}` names no service"))
        );
    };
    if operation.is_empty() || operation.contains(':') {
        let fact = format_args!("`{name}` is not one service, one colon and one operation");
        return Err(path.syntax(fact));
    }
    Ok(())
}

/// Inferred: a service is named in full or, as in `*:*`, not at all.
fn is_vendor(vendor: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    vendor == "*" || (!vendor.is_empty() && vendor.bytes().all(plain))
}
