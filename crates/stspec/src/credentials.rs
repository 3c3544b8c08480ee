//! Credentials for targets that stspec did not start, from the standard AWS chain.

use stspec_runner::Administrator;

use crate::error::Problem;

/// Where credentials are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chain {
    /// Environment variables, then the profile.
    Local,
    /// And then what AWS hands out: to a web identity, or inside of a container.
    Aws,
}

/// Finds the credentials that administer a target.
#[cfg(feature = "remote")]
pub(crate) async fn administrator(chain: Chain, region: &str) -> Result<Administrator, Problem> {
    standard::administrator(chain, region).await
}

/// Refuses every target: this build has neither the chain nor TLS.
#[cfg(not(feature = "remote"))]
pub(crate) async fn administrator(_: Chain, _: &str) -> Result<Administrator, Problem> {
    Err(Problem::NotInThisBuild { part: "targets with an endpoint" })
}

#[cfg(feature = "remote")]
mod standard;
