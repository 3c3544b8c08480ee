//! The table of STS operations: who may call each, what it requires and what answers it.

use super::callers::CallerRule;
use super::error::StsError;
use super::members::Members;
use super::{
    Rules, StsCall, UnsignedCall, assume_role, get_caller_identity, get_federation_token,
    get_session_token, refused,
};

/// An operation of STS 2011-06-15.
#[derive(Debug)]
pub(crate) struct Operation {
    /// The name, as `Action` spells it.
    pub(crate) name: &'static str,
    /// The action that policies name.
    pub(crate) action: &'static str,
    /// The outermost element of its answer.
    pub(crate) response: &'static str,
    /// The element around its result.
    pub(crate) result: &'static str,
    /// Where it can be called.
    pub(crate) regions: Regions,
    /// The rule that says who may call it.
    pub(crate) callers: fn(&Rules) -> &CallerRule,
    /// What answers it.
    pub(crate) handler: Handler,
    /// The parameters that it requires, unless its input checks them with their shapes.
    pub(crate) required: &'static [Required],
}

/// What answers an operation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Handler {
    /// Its calls are signed with credentials of AWS.
    Signed(fn(&StsCall<'_>) -> Result<Members, StsError>),
    /// Its calls carry a token of an identity provider.
    Unsigned(fn(&UnsignedCall<'_>) -> Result<Members, StsError>),
}

/// Where an operation can be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Regions {
    /// In every region.
    Every,
    /// Where the account has not switched STS off.
    ///
    /// Source: botocore's service model, which operations may fail with `RegionDisabledException`.
    Active,
}

/// A required parameter.
#[derive(Debug)]
pub(crate) struct Required {
    /// As requests write it.
    pub(crate) name: &'static str,
    /// As messages print it.
    pub(crate) member: &'static str,
}

/// The operation with this name; case counts.
pub(crate) fn find(name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.name == name)
}

macro_rules! operations {
    ($($name:ident $regions:ident $kind:ident($handler:path) by $rules:ident
        [$($required:literal $member:literal),*];)*) => {
        /// Every operation that the reference recognises.
        ///
        /// Source: botocore's service model of STS 2011-06-15.
        pub(crate) static OPERATIONS: &[Operation] = &[$(Operation {
            name: stringify!($name),
            action: concat!("sts:", stringify!($name)),
            response: concat!(stringify!($name), "Response"),
            result: concat!(stringify!($name), "Result"),
            regions: Regions::$regions,
            callers: |rules| &rules.$rules.callers,
            handler: Handler::$kind($handler),
            required: &[$(Required { name: $required, member: $member }),*],
        }),*];
    };
}

operations! {
    AssumeRole Active Signed(assume_role::answer) by assume_role [];
    AssumeRoleWithSAML Every Unsigned(refused::without_provider) by refused
        ["RoleArn" "roleArn", "PrincipalArn" "principalArn", "SAMLAssertion" "sAMLAssertion"];
    AssumeRoleWithWebIdentity Every Unsigned(refused::without_provider) by refused
        ["RoleArn" "roleArn", "RoleSessionName" "roleSessionName",
            "WebIdentityToken" "webIdentityToken"];
    AssumeRoot Active Signed(refused::assume_root) by refused
        ["TargetPrincipal" "targetPrincipal", "TaskPolicyArn.arn" "taskPolicyArn"];
    DecodeAuthorizationMessage Every Signed(refused::decode_authorization_message) by refused
        ["EncodedMessage" "encodedMessage"];
    GetAccessKeyInfo Every Signed(refused::get_access_key_info) by refused
        ["AccessKeyId" "accessKeyId"];
    GetCallerIdentity Every Signed(get_caller_identity::answer) by get_caller_identity [];
    GetDelegatedAccessToken Active Signed(refused::get_delegated_access_token) by refused
        ["TradeInToken" "tradeInToken"];
    GetFederationToken Active Signed(get_federation_token::answer) by get_federation_token [];
    GetSessionToken Active Signed(get_session_token::answer) by get_session_token [];
    GetWebIdentityToken Every Signed(refused::get_web_identity_token) by refused
        ["Audience.member.1" "audience", "SigningAlgorithm" "signingAlgorithm"];
}
