//! The deliberate mistakes that a reference server can be told to make.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::error::InvalidConfig;

/// A set of faults; empty for an honest server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(BTreeSet<Fault>);

impl Faults {
    /// No faults at all.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether the server makes this mistake.
    #[must_use]
    pub fn has(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }

    /// The faults, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = Fault> {
        self.0.iter().copied()
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        Self(faults.into_iter().collect())
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self::from_iter([fault])
    }
}

impl Fault {
    /// Whether the fault answers without looking at the request, as a stub would.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.name().starts_with("null-")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = InvalidConfig;

    fn from_str(name: &str) -> Result<Self, InvalidConfig> {
        if let Some(fault) = Self::ALL.iter().find(|fault| fault.name() == name) {
            return Ok(*fault);
        }
        let distance = |fault: &&Fault| strsim::damerau_levenshtein(name, fault.name());
        let nearest = Self::ALL.iter().min_by_key(distance).map_or("", |fault| fault.name());
        Err(InvalidConfig::Fault { name: name.to_owned(), nearest })
    }
}

macro_rules! faults {
    ($($variant:ident, $name:literal, $says:literal;)+) => {
        /// One deliberate mistake, made at the place where the rule is enforced.
        ///
        /// A fault changes what it says and nothing else.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[expect(clippy::doc_markdown, reason = "terminals print these sentences, too")]
        pub enum Fault {
            $(#[doc = $says] $variant,)+
        }

        impl Fault {
            /// Every fault, sorted by name.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in kebab-case, as rules and the command line write it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What is wrong under this fault, in one sentence.
            #[must_use]
            pub fn says(self) -> &'static str {
                match self { $(Self::$variant => $says),+ }
            }
        }
    };
}

faults! {
    AccessKeyAkia, "access-key-akia",
        "Minted access key ids start with AKIA, as if they were long-term.";
    ActionInAnyCase, "action-in-any-case",
        "Actions are known in any case of their letters.";
    ActionMustComeFirst, "action-must-come-first",
        "An action that is not the first parameter isn't seen.";
    AnswerWithoutFederatedUser, "answer-without-federated-user",
        "The answer of GetFederationToken lacks FederatedUser.";
    AnswerWithoutPackedSize, "answer-without-packed-size",
        "The answer lacks PackedPolicySize when no policy was passed.";
    AppendedParametersAccepted, "appended-parameters-accepted",
        "Parameters that were appended to a body after it was signed are accepted.";
    AppendedQueryAccepted, "appended-query-accepted",
        "A parameter that was appended to a query string after it was signed is accepted.";
    BodyReadWithoutContentType, "body-read-without-content-type",
        "A body without a content type is read as a form.";
    BoundaryIgnoredForSessions, "boundary-ignored-for-sessions",
        "The issuer's permissions boundary doesn't limit its federated sessions.";
    CallerIdentityDeniedByPolicy, "caller-identity-denied-by-policy",
        "A Deny on sts:GetCallerIdentity refuses the call.";
    CallerIdentityOfIssuer, "caller-identity-of-issuer",
        "GetCallerIdentity shows a federated session as the user who minted it.";
    ClockWindowFiveMinutes, "clock-window-five-minutes",
        "The clock of a caller of STS may be off by 5 minutes instead of 15.";
    ContentTypeJson, "content-type-json",
        "STS answers are XML, but labelled application/json.";
    ContentTypePlainRefused, "content-type-plain-refused",
        "A form whose label names no charset isn't read.";
    DroppedTokenCode, "dropped-token-code",
        "A minted key without its token is refused with MissingAuthenticationToken.";
    DurationDefaultOneHour, "duration-default-one-hour",
        "A user who asks for no duration gets one hour instead of twelve.";
    DurationIgnored, "duration-ignored",
        "Every session of a user lasts twelve hours, whatever was asked for.";
    DurationMaximumIgnored, "duration-maximum-ignored",
        "Durations above 129600 seconds are accepted.";
    DurationMaximumOffByOne, "duration-maximum-off-by-one",
        "A duration of exactly 129600 seconds is refused.";
    DurationMinimumIgnored, "duration-minimum-ignored",
        "Durations below 900 seconds are accepted.";
    DurationMinimumOffByOne, "duration-minimum-off-by-one",
        "A duration of exactly 900 seconds is refused.";
    EmptyActionRedirected, "empty-action-redirected",
        "An empty action is answered as if there was none.";
    ErrorEnvelopeMissing, "error-envelope-missing",
        "STS errors stand without their ErrorResponse.";
    ErrorTypeReceiver, "error-type-receiver",
        "STS errors blame the receiver instead of the sender.";
    ExpirationEpoch, "expiration-epoch",
        "Expiration is printed as seconds since 1970.";
    ExpirationTooLate, "expiration-too-late",
        "Expiration is printed one hour later than the session really ends.";
    ExpiredSessionAccepted, "expired-session-accepted",
        "A session may be used after its end.";
    ExpiredTokenCode, "expired-token-code",
        "STS refuses an expired session with ExpiredTokenException and status 400.";
    FederatedArnWithIamService, "federated-arn-with-iam-service",
        "FederatedUser's Arn names the service iam instead of sts.";
    FederatedIdFromUserId, "federated-id-from-user-id",
        "FederatedUserId starts with the issuer's unique id instead of the account id.";
    FederatedSessionCallsSts, "federated-session-calls-sts",
        "Federated sessions may call GetAccessKeyInfo and its like where policies allow it.";
    FederatedSessionGetsSessionToken, "federated-session-gets-session-token",
        "Federated sessions may call GetSessionToken.";
    FederatedSessionMints, "federated-session-mints",
        "Federated sessions may call GetFederationToken where their issuer may.";
    FormEmptyPairsRefused, "form-empty-pairs-refused",
        "A form with nothing between two ampersands isn't read.";
    FormEscapesDecodedTwice, "form-escapes-decoded-twice",
        "Escapes in parameters are decoded twice.";
    FormLowerCaseEscapesKept, "form-lower-case-escapes-kept",
        "Escapes whose digits are lower-case letters aren't decoded.";
    FormPlusKept, "form-plus-kept",
        "A plus sign in a form stays a plus sign.";
    FutureDateAccepted, "future-date-accepted",
        "A request dated more than 15 minutes ahead is accepted.";
    GetRefused, "get-refused",
        "GetFederationToken may not be called by GET.";
    GetSessionTokenNeedsPermission, "get-session-token-needs-permission",
        "GetSessionToken asks for a permission.";
    IamAccessDeniedCode, "iam-access-denied-code",
        "IAM refuses sessions with AccessDenied instead of InvalidClientTokenId.";
    IamByPolicy, "iam-by-policy",
        "Federated sessions may call IAM where policies allow it.";
    IdentityDenyIgnoredForSessions, "identity-deny-ignored-for-sessions",
        "A Deny in the issuer's own policies doesn't reach its sessions.";
    IdentityRefusedInDisabledRegion, "identity-refused-in-disabled-region",
        "GetCallerIdentity is refused in a region where STS is switched off.";
    InactiveKeyAccepted, "inactive-key-accepted",
        "An inactive access key works as an active one does.";
    InvalidActionCode, "invalid-action-code",
        "An unknown action is refused with UnknownOperationException.";
    InvalidActionNamespace, "invalid-action-namespace",
        "The refusal of an unknown action stands in the namespace of STS.";
    InvalidActionStatus, "invalid-action-status",
        "An unknown action is refused with status 404.";
    KeyBeforeScope, "key-before-scope",
        "The access key is looked up before the credential scope is held against the endpoint.";
    KeyDeactivationEndsSession, "key-deactivation-ends-session",
        "A federated session ends once none of its issuer's access keys is active.";
    LastParameterCounts, "last-parameter-counts",
        "Where a parameter comes twice, the last one counts.";
    LongTermTokenIgnored, "long-term-token-ignored",
        "A session token beside a long-term key is ignored.";
    MalformedAuthorizationCode, "malformed-authorization-code",
        "An Authorization header that can't be read counts as none.";
    MalformedPolicyCodeSuffixed, "malformed-policy-code-suffixed",
        "A malformed policy is refused with the code MalformedPolicyDocumentException.";
    MessagesReworded, "messages-reworded",
        "STS errors say that the request was refused, and not what is wrong with it.";
    MintActionCaseSensitive, "mint-action-case-sensitive",
        "An Allow to mint counts only where its action is spelt in the usual case.";
    MintActionPrefixIgnored, "mint-action-prefix-ignored",
        "An Allow to mint doesn't count where a wildcard ends the operation's name.";
    MintBoundaryGrants, "mint-boundary-grants",
        "An Allow in a user's boundary lets it mint.";
    MintBoundaryIgnored, "mint-boundary-ignored",
        "A user's boundary doesn't bound its minting.";
    MintConditionIgnored, "mint-condition-ignored",
        "Conditions of an Allow or a Deny to mint are ignored.";
    MintConditionNeverMet, "mint-condition-never-met",
        "An Allow to mint that has a condition never counts.";
    MintDenyIgnored, "mint-deny-ignored",
        "A Deny on sts:GetFederationToken is ignored where an Allow stands beside it.";
    MintManagedPoliciesIgnored, "mint-managed-policies-ignored",
        "Managed policies say nothing about who may mint.";
    MintNotActionIgnored, "mint-not-action-ignored",
        "An Allow with NotAction never counts for minting.";
    MintNotResourceIgnored, "mint-not-resource-ignored",
        "An Allow with NotResource never counts for minting.";
    MintQuestionMarkGreedy, "mint-question-mark-greedy",
        "A question mark in the resource of an Allow to mint stands for any text.";
    MintQuestionMarkLiteral, "mint-question-mark-literal",
        "A question mark in the resource of an Allow to mint stands for itself.";
    MintResourceIgnored, "mint-resource-ignored",
        "An Allow of sts:GetFederationToken for one federated user suffices for any.";
    MintResourceStarOnly, "mint-resource-star-only",
        "An Allow of sts:GetFederationToken counts only where its resource is `*`.";
    MintVariablesLiteral, "mint-variables-literal",
        "Policy variables in the resource of an Allow to mint stand for themselves.";
    MintVariablesMatchAnything, "mint-variables-match-anything",
        "Policy variables in the resource of an Allow to mint stand for any text.";
    NameLowercased, "name-lowercased",
        "Name is changed to lower case.";
    NameMaximumIgnored, "name-maximum-ignored",
        "A Name of more than 32 characters is accepted.";
    NameMaximumOffByOne, "name-maximum-off-by-one",
        "A Name of exactly 32 characters is refused.";
    NameMinimumIgnored, "name-minimum-ignored",
        "A Name of fewer than 2 characters is accepted.";
    NameMinimumOffByOne, "name-minimum-off-by-one",
        "A Name of exactly 2 characters is refused.";
    NameOptional, "name-optional",
        "Name may be left out.";
    NamePatternIgnored, "name-pattern-ignored",
        "Name may hold any character.";
    NamePlusRefused, "name-plus-refused",
        "A Name with a plus sign is refused.";
    NamespaceMissing, "namespace-missing",
        "STS answers declare no XML namespace.";
    NoActionAsError, "no-action-as-error",
        "A request without an action is refused as MissingAction.";
    NoPolicyInheritsIssuer, "no-policy-inherits-issuer",
        "A session without a session policy has all powers of its issuer.";
    NullAccessDenied, "null-access-denied",
        "Every STS request but root's GetCallerIdentity is answered with AccessDenied.";
    NullClosing, "null-closing",
        "The connection is closed on every STS request but root's GetCallerIdentity.";
    NullEcho, "null-echo",
        "Every STS request but root's GetCallerIdentity is answered with its own body.";
    NullGarbage, "null-garbage",
        "Every STS request but root's GetCallerIdentity is answered with random bytes.";
    NullIdentity, "null-identity",
        "GetCallerIdentity shows everybody as root, and all else in STS succeeds with no body.";
    NullInternalError, "null-internal-error",
        "Every STS request but root's GetCallerIdentity is answered with status 500.";
    NullSilent, "null-silent",
        "Every STS request but root's GetCallerIdentity is never answered.";
    NullSuccess, "null-success",
        "Every STS request but root's GetCallerIdentity is answered with an empty success.";
    NullTruncated, "null-truncated",
        "Every STS answer but that to root's GetCallerIdentity breaks off in the middle.";
    NullValidationError, "null-validation-error",
        "Every STS request but root's GetCallerIdentity is answered with ValidationError.";
    OtherMethodsNotAllowed, "other-methods-not-allowed",
        "Methods other than GET and POST are refused with status 405.";
    PackedSizeOverHundred, "packed-size-over-hundred",
        "PackedPolicySize is printed a hundred too high where something was packed.";
    PathsAllAlike, "paths-all-alike",
        "STS is called at every path.";
    PermissionBeforeValidation, "permission-before-validation",
        "The permission to mint is asked for before the parameters are looked at.";
    PermissionUnchecked, "permission-unchecked",
        "A user needs no Allow of sts:GetFederationToken.";
    PolicyCharactersUnchecked, "policy-characters-unchecked",
        "Policy may hold characters beyond U+00FF.";
    PolicyEmptyAccepted, "policy-empty-accepted",
        "An empty Policy is accepted, as if none was passed.";
    PolicyGrammarUnchecked, "policy-grammar-unchecked",
        "Any JSON object that names no Principal is accepted as Policy.";
    PolicyJsonUnchecked, "policy-json-unchecked",
        "A Policy that is no JSON is accepted.";
    PolicyLengthIgnored, "policy-length-ignored",
        "A Policy of more than 2048 characters is accepted.";
    PolicyLengthInBytes, "policy-length-in-bytes",
        "The length of Policy is measured in UTF-8 bytes instead of characters.";
    PolicyLengthOffByOne, "policy-length-off-by-one",
        "A Policy of exactly 2048 characters is refused.";
    PolicyPrincipalAccepted, "policy-principal-accepted",
        "A Policy that names a Principal is accepted.";
    PolicyRequired, "policy-required",
        "Policy may not be left out.";
    PreflightRefused, "preflight-refused",
        "A browser's question before a request from another origin is refused.";
    PresignedExpiryIgnored, "presigned-expiry-ignored",
        "A presigned request may be sent at any time after it was signed.";
    PresignedRefused, "presigned-refused",
        "A signature in the query string of an STS request isn't looked at.";
    QueryTokenIgnored, "query-token-ignored",
        "A session token in the query string isn't looked at.";
    RegionDisabledCode, "region-disabled-code",
        "A region where STS is switched off is refused with the code RegionDisabled.";
    RegionDisabledIgnored, "region-disabled-ignored",
        "Credentials are handed out in regions where STS is switched off.";
    RegionDisabledStatus, "region-disabled-status",
        "A region where STS is switched off is refused with status 400.";
    RequestIdHeaderDiffers, "request-id-header-differs",
        "The header x-amzn-RequestId differs from the RequestId in the body.";
    RequestIdMissing, "request-id-missing",
        "The body of an STS answer holds no RequestId.";
    ResourcePolicyDenyIgnored, "resource-policy-deny-ignored",
        "A Deny in a bucket policy that names the federated user is ignored.";
    ResourcePolicySessionIgnored, "resource-policy-session-ignored",
        "An Allow in a bucket policy that names the federated user is ignored.";
    ResourcePolicyUserBypasses, "resource-policy-user-bypasses",
        "An Allow in a bucket policy for the issuer counts as if it named the federated user.";
    RoleSessionMints, "role-session-mints",
        "Credentials of AssumeRole may call GetFederationToken where the role may.";
    RootDefaultTwelveHours, "root-default-twelve-hours",
        "Root gets twelve hours where it asks for no duration.";
    RootDurationRefused, "root-duration-refused",
        "Root is refused more than 3600 seconds instead of getting 3600.";
    RootDurationUncapped, "root-duration-uncapped",
        "Root gets whatever duration it asks for.";
    RootRefused, "root-refused",
        "Root may not call GetFederationToken.";
    ScopeRegionUnchecked, "scope-region-unchecked",
        "A request that is signed for another region is accepted.";
    ScopeServiceUnchecked, "scope-service-unchecked",
        "A request that is signed for another service is accepted.";
    SecretShort, "secret-short",
        "Minted secret access keys have 20 characters instead of 40.";
    SessionCredentialsMint, "session-credentials-mint",
        "Credentials of GetSessionToken may call GetFederationToken.";
    SessionDenyIgnored, "session-deny-ignored",
        "A Deny in a session policy is ignored.";
    SessionInForeignAccount, "session-in-foreign-account",
        "GetCallerIdentity shows a federated session in account 000000000000.";
    SessionPolicyEscalates, "session-policy-escalates",
        "The session policy alone decides what a federated session may do.";
    SessionPolicyIgnored, "session-policy-ignored",
        "A session with a session policy has all powers of its issuer.";
    SessionTokenEmpty, "session-token-empty",
        "The answer's SessionToken is empty.";
    SessionTokenOptional, "session-token-optional",
        "A minted access key works without its session token.";
    SessionTokenUnbound, "session-token-unbound",
        "A minted access key works with another session's token.";
    SessionsMixedUp, "sessions-mixed-up",
        "Of an issuer's sessions whose Names begin with the same 16 characters, all get the first's policy.";
    SignatureComparisonShown, "signature-comparison-shown",
        "STS shows what it compared with a signature, as S3 does.";
    SignatureUnchecked, "signature-unchecked",
        "The signature isn't compared.";
    StaleDateAccepted, "stale-date-accepted",
        "A request dated more than 15 minutes back is accepted.";
    StaticCredentials, "static-credentials",
        "Every session gets the same access key id and secret.";
    TagConditionIgnored, "tag-condition-ignored",
        "Conditions of an Allow to pass tags are ignored.";
    TagConditionNeverMet, "tag-condition-never-met",
        "An Allow to pass tags that has a condition never counts.";
    TagSessionAlwaysRefused, "tag-session-always-refused",
        "Nobody may pass tags.";
    TagSessionStarOnly, "tag-session-star-only",
        "An Allow to pass tags counts only where its resource is `*`.";
    TagSessionUnchecked, "tag-session-unchecked",
        "A user needs no Allow of sts:TagSession to pass tags.";
    TagsMaximumIgnored, "tags-maximum-ignored",
        "More than 50 session tags are accepted.";
    TagsMaximumOffByOne, "tags-maximum-off-by-one",
        "Exactly 50 session tags are refused.";
    UnknownKeyAccepted, "unknown-key-accepted",
        "An access key id that doesn't exist acts as root.";
    UnknownKeyCode, "unknown-key-code",
        "An unknown access key id is refused with UnrecognizedClientException.";
    UnknownParametersRefused, "unknown-parameters-refused",
        "A parameter that GetFederationToken doesn't know is refused.";
    UnsignedAccepted, "unsigned-accepted",
        "An STS request without any credentials acts as root.";
    UnsignedPayloadAccepted, "unsigned-payload-accepted",
        "STS accepts a signature that leaves out the body, as S3 does.";
    UserRefused, "user-refused",
        "IAM users may not call GetFederationToken, while root may.";
    ValidationBeforeAuthentication, "validation-before-authentication",
        "The parameters are looked at before the caller is known.";
    ValidationMessageMemberCase, "validation-message-member-case",
        "Validation messages name members as they are sent (`Name`) instead of `name`.";
    ValidationStopsAtFirst, "validation-stops-at-first",
        "Only the first violation is reported.";
    VersionUnchecked, "version-unchecked",
        "Any version of the API will do, or none.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_sorted_and_their_names_unique() {
        let names: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
        assert!(Fault::ALL.is_sorted(), "the order of the enum is the order of the names");
    }

    #[test]
    fn a_name_is_its_variant_in_kebab_case() {
        for fault in Fault::ALL {
            let pascal: String = fault
                .name()
                .split('-')
                .flat_map(|word| {
                    let (first, rest) = word.split_at(1);
                    [first.to_uppercase(), rest.to_owned()]
                })
                .collect();
            assert_eq!(format!("{fault:?}"), pascal);
        }
    }

    #[test]
    fn every_fault_says_one_sentence_of_its_own() {
        let sentences: BTreeSet<&str> = Fault::ALL.iter().map(|fault| fault.says()).collect();
        assert_eq!(sentences.len(), Fault::ALL.len());
        for says in sentences {
            assert!(says.ends_with('.') && says.len() > 20, "{says}");
            assert!(says.starts_with(char::is_uppercase), "{says}");
        }
    }

    #[test]
    fn every_name_parses_back() {
        for fault in Fault::ALL {
            assert_eq!(fault.name().parse(), Ok(*fault));
        }
    }

    #[test]
    fn a_misspelt_name_is_answered_with_the_nearest() {
        let error = "duration-minimum-ignord".parse::<Fault>().unwrap_err();
        assert!(error.to_string().contains("`duration-minimum-ignored`"), "{error}");
    }

    #[test]
    fn exactly_the_null_servers_are_null() {
        assert!(Fault::NullEcho.is_null());
        assert!(!Fault::UnsignedAccepted.is_null());
        assert_eq!(Fault::ALL.iter().filter(|fault| fault.is_null()).count(), 10);
    }
}
