//! `GetSessionToken`: a user's own powers for a while; no permission is needed.

mod answer;
mod input;
mod rules;

pub(crate) use answer::answer;
pub(crate) use rules::Rules;
