//! How requests are read before it is known which service they are for, as values.

use crate::call::Call;
use crate::wire::request::Params;

/// The content type of query requests in a body; a charset may follow.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// What decides where a request goes.
pub(crate) struct Routing {
    /// The path by which a request is routed.
    pub(crate) path: for<'a> fn(&'a Call<'_>) -> &'a str,
    /// Whether a body of this content type is a form.
    pub(crate) is_form: fn(Option<&str>) -> bool,
    /// The parameters of a form or a query string.
    pub(crate) params: fn(&[u8]) -> Params,
    /// The action; `None` if there is none.
    pub(crate) action: for<'p> fn(&'p Params) -> Option<&'p str>,
}

impl Default for Routing {
    fn default() -> Self {
        Self {
            path: |call| &call.request.path,
            is_form,
            params: Params::parse_bytes,
            action: |params| params.get("Action"),
        }
    }
}

/// Whether a body of this content type is a form: without a type it is not read.
///
/// Source: `docs/evidence/get-federation-token.md`, WIRE-CT and WIRE-NOCT.
pub(crate) fn is_form(content_type: Option<&str>) -> bool {
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(FORM)
}
