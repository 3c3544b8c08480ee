//! The command line: its words and nothing else.

#[cfg(feature = "load")]
mod distributed;
#[cfg(feature = "load")]
mod load;
mod value;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

#[cfg(feature = "load")]
pub(crate) use distributed::StartAt;
#[cfg(feature = "load")]
pub(crate) use load::{CompareArgs, LoadAction, LoadArgs, LoadReportKind, LoadReportTo, MergeArgs};
pub(crate) use value::{AccountId, Offset, Shuffle, Wait};

/// The conformance and load-testing harness for AWS STS.
#[derive(Debug, Parser)]
#[command(
    name = "stspec",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// Folder with rules, accounts and targets, instead of the ones inside the binary
    #[arg(long, global = true, value_name = "DIR")]
    pub scenarios: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What stspec can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check rules against a target: the embedded reference unless another is named
    Run(RunArgs),
    /// List rules, checks, targets, profiles or faults, one per line
    List {
        /// What to list
        kind: ListKind,
    },
    /// Explain a rule or a diagnostic code
    Explain {
        /// A rule id such as `get-federation-token/duration/minimum`, or a code such as `STS012`
        subject: String,
    },
    /// Check scenario files and print every fault in them
    Lint(LintArgs),
    /// Ask the catalogue of facts: what the rules cover, and what AWS has changed since
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Print the skeleton of a new rule file
    New {
        /// Its id, such as `get-federation-token/tags/maximum`
        rule: String,
    },
    /// Start the reference server and print one JSON line when it listens
    Serve(ServeArgs),
    /// Send a load profile to a target and judge every answer
    #[cfg(feature = "load")]
    Load(LoadArgs),
    /// Send a load profile to a target and judge every answer: not in this build
    #[cfg(not(feature = "load"))]
    #[command(disable_help_flag = true)]
    Load {
        /// Whatever follows
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        args: Vec<String>,
    },
    /// Keep what a target answered, and compare what two targets answer
    #[command(subcommand)]
    Snapshot(SnapshotCommand),
    /// Keep the list of what is known to be wrong with a target
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Put the JSON reports of several targets side by side
    Matrix(MatrixArgs),
    /// Find out which capabilities a target has, and propose a target file
    Doctor(DoctorArgs),
    /// Find what killed runs left on a target, and remove it with `--execute`
    Sweep(SweepArgs),
    /// Show that every rule fails under each fault that it names, and under no other
    Prove(ProveArgs),
}

/// What to ask the catalogue of facts.
#[derive(Debug, Subcommand)]
pub enum CatalogCommand {
    /// Print each fact with the rules that check it, or with the reason why none does
    Coverage {
        /// End with 1 if a fact names a missing rule, or a rule stands for no fact
        #[arg(long)]
        strict: bool,
    },
    /// Compare the recorded constraints with a service model; ends with 1 if they differ
    Drift {
        /// botocore's data/sts/2011-06-15/service-2.json, unpacked
        #[arg(long, value_name = "FILE")]
        model: PathBuf,
    },
}

/// What to check, on which target, and what to write.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Rule ids or their leading segments; all rules by default
    #[arg(value_name = "SELECTOR")]
    pub selectors: Vec<String>,
    /// On which target.
    #[command(flatten)]
    pub on: TargetArgs,
    /// Write a report: `json=FILE`, `junit=FILE`, `markdown=FILE` or `html=FILE`
    #[arg(long, value_name = "KIND=FILE")]
    pub report: Vec<ReportTo>,
    /// How many scenarios run at once
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: u16,
    /// Revision of the API that the target is held to
    #[arg(long, value_name = "DATE", default_value = crate::REVISION_DEFAULT)]
    pub revision: jiff::civil::Date,
    /// Print every resource, request and lifetime of credentials that there would be, and stop
    #[arg(long)]
    pub plan: bool,
    /// Wait where a rule needs a session to end and the target's clock can't be moved: 15 minutes
    /// and more
    #[arg(long)]
    pub slow: bool,
    /// Draw generated cases with this seed instead of the ones in the rules
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Shuffle scenarios; SEED defaults to --seed, else to a random seed, which is printed
    #[arg(
        long,
        value_name = "SEED",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "any"
    )]
    pub shuffle: Option<Shuffle>,
    /// Write every exchange, without secrets, as lines of JSON when the run is over
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Known deviations to compare with, or `none`; the target's own in the folder of snapshots without
    #[arg(long, value_name = "FILE|none")]
    pub baseline: Option<BaselineChoice>,
    /// Folder that holds a folder for each target, with its baseline and what each rule saw
    #[arg(long, value_name = "DIR", default_value = "snapshots")]
    pub snapshots: PathBuf,
    /// End with 1 if a rule looks otherwise than its snapshot or has none; without, it is only shown
    #[arg(long, conflicts_with = "seed")]
    pub snapshots_must_match: bool,
    /// Annotate failures for GitHub Actions and write the summary of the step; done by itself where
    /// `GITHUB_ACTIONS` is true
    #[arg(long)]
    pub github: bool,
}

/// What to do with snapshots.
#[derive(Debug, Subcommand)]
pub enum SnapshotCommand {
    /// Run rules against a target and keep what each saw
    Accept(AcceptArgs),
    /// Compare two targets rule by rule: what differs in contract, in shape and in text; ends with 1 if
    /// anything does
    Diff(DiffArgs),
}

/// What to keep, of which target.
#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// Rule ids or their leading segments; all rules by default
    #[arg(value_name = "SELECTOR")]
    pub selectors: Vec<String>,
    /// On which target.
    #[command(flatten)]
    pub on: TargetArgs,
    /// Folder that holds a folder for each target
    #[arg(long, value_name = "DIR", default_value = "snapshots")]
    pub snapshots: PathBuf,
    /// How many scenarios run at once
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: u16,
    /// Revision of the API that the target is held to
    #[arg(long, value_name = "DATE", default_value = crate::REVISION_DEFAULT)]
    pub revision: jiff::civil::Date,
    /// Wait where a rule needs a session to end and the target's clock can't be moved
    #[arg(long)]
    pub slow: bool,
}

/// What to compare.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// A folder of snapshots, or the name of a target that has one
    #[arg(value_name = "A")]
    pub a: PathBuf,
    /// Another
    #[arg(value_name = "B")]
    pub b: PathBuf,
    /// Folder that holds a folder for each target
    #[arg(long, value_name = "DIR", default_value = "snapshots")]
    pub snapshots: PathBuf,
    /// Show, and count, nothing milder than this
    #[arg(long, value_enum, default_value_t = Class::Text)]
    pub class: Class,
}

/// How much a difference between two targets matters, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Class {
    /// A status, an error code, a member that is there or not
    Contract,
    /// What a value looks like: its type, its placeholders, headers
    Shape,
    /// Words
    Text,
}

impl From<Class> for stspec_report::DifferenceClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Contract => Self::Contract,
            Class::Shape => Self::Shape,
            Class::Text => Self::Text,
        }
    }
}

/// What to do with a baseline; the rules are run against the target first.
#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Take away what is fixed or stands for no check, and with `--allow-new` list what does not pass
    Update(UpdateArgs),
    /// Only take away what is fixed or stands for no check
    Prune(BaselineArgs),
}

/// Which baseline, of which target.
#[derive(Debug, Args)]
pub struct BaselineArgs {
    /// On which target.
    #[command(flatten)]
    pub on: TargetArgs,
    /// The file; the target's own in the folder of snapshots without
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<BaselineChoice>,
    /// Folder that holds a folder for each target, with its baseline
    #[arg(long, value_name = "DIR", default_value = "snapshots")]
    pub snapshots: PathBuf,
    /// What is tested, with its version, such as `moto 5.2.5`
    #[arg(long, value_name = "TEXT")]
    pub of: Option<String>,
    /// How many scenarios run at once
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: u16,
    /// Revision of the API that the target is held to
    #[arg(long, value_name = "DATE", default_value = crate::REVISION_DEFAULT)]
    pub revision: jiff::civil::Date,
}

/// How a baseline may grow.
#[derive(Debug, Args)]
pub struct UpdateArgs {
    /// Which baseline.
    #[command(flatten)]
    pub common: BaselineArgs,
    /// List what does not pass and is not listed yet
    #[arg(long, requires = "reason")]
    pub allow_new: bool,
    /// Why the new entries are accepted
    #[arg(long, value_name = "TEXT", requires = "allow_new")]
    pub reason: Option<String>,
    /// Until when they are accepted; half a year from today without
    #[arg(long, value_name = "DATE", requires = "allow_new")]
    pub expires: Option<jiff::civil::Date>,
}

/// `FILE`, or `none`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaselineChoice {
    /// No comparison.
    None,
    /// This file.
    File(PathBuf),
}

impl std::str::FromStr for BaselineChoice {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "none" { Self::None } else { Self::File(text.into()) })
    }
}

/// Which target.
#[derive(Debug, Clone, Args)]
pub struct TargetArgs {
    /// A target that the scenarios folder describes
    #[arg(long, value_name = "NAME", conflicts_with = "endpoint")]
    pub target: Option<String>,
    /// Any server: one URL for all services, or `sts=URL,iam=URL,s3=URL`
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// Region of AWS for a target of that kind, or the one that requests to `--endpoint` are signed
    /// for; the target file's, or us-east-1, without
    #[arg(long, value_name = "NAME", env = "AWS_REGION")]
    pub region: Option<String>,
    /// An account that may be touched, beside those that the target's file lists; once for each
    #[arg(long, value_name = "ACCOUNT")]
    pub allow_account: Vec<AccountId>,
    /// How long changes of IAM take to be in effect on the target; found out without, and 15s on AWS
    #[arg(long, value_name = "DURATION")]
    pub settle: Option<Wait>,
    /// Folder for the ledgers of what runs make on servers, instead of the one in the user's state
    /// directory
    #[arg(long, value_name = "DIR", env = "STSPEC_STATE_DIR")]
    pub ledger: Option<PathBuf>,
}

/// What to sweep, and how far to go.
///
/// Ends with 0 if nothing of ours is left, and with 6 if something is, also if it was only looked at.
#[derive(Debug, Args)]
pub struct SweepArgs {
    /// Which target; those that ledgers tell of without.
    #[command(flatten)]
    pub on: TargetArgs,
    /// Remove what is found, also what runs on other machines are using now; without, it is only listed
    #[arg(long)]
    pub execute: bool,
}

/// Which reports to put side by side, and where.
#[derive(Debug, Args)]
pub struct MatrixArgs {
    /// Files that `stspec run --report json=FILE` wrote, one for each target, in the order of columns
    #[arg(value_name = "RESULT.json", required = true)]
    pub reports: Vec<PathBuf>,
    /// Folder for index.html, matrix.md and matrix.json
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// What to examine.
///
/// Makes two users, an access key, a policy, a role and a bucket with an object, and removes them. Ends with 0 if nothing contradicts the target's file, and with 1 if something does.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Which target.
    #[command(flatten)]
    pub on: TargetArgs,
}

/// What to list.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ListKind {
    /// Rules with level and statement
    Rules,
    /// Checks with their role
    Checks,
    /// Targets with what they are
    Targets,
    /// Load profiles with what they send
    Profiles,
    /// Faults of the reference with what they do
    Faults,
}

/// Which files to check.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// Rule files or a catalogue of your own, checked together with the shipped accounts and
    /// faults; the whole scenarios folder without
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print the JSON Schema of rule files instead, for editors
    #[arg(long, conflicts_with = "files")]
    pub schema: bool,
}

/// Where to listen, what to begin with and what to get wrong.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// A deliberate mistake; see `stspec list faults`
    #[arg(long, value_name = "NAME")]
    pub fault: Vec<String>,
    /// Account id, twelve digits; the seed's without
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
    /// Region of the endpoint
    #[arg(long, value_name = "NAME", default_value = "us-east-1")]
    pub region: String,
    /// A region in which the account has switched STS off
    #[arg(long, value_name = "NAME")]
    pub disable_region: Vec<String>,
    /// Revision of the API to serve
    #[arg(long, value_name = "DATE", default_value = crate::REVISION_DEFAULT)]
    pub revision: jiff::civil::Date,
    /// JSON file with the users, policies, roles and buckets that the account begins with
    #[arg(long, value_name = "FILE")]
    pub seed: Option<PathBuf>,
    /// JSON file with the keys that seal session tokens, shared by servers that are to know each
    /// other's sessions
    #[arg(long, value_name = "FILE")]
    pub key_ring: Option<PathBuf>,
    /// Move the server's clock: seconds, or a duration such as `+1h` or `-90s`
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub clock_offset: Option<Offset>,
    /// Let clients on this machine move the clock: `PUT {"offset_seconds": N}` to
    /// `/_stspec/clock`
    #[arg(long)]
    pub clock_control: bool,
    /// Let changes of IAM take effect only so long after they were made, such as `3s`
    #[arg(long, value_name = "DURATION")]
    pub propagation_delay: Option<Wait>,
    /// Answer only so many requests a second for each service, such as `5/s`
    #[arg(long, value_name = "RATE")]
    pub throttle: Option<String>,
    /// Tell each decision of the policies on stderr, with the statements that made it
    #[arg(long)]
    pub explain: bool,
    /// Access key id of the root user
    #[arg(
        long,
        value_name = "ID",
        env = "STSPEC_ROOT_ACCESS_KEY_ID",
        requires = "root_secret_access_key"
    )]
    pub root_access_key_id: Option<String>,
    /// Secret access key of the root user
    #[arg(
        long,
        value_name = "SECRET",
        env = "STSPEC_ROOT_SECRET_ACCESS_KEY",
        hide_env_values = true,
        requires = "root_access_key_id"
    )]
    pub root_secret_access_key: Option<String>,
}

/// Which faults to try.
#[derive(Debug, Args)]
pub struct ProveArgs {
    /// Only this fault; all of them without
    #[arg(long, value_name = "NAME")]
    pub fault: Vec<String>,
}

/// `KIND=FILE`.
#[derive(Debug, Clone)]
pub struct ReportTo {
    /// What kind of report.
    pub kind: ReportKind,
    /// Where it goes.
    pub file: PathBuf,
}

/// A kind of report that is written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportKind {
    /// `stspec/report/v1`.
    Json,
    /// XML for build servers.
    Junit,
    /// A summary with what failed.
    Markdown,
    /// A page for a browser.
    Html,
}

impl std::str::FromStr for ReportTo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, file) =
            text.split_once('=').ok_or("write KIND=FILE, such as json=report.json")?;
        let kind = match kind {
            "json" => ReportKind::Json,
            "junit" => ReportKind::Junit,
            "markdown" => ReportKind::Markdown,
            "html" => ReportKind::Html,
            other => {
                return Err(format!(
                    "there is no report of kind `{other}`; there are json, junit, markdown and html"
                ));
            }
        };
        if file.is_empty() {
            return Err("the file name is missing after `=`".to_owned());
        }
        Ok(Self { kind, file: file.into() })
    }
}
