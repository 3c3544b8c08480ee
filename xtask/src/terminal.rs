//! The only file that prints: results on stdout, everything else on stderr.

use std::io::Write;

/// Prints a line of results. A reader that closes the pipe, as `head` does, is fine.
pub(crate) fn say(line: &str) {
    let _gone = writeln!(std::io::stdout(), "{line}");
}

/// Prints a line for the person who started the chore.
pub(crate) fn complain(line: &str) {
    let _gone = writeln!(std::io::stderr(), "{}", line.trim_end());
}
