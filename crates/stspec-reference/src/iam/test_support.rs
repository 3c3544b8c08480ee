//! An account that answers calls, for tests.

use super::{IamContext, IamError, NAMESPACE, VERSION, execute, parse, refuse};
use crate::model::caller::{Caller, UserName};
use crate::state::directory::Directory;
use crate::state::directory::test_support::{CountingIds, directory, now};
use crate::wire::answer::Answer;
use crate::wire::request::Params;

/// The request id of every test.
pub(super) const REQUEST_ID: &str = "00000000-0000-4000-8000-000000000001";

/// An account with its own ids.
pub(super) struct Account {
    pub(super) directory: Directory,
    ids: CountingIds,
}

impl Account {
    /// An account with nobody in it.
    pub(super) fn empty() -> Self {
        Self { directory: directory(), ids: CountingIds::default() }
    }

    /// An account with the user `bob`.
    pub(super) fn with_bob() -> Self {
        let mut account = Self::empty();
        account.ok("Action=CreateUser&UserName=bob");
        account
    }

    /// What root is answered.
    pub(super) fn call(&mut self, params: &str) -> Answer {
        self.call_as(&Caller::Root, params)
    }

    /// What a user is answered.
    pub(super) fn call_as(&mut self, caller: &Caller, params: &str) -> Answer {
        let params = Params::parse(&format!("{params}&Version={VERSION}"));
        let context = IamContext {
            directory: &mut self.directory,
            ids: &mut self.ids,
            now: now(),
            request_id: REQUEST_ID,
        };
        match parse(&params, caller) {
            Ok(call) => execute(&call, context),
            Err(error) => refuse(&error, REQUEST_ID),
        }
    }

    /// The body of an answer that is a success.
    #[track_caller]
    pub(super) fn ok(&mut self, params: &str) -> String {
        let answer = self.call(params);
        let body = text(&answer);
        assert_eq!(answer.status, 200, "{params}: {body}");
        assert!(body.contains(NAMESPACE) && body.contains(REQUEST_ID), "{body}");
        body
    }

    /// Checks that a call is refused with this status, code and part of a message.
    #[track_caller]
    pub(super) fn check_refused(&mut self, params: &str, status: u16, code: &str, message: &str) {
        let answer = self.call(params);
        let body = text(&answer);
        assert_eq!(answer.status, status, "{params}: {body}");
        assert!(body.contains(&format!("<Code>{code}</Code>")), "{params}: {body}");
        assert!(body.contains(message), "{params}: {body}");
        assert!(body.contains("<Type>Sender</Type>") && body.contains(REQUEST_ID), "{body}");
    }
}

/// The caller who is this user.
pub(super) fn user(name: &str) -> Caller {
    Caller::User(UserName(name.to_owned()))
}

/// The body as text.
pub(super) fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.to_vec()).unwrap()
}

/// The text of the first element of this name.
#[track_caller]
pub(super) fn leaf<'a>(body: &'a str, name: &str) -> &'a str {
    let (_, rest) = body.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("{body}"));
    rest.split_once("</").unwrap().0
}

/// A value as it stands in a form.
pub(super) fn form(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// What parsing makes of parameters as they are, without a version added.
pub(super) fn parse_error(params: &str) -> IamError {
    parse(&Params::parse(params), &Caller::Root).unwrap_err()
}
