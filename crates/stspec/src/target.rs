//! Which target is checked, and with whose credentials.

use std::collections::BTreeMap;

use stspec_reference::{Config, Faults, Reference};
use stspec_runner::{Connect, Credentials};
use stspec_scenario::{Endpoints, Library, Name, Target, TargetKind};

use crate::cli::TargetArgs;
use crate::environment::{admin_credentials, root_credentials};
use crate::error::Problem;

/// The target that is checked when nobody names another.
const DEFAULT_TARGET: &str = "reference";

/// The region that requests to an ad-hoc target are signed for unless somebody says otherwise.
pub(crate) const DEFAULT_REGION: &str = "us-east-1";

/// What an ad-hoc target is called in reports.
const AD_HOC_TARGET: &str = "endpoint";

/// Domains of AWS, where an ad-hoc run would make users and buckets in a real account.
///
/// Source: botocore 1.44.5, STS endpoint rule set, partitions' DNS suffixes.
const AWS_DOMAINS: [&str; 5] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "api.aws",
    "api.amazonwebservices.com.cn",
    "amazonaws.eu",
];

/// A target and how it came to be chosen.
#[derive(Debug)]
pub struct Chosen {
    /// How to reach it.
    pub connect: Connect,
    /// What names it on the command line again; empty for the embedded reference.
    pub arguments: String,
}

/// The target that the command line names; the embedded reference is started for it.
pub(crate) async fn choose(
    library: &Library,
    args: &TargetArgs,
) -> Result<(Chosen, Option<Reference>), Problem> {
    if let Some(endpoint) = &args.endpoint {
        let endpoints = endpoints(endpoint)?;
        let target = ad_hoc(&args.region, &endpoints)?;
        let elsewhere = args.region != DEFAULT_REGION;
        let region = if elsewhere { format!(" --region {}", args.region) } else { String::new() };
        let arguments = format!("--endpoint {endpoint}{region}");
        return Ok((existing(target, endpoints, arguments).await?, None));
    }
    let arguments = args.target.as_ref().map(|name| format!("--target {name}")).unwrap_or_default();
    let name = args.target.as_deref().unwrap_or(DEFAULT_TARGET);
    let target = find(library, name)?.clone();
    match (target.kind, target.endpoints.clone()) {
        (TargetKind::Embedded, _) => {
            let (mut chosen, reference) = reference(&target, Faults::none()).await?;
            chosen.arguments = arguments;
            Ok((chosen, Some(reference)))
        }
        (TargetKind::Emulator, Some(endpoints)) => {
            Ok((existing(target, endpoints, arguments).await?, None))
        }
        (TargetKind::Emulator, None) => {
            Err(Problem::Usage(format!("target `{name}` has no endpoints")))
        }
        (TargetKind::Aws, _) => Err(Problem::Usage(format!(
            "target `{name}` is AWS itself; this version of stspec has no safeguards for real accounts yet"
        ))),
    }
}

/// A reference server with these faults, as a target.
pub async fn reference(target: &Target, faults: Faults) -> Result<(Chosen, Reference), Problem> {
    let config = Config { region: target.region.clone(), faults, ..Config::default() };
    let reference = Reference::start(config).await?;
    let root = reference.root();
    let connect = Connect {
        target: target.clone(),
        endpoints: everywhere(reference.endpoint()),
        admin: Credentials::long_term(&root.access_key_id, &root.secret_access_key),
        root: None,
    };
    Ok((Chosen { connect, arguments: String::new() }, reference))
}

/// The embedded target as the scenarios folder describes it.
pub fn default_target(library: &Library) -> Result<&Target, Problem> {
    find(library, DEFAULT_TARGET)
}

fn find<'a>(library: &'a Library, name: &str) -> Result<&'a Target, Problem> {
    library.target(name).ok_or_else(|| {
        let known: Vec<String> =
            library.targets().iter().map(|target| format!("`{}`", target.name)).collect();
        Problem::Usage(format!("there is no target `{name}`; there is {}", known.join(", ")))
    })
}

/// A target that somebody else runs, with credentials from the environment.
async fn existing(
    target: Target,
    endpoints: Endpoints,
    arguments: String,
) -> Result<Chosen, Problem> {
    let admin = admin_credentials().await?;
    Ok(Chosen {
        connect: Connect { target, endpoints, admin, root: root_credentials() },
        arguments,
    })
}

fn ad_hoc(region: &str, endpoints: &Endpoints) -> Result<Target, Problem> {
    let urls = [Some(&endpoints.sts), endpoints.iam.as_ref(), endpoints.s3.as_ref()];
    for url in urls.into_iter().flatten() {
        let host = host(url)?;
        if AWS_DOMAINS.iter().any(|domain| host == *domain || host.ends_with(&format!(".{domain}")))
        {
            return Err(Problem::Usage(format!(
                "`{url}` is AWS itself, and `--endpoint` has no safeguards for real accounts"
            )));
        }
    }
    Ok(Target {
        name: Name::parse(AD_HOC_TARGET).map_err(|error| Problem::Ours(error.to_string()))?,
        says: "A server named on the command line.".to_owned(),
        kind: TargetKind::Emulator,
        endpoints: Some(endpoints.clone()),
        region: region.to_owned(),
        partition: "aws".to_owned(),
        accounts: Vec::new(),
        capabilities: BTreeMap::new(),
    })
}

/// One URL for all services, or `sts=URL,iam=URL,s3=URL`.
fn endpoints(text: &str) -> Result<Endpoints, Problem> {
    if !text.contains('=') {
        host(text)?;
        return Ok(everywhere(text));
    }
    let mut urls = BTreeMap::new();
    for part in text.split(',') {
        let (service, url) = part.split_once('=').ok_or_else(|| bad_endpoint(part))?;
        host(url)?;
        if !["sts", "iam", "s3"].contains(&service)
            || urls.insert(service, url.to_owned()).is_some()
        {
            return Err(bad_endpoint(part));
        }
    }
    let sts = urls.remove("sts").ok_or_else(|| bad_endpoint(text))?;
    Ok(Endpoints { sts, iam: urls.remove("iam"), s3: urls.remove("s3") })
}

fn bad_endpoint(text: &str) -> Problem {
    Problem::Usage(format!(
        "`{text}` is no endpoint: write one URL, or sts=URL,iam=URL,s3=URL, each once"
    ))
}

fn everywhere(url: &str) -> Endpoints {
    Endpoints { sts: url.to_owned(), iam: Some(url.to_owned()), s3: Some(url.to_owned()) }
}

/// The host of a URL, which must be one of http or https.
fn host(text: &str) -> Result<String, Problem> {
    let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let host = url.and_then(|url| url.host_str().map(str::to_ascii_lowercase));
    host.ok_or_else(|| {
        Problem::Usage(format!("`{text}` is no http or https URL, such as http://127.0.0.1:4566"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(text: &str, words: &str) {
        let refused =
            endpoints(text).and_then(|endpoints| ad_hoc("us-east-1", &endpoints)).unwrap_err();
        assert!(refused.to_string().contains(words), "{refused}");
    }

    #[test]
    fn one_url_serves_every_service() {
        let endpoints = endpoints("http://127.0.0.1:1").unwrap();
        assert_eq!(endpoints.s3.as_deref(), Some("http://127.0.0.1:1"));
    }

    #[test]
    fn services_may_have_urls_of_their_own() {
        let endpoints = endpoints("iam=http://b,sts=http://a").unwrap();
        assert_eq!(
            (endpoints.sts.as_str(), endpoints.iam.as_deref(), endpoints.s3),
            ("http://a", Some("http://b"), None)
        );
    }

    #[test]
    fn what_is_no_endpoint_is_refused_in_words() {
        check_refused("127.0.0.1:80", "is no http or https URL");
        check_refused("ftp://a", "is no http or https URL");
        check_refused("iam=http://b", "is no endpoint");
        check_refused("sts=http://a,sts=http://b", "is no endpoint");
        check_refused("sts=http://a,ec2=http://b", "is no endpoint");
    }

    #[test]
    fn aws_itself_is_refused() {
        check_refused("https://sts.amazonaws.com", "is AWS itself");
        check_refused("sts=http://127.0.0.1,iam=https://iam.AMAZONAWS.com", "is AWS itself");
    }
}
