//! What a scenario's own step makes or removes, so that the ledger knows of it.

use stspec_scenario::{Call, Service};
use stspec_verdict::Observed;

use super::{Ledger, Resource};
use crate::target::connection::Connection;

/// A resource that a step makes or removes, if its target lets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// The step makes it.
    Makes(Resource),
    /// The step removes it.
    Removes(Resource),
}

impl Change {
    /// What a call with these parameters changes about the ledger's resources, if anything.
    pub(crate) fn of(
        call: Call,
        pairs: &[(String, String)],
        connection: &Connection,
    ) -> Option<Self> {
        let given =
            |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let named = |name: &str| given(name).filter(|value| !value.is_empty());
        Some(match (call.service, call.operation) {
            (Service::Iam, "CreatePolicy") => {
                let path = given("Path").unwrap_or_else(|| "/".to_owned());
                Self::Makes(Resource::policy(connection, &path, &named("PolicyName")?))
            }
            (Service::Iam, "CreateUser") => {
                Self::Makes(Resource::User { name: named("UserName")? })
            }
            (Service::Iam, "CreateRole") => {
                Self::Makes(Resource::Role { name: named("RoleName")? })
            }
            (Service::S3, "CreateBucket") => {
                Self::Makes(Resource::Bucket { name: named("Bucket")? })
            }
            (Service::Iam, "DeletePolicy") => {
                Self::Removes(Resource::Policy { arn: named("PolicyArn")? })
            }
            (Service::Iam, "DeleteUser") => {
                Self::Removes(Resource::User { name: named("UserName")? })
            }
            (Service::Iam, "DeleteRole") => {
                Self::Removes(Resource::Role { name: named("RoleName")? })
            }
            (Service::S3, "DeleteBucket") => {
                Self::Removes(Resource::Bucket { name: named("Bucket")? })
            }
            _ => return None,
        })
    }

    /// Notes the intent; called before the step is sent, which must not be where this fails.
    pub(crate) fn announce(&self, ledger: &Ledger) -> Result<(), String> {
        match self {
            Self::Makes(resource) => ledger.intend(resource.clone()),
            Self::Removes(_) => Ok(()),
        }
    }

    /// Notes what came of it; called after the answer.
    pub(crate) fn confirm(&self, observed: &Observed, ledger: &Ledger) {
        let succeeded = matches!(
            observed,
            Observed::Answer(answer) if (200..300).contains(&answer.status)
        );
        match self {
            Self::Makes(resource) if succeeded => ledger.made(resource),
            Self::Removes(resource) if succeeded => ledger.gone(resource),
            Self::Makes(_) | Self::Removes(_) => {}
        }
    }
}
