//! A policy document, parsed once and evaluated often.

use std::collections::BTreeSet;

use crate::{
    error::{GrammarError, MalformedPolicy},
    json::{self, Json, JsonPath},
    policy_kind::PolicyKind,
    statement::Statement,
    template::Version,
};

/// Longest document that is parsed, in characters.
///
/// Source: IAM API Reference, `CreatePolicy`, `PolicyDocument`. Services enforce the
/// narrower limits of their operations and quotas.
pub const DOCUMENT_CHARS_MAX: usize = 131_072;

/// A parsed policy document.
#[derive(Debug)]
pub struct Policy {
    text: String,
    kind: PolicyKind,
    statements: Vec<Statement>,
}

impl Policy {
    /// Parses and compiles a document, or returns what is wrong with it.
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Policy, MalformedPolicy> {
        if text.chars().nth(DOCUMENT_CHARS_MAX).is_some() {
            let fact = format!("longer than {DOCUMENT_CHARS_MAX} characters");
            return Err(JsonPath::Document.syntax(fact));
        }
        let document = json::read(text)?;
        let statements = read_document(&document, kind)?;
        Ok(Policy { text: text.to_owned(), kind, statements })
    }

    /// The document as it was passed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The kind that the document was parsed as.
    #[must_use]
    pub fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// Whether any statement reads a context key, in a condition or in a variable.
    pub(crate) fn needs_context(&self) -> bool {
        self.statements.iter().any(Statement::needs_context)
    }

    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }
}

fn read_document(document: &Json, kind: PolicyKind) -> Result<Vec<Statement>, MalformedPolicy> {
    let path = JsonPath::Document;
    let members = document.object(&path)?;
    let mut version = Version::V2008;
    let mut statements = None;
    for (key, value) in members {
        let path = path.member(key);
        match key.as_str() {
            "Version" => version = read_version(value, &path)?,
            "Id" => _ = value.string(&path)?,
            "Statement" => statements = Some(value),
            _ => return Err(path.syntax("unknown element")),
        }
    }
    let statements = statements.ok_or_else(|| path.syntax("`Statement` is missing"))?;
    // Read last, because the version decides how their text is read.
    let path = path.member("Statement");
    let statements: Vec<Statement> = statements
        .one_or_many()
        .map(|(index, value)| Statement::read(value, kind, version, &path.item(index)))
        .collect::<Result<_, _>>()?;
    // Inferred: nothing documents an empty list; a policy without statements counts as a mistake.
    if statements.is_empty() {
        return Err(path.syntax("contains no statement"));
    }
    refuse_repeated_sids(&statements, &path)?;
    Ok(statements)
}

fn read_version(value: &Json, path: &JsonPath) -> Result<Version, MalformedPolicy> {
    match value.string(path)? {
        "2012-10-17" => Ok(Version::V2012),
        "2008-10-17" => Ok(Version::V2008),
        other => {
            Err(path.syntax(format_args!("`{other}` is not a version of the policy language")))
        }
    }
}

fn refuse_repeated_sids(statements: &[Statement], path: &JsonPath) -> Result<(), MalformedPolicy> {
    let mut seen = BTreeSet::new();
    for (index, statement) in statements.iter().enumerate() {
        let Some(sid) = statement.sid().filter(|sid| !sid.is_empty()) else { continue };
        if !seen.insert(sid) {
            let item = path.item(index);
            let path = item.member("Sid");
            return Err(path.error(GrammarError::Syntax, format_args!("`{sid}` occurs twice")));
        }
    }
    Ok(())
}
