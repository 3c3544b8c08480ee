//! The operations that scenarios may call.

use std::fmt;

use crate::error::UnknownOperation;
use crate::model::{Call, Service};
use crate::nearest::nearest;
use crate::word::Word;

/// Operations of STS 2011-06-15.
///
/// Source: botocore 1.44.5, `sts/2011-06-15/service-2.json`.
pub const STS_OPERATIONS: [&str; 11] = [
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "AssumeRoot",
    "DecodeAuthorizationMessage",
    "GetAccessKeyInfo",
    "GetCallerIdentity",
    "GetDelegatedAccessToken",
    "GetFederationToken",
    "GetSessionToken",
    "GetWebIdentityToken",
];

/// Operations of IAM 2010-05-08 that accounts and rules need.
pub const IAM_OPERATIONS: [&str; 35] = [
    "AttachUserPolicy",
    "CreateAccessKey",
    "CreatePolicy",
    "CreatePolicyVersion",
    "CreateRole",
    "CreateUser",
    "DeleteAccessKey",
    "DeletePolicy",
    "DeletePolicyVersion",
    "DeleteRole",
    "DeleteRolePolicy",
    "DeleteUser",
    "DeleteUserPermissionsBoundary",
    "DeleteUserPolicy",
    "DetachUserPolicy",
    "GetPolicy",
    "GetRole",
    "GetUser",
    "GetUserPolicy",
    "ListAccessKeys",
    "ListAttachedUserPolicies",
    "ListPolicies",
    "ListPolicyVersions",
    "ListRolePolicies",
    "ListRoles",
    "ListUserPolicies",
    "ListUserTags",
    "ListUsers",
    "PutRolePolicy",
    "PutUserPermissionsBoundary",
    "PutUserPolicy",
    "TagUser",
    "UntagUser",
    "UpdateAccessKey",
    "UpdateAssumeRolePolicy",
];

/// Operations of S3 that accounts and rules need.
pub const S3_OPERATIONS: [&str; 12] = [
    "CreateBucket",
    "DeleteBucket",
    "DeleteBucketPolicy",
    "DeleteObject",
    "GetBucketPolicy",
    "GetObject",
    "HeadBucket",
    "HeadObject",
    "ListBuckets",
    "ListObjectsV2",
    "PutBucketPolicy",
    "PutObject",
];

/// The operations of a service, in alphabetical order.
#[must_use]
pub fn operations(service: Service) -> &'static [&'static str] {
    match service {
        Service::Sts => &STS_OPERATIONS,
        Service::Iam => &IAM_OPERATIONS,
        Service::S3 => &S3_OPERATIONS,
    }
}

/// The operations of STS that stspec can have `aws-sdk-sts` send, with their parameters.
///
/// Source: botocore 1.44.5, STS model.
pub const SDK_OPERATIONS: [(&str, &[&str]); 3] = [
    ("GetCallerIdentity", &[]),
    ("GetFederationToken", &["DurationSeconds", "Name", "Policy", "PolicyArns", "Tags"]),
    ("GetSessionToken", &["DurationSeconds", "SerialNumber", "TokenCode"]),
];

impl Call {
    /// Reads a call such as `sts.GetFederationToken`.
    pub fn parse(text: &str) -> Result<Self, UnknownOperation> {
        all_calls().find(|call| call.to_string() == text).ok_or_else(|| {
            let known: Vec<String> = all_calls().map(|call| call.to_string()).collect();
            let nearest = nearest(text, known.iter().map(String::as_str)).map(str::to_owned);
            UnknownOperation { text: text.to_owned(), nearest }
        })
    }

    /// The parameters with which stspec can have `aws-sdk-sts` send it; nothing if it can't at all.
    #[must_use]
    pub fn sdk_parameters(&self) -> Option<&'static [&'static str]> {
        let mut operations = SDK_OPERATIONS.iter().filter(|_| self.service == Service::Sts);
        operations.find(|(name, _)| *name == self.operation).map(|(_, parameters)| *parameters)
    }

    /// Whether a successful answer carries credentials that a step can keep as a session.
    ///
    /// Source: botocore 1.44.5, result shapes with a `Credentials` member, and `CreateAccessKey`
    /// does not count, because its keys are long-term.
    #[must_use]
    pub fn issues_session(&self) -> bool {
        self.service == Service::Sts
            && (self.operation.starts_with("Assume")
                || matches!(
                    self.operation,
                    "GetFederationToken" | "GetSessionToken" | "GetDelegatedAccessToken"
                ))
    }

    /// Whether the call, if it succeeds, changes what an account consists of; writing and deleting
    /// objects does not count.
    #[must_use]
    pub fn changes_account(&self) -> bool {
        match self.service {
            Service::Sts => false,
            Service::Iam => {
                !["Get", "List"].iter().any(|reading| self.operation.starts_with(reading))
            }
            Service::S3 => matches!(
                self.operation,
                "CreateBucket" | "DeleteBucket" | "DeleteBucketPolicy" | "PutBucketPolicy"
            ),
        }
    }

    /// Whether the call, if it succeeds, writes to a bucket or removes from it.
    #[must_use]
    pub fn changes_objects(&self) -> bool {
        self.service == Service::S3 && matches!(self.operation, "PutObject" | "DeleteObject")
    }

    /// The parameter that names what the call makes, where that would outlive the account.
    #[must_use]
    pub fn makes(&self) -> Option<&'static str> {
        match (self.service, self.operation) {
            (Service::Iam, "CreatePolicy") => Some("PolicyName"),
            (Service::Iam, "CreateRole") => Some("RoleName"),
            (Service::Iam, "CreateUser") => Some("UserName"),
            (Service::S3, "CreateBucket") => Some("Bucket"),
            _ => None,
        }
    }
}

/// Every call that a scenario can make, as the reader and the schema list them.
pub(crate) fn all_calls() -> impl Iterator<Item = Call> {
    Service::ALL.iter().flat_map(|&(_, service)| {
        operations(service).iter().map(move |operation| Call { service, operation })
    })
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.service.word(), self.operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_reads_back() {
        assert_eq!(all_calls().count(), 58);
        for call in all_calls() {
            assert_eq!(Call::parse(&call.to_string()), Ok(call));
        }
    }

    #[test]
    fn tables_are_sorted() {
        for (_, service) in Service::ALL {
            assert!(operations(*service).is_sorted());
        }
    }

    #[test]
    fn a_misspelt_operation_has_a_nearest() {
        let unknown = Call::parse("sts.GetFederatedToken").unwrap_err();
        assert_eq!(unknown.nearest.as_deref(), Some("sts.GetFederationToken"));
        assert_eq!(Call::parse("ec2.RunInstances").unwrap_err().nearest, None);
    }

    #[test]
    fn only_sts_issues_sessions() {
        let issuing: Vec<String> =
            all_calls().filter(Call::issues_session).map(|call| call.to_string()).collect();
        assert_eq!(issuing.len(), 7, "{issuing:?}");
        assert!(!issuing.contains(&"sts.GetCallerIdentity".to_owned()));
    }
    #[test]
    fn reading_and_objects_change_no_account() {
        for text in ["iam.GetUser", "iam.ListRoles", "s3.PutObject", "s3.DeleteObject"] {
            assert!(!Call::parse(text).unwrap().changes_account(), "{text}");
        }
        for text in ["iam.TagUser", "iam.UpdateAccessKey", "s3.PutBucketPolicy"] {
            assert!(Call::parse(text).unwrap().changes_account(), "{text}");
        }
    }

    #[test]
    fn what_makes_something_changes_the_account() {
        let makers: Vec<Call> = all_calls().filter(|call| call.makes().is_some()).collect();
        assert_eq!(makers.len(), 4);
        assert!(makers.iter().all(Call::changes_account));
    }
}
