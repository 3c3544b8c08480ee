//! The accounts that rules and load profiles need, provisioned on a target.

pub(crate) mod builder;
pub(crate) mod declared;
pub(crate) mod forecast;
pub(crate) mod needed;
pub(crate) mod provision;
pub(crate) mod provisioned;

pub use self::declared::{CapabilityCheck, capability_check};
pub use self::forecast::{RequestCounts, forecast_requests};
pub use self::needed::needed_accounts;
