//! The Locust master that a worker joins.

use std::sync::Arc;

/// Who commands, and how much.
#[derive(Clone)]
pub struct Master {
    /// Its host and port.
    pub address: String,
    /// The largest number of users that it may command.
    pub users_max: u32,
    /// Receives messages about the connection.
    pub report: Arc<dyn Fn(&str) + Send + Sync>,
}
