//! One target: how it is reached, who administers it, what it has, and how fast it may be asked.

pub(crate) mod admin_credentials;
pub(crate) mod clock_control;
pub(crate) mod connection;
pub(crate) mod settling;
pub(crate) mod throttling;

pub use self::admin_credentials::{Administrator, CredentialSource, ExpiringCredentials};
pub use self::clock_control::{PATH as CLOCK_CONTROL_PATH, probes_clock_control};
pub use self::connection::ConnectOptions;
pub use self::settling::{SETTLE_ON_AWS, recognition_checks};
