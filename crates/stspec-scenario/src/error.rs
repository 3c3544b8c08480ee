//! What stops a single value from being made; faults in files are [`crate::Diagnostic`]s instead.

use thiserror::Error;

use crate::Placeholder;

/// A file that is no service model of the operation.
#[derive(Debug, Error)]
pub enum BadModel {
    /// It is a gzip file, as botocore ships them.
    #[error("the file is compressed; `gunzip --keep` it and name the result")]
    Compressed,
    /// It is longer than the limit.
    #[error("the file has {bytes} bytes; a model has at most {bytes_max}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// It is not JSON.
    #[error("the file is not JSON: {0}")]
    NotJson(serde_json::Error),
    /// It is JSON of another kind.
    #[error("the file has no `operations` and `shapes`; a botocore `service-2.json` has both")]
    NoModel,
    /// It is the model of another service, or the operation is gone as a whole.
    #[error("the service `{service}` has no operation `{operation}` in this file")]
    NoOperation {
        /// The operation that was looked for.
        operation: String,
        /// The service whose model it is.
        service: String,
    },
}

/// A text that is no [`crate::Name`] and no [`crate::ScenarioName`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadName {
    /// Nothing but blanks, or nothing at all.
    #[error("a name may not be empty")]
    Empty,
    /// Longer than the limit.
    #[error("`{text}` has {chars} characters; a name has at most {chars_max}")]
    TooLong {
        /// The text as given.
        text: String,
        /// Its length.
        chars: usize,
        /// The limit.
        chars_max: usize,
    },
    /// Not in kebab-case.
    #[error("`{text}` is not in kebab-case (lower-case letters, digits, single `-` between them)")]
    NotKebab {
        /// The text as given.
        text: String,
    },
    /// A scenario name that is no single line with a letter or digit in it.
    #[error(
        "`{text}` is not one line of text with a letter or digit in it and no blanks around it"
    )]
    NotOneLine {
        /// The text as given.
        text: String,
    },
}

/// A text that is no [`crate::RuleId`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not a rule id; write kebab-case segments joined by `/`")]
pub struct BadRuleId {
    /// The text as given.
    pub text: String,
}

/// A text that is no [`crate::Path`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadPath {
    /// The first segment is none of the five roots.
    #[error("`{text}` starts with none of `status`, `headers`, `error`, `result`, `body`")]
    Root {
        /// The text as given.
        text: String,
    },
    /// Two dots in a row, or a dot at the end.
    #[error("`{text}` has an empty segment")]
    EmptySegment {
        /// The text as given.
        text: String,
    },
    /// `status` with something after it, or `headers` with nothing.
    #[error("`{text}` {fault}")]
    Depth {
        /// The text as given.
        text: String,
        /// What is too much or missing.
        fault: &'static str,
    },
}

/// A text that is no [`crate::Template`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadTemplate {
    /// `${` without its `}`.
    #[error("`${{` has no closing `}}`")]
    Unclosed,
    /// Braces around something that no reference looks like.
    #[error("`${{{placeholder}}}` refers to nothing")]
    Unknown {
        /// What stands between the braces.
        placeholder: String,
    },
    /// `${case.X}` outside of a table.
    #[error("`${{{placeholder}}}` is only allowed in a table")]
    CaseOutsideTable {
        /// What stands between the braces.
        placeholder: String,
    },
}

/// A reference for which the lookup had no value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`${{{placeholder}}}` has no value")]
pub struct Unresolved {
    /// The placeholder.
    pub placeholder: Placeholder,
}

/// A text that names no operation stspec can call.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not an operation that a scenario can call")]
pub struct UnknownOperation {
    /// The text as given.
    pub text: String,
    /// The known operation that looks most like it, as `service.Operation`.
    pub nearest: Option<String>,
}

/// A selector that selects no rule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{selector}` selects no rule{}", suggestion(.nearest))]
pub struct UnknownSelector {
    /// The selector as given.
    pub selector: String,
    /// The ids that look most like it, most similar first; at most three.
    pub nearest: Vec<String>,
}

fn suggestion(nearest: &[String]) -> String {
    if nearest.is_empty() {
        return String::new();
    }
    format!("; did you mean `{}`?", nearest.join("`, `"))
}
