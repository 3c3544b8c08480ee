//! Who sent this request? In the order of AWS: scope, key or session, expiry, time, signature.
//!
//! Source: `docs/evidence/get-federation-token.md`, AUTH-PRECEDENCE. Start at
//! [`Authentication::authenticate`]; [`rules`] holds what it checks against.

pub(crate) mod identity;
mod rules;

use jiff::Timestamp;

use crate::auth::identity::Identity;
use crate::call::Call;
use crate::model::caller::{Caller, Session};
use crate::model::service::Service;
use crate::session_token::TokenError;
use crate::sigv4::{Expected, Presented, Refusal};
use crate::state::directory::{AccessKeyStatus, Directory};

pub(crate) use rules::{Authentication, LongTermUse, expected, session_token};

/// Why a request is not believed. Each service words it in its own way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Denial {
    /// The signature, its scope or its time is wrong, or cannot be read.
    Signature(Refusal),
    /// There is no such access key, or it does not belong to this session token.
    UnknownKey,
    /// The session token cannot be read as one.
    UnreadableToken,
    /// The session has expired.
    Expired,
}

/// Somebody whose signature is still to be checked.
#[derive(Debug, Clone)]
pub(crate) struct Signer {
    /// Who the access key belongs to.
    pub(crate) caller: Caller,
    /// The secret access key.
    pub(crate) secret: String,
}

/// A signed request on its way through the checks.
pub(crate) struct Attempt<'a> {
    /// What the checks follow.
    pub(crate) rules: &'a Authentication,
    /// The request.
    pub(crate) call: &'a Call<'a>,
    /// What its signature claims.
    pub(crate) presented: &'a Presented,
    /// The users and roles.
    pub(crate) directory: &'a Directory,
    /// What the signature has to claim.
    pub(crate) expected: Expected<'a>,
}

impl Authentication {
    /// The caller; `None` if the request is not signed at all.
    pub(crate) fn authenticate<'d>(
        &self,
        call: &Call<'_>,
        directory: &'d Directory,
        service: Service,
    ) -> Result<Option<Identity<'d>>, Denial> {
        let presented =
            call.presented.as_ref().map_err(|refusal| Denial::Signature(refusal.clone()))?;
        let Some(presented) =
            presented.as_ref().filter(|presented| (self.is_read)(presented, service))
        else {
            return Ok(None);
        };
        let expected = (self.expected)(call, presented, service);
        let attempt = Attempt { rules: self, call, presented, directory, expected };
        let signer = attempt.recognise()?;
        let identity = attempt.identify(signer.caller, directory)?;
        attempt.check_time()?;
        attempt.check_signature(&signer.secret, identity.session().is_none())?;
        Ok(Some(identity))
    }
}

impl Attempt<'_> {
    /// Checks the scope, and finds the key or opens the session that has not expired.
    fn recognise(&self) -> Result<Signer, Denial> {
        for check in &self.rules.before_scope {
            check(self)?;
        }
        self.presented.check_scope(&self.expected).map_err(Denial::Signature)?;
        let signer = self.find_signer()?;
        if self.has_expired(&signer.caller) {
            for check in &self.rules.of_expired {
                check(self, &signer)?;
            }
            return Err(Denial::Expired);
        }
        Ok(signer)
    }

    /// The caller with its entity: gone if it was deleted or created again under the same name.
    fn identify<'d>(
        &self,
        mut caller: Caller,
        directory: &'d Directory,
    ) -> Result<Identity<'d>, Denial> {
        for edit in &self.rules.callers {
            edit(&mut caller, directory);
        }
        let identity = Identity::of(caller, directory).ok_or(Denial::UnknownKey)?;
        for check in &self.rules.of_identity {
            check(&identity, directory)?;
        }
        Ok(identity)
    }

    /// Finds the long-term key, or opens the session.
    pub(crate) fn find_signer(&self) -> Result<Signer, Denial> {
        let token = (self.rules.session_token)(self.call, self.presented);
        let mut signer = match self.long_term_key() {
            Some(key) => {
                let key_use = LongTermUse { is_active: key.is_active, has_token: token.is_some() };
                // Long-term keys have no session token.
                let usable = (self.rules.long_term)(key_use);
                usable.then_some(key.signer).ok_or(Denial::UnknownKey)
            }
            None => token.ok_or(Denial::UnknownKey).and_then(|token| self.open(token)),
        };
        for edit in &self.rules.signers {
            edit(self, &mut signer);
        }
        signer
    }

    fn long_term_key(&self) -> Option<LongTermKey> {
        let (state, id) = (self.call.state, &self.presented.access_key_id);
        if *id == state.root.access_key_id {
            let secret = state.root.secret_access_key.clone();
            let signer = Signer { caller: Caller::Root, secret };
            return Some(LongTermKey { signer, is_active: true });
        }
        let key = self.directory.access_key(id)?;
        let signer = Signer { caller: Caller::User(key.owner.clone()), secret: key.secret.clone() };
        Some(LongTermKey { signer, is_active: key.status == AccessKeyStatus::Active })
    }

    fn open(&self, token: &str) -> Result<Signer, Denial> {
        let session = self.call.state.tokens.open(&self.presented.access_key_id, token);
        let session = session.map_err(|error| match error {
            TokenError::Unparsable => Denial::UnreadableToken,
            TokenError::NotOurs => Denial::UnknownKey,
        })?;
        Ok(Signer::of(session))
    }

    fn has_expired(&self, caller: &Caller) -> bool {
        let Caller::Session(session) = caller else { return false };
        self.call.now >= self.end_of(session)
    }

    /// From when on a session is refused.
    fn end_of(&self, session: &Session) -> Timestamp {
        let mut end = session.expires_at;
        for edit in &self.rules.ends {
            edit(self, session, &mut end);
        }
        end
    }

    fn check_time(&self) -> Result<(), Denial> {
        let mut checked = self.presented.check_time(&self.expected);
        for edit in &self.rules.times {
            edit(&mut checked);
        }
        checked.map_err(Denial::Signature)
    }

    /// Checks the signature with a secret; the signing key of a long-term secret is kept for a while.
    pub(crate) fn check_signature(&self, secret: &str, is_long_term: bool) -> Result<(), Denial> {
        let (request, keys) = (self.call.request, &self.call.state.signing_keys);
        let mut checked = if is_long_term {
            self.presented.check_signature_cached(request, secret, &self.expected, keys)
        } else {
            self.presented.check_signature(request, secret, &self.expected)
        };
        for edit in &self.rules.signatures {
            edit(self, secret, &mut checked);
        }
        checked.map_err(Denial::Signature)
    }
}

impl Signer {
    /// Who signs with a session's credentials.
    pub(crate) fn of(session: Session) -> Self {
        let secret = session.secret_access_key.clone();
        Self { caller: Caller::Session(session), secret }
    }
}

/// A long-term key with whether it may be used.
struct LongTermKey {
    signer: Signer,
    is_active: bool,
}
