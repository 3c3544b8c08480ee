//! What AWS documents of STS as a whole, as values.

use super::error::StsError;
use super::members::Members;
use super::operation::{self, Operation, Regions};
use super::{Rules, StsCall, StsRequest, UnsignedCall, VERSION, authentication, reply, unrouted};
use crate::auth::Denial;
use crate::auth::identity::Identity;
use crate::authz::Access;
use crate::call::Call;
use crate::state::directory::Directory;
use crate::wire::answer::Answer;
use crate::wire::request::Request;

/// How requests are taken in, whatever the operation.
pub(crate) struct RequestRules {
    /// What answers instead of the service.
    pub(crate) stub: Option<Stub>,
    /// Whether this is a version of the API.
    pub(crate) is_version: fn(Option<&str>) -> bool,
    /// The operation with this `Action`.
    pub(crate) find_operation: fn(&str) -> Option<&'static Operation>,
    /// The answer to a request without an action.
    pub(crate) without_action: fn(&Call<'_>, &Rules) -> Answer,
    /// Whether an operation is refused where the account has switched STS off.
    pub(crate) needs_active_region: fn(&Operation) -> bool,
    /// Who sends a request without credentials: nobody.
    pub(crate) anonymous: for<'d> fn(&'d Directory) -> Option<Identity<'d>>,
    /// How a failed authentication is worded.
    pub(crate) denied: fn(&Call<'_>, Denial) -> StsError,
    /// Whether the answer is to be JSON.
    pub(crate) wants_json: fn(&Request) -> bool,
}

/// Answers instead of the service; `None` leaves the request to it.
pub(crate) type Stub =
    Box<dyn Fn(&Call<'_>, &Access, &Rules, &StsRequest) -> Option<Answer> + Send + Sync>;

impl Default for RequestRules {
    fn default() -> Self {
        Self {
            stub: None,
            is_version: |version| version == Some(VERSION),
            find_operation: operation::find,
            without_action: |call, _| unrouted::no_action(call),
            needs_active_region: |operation| operation.regions == Regions::Active,
            anonymous: |_| None,
            denied: authentication::denied,
            wants_json: reply::accepts_json,
        }
    }
}

/// Checks beyond those of the operations, by when they happen; AWS documents none.
#[derive(Default)]
pub(crate) struct Checks {
    /// Before it is known who calls.
    pub(crate) before_caller: Vec<UnsignedCheck>,
    /// Before an operation reads its parameters.
    pub(crate) before_operation: Vec<CallCheck>,
}

/// Checks a call before it is known who calls.
pub(crate) type UnsignedCheck = fn(&UnsignedCall<'_>) -> Result<(), StsError>;

/// Checks a call of an authenticated caller.
pub(crate) type CallCheck = fn(&StsCall<'_>) -> Result<(), StsError>;

/// What changes answers on their way out; AWS changes nothing.
#[derive(Default)]
pub(crate) struct AnswerEdits {
    /// Changes the members of a result.
    pub(crate) members: Vec<MembersEdit>,
    /// Changes an error.
    pub(crate) errors: Vec<ErrorEdit>,
    /// Changes a written answer.
    pub(crate) finished: Vec<FinishedEdit>,
}

/// Changes the members of a result.
pub(crate) type MembersEdit = Box<dyn Fn(&StsCall<'_>, &mut Members) + Send + Sync>;

/// Changes an error; the operation is `None` if no operation was recognised.
pub(crate) type ErrorEdit = Box<dyn Fn(Option<&Operation>, &mut StsError) + Send + Sync>;

/// Changes a written answer.
pub(crate) type FinishedEdit = Box<dyn Fn(&Call<'_>, &mut Answer) + Send + Sync>;

impl AnswerEdits {
    /// Adds an edit of members.
    pub(crate) fn edit_members(
        &mut self,
        edit: impl Fn(&StsCall<'_>, &mut Members) + Send + Sync + 'static,
    ) {
        self.members.push(Box::new(edit));
    }

    /// Adds an edit of errors.
    pub(crate) fn edit_errors(
        &mut self,
        edit: impl Fn(Option<&Operation>, &mut StsError) + Send + Sync + 'static,
    ) {
        self.errors.push(Box::new(edit));
    }

    /// Adds an edit of written answers.
    pub(crate) fn edit_finished(
        &mut self,
        edit: impl Fn(&Call<'_>, &mut Answer) + Send + Sync + 'static,
    ) {
        self.finished.push(Box::new(edit));
    }
}
