//! The only file that reads the environment: credentials for targets that stspec did not start, and
//! whether a build server runs us.

use std::path::PathBuf;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_credential_types::provider::ProvideCredentials;
use stspec_runner::{Credentials, Secret};

use crate::error::Problem;

/// Credentials that administer a target: environment variables first, then the profile.
///
/// The metadata service of EC2 is left out: asking it would send a request that nobody asked for to
/// an address that is not the target's.
pub(crate) async fn admin_credentials() -> Result<Credentials, Problem> {
    let profile = ProfileFileCredentialsProvider::builder().build();
    let chain = CredentialsProviderChain::first_try(
        "Environment",
        EnvironmentVariableCredentialsProvider::new(),
    )
    .or_else("Profile", profile);
    let found = chain
        .provide_credentials()
        .await
        .map_err(|error| Problem::NoCredentials { reason: aws_credential_types_words(&error) })?;
    Ok(Credentials {
        access_key_id: found.access_key_id().to_owned(),
        secret_access_key: Secret::new(found.secret_access_key()),
        session_token: found.session_token().map(Secret::new),
    })
}

fn aws_credential_types_words(
    error: &aws_credential_types::provider::error::CredentialsError,
) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// Credentials of the root user, where both variables of them are set.
#[must_use]
pub(crate) fn root_credentials() -> Option<Credentials> {
    let id = variable("STSPEC_ROOT_ACCESS_KEY_ID")?;
    let secret = variable("STSPEC_ROOT_SECRET_ACCESS_KEY")?;
    Some(Credentials::long_term(id, secret))
}

/// Whether GitHub Actions runs us.
pub(crate) fn github_actions() -> bool {
    variable("GITHUB_ACTIONS").as_deref() == Some("true")
}

/// The file in which GitHub Actions collects what a step tells its readers.
pub(crate) fn github_step_summary() -> Option<PathBuf> {
    variable("GITHUB_STEP_SUMMARY").map(PathBuf::from)
}

fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is the file that reads the environment")]
    let value = std::env::var(name);
    value.ok().filter(|text| !text.is_empty())
}
