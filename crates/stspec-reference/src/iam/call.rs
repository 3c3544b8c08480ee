//! A call of an IAM operation whose parameters fit their shapes.

use super::error::IamError;
use super::operation::{self, Operation, Subject};
use super::{VERSION, shape};
use crate::model::caller::{Caller, UserName};
use crate::state::directory::{Directory, DirectoryError};
use crate::wire::request::Params;

/// A call that passed validation.
// INVARIANT: every required member is there and every member fits its shape.
#[derive(Debug)]
pub(crate) struct IamCall<'a> {
    operation: &'static Operation,
    params: &'a Params,
    caller: &'a Caller,
}

/// Reads a call from the parameters that this caller sent.
pub(crate) fn parse<'a>(params: &'a Params, caller: &'a Caller) -> Result<IamCall<'a>, IamError> {
    let name = params.get("Action").unwrap_or_default();
    let version = params.get("Version").unwrap_or("NO_VERSION_SPECIFIED");
    let operation = operation::find(name).filter(|_| version == VERSION).ok_or_else(|| {
        IamError::InvalidAction { operation: name.to_owned(), version: version.to_owned() }
    })?;
    shape::validate(operation.members, params)?;
    Ok(IamCall { operation, params, caller })
}

/// What authorisation asks.
impl IamCall<'_> {
    /// The action that has to be allowed, such as `iam:CreateUser`.
    pub(crate) fn action(&self) -> &'static str {
        self.operation.action
    }

    /// The ARN of what the call is about, whether it exists yet or not.
    pub(crate) fn resource(&self, directory: &Directory) -> String {
        let context = directory.context();
        let path = || self.get("Path").unwrap_or("/");
        let prefix = || self.get("PathPrefix").unwrap_or("/");
        match self.operation.subject {
            Subject::NewUser => {
                context.iam_arn(&format!("user{}{}", path(), self.required("UserName")))
            }
            Subject::NewRole => {
                context.iam_arn(&format!("role{}{}", path(), self.required("RoleName")))
            }
            Subject::NewPolicy => {
                context.iam_arn(&format!("policy{}{}", path(), self.required("PolicyName")))
            }
            Subject::User => match self.named_user() {
                Some(name) => directory.user(&name).map_or_else(
                    || context.iam_arn(&format!("user/{}", name.0)),
                    |user| user.arn.clone(),
                ),
                None => context.iam_arn("root"),
            },
            Subject::Role => {
                let name = self.required("RoleName");
                let arn = directory.role(name).map(|role| role.arn.clone());
                arn.unwrap_or_else(|| context.iam_arn(&format!("role/{name}")))
            }
            Subject::Policy => self.required("PolicyArn").to_owned(),
            Subject::Users => context.iam_arn(&format!("user{}", prefix())),
            Subject::Roles => context.iam_arn(&format!("role{}", prefix())),
            Subject::Policies => context.iam_arn(&format!("policy{}", prefix())),
        }
    }

    /// IAM's own condition keys for the call.
    ///
    /// Source: Service Authorization Reference, condition keys of IAM.
    pub(crate) fn context(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let policy = self.get("PolicyArn").map(|arn| ("iam:PolicyARN", arn));
        let boundary = self.get("PermissionsBoundary").map(|arn| ("iam:PermissionsBoundary", arn));
        policy.into_iter().chain(boundary)
    }
}

/// What handlers read.
impl IamCall<'_> {
    pub(super) fn operation(&self) -> &'static Operation {
        self.operation
    }

    pub(super) fn caller(&self) -> &Caller {
        self.caller
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.params.get(name)
    }

    pub(super) fn required(&self, name: &str) -> &str {
        self.get(name).expect("validation saw every required member")
    }

    pub(super) fn integer(&self, name: &str) -> Option<u32> {
        self.get(name).map(|text| text.parse().expect("validation saw that it is an integer"))
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    pub(super) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        shape::members_of(self.params, name).into_iter().map(|(_, text)| text)
    }

    pub(super) fn tags(&self) -> Vec<(String, String)> {
        let entries = shape::tags_of(self.params).into_iter();
        entries
            .map(|(_, tag)| {
                let key = tag.key.expect("validation saw the key of every tag");
                let value = tag.value.expect("validation saw the value of every tag");
                (key.to_owned(), value.to_owned())
            })
            .collect()
    }

    /// Whether it changes the account where it succeeds.
    pub(crate) fn changes(&self) -> bool {
        !["Get", "List"].iter().any(|reading| self.operation.name.starts_with(reading))
    }

    /// The user that the call names or, where it names none, the user who calls.
    pub(super) fn named_user(&self) -> Option<UserName> {
        match (self.get("UserName"), self.caller) {
            (Some(name), _) => Some(UserName(name.to_owned())),
            (None, Caller::User(name)) => Some(name.clone()),
            (None, Caller::Root | Caller::Session(_)) => None,
        }
    }

    pub(super) fn user_name(&self) -> Result<UserName, DirectoryError> {
        self.named_user().ok_or_else(|| {
            let message = "Must specify userName when calling with non-User credentials";
            DirectoryError::ValidationError(message.to_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Account, user};
    use super::*;

    #[track_caller]
    fn check(caller: &Caller, params: &str, action: &str, resource: &str) {
        let mut account = Account::empty();
        account.ok("Action=CreateUser&UserName=bob&Path=/team/");
        let params = Params::parse(&format!("{params}&Version={VERSION}"));
        let call = parse(&params, caller).unwrap();
        assert_eq!(call.action(), action);
        assert_eq!(
            call.resource(&account.directory),
            format!("arn:aws:iam::123456789012:{resource}")
        );
    }

    #[test]
    fn the_resource_of_a_user_carries_its_path() {
        let bob = user("bob");
        check(&bob, "Action=GetUser", "iam:GetUser", "user/team/bob");
        check(&Caller::Root, "Action=DeleteUser&UserName=bob", "iam:DeleteUser", "user/team/bob");
        check(&bob, "Action=DeleteUser&UserName=ann", "iam:DeleteUser", "user/ann");
        check(&bob, "Action=CreateUser&UserName=ann&Path=/x/", "iam:CreateUser", "user/x/ann");
        check(&bob, "Action=ListUsers&PathPrefix=/x", "iam:ListUsers", "user/x");
        check(&Caller::Root, "Action=GetUser", "iam:GetUser", "root");
    }

    #[test]
    fn the_resource_of_a_policy_is_its_arn() {
        let arn = "PolicyArn=arn:aws:iam::123456789012:policy/p";
        check(&Caller::Root, &format!("Action=GetPolicy&{arn}"), "iam:GetPolicy", "policy/p");
        let attach = format!("Action=AttachUserPolicy&UserName=bob&{arn}");
        check(&Caller::Root, &attach, "iam:AttachUserPolicy", "user/team/bob");
        let params = Params::parse(&format!("{attach}&Version={VERSION}"));
        let call = parse(&params, &Caller::Root).unwrap();
        let context: Vec<_> = call.context().collect();
        assert_eq!(context, [("iam:PolicyARN", "arn:aws:iam::123456789012:policy/p")]);
    }
}
