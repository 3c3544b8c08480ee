//! `stspec new`: the skeleton of a rule file, on stdout.

use stspec_scenario::{RuleId, template_for_new_rule};
use stspec_verdict::ExitCode;

use crate::error::Problem;
use crate::output;

/// Prints the skeleton and says where it belongs.
pub(crate) fn command(rule: &str) -> Result<ExitCode, Problem> {
    let id = RuleId::parse(rule).map_err(|error| Problem::Usage(error.to_string()))?;
    output::data(&template_for_new_rule(&id));
    output::note(&format!(
        "save it as scenarios/rules/{id}.yaml, then run `stspec --scenarios scenarios lint`"
    ));
    Ok(ExitCode::Passed)
}
