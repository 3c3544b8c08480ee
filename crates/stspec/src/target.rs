//! Which target is checked, and with whose credentials.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use stspec_reference::{Config, Faults, Reference, Revision};
use stspec_runner::{Administrator, ConnectOptions, Credentials};
use stspec_scenario::{Endpoints, Library, Limits, Name, Target, TargetKind};

use crate::aws::{Location, is_aws, location};
use crate::cli::{TargetArgs, Wait};
use crate::credentials::{Chain, administrator};
use crate::environment::{ledger_folder, root_credentials};
use crate::error::Problem;

/// The target that is checked when nobody names another.
const DEFAULT_TARGET: &str = "reference";

/// The region that requests to an ad-hoc target are signed for unless somebody says otherwise.
const DEFAULT_REGION: &str = "us-east-1";

/// What an ad-hoc target is called in reports.
const AD_HOC_TARGET: &str = "endpoint";

/// A target and how it came to be chosen.
#[derive(Debug)]
pub struct Chosen {
    /// How to reach it.
    pub connect: ConnectOptions,
    /// What names it on the command line again; empty for the embedded reference.
    pub arguments: String,
}

/// A target that the command line names, before anything is started or asked.
#[derive(Debug)]
pub(crate) struct Named {
    target: Target,
    /// Nothing for the embedded reference.
    endpoints: Option<Endpoints>,
    /// The STS of its disabled region, where that is another than the target's.
    disabled_sts: Option<String>,
    arguments: String,
    /// What beside them makes a run the same again.
    repeated_with: String,
    /// Where its ledgers are to be kept, if somebody said so.
    ledger: Option<PathBuf>,
}

impl Named {
    /// Where the target is; nothing for the embedded reference.
    pub(crate) fn endpoints(&self) -> Option<&Endpoints> {
        self.endpoints.as_ref()
    }

    /// How to remove what stays on the target; what stays on the embedded reference ends with it.
    pub(crate) fn remedy(&self) -> Option<String> {
        self.endpoints.as_ref()?;
        let ledger = self.ledger.as_ref();
        let ledger =
            ledger.map(|folder| format!(" --ledger {}", shell_word(&folder.to_string_lossy())));
        let ledger = ledger.unwrap_or_default();
        Some(format!("`stspec sweep {}{ledger} --execute` removes what is left", self.arguments))
    }

    /// Adds what a repetition needs on the command line.
    pub(crate) fn also(&mut self, argument: &str) {
        let between = if self.arguments.is_empty() { "" } else { " " };
        self.arguments.extend([between, argument]);
    }

    /// Adds what makes a run the same again, which other commands know nothing of.
    pub(crate) fn repeated_with(&mut self, argument: &str) {
        self.repeated_with.extend([" ", argument]);
    }

    /// The STS of the target's disabled region, where that is another than the target's.
    pub(crate) fn disabled_sts(&self) -> Option<&str> {
        self.disabled_sts.as_deref()
    }

    /// Lets so many requests a second through, instead of as many as the target's file allows.
    #[cfg(feature = "load")]
    pub(crate) fn limit(&mut self, requests_per_second: u32) {
        self.target.limits.requests_per_second = Some(requests_per_second);
    }

    /// What the target's file says, with what the command line adds.
    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// The target's name, which is that of its folder of snapshots.
    pub(crate) fn name(&self) -> &Name {
        &self.target.name
    }
}

/// The target that the command line names, with the folder of scenarios that a repetition needs. Only a
/// target of the kind `aws` may be AWS.
pub(crate) fn named(
    library: &Library,
    scenarios: Option<&Path>,
    args: &TargetArgs,
) -> Result<Named, Problem> {
    let mut named = match &args.endpoint {
        Some(endpoint) => ad_hoc(endpoint, args.region.as_deref().unwrap_or(DEFAULT_REGION))?,
        None => described(library, args.target.as_deref(), args.region.as_deref())?,
    };
    if let Some(folder) = scenarios {
        named.also(&format!("--scenarios {}", shell_word(&folder.to_string_lossy())));
    }
    named.ledger.clone_from(&args.ledger);
    for account in &args.allow_account {
        named.also(&format!("--allow-account {account}"));
        named.target.accounts.push(account.to_string());
    }
    if let Some(Wait(settle)) = args.settle {
        named.target.settle = Some(settle);
        named.also(&format!("--settle {}ms", settle.as_millis()));
    }
    if let (Some(endpoints), TargetKind::Emulator) = (&named.endpoints, named.target.kind) {
        let urls = [Some(&endpoints.sts), endpoints.iam.as_ref(), endpoints.s3.as_ref()];
        urls.into_iter().flatten().try_for_each(|url| refuse_aws(url))?;
    }
    Ok(named)
}

/// Makes a target ready to be asked: the embedded reference is started, for others credentials are
/// looked up.
pub(crate) async fn reach(
    named: Named,
    revision: Date,
) -> Result<(Chosen, Option<Reference>), Problem> {
    let Named { target, endpoints, disabled_sts, arguments, repeated_with, ledger } = named;
    let arguments = format!("{arguments}{repeated_with}").trim_start().to_owned();
    let Some(endpoints) = endpoints else {
        let (chosen, reference) = reference(&target, Faults::none(), revision).await?;
        return Ok((Chosen { arguments, ..chosen }, Some(reference)));
    };
    let chain = match target.kind {
        TargetKind::Aws if target.accounts.is_empty() => return Err(nobody_allowed(&target.name)),
        TargetKind::Aws => Chain::Aws,
        TargetKind::Embedded | TargetKind::Emulator => Chain::Local,
    };
    let ledgers = Some(ledger.map_or_else(ledger_folder, Ok)?);
    let admin = Box::pin(administrator(chain, &target.region)).await?;
    let root = root_credentials();
    let connect = ConnectOptions { target, endpoints, admin, root, disabled_sts, ledgers };
    Ok((Chosen { connect, arguments }, None))
}

fn described(
    library: &Library,
    name: Option<&str>,
    region: Option<&str>,
) -> Result<Named, Problem> {
    let mut arguments = name.map(|name| format!("--target {name}")).unwrap_or_default();
    let mut target = find(library, name.unwrap_or(DEFAULT_TARGET))?.clone();
    let mut disabled_sts = None;
    let endpoints = match (target.kind, target.endpoints.clone()) {
        (TargetKind::Embedded, _) => None,
        (TargetKind::Emulator, Some(endpoints)) => Some(endpoints),
        (TargetKind::Emulator, None) => {
            return Err(Problem::Usage(format!("target `{}` has no endpoints", target.name)));
        }
        (TargetKind::Aws, Some(endpoints)) => {
            let location = location(&target.region);
            let iam_region = location.map(|location| location.iam_region.to_owned());
            target.iam_region = target.iam_region.or(iam_region);
            Some(endpoints)
        }
        (TargetKind::Aws, None) => {
            if let Some(region) = region.filter(|region| *region != target.region) {
                let _infallible = write!(arguments, " --region {region}");
                region.clone_into(&mut target.region);
            }
            disabled_sts = target.disabled_region.as_deref().map(sts_of).transpose()?;
            Some(locate(&mut target)?)
        }
    };
    Ok(Named {
        target,
        endpoints,
        disabled_sts,
        arguments,
        repeated_with: String::new(),
        ledger: None,
    })
}

/// The STS of a region of AWS.
fn sts_of(region: &str) -> Result<String, Problem> {
    located(region).map(|location| location.endpoints.sts)
}

fn located(region: &str) -> Result<Location, Problem> {
    location(region)
        .ok_or_else(|| Problem::Usage(format!("`{region}` is no region of AWS that stspec knows")))
}

/// The endpoints of AWS in the target's region, with which go a partition and a region of IAM.
fn locate(target: &mut Target) -> Result<Endpoints, Problem> {
    let location = located(&target.region)?;
    location.partition.clone_into(&mut target.partition);
    target.iam_region.get_or_insert_with(|| location.iam_region.to_owned());
    Ok(location.endpoints)
}

fn ad_hoc(endpoint: &str, region: &str) -> Result<Named, Problem> {
    let endpoints = endpoints(endpoint)?;
    let elsewhere = region != DEFAULT_REGION;
    let region_argument = if elsewhere { format!(" --region {region}") } else { String::new() };
    let target = Target {
        name: Name::parse(AD_HOC_TARGET).map_err(|error| Problem::Ours(error.to_string()))?,
        says: "A server named on the command line.".to_owned(),
        kind: TargetKind::Emulator,
        endpoints: Some(endpoints.clone()),
        region: region.to_owned(),
        iam_region: None,
        partition: "aws".to_owned(),
        disabled_region: None,
        accounts: Vec::new(),
        limits: Limits::default(),
        capabilities: BTreeMap::new(),
        settle: None,
        start: None,
    };
    let arguments = format!("--endpoint {endpoint}{region_argument}");
    let endpoints = Some(endpoints);
    Ok(Named {
        target,
        endpoints,
        disabled_sts: None,
        arguments,
        repeated_with: String::new(),
        ledger: None,
    })
}

fn refuse_aws(url: &str) -> Result<(), Problem> {
    if is_aws(&host(url)?) { Err(unguarded(url)) } else { Ok(()) }
}

fn unguarded(url: &str) -> Problem {
    Problem::Usage(format!(
        "`{url}` is AWS itself, where stspec goes with safeguards only: \
         write `--target aws --region REGION --allow-account ACCOUNT`, or a target file of the kind `aws`"
    ))
}

fn nobody_allowed(target: &Name) -> Problem {
    Problem::Usage(format!(
        "target `{target}` lists no account that may be touched; add --allow-account ACCOUNT, \
         or list it under `accounts:` in a target file of your own"
    ))
}

/// A reference server of a revision with these faults, as a target.
pub async fn reference(
    target: &Target,
    faults: Faults,
    revision: Date,
) -> Result<(Chosen, Reference), Problem> {
    let config = Config {
        region: target.region.clone(),
        disabled_regions: target.disabled_region.iter().cloned().collect(),
        revision: Revision::on(revision),
        faults,
        clock_control: true,
        ..Config::default()
    };
    let reference = Reference::start(config).await?;
    let root = reference.root();
    let connect = ConnectOptions {
        target: target.clone(),
        endpoints: everywhere(reference.endpoint()),
        admin: Administrator::lasting(Credentials::long_term(
            &root.access_key_id,
            &root.secret_access_key,
        )),
        root: None,
        disabled_sts: None,
        ledgers: None,
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

/// A word as a shell takes it for one, whatever is in it.
fn shell_word(text: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "/._-+=:,@%".contains(char);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The host of a URL, which must be one of http or https.
fn host(text: &str) -> Result<String, Problem> {
    let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let named = |url: &url::Url| !url.username().is_empty() || url.password().is_some();
    if url.as_ref().is_some_and(named) {
        return Err(Problem::Usage(
            "an endpoint takes no user name or password; credentials come from the environment"
                .to_owned(),
        ));
    }
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
        let args = TargetArgs {
            target: None,
            endpoint: Some(text.to_owned()),
            region: None,
            allow_account: Vec::new(),
            settle: None,
            ledger: None,
        };
        let refused = named(&Library::default(), None, &args).unwrap_err();
        assert!(refused.to_string().contains(words), "{refused}");
    }

    #[test]
    fn a_word_stays_one_word_in_a_shell() {
        assert_eq!(shell_word("/tmp/my-scenarios"), "/tmp/my-scenarios");
        assert_eq!(shell_word("my scenarios; rm x"), "'my scenarios; rm x'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
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
        check_refused("https://sts.amazonaws.com./", "is AWS itself");
        check_refused("https://sts.us-iso-east-1.c2s.ic.gov", "is AWS itself");
    }

    #[test]
    fn a_password_in_an_endpoint_is_refused_and_not_repeated() {
        check_refused("http://me:hunter2@127.0.0.1:1", "takes no user name");
    }
}
