//! The typed form of target files: where an implementation is reached and what it has.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Name;
use crate::model::Capability;

/// An implementation of STS that rules are checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name; the file's stem.
    pub name: Name,
    /// What it is.
    pub says: String,
    /// How it comes to be reachable.
    pub kind: TargetKind,
    /// Where it is reached; absent where `kind` implies it.
    pub endpoints: Option<Endpoints>,
    /// Region that requests are signed for.
    pub region: String,
    /// Region that requests to IAM are signed for, where it is another one: IAM of AWS is signed for
    /// one region of its partition.
    pub iam_region: Option<String>,
    /// Partition in its ARNs, such as `aws`.
    pub partition: String,
    /// A region in which STS is switched off for the account, where there is one.
    pub disabled_region: Option<String>,
    /// Account ids that may be touched; where none is listed, any, but on [`TargetKind::Aws`] none.
    pub accounts: Vec<String>,
    /// How much may be asked of it.
    pub limits: Limits,
    /// What it is declared to have; a capability that is not listed is [`Presence::Unknown`].
    pub capabilities: BTreeMap<Capability, Presence>,
    /// How long changes of IAM take to be in effect there; found out, or known of its kind, without.
    pub settle: Option<Duration>,
    /// How to install and start it, where `cargo xtask emulator` can.
    pub start: Option<Start>,
}

impl Target {
    /// Whether the target is declared to have a capability.
    #[must_use]
    pub fn presence(&self, capability: Capability) -> Presence {
        self.capabilities.get(&capability).copied().unwrap_or(Presence::Unknown)
    }

    /// How many requests it may get in a second; nothing where nobody counts.
    #[must_use]
    pub fn requests_per_second(&self) -> Option<u32> {
        let of_kind = (self.kind == TargetKind::Aws).then_some(AWS_REQUESTS_PER_SECOND_MAX);
        self.limits.requests_per_second.or(of_kind)
    }

    /// Whether an account may be touched.
    #[must_use]
    pub fn allows(&self, account: &str) -> bool {
        let anybody = self.accounts.is_empty() && self.kind != TargetKind::Aws;
        anybody || self.accounts.iter().any(|allowed| allowed == account)
    }
}

/// How much may be asked of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Requests in a second, of all services together; at least 1.
    pub requests_per_second: Option<u32>,
}

/// Digits of an AWS account id.
///
/// Source: botocore 1.44.5, `accountType` of STS and common practice of all services.
pub const ACCOUNT_ID_DIGITS: usize = 12;

/// Most requests to AWS in a second.
///
/// Source: ours (issue 5). An account shares its quotas with everything else that runs in it, and IAM's
/// are small and unpublished.
pub const AWS_REQUESTS_PER_SECOND_MAX: u32 = 5;

/// How a target comes to be reachable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    /// The reference server inside stspec; it has no endpoints until it is started.
    Embedded,
    /// A server that somebody runs; it has endpoints.
    Emulator,
    /// AWS; endpoints follow from the region unless given.
    Aws,
}

/// How an emulator is installed and started; `cargo xtask emulator` does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Packages from `PyPI` with their versions, `name==version`; never empty.
    pub pip: Vec<String>,
    /// The program, looked up in the virtual environment first, and its arguments; never empty.
    pub command: Vec<String>,
    /// Environment variables that it gets beside those of the shell.
    pub env: BTreeMap<String, String>,
    /// A URL that answers once the emulator does.
    pub ready: String,
    /// Whose credentials administer it.
    pub credentials: StartCredentials,
    /// Credentials of its root user, where it has one.
    pub root: Option<KeyPair>,
}

/// Where the credentials that administer an emulator come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartCredentials {
    /// They are always the same.
    Fixed(KeyPair),
    /// A program prints them once the emulator answers, as a `credential_process` of the AWS CLI does;
    /// never empty.
    Process(Vec<String>),
}

/// A long-term access key of an emulator; public, as everybody's is the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPair {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: String,
}

/// Base URLs per service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Where STS is.
    pub sts: String,
    /// Where IAM is, if anywhere.
    pub iam: Option<String>,
    /// Where S3 is, if anywhere.
    pub s3: Option<String>,
}

/// Whether a target has a capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It has; where it does not work, that is a failure.
    Present,
    /// It has not; rules that need it are `unsupported`.
    Absent,
    /// Nobody said; `stspec doctor` finds out.
    Unknown,
}
