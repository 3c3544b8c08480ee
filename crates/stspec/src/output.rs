//! The only file that prints: data on stdout, everything else on stderr.

use std::io::Write;

use stspec_report::Style;
use stspec_scenario::Colour;
use stspec_verdict::ExitCode;

use crate::error::Problem;

/// Prints what was asked for. A reader that went away, as `head` does, is no fault.
pub(crate) fn data(text: &str) {
    let _gone = anstream::stdout().lock().write_all(text.as_bytes());
}

/// Prints a line for the person at the terminal.
pub(crate) fn note(text: &str) {
    if text.is_empty() {
        return;
    }
    let _gone = writeln!(anstream::stderr().lock(), "{text}");
}

/// Says what went wrong and returns the exit code that goes with it.
#[must_use]
pub fn complain(problem: &Problem) -> ExitCode {
    let mut text = problem.to_string();
    if !text.contains('\n') {
        text.insert_str(0, "stspec: ");
    }
    note(&text);
    problem.exit_code()
}

/// The style of a report on stdout, where a person may watch and may have asked for plain text.
pub(crate) fn style() -> Style {
    match anstream::AutoStream::choice(&std::io::stdout()) {
        anstream::ColorChoice::Never => Style::Plain,
        _ => Style::Colour,
    }
}

/// Colours for stderr, where a person reads it and did not ask for plain text.
pub(crate) fn colour() -> Colour {
    match anstream::AutoStream::choice(&std::io::stderr()) {
        anstream::ColorChoice::Never => Colour::Never,
        _ => Colour::Always,
    }
}
