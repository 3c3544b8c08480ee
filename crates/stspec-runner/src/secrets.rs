//! The door that every secret of a run passes: whatever comes in here is redacted everywhere.

use std::sync::{Arc, Mutex, PoisonError};

use stspec_verdict::{Observation, Redactor};

use crate::connection::{Connect, text_at};
use crate::credentials::{Credentials, Secret};

/// Where answers hold secrets.
///
/// Source: botocore 1.44.5, STS `Credentials` and IAM `AccessKey` shapes.
const SECRET_PLACES: [&str; 3] = [
    "result.Credentials.SecretAccessKey",
    "result.Credentials.SessionToken",
    "result.AccessKey.SecretAccessKey",
];

/// The secrets that a run has seen so far; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets(Arc<Mutex<Redactor>>);

impl Secrets {
    /// Takes note of a pair of credentials.
    pub(crate) fn register(&self, credentials: &Credentials) {
        self.register_text(credentials.secret_access_key.expose());
        if let Some(token) = credentials.session_token.as_ref().map(Secret::expose) {
            self.register_text(token);
        }
    }

    /// Takes note of all credentials that a target is reached with.
    pub(crate) fn register_all(&self, connect: &Connect) {
        self.register(&connect.admin.provided.credentials);
        connect.root.iter().for_each(|root| self.register(root));
    }

    /// Takes note of a secret.
    pub(crate) fn register_text(&self, secret: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).register(secret);
    }

    /// Takes note of every secret that an answer hands out, whether or not it is complete.
    pub(crate) fn register_answer(&self, answer: &Observation) {
        for place in SECRET_PLACES {
            if let Some(secret) = text_at(answer, place) {
                self.register_text(&secret);
            }
        }
    }

    /// Everything that was registered so far.
    pub(crate) fn redactor(&self) -> Redactor {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
