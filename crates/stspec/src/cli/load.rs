//! The command line of `stspec load`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::distributed::DistributedArgs;
use super::{ReportTo, TargetArgs};

/// Which load to make, on which target; or what to do with the reports of some.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct LoadArgs {
    /// What to do with reports, instead of making a load.
    #[command(subcommand)]
    pub action: Option<LoadAction>,
    /// A profile; see `stspec list profiles`
    #[arg(value_name = "PROFILE", required = true)]
    pub profile: Option<String>,
    /// On which target.
    #[command(flatten)]
    pub on: TargetArgs,
    /// Print what would be sent, and send nothing
    #[arg(long)]
    pub plan: bool,
    /// Draw with another seed than the profile's
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Most turns per second, whatever the profile asks for; 5 on AWS unless given
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_rate: Option<u32>,
    /// Most turns in total, whatever the profile asks for; 10000 on AWS unless given
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_requests: Option<u64>,
    /// Allow load on a real AWS account, which has limits, shares them with all that runs in it, and costs money
    #[arg(long)]
    pub i_know_this_costs: bool,
    /// Write a report, too; KIND is json, html, csv or prometheus; may be repeated
    #[arg(long, value_name = "KIND=FILE", value_parser = load_report_to)]
    pub report: Vec<LoadReportTo>,
    /// Load this target or endpoint, too, in turns with the other, and compare them
    #[arg(long, value_name = "TARGET|URL")]
    pub against: Option<String>,
    /// How often both are loaded with `--against`
    #[arg(long, value_name = "NUMBER", default_value_t = 3, requires = "against", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub rounds: u32,
    /// Answer Prometheus on this port of 127.0.0.1 while the load lasts
    #[arg(long, value_name = "PORT")]
    pub prometheus: Option<u16>,
    /// Show goose's live dashboard on this port of 127.0.0.1
    #[arg(long, value_name = "PORT", num_args = 0..=1, default_missing_value = "5117")]
    pub dashboard: Option<u16>,
    /// Let goose write its own report, as HTML, too
    #[arg(long, value_name = "FILE")]
    pub goose_report: Option<PathBuf>,
    /// How machines make it together.
    #[command(flatten)]
    pub distributed: DistributedArgs,
}

/// A report of a load and the file that it goes to.
#[derive(Debug, Clone)]
pub struct LoadReportTo {
    /// In which format.
    pub kind: LoadReportKind,
    /// Into which file.
    pub file: PathBuf,
}

/// The format of a report of a load.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LoadReportKind {
    /// All that was measured, to be compared and merged.
    Json,
    /// A page with plots.
    Html,
    /// A line per second.
    Csv,
    /// The exposition format of Prometheus.
    Prometheus,
}

fn load_report_to(text: &str) -> Result<LoadReportTo, String> {
    let (kind, file) = text.split_once('=').ok_or("a report is KIND=FILE")?;
    let kind = LoadReportKind::from_str(kind, false).map_err(|_| {
        format!("`{kind}` is no kind of report; there is json, html, csv, prometheus")
    })?;
    if file.is_empty() {
        return Err(format!("the {text} names no file"));
    }
    Ok(LoadReportTo { kind, file: file.into() })
}

/// What to do with the reports of loads.
#[derive(Debug, Subcommand)]
pub enum LoadAction {
    /// Tell whether a target became faster, slower or wrong; ends with 8 if it got worse, with 5 if there is too
    /// little to tell
    Compare(CompareArgs),
    /// Make one report of those of shards that made a load together; ends as one load would have: with 8 if a
    /// threshold was missed, with 5 if a shard is missing
    Merge(MergeArgs),
}

/// Which reports to compare.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// JSON reports of the side before, with commas between several rounds
    #[arg(value_name = "BEFORE", required = true, num_args = 1, value_delimiter = ',')]
    pub before: Vec<PathBuf>,
    /// JSON reports of the side after
    #[arg(value_name = "AFTER", required = true, num_args = 1, value_delimiter = ',')]
    pub after: Vec<PathBuf>,
    /// Smallest change of a time or a rate that matters, such as `5%`
    #[arg(long, value_name = "PERCENT", default_value = "5%")]
    pub tolerance: Tolerance,
    /// What chance is drawn with; the same seed gives the same result
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// Write the comparison as JSON to a file, too
    #[arg(long, value_name = "json=FILE")]
    pub report: Option<ReportTo>,
}

/// Which reports to merge.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// JSON reports of the shards
    #[arg(value_name = "FILE", required = true)]
    pub shards: Vec<PathBuf>,
    /// Where the merged report goes; to stdout without
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// A share of at most 100 %, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance(pub u32);

impl std::str::FromStr for Tolerance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error = || format!("`{text}` is no share; write percent, such as 5% or 2.5%");
        let percent = text.strip_suffix('%').ok_or_else(error)?;
        let (whole, part) = percent.split_once('.').unwrap_or((percent, "0"));
        let is_number = |digits: &str| {
            (1..=4).contains(&digits.len()) && digits.chars().all(|digit| digit.is_ascii_digit())
        };
        if !is_number(whole) || !is_number(part) {
            return Err(error());
        }
        let millionths: u32 = format!("{whole}{part:0<4}").parse().map_err(|_| error())?;
        if millionths > 1_000_000 { Err(error()) } else { Ok(Self(millionths)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_tolerance(text: &str, millionths: Option<u32>) {
        let tolerance = text.parse::<Tolerance>().ok();
        assert_eq!(tolerance.map(|tolerance| tolerance.0), millionths, "{text}");
    }

    #[test]
    fn a_tolerance_is_percent_up_to_a_hundred() {
        check_tolerance("5%", Some(50_000));
        check_tolerance("2.5%", Some(25_000));
        check_tolerance("0.0001%", Some(1));
        check_tolerance("100%", Some(1_000_000));
        for text in ["5", "%", "100.1%", "-1%", "1.%", ".5%", "0.00001%", "x%"] {
            check_tolerance(text, None);
        }
    }
}
