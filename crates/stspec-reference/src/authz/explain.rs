//! Decisions told to whoever wants to know why.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use stspec_iam::{Category, Decision, Effect, Matched};

use crate::authz::Question;
use crate::call::Call;

/// Where a server tells each decision of its policies, one line at a time and without secrets.
#[derive(Clone)]
pub struct Explain(Arc<dyn Fn(&str) + Send + Sync>);

impl Explain {
    /// Tells every line to `sink`, from whatever thread answers the request.
    #[must_use]
    pub fn to(sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(sink))
    }

    /// Tells one decision.
    pub(crate) fn tell(&self, call: &Call<'_>, question: &Question<'_>, decision: &Decision) {
        let who =
            question.caller.map_or_else(|| "anonymous".to_owned(), |caller| caller.arn(call.state));
        let said = line(&who, question.action, question.resource, decision);
        (self.0)(&format!("{} {said}", call.request_id));
    }
}

impl fmt::Debug for Explain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Explain").finish_non_exhaustive()
    }
}

fn line(who: &str, action: &str, resource: &str, decision: &Decision) -> String {
    let verb = if decision.allowed() { "allowed" } else { "denied" };
    let mut line = format!("{verb} {who} {action} on {resource}");
    if let Some(because) = decision.because() {
        line.push(' ');
        line.push_str(&because);
    }
    let statements: Vec<String> = decision.matched().iter().map(statement).collect();
    line.push_str(": ");
    match statements.as_slice() {
        [] => line.push_str("no statement matched"),
        statements => line.push_str(&statements.join(", ")),
    }
    one_line(&line)
}

/// Such as ``Allow by Statement[0] `Read` of identity policy `inline` ``.
fn statement(matched: &Matched) -> String {
    let effect = match matched.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    let kind = match matched.category {
        Category::Identity => "identity policy",
        Category::Boundary => "permissions boundary",
        Category::Session => "session policy",
        Category::Resource => "resource policy",
    };
    let sid = matched.sid.as_ref().map(|sid| format!(" `{sid}`")).unwrap_or_default();
    format!("{effect} by Statement[{}]{sid} of {kind} `{}`", matched.index, matched.label)
}

/// What clients choose, such as the key of an object, can't begin a line of its own.
fn one_line(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut line, char| {
        if char.is_control() {
            // Writing into a string can't fail.
            let _ = write!(line, "{}", char.escape_unicode());
        } else {
            line.push(char);
        }
        line
    })
}
