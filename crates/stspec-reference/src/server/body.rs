//! A body on its way out, which a null server may break off.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// The connection ends before the answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server hung up")]
pub(super) struct HungUp;

/// The bytes of a body, and how many more were promised.
#[derive(Debug)]
pub(super) struct AnswerBody {
    rest: Bytes,
    missing: u64,
    /// Whether what there is has been handed on, so that it can leave before the end comes.
    handed_on: bool,
}

impl AnswerBody {
    /// A body that arrives as it is.
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self { rest: bytes, missing: 0, handed_on: false }
    }

    /// The first half of a body, under the length of all of it, or of one byte if it has none.
    pub(super) fn truncated(bytes: &Bytes) -> Self {
        let half = bytes.slice(..bytes.len() / 2);
        let missing = bytes.len().max(1) - half.len();
        Self { rest: half, missing: missing.try_into().unwrap_or(u64::MAX), handed_on: false }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = HungUp;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HungUp>>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.rest)))));
        }
        if self.missing == 0 {
            return Poll::Ready(None);
        }
        if !self.handed_on {
            // hyper writes what it has while the body makes it wait.
            self.handed_on = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(HungUp)))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.missing == 0
    }

    fn size_hint(&self) -> SizeHint {
        let rest = u64::try_from(self.rest.len()).unwrap_or(u64::MAX);
        SizeHint::with_exact(rest.saturating_add(self.missing))
    }
}
