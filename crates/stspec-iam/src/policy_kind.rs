//! Where a policy is used.

/// Where a policy is used, which determines the elements it may and must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// A policy of a user or role, a managed policy or a permissions boundary: no principal.
    Identity,
    /// A policy passed when a session is minted: no principal.
    Session,
    /// A policy of a resource such as a bucket: principal required.
    Resource,
    /// A policy that says who may assume a role: principal required, no resource.
    Trust,
}
