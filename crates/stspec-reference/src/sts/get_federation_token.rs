//! `GetFederationToken`: a user's powers under a name of its choice, limited by session policies.
//!
//! What AWS documents is in `rules`; start at [`answer`].

mod answer;
mod input;
mod rules;

pub(crate) use answer::{answer, check_permission};
pub(crate) use input::Input;
pub(crate) use rules::Rules;
