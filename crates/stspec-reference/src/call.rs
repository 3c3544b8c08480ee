//! One request on its way through the server.

use std::net::IpAddr;

use jiff::Timestamp;

use crate::sigv4::{self, Presented, Refusal};
use crate::state::State;
use crate::wire::request::Request;

/// A request with what the server adds to it before anybody looks inside.
pub(crate) struct Call<'a> {
    /// The server.
    pub(crate) state: &'a State,
    /// What arrived.
    pub(crate) request: &'a Request,
    /// Where it came from.
    pub(crate) peer: IpAddr,
    /// When it arrived; one answer sees one time.
    pub(crate) now: Timestamp,
    /// A fresh UUID.
    pub(crate) request_id: String,
    /// What its signature claims; nothing where it isn't signed at all.
    pub(crate) presented: Result<Option<Presented>, Refusal>,
}

impl<'a> Call<'a> {
    /// Takes a request in.
    pub(crate) fn new(state: &'a State, request: &'a Request, peer: IpAddr) -> Self {
        let presented = sigv4::read(request);
        Self {
            state,
            request,
            peer,
            now: state.clock.now(),
            request_id: state.ids.request_id(),
            presented,
        }
    }

    /// The service that the signature claims to be for.
    pub(crate) fn scope_service(&self) -> Option<&str> {
        self.presented().map(|presented| presented.scope.service())
    }

    /// What a readable signature claims.
    pub(crate) fn presented(&self) -> Option<&Presented> {
        self.presented.as_ref().ok()?.as_ref()
    }
}
