//! `stspec load`: a profile against a target.

mod capped;
mod distributed;
mod live;
mod plan;
mod reports;
mod rounds;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use stspec_load::{Caps, LoadOptions, LoadRun, Progress, REFERENCE_THREAD};
use stspec_measure::{Ending, LoadRecord};
use stspec_reference::Reference;
use stspec_report::{Style, load as render};
use stspec_scenario::{AWS_REQUESTS_PER_SECOND_MAX, Library, Profile, TargetKind};
use stspec_verdict::{ExitCode, Verdict};

use self::capped::Capped;
use self::distributed::{ShardOptions, Tell, limit_of_share, make, shard_options};
use self::live::{Watching, draw, line};
use self::plan::plan;
use self::rounds::{Setting, check_reports, rounds};
use crate::cli::{LoadArgs, LoadReportKind};
use crate::error::Problem;
use crate::output;
use crate::publish::{unwritable, written};
use crate::run::revision_default;
use crate::scenarios::library;
use crate::target::{Chosen, Named, named, reach};

/// Makes the load, prints what came of it.
pub(crate) async fn command(scenarios: Option<&Path>, args: LoadArgs) -> Result<ExitCode, Problem> {
    if let Some(action) = args.action {
        return reports::act(action);
    }
    let library = library(scenarios)?;
    let profile = find(&library, args.profile.as_deref().unwrap_or_default())?;
    let profile = Profile { seed: args.seed.unwrap_or(profile.seed), ..profile.clone() };
    #[cfg(feature = "locust")]
    if args.distributed.emit_locustfile {
        output::data(&stspec_locust::locustfile(&profile)?);
        return Ok(ExitCode::Passed);
    }
    let mut named = named(&library, scenarios, &args.on)?;
    let caps = caps(&mut named, &args)?;
    let share = args.distributed.shard.unwrap_or_default();
    limit_of_share(&mut named, share)?;
    let capped = Capped::of(&profile, named.target(), caps, share)?;
    if args.plan {
        output::data(&plan(&profile, &named, caps));
        return Ok(ExitCode::Passed);
    }
    if let Some(against) = &args.against {
        check_reports(&args)?;
        let (files, watching) = (open_reports(&args)?, Watching::of(&args).await?);
        let (library, profile) = (&library, &profile);
        let setting = Setting { library, profile, scenarios, args: &args, watching: &watching };
        return Box::pin(rounds(setting, against, files)).await;
    }
    let (files, watching) = (open_reports(&args)?, Watching::of(&args).await?);
    let remedy = named.remedy();
    let loaded = Box::pin(attack(&library, &profile, named, (&args, capped, &watching))).await?;
    let code = publish(&loaded, files);
    remedy.iter().filter(|_| !loaded.leaks.is_empty()).for_each(|remedy| output::note(remedy));
    Ok(code)
}

/// Most turns of a load on AWS unless somebody says otherwise.
///
/// Source: ours; half an hour at the rate that runs keep to there.
const AWS_TURNS_MAX: u64 = 10_000;

/// What the run may not exceed. On AWS it is asked for by name, slow and bounded.
fn caps(named: &mut Named, args: &LoadArgs) -> Result<Caps, Problem> {
    let Caps { rate, total } = Caps { rate: args.max_rate, total: args.max_requests };
    if named.target().kind != TargetKind::Aws {
        return Ok(Caps { rate, total });
    }
    if !args.i_know_this_costs && !args.plan {
        return Err(Problem::Usage(format!(
            "target `{}` is AWS, where load uses up limits that the whole account shares, and may cost money; \
             `--plan` shows what would be sent, and `--i-know-this-costs` sends it",
            named.name()
        )));
    }
    let of_target = named.target().requests_per_second();
    let rate = rate.or(of_target).unwrap_or(AWS_REQUESTS_PER_SECOND_MAX);
    named.limit(rate);
    Ok(Caps { rate: Some(rate), total: Some(total.unwrap_or(AWS_TURNS_MAX)) })
}

async fn attack(
    library: &Library,
    profile: &Profile,
    named: Named,
    (args, Capped(caps), watching): (&LoadArgs, Capped, &Watching),
) -> Result<LoadRun, Problem> {
    let ShardOptions { share, start_at } = shard_options(args, &named)?;
    let runtime = ReferenceRuntime::new()?;
    let (chosen, reference) = runtime.reach(named).await?;
    let bar = line();
    let (drawn, exposition) = (bar.clone(), watching.exposition.clone());
    let progress = move |progress: &Progress| {
        draw(&drawn, progress);
        if let Some(exposition) = &exposition {
            exposition.set(progress);
        }
    };
    let options = LoadOptions {
        arguments: chosen.arguments,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        view: watching.view.clone(),
        caps,
        progress: Some(Arc::new(progress)),
        share,
        start_at,
    };
    let told = bar.clone();
    let tell: Tell = Arc::new(move |words| told.suspend(|| output::note(words)));
    let cancel = watching.cancel.clone();
    let loaded = make(library, profile, chosen.connect, args, &options, cancel, tell).await;
    bar.finish_and_clear();
    if let Some(reference) = reference {
        reference.stop().await;
    }
    drop(runtime);
    loaded
}

/// Threads for the embedded reference, so that its processor time is not taken for the generator's.
struct ReferenceRuntime(Option<tokio::runtime::Runtime>);

impl ReferenceRuntime {
    fn new() -> Result<Self, Problem> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name(REFERENCE_THREAD)
            .enable_all()
            .build()
            .map_err(|error| Problem::Ours(error.to_string()))?;
        Ok(Self(Some(runtime)))
    }

    async fn reach(&self, named: Named) -> Result<(Chosen, Option<Reference>), Problem> {
        let Some(runtime) = &self.0 else { return Err(Problem::Ours("no threads".to_owned())) };
        let reached = runtime.spawn(reach(named, revision_default()?)).await;
        reached.map_err(|error| Problem::Ours(error.to_string()))?
    }
}

impl Drop for ReferenceRuntime {
    /// A runtime can't wait for its threads where others wait for it.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Report files, opened before the load so that it is not made in vain.
type Files = Vec<(LoadReportKind, PathBuf, File)>;

fn open_reports(args: &LoadArgs) -> Result<Files, Problem> {
    let open = |report: &crate::cli::LoadReportTo| {
        let file = create(&report.file)?;
        Ok((report.kind, report.file.clone(), file))
    };
    args.report.iter().map(open).collect()
}

fn create(path: &Path) -> Result<File, Problem> {
    File::create(path).map_err(|error| unwritable(path, &error))
}

/// Prints and writes what came of a load, unless a secret got into it.
fn publish(loaded: &LoadRun, files: Files) -> ExitCode {
    let record = &loaded.record;
    let leaks: String =
        loaded.leaks.iter().flat_map(|leak| ["left on the target: ", leak, "\n"]).collect();
    let rendered = files.into_iter().map(|(kind, path, file)| (path, file, rendered(kind, record)));
    let rendered: Vec<(PathBuf, File, String)> = rendered.collect();
    let shown = render::terminal(record, Style::Plain);
    let texts = rendered.iter().map(|(.., text)| text.as_str()).chain([shown.as_str(), &leaks]);
    let hits: usize = texts.map(|text| loaded.secrets.scan(text)).sum();
    output::note(loaded.secrets.redact(&leaks).trim_end());
    if hits > 0 {
        output::note(&format!("{hits} secrets in the reports, which are therefore withheld"));
        return ExitCode::Leaked;
    }
    output::data(&render::terminal(record, output::style()));
    written(rendered, exit_code(loaded))
}

fn rendered(kind: LoadReportKind, record: &LoadRecord) -> String {
    match kind {
        LoadReportKind::Json => render::json(record),
        LoadReportKind::Html => render::html(record),
        LoadReportKind::Csv => render::csv(record),
        LoadReportKind::Prometheus => render::prometheus(record),
    }
}

fn find<'a>(library: &'a Library, name: &str) -> Result<&'a Profile, Problem> {
    library.profile(name).ok_or_else(|| {
        let known: Vec<String> =
            library.profiles().iter().map(|profile| format!("`{}`", profile.name)).collect();
        Problem::Usage(format!("there is no profile `{name}`; there is {}", known.join(", ")))
    })
}

fn exit_code(loaded: &LoadRun) -> ExitCode {
    if !loaded.leaks.is_empty() {
        return ExitCode::Leaked;
    }
    if loaded.record.ending == Ending::Interrupted {
        return ExitCode::Interrupted;
    }
    found(&loaded.record)
}

/// What a record says of the target, as an exit code.
fn found(record: &LoadRecord) -> ExitCode {
    if record.resources.leaked > 0 {
        return ExitCode::Leaked;
    }
    match record.verdict() {
        Verdict::Pass => ExitCode::Passed,
        Verdict::Inconclusive => ExitCode::NotShown,
        _ => ExitCode::LoadMissed,
    }
}
