//! The `Principal` and `NotPrincipal` elements, and how they match a caller.

use crate::{
    error::MalformedPolicy,
    json::{Json, JsonPath},
    principal::{Names, Principal},
    sense::Sense,
};

/// The principals that a statement applies to.
#[derive(Debug)]
pub(crate) struct PrincipalElement {
    sense: Sense,
    grantees: Vec<Grantee>,
}

/// How an element names a caller, from the narrowest name to the widest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// By the ARN of the user or session itself.
    Own,
    /// By the ARN of the user or role behind the session.
    Issuer,
    /// By the account, as an id or as the ARN of its root user.
    Account,
    /// As everyone: `*`.
    Everyone,
}

#[derive(Debug, PartialEq, Eq)]
enum Grantee {
    Everyone,
    Account(String),
    Arn(String),
    /// A service, an identity provider or a canonical user; no caller here is one.
    Foreign,
}

impl PrincipalElement {
    pub(crate) fn read(
        json: &Json,
        sense: Sense,
        path: &JsonPath,
    ) -> Result<PrincipalElement, MalformedPolicy> {
        let kinds = match json {
            Json::String(text) if text == "*" => {
                return Ok(PrincipalElement { sense, grantees: vec![Grantee::Everyone] });
            }
            Json::Object(kinds) => kinds,
            _ => return Err(path.syntax("must be `*` or an object")),
        };
        let mut grantees = Vec::new();
        for (kind, value) in kinds {
            let path = path.member(kind);
            for text in value.strings(&path)? {
                grantees.push(read_grantee(kind, text, &path)?);
            }
        }
        if grantees.is_empty() {
            return Err(path.syntax("names no principal"));
        }
        Ok(PrincipalElement { sense, grantees })
    }

    pub(crate) fn sense(&self) -> Sense {
        self.sense
    }

    /// The ways in which the list names the caller.
    pub(crate) fn reaches(&self, caller: &Principal) -> impl Iterator<Item = Reach> {
        let names = caller.names();
        self.grantees.iter().filter_map(move |grantee| grantee.reach(names))
    }

    /// Whether the list names the caller in each of its names: session, user or role, account.
    pub(crate) fn names_every_layer(&self, caller: &Principal) -> bool {
        let names = caller.names();
        let reached = |reach| self.reaches(caller).any(|found| found == reach);
        if reached(Reach::Everyone) {
            return true;
        }
        reached(Reach::Account)
            && (names.issuer.is_none() || reached(Reach::Issuer))
            && (names.own.is_none() || reached(Reach::Own))
    }
}

impl Grantee {
    fn reach(&self, names: Names) -> Option<Reach> {
        match self {
            Grantee::Everyone => Some(Reach::Everyone),
            Grantee::Account(id) => (names.account == Some(id)).then_some(Reach::Account),
            Grantee::Arn(arn) if names.own == Some(arn) => Some(Reach::Own),
            Grantee::Arn(arn) if names.issuer == Some(arn) => Some(Reach::Issuer),
            Grantee::Arn(_) | Grantee::Foreign => None,
        }
    }
}

fn read_grantee(kind: &str, text: &str, path: &JsonPath) -> Result<Grantee, MalformedPolicy> {
    match kind {
        "AWS" => read_aws_grantee(text)
            .ok_or_else(|| path.syntax(format_args!("`{text}` is not an account, an ARN or `*`"))),
        "Service" | "Federated" | "CanonicalUser" if !text.is_empty() => Ok(Grantee::Foreign),
        "Service" | "Federated" | "CanonicalUser" => Err(path.syntax("names no principal")),
        _ => Err(path.syntax("unknown kind of principal")),
    }
}

/// Wildcards other than a lone `*` are refused: an ARN here names one principal.
fn read_aws_grantee(text: &str) -> Option<Grantee> {
    if text == "*" {
        return Some(Grantee::Everyone);
    }
    if is_account(text) {
        return Some(Grantee::Account(text.to_owned()));
    }
    let mut segments = text.splitn(6, ':');
    let (arn, _partition, service) = (segments.next()?, segments.next()?, segments.next()?);
    let (region, account, name) = (segments.next()?, segments.next()?, segments.next()?);
    let shaped = arn == "arn" && matches!(service, "iam" | "sts") && region.is_empty();
    if !shaped || !is_account(account) || name.is_empty() || text.contains(['*', '?']) {
        return None;
    }
    Some(match (service, name) {
        ("iam", "root") => Grantee::Account(account.to_owned()),
        _ => Grantee::Arn(text.to_owned()),
    })
}

/// Digits of an account id. Source: AWS Account Management Reference Guide, account identifiers.
const ACCOUNT_DIGITS: usize = 12;

fn is_account(text: &str) -> bool {
    text.len() == ACCOUNT_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}
