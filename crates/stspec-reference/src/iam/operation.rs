//! The table of IAM operations: what each is about, what it takes and who does it.

use super::shape::{Member, Shape};
use super::shapes::{
    ARN, DESCRIPTION, DOCUMENT, EXISTING_NAME, FLAG, KEY_ID, MARKER, MAX_ITEMS, NEW_NAME, PATH,
    PATH_PREFIX, POLICY_PATH, ROLE_SECONDS, SCOPE, STATUS, TAG_KEYS, TAGS, USAGE, VERSION_ID,
};
use super::{
    Handled, IamCall, IamContext, access_keys, managed_policies, roles, user_policies, users,
};
use crate::wire::xml::Writer;

/// An operation of IAM.
#[derive(Debug)]
pub(super) struct Operation {
    /// The name, as `Action` spells it.
    pub(super) name: &'static str,
    /// The action that policies name.
    pub(super) action: &'static str,
    /// The outermost element of its answer.
    pub(super) response: &'static str,
    /// The element around its result; `None` where it answers with nothing.
    pub(super) result: Option<&'static str>,
    /// What it is about.
    pub(super) subject: Subject,
    /// Its parameters, in the order in which violations are reported.
    pub(super) members: &'static [Member],
    /// What does it.
    pub(super) handler: fn(&IamCall<'_>, &mut IamContext<'_>, &mut Writer) -> Handled,
}

/// What an operation is about, which says how its resource ARN is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// The user in `UserName`, or the caller.
    User,
    /// A user to be.
    NewUser,
    /// All users below a path.
    Users,
    /// The role in `RoleName`.
    Role,
    /// A role to be.
    NewRole,
    /// All roles below a path.
    Roles,
    /// The policy in `PolicyArn`.
    Policy,
    /// A policy to be.
    NewPolicy,
    /// All policies below a path.
    Policies,
}

/// The operation of this name; case counts.
pub(super) fn find(name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.name == name)
}

const fn need(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, required: true, shape }
}

const fn may(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, required: false, shape }
}

const NEW_USER: Member = need("UserName", &NEW_NAME);
const USER: Member = need("UserName", &EXISTING_NAME);
const USER_OR_CALLER: Member = may("UserName", &EXISTING_NAME);
const ROLE: Member = need("RoleName", &NEW_NAME);
const POLICY_NAME: Member = need("PolicyName", &EXISTING_NAME);
const POLICY: Member = need("PolicyArn", &ARN);
const POLICY_VERSION: Member = need("VersionId", &VERSION_ID);
const POLICY_DOCUMENT: Member = need("PolicyDocument", &DOCUMENT);
const ACCESS_KEY: Member = need("AccessKeyId", &KEY_ID);
const FROM: Member = may("Marker", &MARKER);
const AT_MOST: Member = may("MaxItems", &MAX_ITEMS);
const BELOW: Member = may("PathPrefix", &PATH_PREFIX);
const NEW_TAGS: Member = may("Tags", &TAGS);
const BOUNDARY: Member = may("PermissionsBoundary", &ARN);

macro_rules! operations {
    (@result answers $name:ident) => { Some(concat!(stringify!($name), "Result")) };
    (@result confirms $name:ident) => { None };
    ($($name:ident $outcome:ident $subject:ident [$($member:expr),*] $handler:path;)*) => {
        /// Every operation that this IAM has.
        ///
        /// `answers` has a result, `confirms` has none.
        pub(super) static OPERATIONS: &[Operation] = &[$(Operation {
            name: stringify!($name),
            action: concat!("iam:", stringify!($name)),
            response: concat!(stringify!($name), "Response"),
            result: operations!(@result $outcome $name),
            subject: Subject::$subject,
            members: &[$($member),*],
            handler: $handler,
        }),*];
    };
}

operations! {
    CreateUser answers NewUser [may("Path", &PATH), NEW_USER, BOUNDARY, NEW_TAGS] users::create;
    GetUser answers User [USER_OR_CALLER] users::get;
    ListUsers answers Users [BELOW, FROM, AT_MOST] users::list;
    DeleteUser confirms User [USER] users::delete;
    TagUser confirms User [USER, need("Tags", &TAGS)] users::tag;
    UntagUser confirms User [USER, need("TagKeys", &TAG_KEYS)] users::untag;
    ListUserTags answers User [USER, FROM, AT_MOST] users::list_tags;

    CreateAccessKey answers User [USER_OR_CALLER] access_keys::create;
    ListAccessKeys answers User [USER_OR_CALLER, FROM, AT_MOST] access_keys::list;
    UpdateAccessKey confirms User [
        USER_OR_CALLER, ACCESS_KEY, need("Status", &STATUS)
    ] access_keys::update;
    DeleteAccessKey confirms User [USER_OR_CALLER, ACCESS_KEY] access_keys::delete;

    PutUserPolicy confirms User [USER, POLICY_NAME, POLICY_DOCUMENT] user_policies::put;
    GetUserPolicy answers User [USER, POLICY_NAME] user_policies::get;
    ListUserPolicies answers User [USER, FROM, AT_MOST] user_policies::list;
    DeleteUserPolicy confirms User [USER, POLICY_NAME] user_policies::delete;
    AttachUserPolicy confirms User [NEW_USER, POLICY] user_policies::attach;
    DetachUserPolicy confirms User [NEW_USER, POLICY] user_policies::detach;
    ListAttachedUserPolicies answers User [
        NEW_USER, may("PathPrefix", &POLICY_PATH), FROM, AT_MOST
    ] user_policies::list_attached;
    PutUserPermissionsBoundary confirms User [
        NEW_USER, need("PermissionsBoundary", &ARN)
    ] user_policies::put_boundary;
    DeleteUserPermissionsBoundary confirms User [NEW_USER] user_policies::delete_boundary;

    CreatePolicy answers NewPolicy [
        POLICY_NAME, may("Path", &POLICY_PATH), POLICY_DOCUMENT, may("Description", &DESCRIPTION),
        NEW_TAGS
    ] managed_policies::create;
    GetPolicy answers Policy [POLICY] managed_policies::get;
    ListPolicies answers Policies [
        may("Scope", &SCOPE), may("OnlyAttached", &FLAG), may("PathPrefix", &POLICY_PATH),
        may("PolicyUsageFilter", &USAGE), FROM, AT_MOST
    ] managed_policies::list;
    DeletePolicy confirms Policy [POLICY] managed_policies::delete;
    CreatePolicyVersion answers Policy [
        POLICY, POLICY_DOCUMENT, may("SetAsDefault", &FLAG)
    ] managed_policies::create_version;
    GetPolicyVersion answers Policy [POLICY, POLICY_VERSION] managed_policies::get_version;
    ListPolicyVersions answers Policy [POLICY, FROM, AT_MOST] managed_policies::list_versions;
    SetDefaultPolicyVersion confirms Policy [
        POLICY, POLICY_VERSION
    ] managed_policies::set_default_version;
    DeletePolicyVersion confirms Policy [POLICY, POLICY_VERSION] managed_policies::delete_version;

    CreateRole answers NewRole [
        may("Path", &PATH), ROLE, need("AssumeRolePolicyDocument", &DOCUMENT),
        may("Description", &DESCRIPTION), may("MaxSessionDuration", &ROLE_SECONDS), BOUNDARY,
        NEW_TAGS
    ] roles::create;
    GetRole answers Role [ROLE] roles::get;
    ListRoles answers Roles [BELOW, FROM, AT_MOST] roles::list;
    DeleteRole confirms Role [ROLE] roles::delete;
    UpdateAssumeRolePolicy confirms Role [ROLE, POLICY_DOCUMENT] roles::update_trust;
    PutRolePolicy confirms Role [ROLE, POLICY_NAME, POLICY_DOCUMENT] roles::put_policy;
    GetRolePolicy answers Role [ROLE, POLICY_NAME] roles::get_policy;
    ListRolePolicies answers Role [ROLE, FROM, AT_MOST] roles::list_policies;
    DeleteRolePolicy confirms Role [ROLE, POLICY_NAME] roles::delete_policy;
}
