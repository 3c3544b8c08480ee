//! Load generators of others that are measured beside ours, or measure ours.

use std::process::{Command, Stdio};

use super::outcome::Outcome;

/// A program that the machine may have.
pub(super) struct Tool {
    pub(super) name: &'static str,
    /// How to get it.
    remedy: &'static str,
}

pub(super) const WRK: Tool = Tool { name: "wrk", remedy: "`apt-get install wrk` brings it" };

pub(super) const OHA: Tool = Tool { name: "oha", remedy: "`cargo install oha` brings it" };

impl Tool {
    pub(super) fn is_there(&self) -> bool {
        let mut command = Command::new(self.name);
        command.arg("-v").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok()
    }

    /// What is not measured without it.
    pub(super) fn outcome(&self, what: &str) -> Outcome {
        Outcome::NotMeasured(format!("{what}: {} is missing; {}", self.name, self.remedy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tool_is_a_sentence_with_a_remedy() {
        let tool = Tool { name: "stspec-no-such-program", remedy: "make it" };
        assert!(!tool.is_there());
        let text = "a mint: stspec-no-such-program is missing; make it".to_owned();
        assert_eq!(tool.outcome("a mint"), Outcome::NotMeasured(text));
    }
}
