//! What stands between the braces of `${…}`.

use std::fmt;

use crate::error::BadTemplate;
use crate::model::Path;
use crate::name::Name;

/// Something that has its value only when a step is sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Placeholder {
    /// A policy, user, role or bucket of the scenario's account: `${federator.arn}`, `${bucket}`.
    Resource {
        /// Its name in the account.
        name: Name,
        /// What of it.
        member: Member,
    },
    /// A place in an earlier step's observation: `${step.mint.result.Credentials.Expiration}`.
    Step {
        /// The step.
        id: Name,
        /// The place.
        path: Path,
    },
    /// The access key id of captured credentials: `${session.bare.access_key_id}`.
    SessionAccessKeyId(Name),
    /// A fact about the target: `${target.account}`.
    Target(TargetFact),
    /// What this run is called on the target: `${run.id}`.
    RunId,
    /// Which copy of a scenario with `copies:` this is: `${copy}`.
    Replica(ReplicaFact),
}

/// What of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReplicaFact {
    /// Its number, from 1: `${copy}`.
    Number,
    /// The number of the next copy, which is 1 for the last: `${copy.next}`.
    Next,
}

/// What of an account's thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    /// The bucket's name on the target: `${bucket}`.
    Itself,
    /// The name of policy, user or role on the target: `${federator.name}`.
    Name,
    /// The ARN of policy, user, role or bucket: `${bucket.arn}`.
    Arn,
    /// The id of the user's access key: `${federator.access_key_id}`.
    AccessKeyId,
}

/// What of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetFact {
    /// The account id, twelve digits.
    Account,
    /// Such as `aws`.
    Partition,
    /// Such as `us-east-1`.
    Region,
    /// The region in which STS is switched off: `${target.disabled_region}`.
    DisabledRegion,
}

impl Placeholder {
    /// Reads what stands between the braces.
    pub fn parse(text: &str) -> Result<Self, BadTemplate> {
        if text.starts_with("case.") {
            return Err(BadTemplate::CaseOutsideTable { placeholder: text.to_owned() });
        }
        parse_placeholder(text).ok_or_else(|| BadTemplate::Unknown { placeholder: text.to_owned() })
    }
}

/// First segments that are no names of an account's things.
pub(crate) const RESERVED_NAMES: [&str; 10] =
    ["case", "copy", "n", "step", "session", "target", "run", "root", "admin", "anonymous"];

fn parse_placeholder(text: &str) -> Option<Placeholder> {
    let (head, rest) = match text.split_once('.') {
        Some((head, rest)) => (head, Some(rest)),
        None => (text, None),
    };
    match (head, rest) {
        ("run", Some("id")) => Some(Placeholder::RunId),
        ("copy", None) => Some(Placeholder::Replica(ReplicaFact::Number)),
        ("copy", Some("next")) => Some(Placeholder::Replica(ReplicaFact::Next)),
        ("target", Some("account")) => Some(Placeholder::Target(TargetFact::Account)),
        ("target", Some("partition")) => Some(Placeholder::Target(TargetFact::Partition)),
        ("target", Some("region")) => Some(Placeholder::Target(TargetFact::Region)),
        ("target", Some("disabled_region")) => {
            Some(Placeholder::Target(TargetFact::DisabledRegion))
        }
        ("step", Some(rest)) => {
            let (id, path) = rest.split_once('.')?;
            let id = Name::parse(id).ok()?;
            Some(Placeholder::Step { id, path: Path::parse(path).ok()? })
        }
        ("session", Some(rest)) => {
            let name = rest.strip_suffix(".access_key_id")?;
            Some(Placeholder::SessionAccessKeyId(Name::parse(name).ok()?))
        }
        (reserved, _) if RESERVED_NAMES.contains(&reserved) => None,
        (name, member) => {
            let name = Name::parse(name).ok()?;
            Some(Placeholder::Resource { name, member: parse_member(member)? })
        }
    }
}

fn parse_member(text: Option<&str>) -> Option<Member> {
    match text {
        None => Some(Member::Itself),
        Some("name") => Some(Member::Name),
        Some("arn") => Some(Member::Arn),
        Some("access_key_id") => Some(Member::AccessKeyId),
        Some(_) => None,
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource { name, member: Member::Itself } => write!(formatter, "{name}"),
            Self::Resource { name, member: Member::Name } => write!(formatter, "{name}.name"),
            Self::Resource { name, member: Member::Arn } => write!(formatter, "{name}.arn"),
            Self::Resource { name, member: Member::AccessKeyId } => {
                write!(formatter, "{name}.access_key_id")
            }
            Self::Step { id, path } => write!(formatter, "step.{id}.{path}"),
            Self::SessionAccessKeyId(name) => write!(formatter, "session.{name}.access_key_id"),
            Self::Target(TargetFact::Account) => formatter.write_str("target.account"),
            Self::Target(TargetFact::Partition) => formatter.write_str("target.partition"),
            Self::Target(TargetFact::Region) => formatter.write_str("target.region"),
            Self::Target(TargetFact::DisabledRegion) => {
                formatter.write_str("target.disabled_region")
            }
            Self::RunId => formatter.write_str("run.id"),
            Self::Replica(ReplicaFact::Number) => formatter.write_str("copy"),
            Self::Replica(ReplicaFact::Next) => formatter.write_str("copy.next"),
        }
    }
}
