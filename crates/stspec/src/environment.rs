//! The only file that reads the environment: credentials for targets that stspec did not start, and
//! whether a build server runs us, and where state is kept.

use std::path::PathBuf;
use std::sync::Arc;

use aws_config::Region;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::provider::ProvideCredentials;
use futures::FutureExt;
use futures::future::BoxFuture;
use stspec_runner::{Administrator, CredentialSource, Credentials, ExpiringCredentials, Secret};

use crate::error::Problem;

/// Where credentials are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chain {
    /// Environment variables, then the profile.
    Local,
    /// And then what AWS hands out: to a web identity, or inside of a container.
    Aws,
}

/// Credentials that administer a target: environment variables first, then the profile, which may be one
/// of SSO, of a role or of a program; for AWS also those of a web identity and of a container. Temporary
/// ones are had anew from the same place before they end.
///
/// The metadata service of EC2 is left out: asking it would send a request that nobody asked for to
/// an address that is not the target's. The others ask only where variables or files tell them to.
pub(crate) async fn administrator(chain: Chain, region: &str) -> Result<Administrator, Problem> {
    // A role of a profile is asked for at the STS of this region.
    let config = ProviderConfig::without_region().with_region(Some(Region::new(region.to_owned())));
    let profile = ProfileFileCredentialsProvider::builder().configure(&config).build();
    let environment = EnvironmentVariableCredentialsProvider::new();
    let mut providers =
        CredentialsProviderChain::first_try("environment", environment).or_else("profile", profile);
    if chain == Chain::Aws {
        let web = WebIdentityTokenCredentialsProvider::builder().configure(&config).build();
        let container = EcsCredentialsProvider::builder().configure(&config).build();
        providers = providers.or_else("web identity", web).or_else("container", container);
    }
    let source = Found(providers);
    let provided = source.fetch().await;
    let provided = provided.map_err(|reason| Problem::NoCredentials { reason })?;
    let mut administrator = Administrator { provided, source: None };
    if administrator.provided.expires.is_some() {
        administrator.source = Some(Arc::new(source));
    }
    Ok(administrator)
}

/// Where credentials were found.
#[derive(Debug)]
struct Found(CredentialsProviderChain);

impl CredentialSource for Found {
    fn fetch(&self) -> BoxFuture<'_, Result<ExpiringCredentials, String>> {
        let provide = async {
            let found = self.0.provide_credentials().await.map_err(|error| causes(&error))?;
            let credentials = Credentials {
                access_key_id: found.access_key_id().to_owned(),
                secret_access_key: Secret::new(found.secret_access_key()),
                session_token: found.session_token().map(Secret::new),
            };
            Ok(ExpiringCredentials { credentials, expires: found.expiry() })
        };
        provide.boxed()
    }
}

/// The causes of an error, which name the file or variable; the error itself only says that it is one.
fn causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    if causes.is_empty() { error.to_string() } else { causes.join(": ") }
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

/// The folder for ledgers in the platform's state directory.
pub(crate) fn ledger_folder() -> Result<PathBuf, Problem> {
    let state = state_directory(Platform::HERE, variable, std::env::home_dir());
    let state = state.ok_or_else(|| {
        Problem::Usage(
            "there is no home directory to keep ledgers in; name a folder with --ledger".to_owned(),
        )
    })?;
    Ok(state.join("stspec").join("ledger"))
}

/// What decides where programs keep their state.
#[derive(Debug, Clone, Copy)]
enum Platform {
    Unix,
    MacOs,
    Windows,
}

impl Platform {
    const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::MacOs
    } else {
        Self::Unix
    };
}

/// Where programs keep what should outlast a restart and is of no use elsewhere.
///
/// Source: XDG Base Directory Specification 0.8, which has relative paths ignored; Apple's File System
/// Programming Guide; Microsoft's Known Folders.
fn state_directory(
    platform: Platform,
    variable: impl Fn(&str) -> Option<String>,
    home: Option<PathBuf>,
) -> Option<PathBuf> {
    let given = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    match platform {
        Platform::Unix => given("XDG_STATE_HOME").or_else(|| Some(home?.join(".local/state"))),
        Platform::MacOs => Some(home?.join("Library/Application Support")),
        Platform::Windows => given("LOCALAPPDATA").or_else(|| Some(home?.join("AppData/Local"))),
    }
}

fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is the file that reads the environment")]
    let value = std::env::var(name);
    value.ok().filter(|text| !text.is_empty())
}

/// Where the system keeps temporary files.
pub(crate) fn temporary_folder() -> PathBuf {
    std::env::temp_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(platform: Platform, set: (&str, &str), expected: &str) {
        let variable = |name: &str| (name == set.0).then(|| set.1.to_owned());
        let found = state_directory(platform, variable, Some("/home/joe".into()));
        assert_eq!(found, Some(expected.into()));
    }

    #[test]
    fn each_platform_keeps_state_in_its_own_place() {
        let nothing = ("", "");
        check(Platform::Unix, nothing, "/home/joe/.local/state");
        check(Platform::Unix, ("XDG_STATE_HOME", "/var/joe"), "/var/joe");
        check(Platform::Unix, ("XDG_STATE_HOME", "relative"), "/home/joe/.local/state");
        check(Platform::MacOs, nothing, "/home/joe/Library/Application Support");
        check(Platform::MacOs, ("XDG_STATE_HOME", "/x"), "/home/joe/Library/Application Support");
        check(Platform::Windows, ("LOCALAPPDATA", "/c/local"), "/c/local");
        check(Platform::Windows, nothing, "/home/joe/AppData/Local");
    }

    #[test]
    fn without_a_home_there_is_no_state_directory() {
        assert_eq!(state_directory(Platform::Unix, |_| None, None), None);
    }
}
