//! `stspec matrix`: what several targets came to, side by side.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use stspec_report::{
    TargetReport, VerdictMatrix, matrix_html, matrix_json, matrix_markdown, read_report,
};
use stspec_verdict::ExitCode;

use crate::cli::MatrixArgs;
use crate::error::Problem;
use crate::output;

/// Reads reports and writes the matrix in three forms.
pub(crate) fn command(args: &MatrixArgs) -> Result<ExitCode, Problem> {
    let reports = args.reports.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let matrix = VerdictMatrix::new(reports).map_err(|error| Problem::Usage(error.to_string()))?;
    let json = serde_json::to_string_pretty(&matrix_json(&matrix))
        .map_err(|error| Problem::Ours(error.to_string()))?;
    fs::create_dir_all(&args.out).map_err(|error| unwritable(&args.out, &error))?;
    let files = [
        ("index.html", matrix_html(&matrix)),
        ("matrix.md", matrix_markdown(&matrix)),
        ("matrix.json", json + "\n"),
    ];
    for (name, text) in files {
        let path = args.out.join(name);
        fs::write(&path, text).map_err(|error| unwritable(&path, &error))?;
    }
    output::data(&told(&matrix, &args.out));
    Ok(ExitCode::Passed)
}

fn read(path: &PathBuf) -> Result<TargetReport, Problem> {
    let faulty = |reason: String| Problem::File { path: path.clone(), reason };
    let text = fs::read_to_string(path).map_err(|error| faulty(error.to_string()))?;
    read_report(&text).map_err(|error| faulty(error.to_string()))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::Usage(format!("`{}` can't be written: {error}", path.display()))
}

/// The rules on which targets differ, and where the rest stands.
fn told(matrix: &VerdictMatrix, out: &Path) -> String {
    let mut text = String::new();
    let names: Vec<&str> = matrix.targets().iter().map(|column| column.target.as_str()).collect();
    for row in matrix.rows().iter().filter(|row| row.differs()) {
        let verdicts = names.iter().zip(&row.verdicts);
        let verdicts =
            verdicts.filter_map(|(name, verdict)| Some(format!("{name} {}", (*verdict)?)));
        let verdicts: Vec<String> = verdicts.collect();
        let _infallible = writeln!(text, "{}: {}", row.rule, verdicts.join(", "));
    }
    let differing = matrix.rows().iter().filter(|row| row.differs()).count();
    let (rules, page) = (matrix.rows().len(), out.join("index.html"));
    let _infallible = writeln!(
        text,
        "{rules} rules on {} targets, which differ on {differing}; see {}",
        names.len(),
        page.display()
    );
    text
}
