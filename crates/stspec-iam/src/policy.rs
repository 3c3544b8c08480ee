//! A policy document, parsed once and evaluated often.

use std::collections::BTreeSet;

use crate::{
    error::{Fault, Malformed},
    json::{self, Json, Place},
    statement::Statement,
    template::Version,
};

/// Longest document that is looked at, in characters.
///
/// Source: IAM API Reference, `CreatePolicy`, `PolicyDocument`. The narrower limits of single
/// operations and quotas are for the services that have them.
pub const DOCUMENT_CHARS_MAX: usize = 131_072;

/// A parsed policy document.
#[derive(Debug)]
pub struct Policy {
    text: String,
    kind: PolicyKind,
    statements: Vec<Statement>,
}

/// Where a policy is used, which decides about the elements it may and must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// A policy of a user or role, a managed policy or a permissions boundary: no principal.
    Identity,
    /// A policy passed when a session is minted: no principal.
    Session,
    /// A policy of a resource such as a bucket: principal required.
    Resource,
    /// A policy that says who may assume a role: principal required, no resource.
    Trust,
}

impl Policy {
    /// Parses and compiles a document, or says what is wrong with it.
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Policy, Malformed> {
        if text.chars().nth(DOCUMENT_CHARS_MAX).is_some() {
            let fact = format!("longer than {DOCUMENT_CHARS_MAX} characters");
            return Err(Place::Document.syntax(fact));
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

    /// What the document was parsed as.
    #[must_use]
    pub fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// Whether any statement asks for a context key, in a condition or in a variable.
    pub(crate) fn asks_context(&self) -> bool {
        self.statements.iter().any(Statement::asks_context)
    }

    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }
}

fn read_document(document: &Json, kind: PolicyKind) -> Result<Vec<Statement>, Malformed> {
    let place = Place::Document;
    let members = document.object(&place)?;
    let mut version = Version::V2008;
    let mut statements = None;
    for (key, value) in members {
        let place = place.member(key);
        match key.as_str() {
            "Version" => version = read_version(value, &place)?,
            "Id" => _ = value.string(&place)?,
            "Statement" => statements = Some(value),
            _ => return Err(place.syntax("unknown element")),
        }
    }
    let statements = statements.ok_or_else(|| place.syntax("`Statement` is missing"))?;
    // Read last, because the version decides how their text is read.
    let place = place.member("Statement");
    let statements: Vec<Statement> = statements
        .one_or_many()
        .map(|(index, value)| Statement::read(value, kind, version, &place.item(index)))
        .collect::<Result<_, _>>()?;
    // Inferred: nothing documents an empty list; a policy that says nothing is taken for a mistake.
    if statements.is_empty() {
        return Err(place.syntax("holds no statement"));
    }
    refuse_repeated_sids(&statements, &place)?;
    Ok(statements)
}

fn read_version(value: &Json, place: &Place) -> Result<Version, Malformed> {
    match value.string(place)? {
        "2012-10-17" => Ok(Version::V2012),
        "2008-10-17" => Ok(Version::V2008),
        other => Err(place.syntax(format_args!("no version of the language is called `{other}`"))),
    }
}

fn refuse_repeated_sids(statements: &[Statement], place: &Place) -> Result<(), Malformed> {
    let mut seen = BTreeSet::new();
    for (index, statement) in statements.iter().enumerate() {
        let Some(sid) = statement.sid().filter(|sid| !sid.is_empty()) else { continue };
        if !seen.insert(sid) {
            let item = place.item(index);
            let place = item.member("Sid");
            return Err(place.fault(Fault::Syntax, format_args!("`{sid}` stands twice")));
        }
    }
    Ok(())
}
