//! Finds out what a target has, by trying it: what its file declares is not asked.

use std::fmt;

use stspec_scenario::{Capability, Presence, Target, Word};
use stspec_verdict::Redactor;
use tokio_util::sync::CancellationToken;

use crate::RunError;
use crate::clock::Clock;
use crate::ledger::CleanUp;
use crate::options::RequestOptions;
use crate::run_context::RunContext;
use crate::target::connection::ConnectOptions;
use crate::wire::text_at;

mod probes;

/// What was found out about a target.
#[derive(Debug)]
pub struct Examination {
    /// Who the credentials are, as GetCallerIdentity tells.
    pub caller: String,
    /// The account that they are of.
    pub account: String,
    /// One for each capability, in the order in which targets list them.
    pub findings: Vec<Finding>,
    /// Whether somebody asked for the end before everything was tried.
    pub interrupted: bool,
    /// What is still on the target, each with the reason.
    pub leaks: Vec<String>,
    /// The secrets that may have come near the texts.
    pub secrets: Redactor,
}

/// Whether a target has a capability, and by what that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub capability: Capability,
    /// What it came to; unknown where nothing could be shown.
    pub found: Presence,
    /// What was sent and answered, a line each.
    pub evidence: Vec<String>,
}

impl Finding {
    fn new(capability: Capability, found: Presence, evidence: Vec<String>) -> Self {
        Self { capability, found, evidence }
    }

    /// Whether it shows that what a file declares is wrong. What could not be shown contradicts nothing.
    #[must_use]
    pub fn contradicts(&self, declared: Presence) -> bool {
        matches!(
            (declared, self.found),
            (Presence::Present, Presence::Absent) | (Presence::Absent, Presence::Present)
        )
    }
}

impl Examination {
    /// The target as its file should describe it: what could not be found out stays as declared.
    #[must_use]
    pub fn proposed(&self, declared: &Target) -> Target {
        let mut proposed = declared.clone();
        for finding in self.findings.iter().filter(|finding| finding.found != Presence::Unknown) {
            proposed.capabilities.insert(finding.capability, finding.found);
        }
        for (_, capability) in Capability::ALL {
            proposed.capabilities.entry(*capability).or_insert(Presence::Unknown);
        }
        proposed
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:<15}  {:<7}", self.capability, self.found)
    }
}

/// Tries everything that a target may have, and removes what that made.
///
/// It makes a user with an access key, a policy, a role and a bucket, each noted in the ledger first.
/// Once `cancelled` is cancelled, nothing further is tried.
pub async fn examine(
    mut connect: ConnectOptions,
    clock: Clock,
    cancelled: CancellationToken,
) -> Result<Examination, RunError> {
    let disabled_region = connect.target.disabled_region.clone();
    connect.target.capabilities.clear();
    let context = RunContext::open(connect, RequestOptions::quiet(clock), cancelled).await?;
    let identity = context.connection.administer("sts.GetCallerIdentity", &[]).await;
    let caller = match &identity {
        stspec_verdict::Observed::Answer(answer) => text_at(answer, "result.Arn"),
        stspec_verdict::Observed::NoAnswer(_) => None,
    };
    let findings = probes::all(&context, disabled_region.as_deref()).await;
    let interrupted = context.cancelled.is_cancelled();
    let CleanUp { leaks, .. } = context.clean_up().await;
    Ok(Examination {
        caller: caller.unwrap_or_else(|| "somebody without an ARN".to_owned()),
        account: context.connection.account.clone(),
        findings,
        interrupted,
        leaks,
        secrets: context.secrets.redactor(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_opposite_contradicts() {
        let finding = |found| Finding::new(Capability::S3, found, Vec::new());
        let check = |declared, found, expected: bool| {
            assert_eq!(finding(found).contradicts(declared), expected, "{declared} {found}");
        };
        check(Presence::Present, Presence::Absent, true);
        check(Presence::Absent, Presence::Present, true);
        check(Presence::Present, Presence::Present, false);
        check(Presence::Unknown, Presence::Present, false);
        check(Presence::Present, Presence::Unknown, false);
    }
}
