//! The door that every secret of a run passes: whatever comes in here is redacted everywhere.

use std::sync::{Mutex, PoisonError};

use stspec_verdict::Redactor;

use crate::credentials::{Credentials, Secret};

/// The secrets that a run has seen so far.
#[derive(Debug, Default)]
pub(crate) struct Secrets(Mutex<Redactor>);

impl Secrets {
    /// Takes note of a pair of credentials.
    pub(crate) fn register(&self, credentials: &Credentials) {
        let mut redactor = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        redactor.register(credentials.secret_access_key.expose());
        if let Some(token) = credentials.session_token.as_ref().map(Secret::expose) {
            redactor.register(token);
        }
    }

    /// Everything that was registered so far.
    pub(crate) fn redactor(&self) -> Redactor {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Everything that was registered.
    pub(crate) fn into_redactor(self) -> Redactor {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
