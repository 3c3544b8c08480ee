//! An answer before it goes on the wire.

use std::borrow::Cow;

use bytes::Bytes;

/// Status, headers and body of an HTTP answer.
///
/// `Date`, `Content-Length` and the connection's own headers are added where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// Header names in lower case, with their values.
    pub(crate) headers: Vec<(Cow<'static, str>, String)>,
    /// The body; empty for HEAD.
    pub(crate) body: Bytes,
    /// How much of it reaches the client.
    pub(crate) delivery: Delivery,
}

/// How an answer is delivered; an honest server knows one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// As a whole.
    Whole,
    /// The body breaks off in the middle.
    Truncated,
    /// Not at all, and the connection stays open.
    Never,
    /// Not at all, and the connection is closed.
    HungUp,
}

impl Answer {
    /// An answer without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new(), delivery: Delivery::Whole }
    }

    /// An answer with a body of this content type.
    pub(crate) fn with_body(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type".into(), content_type.to_owned())];
        Self { status, headers, body: body.into(), delivery: Delivery::Whole }
    }

    /// Delivers it in another way.
    #[must_use]
    pub(crate) fn delivered(self, delivery: Delivery) -> Self {
        Self { delivery, ..self }
    }

    /// Adds a header.
    #[must_use]
    pub(crate) fn header(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}
