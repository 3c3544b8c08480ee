//! Servers that answer without looking, to show which rules would not notice.

use super::error::StsError;
use super::reply;
use super::{Asked, Operation, get_caller_identity};
use crate::faults::Fault;
use crate::sts::StsCall;
use crate::wire::answer::{Answer, Delivery};

/// Length of an answer of random bytes, in words of eight.
const NOISE_WORDS: usize = 32;

/// The answer of a null server to everything but root's GetCallerIdentity.
///
/// Without that one answer a run would end before it checks anything. Root is told by its access
/// key id alone, because a null server checks nothing.
pub(super) fn answer(call: &StsCall<'_>, asked: &Asked) -> Option<Answer> {
    let fault = call.state.faults.iter().find(|fault| fault.is_null())?;
    let root = &call.state.root.access_key_id;
    let identity =
        matches!(asked, Asked::Call(params) if params.get("Action") == Some("GetCallerIdentity"));
    if identity && fault == Fault::NullIdentity {
        let root = get_caller_identity::root(call.state);
        return Some(reply::success(call, Operation::GetCallerIdentity, &root));
    }
    if identity && call.presented().is_some_and(|presented| presented.access_key_id == *root) {
        return None;
    }
    let with_body =
        |body: bytes::Bytes| reply::with_ids(call, Answer::with_body(200, "text/xml", body));
    Some(match fault {
        Fault::NullAccessDenied => reply::failure(call, &StsError::access_denied("Access denied")),
        Fault::NullValidationError => {
            reply::failure(call, &StsError::validation("1 validation error detected"))
        }
        Fault::NullInternalError => {
            reply::failure(call, &StsError::new(500, "InternalFailure", "Internal failure"))
        }
        Fault::NullIdentity => with_body(bytes::Bytes::new()),
        Fault::NullClosing => Answer::empty(200).delivered(Delivery::HungUp),
        Fault::NullSilent => Answer::empty(200).delivered(Delivery::Never),
        Fault::NullTruncated => super::honest(call, asked).delivered(Delivery::Truncated),
        Fault::NullSuccess => with_body("<Ok/>\n".into()),
        Fault::NullEcho => with_body(call.request.body.clone()),
        _ => with_body(call.state.ids.noise(NOISE_WORDS).into()),
    })
}
