//! `AssumeRole`: the powers of a role, for callers that its trust policy admits.

mod answer;
mod input;
mod rules;

pub(crate) use answer::answer;
pub(crate) use rules::Rules;
