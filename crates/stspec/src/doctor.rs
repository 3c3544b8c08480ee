//! `stspec doctor`: what a target has, and the target file that says so.

use std::fmt::Write;
use std::path::Path;

use stspec_report::{one_line, target_file};
use stspec_runner::{Clock, Examination, Finding, examine};
use stspec_scenario::{Capability, Target};
use stspec_verdict::ExitCode;

use crate::cli::DoctorArgs;
use crate::error::Problem;
use crate::interruption::cancelled_by_interruption;
use crate::output;
use crate::run::revision_default;
use crate::scenarios::library;
use crate::target::{named, reach};

/// Examines a target; evidence goes to stderr, the proposed target file to stdout.
pub(crate) async fn command(
    scenarios: Option<&Path>,
    args: DoctorArgs,
) -> Result<ExitCode, Problem> {
    let library = library(scenarios)?;
    let named = named(&library, scenarios, &args.on)?;
    let remedy = named.remedy();
    let declared = named.target().clone();
    let (chosen, reference) = reach(named, revision_default()?).await?;
    let examination =
        cancelled_by_interruption(|cancelled| examine(chosen.connect, Clock::system(), cancelled))
            .await;
    if let Some(reference) = reference {
        reference.stop().await;
    }
    let examination = examination?;
    output::note(&examination.secrets.redact(&evidence(&examination, &declared)));
    let code = exit_code(&examination, &declared);
    if examination.interrupted {
        return Ok(code);
    }
    remedy.iter().filter(|_| code == ExitCode::Leaked).for_each(|remedy| output::note(remedy));
    let of = |capability: Capability| {
        let found = examination.findings.iter().find(|found| found.capability == capability);
        found.map(|found| found.evidence.clone()).unwrap_or_default()
    };
    let proposal = target_file(&examination.proposed(&declared), of);
    output::data(&examination.secrets.redact(&proposal));
    Ok(code)
}

/// What was found, with its evidence, and where the target's file says otherwise.
fn evidence(examination: &Examination, declared: &Target) -> String {
    let Examination { caller, account, findings, leaks, .. } = examination;
    let mut text = format!("caller           {caller}, account {account}\n");
    if !declared.accounts.is_empty() {
        let _infallible = writeln!(text, "allowed          {}", declared.accounts.join(", "));
    }
    for finding in findings {
        let said = declared.presence(finding.capability);
        let otherwise = if finding.contradicts(said) {
            format!("  <- the target file says {said}")
        } else {
            String::new()
        };
        let _infallible = writeln!(text, "{finding}{otherwise}");
        for line in &finding.evidence {
            let _infallible = writeln!(text, "                 {}", one_line(line));
        }
    }
    for leak in leaks {
        let _infallible = writeln!(text, "left on the target: {leak}");
    }
    if findings.iter().any(|finding| contradicts(finding, declared)) {
        text.push_str("the target is not as its file says");
    } else {
        text.push_str("nothing contradicts the target file");
    }
    text
}

fn contradicts(finding: &Finding, declared: &Target) -> bool {
    finding.contradicts(declared.presence(finding.capability))
}

fn exit_code(examination: &Examination, declared: &Target) -> ExitCode {
    if !examination.leaks.is_empty() {
        ExitCode::Leaked
    } else if examination.interrupted {
        ExitCode::Interrupted
    } else if examination.findings.iter().any(|finding| contradicts(finding, declared)) {
        ExitCode::Failed
    } else {
        ExitCode::Passed
    }
}
