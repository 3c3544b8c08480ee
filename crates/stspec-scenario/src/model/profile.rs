//! The typed form of load profiles: which calls, by how many users, how often.

use crate::Name;
use crate::model::{Call, Expectation, Param, Principal};

/// A mix of calls that load users send until the total is reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Its name; the file's stem.
    pub name: Name,
    /// What it is for.
    pub says: String,
    /// The account whose principals send the calls.
    pub account: Name,
    /// Load users at the same time; at least 1.
    pub users: u32,
    /// Requests in total, over all users; at least 1.
    pub requests: u32,
    /// The calls to choose from; never empty.
    pub calls: Vec<LoadCall>,
}

/// One call of a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadCall {
    /// Which operation.
    pub call: Call,
    /// Who signs the request: root, a user of the account, or nobody.
    pub principal: Principal,
    /// How often it is chosen in relation to the others; at least 1.
    pub weight: u32,
    /// Its parameters in file order.
    pub params: Vec<(String, Param)>,
    /// What each answer must be like; never empty.
    pub expectations: Vec<Expectation>,
}
