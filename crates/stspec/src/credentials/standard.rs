//! The standard AWS chain; the only file that uses `aws-config`.

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

use super::Chain;
use crate::error::Problem;

/// Finds the credentials that administer a target: environment variables first, then the profile, which may use
/// SSO, a role or a program; for AWS also a web identity and a container. Temporary credentials are refreshed
/// from the same source before they expire.
///
/// The metadata service of EC2 is left out, because asking it sends a request to an address that is not the
/// target's. The other sources send requests only if variables or files say so.
pub(super) async fn administrator(chain: Chain, region: &str) -> Result<Administrator, Problem> {
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

/// The source in which credentials were found.
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
