//! The faults, sorted by name: variant, name, and what is wrong under it.

faults! {
    AccessKeyAkia, "access-key-akia",
        "Minted access key ids start with AKIA, as if they were long-term.";
    ActionInAnyCase, "action-in-any-case",
        "Actions are known in any case of their letters.";
    ActionMustComeFirst, "action-must-come-first",
        "An action that is not the first parameter isn't seen.";
    AnswerWithPolicy, "answer-with-policy",
        "The answer repeats the session policy.";
    AnswerWithoutFederatedUser, "answer-without-federated-user",
        "The answer of GetFederationToken lacks FederatedUser.";
    AnswerWithoutLineFeed, "answer-without-line-feed",
        "STS answers don't end with a line feed.";
    AnswerWithoutPackedSize, "answer-without-packed-size",
        "The answer lacks PackedPolicySize when no policy was passed.";
    AppendedParametersAccepted, "appended-parameters-accepted",
        "Parameters that were appended to a body after it was signed are accepted.";
    AppendedQueryAccepted, "appended-query-accepted",
        "A parameter that was appended to a query string after it was signed is accepted.";
    BadIntegerCode, "bad-integer-code",
        "A DurationSeconds that is no integer is refused with ValidationError instead of MalformedInput.";
    BadIntegerIgnored, "bad-integer-ignored",
        "A DurationSeconds that is no integer is taken for absent.";
    BodyReadWithoutContentType, "body-read-without-content-type",
        "A body without a content type is read as a form.";
    BoundaryIgnoredForSessions, "boundary-ignored-for-sessions",
        "The issuer's permissions boundary doesn't limit its federated sessions.";
    BoundaryLimitsResourceGrants, "boundary-limits-resource-grants",
        "Where a bucket policy names the federated user, its issuer's permissions boundary still limits it.";
    BucketPolicyOutlivesDeletion, "bucket-policy-outlives-deletion",
        "The deletion of a bucket policy succeeds and changes nothing.";
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
    DenialNamesIssuer, "denial-names-issuer",
        "A session that is denied is told its issuer's ARN instead of its own.";
    DenialWithoutReason, "denial-without-reason",
        "S3 doesn't say why somebody is denied.";
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
    EmptyNameTwoViolations, "empty-name-two-violations",
        "An empty Name is said to violate the pattern, too.";
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
    ExtendedRequestIdMissing, "extended-request-id-missing",
        "STS answers lack the header x-amz-sts-extended-request-id.";
    FederatedArnWithIamService, "federated-arn-with-iam-service",
        "FederatedUser's Arn names the service iam instead of sts.";
    FederatedIdFromUserId, "federated-id-from-user-id",
        "FederatedUserId starts with the issuer's unique id instead of the account id.";
    FederatedProviderPresent, "federated-provider-present",
        "Requests of federated sessions carry aws:FederatedProvider.";
    FederatedSessionCallsSts, "federated-session-calls-sts",
        "Federated sessions may call GetAccessKeyInfo and its like where policies allow it.";
    FederatedSessionGetsSessionToken, "federated-session-gets-session-token",
        "Federated sessions may call GetSessionToken.";
    FederatedSessionMints, "federated-session-mints",
        "Federated sessions may call GetFederationToken where their issuer may.";
    FederatedUserInForeignAccount, "federated-user-in-foreign-account",
        "FederatedUser is shown in account 000000000000.";
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
    IamMessageWithPeriod, "iam-message-with-period",
        "IAM ends its refusal of sessions with a full stop.";
    IdentityConditionsIgnoredForSessions, "identity-conditions-ignored-for-sessions",
        "Conditions in the issuer's own policies are ignored where its sessions ask.";
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
    IssuerByName, "issuer-by-name",
        "A session's powers are those of whoever minted last under its Name.";
    IssuerFrozenAtMint, "issuer-frozen-at-mint",
        "A federated session keeps the policies that its issuer had when it was minted.";
    IssuerTagWins, "issuer-tag-wins",
        "A session tag gives way to its issuer's tag of the same key.";
    IssuerTagsIgnoredForSessions, "issuer-tags-ignored-for-sessions",
        "Requests of federated sessions carry none of their issuer's tags.";
    JsonIgnored, "json-ignored",
        "STS answers are XML also where JSON was asked for.";
    KeyBeforeScope, "key-before-scope",
        "The access key is looked up before the credential scope is held against the endpoint.";
    KeyDeactivationEndsSession, "key-deactivation-ends-session",
        "A federated session ends once none of its issuer's access keys is active.";
    LastParameterCounts, "last-parameter-counts",
        "Where a parameter comes twice, the last one counts.";
    LaxIntegersRefused, "lax-integers-refused",
        "A DurationSeconds with a plus sign or leading zeros is refused.";
    LengthBeforePattern, "length-before-pattern",
        "Messages name a violated length before a violated pattern.";
    LongTermTokenIgnored, "long-term-token-ignored",
        "A session token beside a long-term key is ignored.";
    MalformedAuthorizationCode, "malformed-authorization-code",
        "An Authorization header that can't be read counts as none.";
    MalformedPolicyCodeSuffixed, "malformed-policy-code-suffixed",
        "A malformed policy is refused with the code MalformedPolicyDocumentException.";
    ManagedSessionDenyIgnored, "managed-session-deny-ignored",
        "A Deny in a managed session policy is ignored.";
    ManagedSessionPoliciesIgnored, "managed-session-policies-ignored",
        "A managed session policy is accepted and grants nothing.";
    MessagesReworded, "messages-reworded",
        "STS errors say that the request was refused, and not what is wrong with it.";
    MfaAgePresent, "mfa-age-present",
        "Requests of federated sessions carry aws:MultiFactorAuthAge.";
    MfaKeyMissing, "mfa-key-missing",
        "Requests of federated sessions carry no aws:MultiFactorAuthPresent.";
    MfaKeyTrue, "mfa-key-true",
        "Requests of federated sessions carry aws:MultiFactorAuthPresent as true.";
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
    MissingParameterCode, "missing-parameter-code",
        "A request without a required member is refused with MissingParameter instead of ValidationError.";
    NameLetterFirst, "name-letter-first",
        "A Name that starts with something else than a letter is refused.";
    NameLowercased, "name-lowercased",
        "Name is changed to lower case.";
    NameMarksRefused, "name-marks-refused",
        "A Name with an equals sign, comma, dot or at sign is refused.";
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
    NameUnicodeAccepted, "name-unicode-accepted",
        "A Name may hold letters and digits beyond ASCII.";
    NamespaceMissing, "namespace-missing",
        "STS answers declare no XML namespace.";
    NoActionAsError, "no-action-as-error",
        "A request without an action is refused as MissingAction.";
    NoPolicyInheritsIssuer, "no-policy-inherits-issuer",
        "A session without a session policy has all powers of its issuer.";
    NotPrincipalIgnored, "not-principal-ignored",
        "A Deny with NotPrincipal in a bucket policy doesn't reach federated sessions.";
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
    PackedSizeConstant, "packed-size-constant",
        "PackedPolicySize is 6 wherever something was packed.";
    PackedSizeNotUtilisation, "packed-size-not-utilisation",
        "PackedPolicySize is 0 also where it repeats SessionTokenUtilization.";
    PackedSizeOverHundred, "packed-size-over-hundred",
        "PackedPolicySize is printed a hundred too high where something was packed.";
    PackedSizeUnsteady, "packed-size-unsteady",
        "PackedPolicySize differs from call to call where something was packed.";
    PathsAllAlike, "paths-all-alike",
        "STS is called at every path.";
    PermissionBeforeValidation, "permission-before-validation",
        "The permission to mint is asked for before the parameters are looked at.";
    PermissionUnchecked, "permission-unchecked",
        "A user needs no Allow of sts:GetFederationToken.";
    PolicyAnyJsonAccepted, "policy-any-json-accepted",
        "A Policy that is JSON, but no object, is accepted.";
    PolicyArnForeignAccepted, "policy-arn-foreign-accepted",
        "Managed session policies of other accounts are accepted.";
    PolicyArnLengthUnchecked, "policy-arn-length-unchecked",
        "The ARN of a managed session policy may have any length.";
    PolicyArnMissingAccepted, "policy-arn-missing-accepted",
        "Managed session policies that don't exist are accepted.";
    PolicyArnsMaximumIgnored, "policy-arns-maximum-ignored",
        "More than 10 managed session policies are accepted.";
    PolicyArnsMaximumOffByOne, "policy-arns-maximum-off-by-one",
        "Exactly 10 managed session policies are refused.";
    PolicyArnsRefused, "policy-arns-refused",
        "Managed session policies are refused.";
    PolicyCharactersUnchecked, "policy-characters-unchecked",
        "Policy may hold characters beyond U+00FF.";
    PolicyCheckedFirst, "policy-checked-first",
        "A malformed Policy is refused before violated constraints are reported.";
    PolicyControlCharactersDropped, "policy-control-characters-dropped",
        "Control characters are dropped from Policy instead of refused.";
    PolicyEffectAnyCase, "policy-effect-any-case",
        "The Effect of a statement of Policy may be written in any case.";
    PolicyEmptyAccepted, "policy-empty-accepted",
        "An empty Policy is accepted, as if none was passed.";
    PolicyGrammarUnchecked, "policy-grammar-unchecked",
        "Any JSON object that names no Principal is accepted as Policy.";
    PolicyJsonUnchecked, "policy-json-unchecked",
        "A Policy that is no JSON is accepted.";
    PolicyLatin1Refused, "policy-latin1-refused",
        "Policy may hold no characters from U+007F on.";
    PolicyLengthIgnored, "policy-length-ignored",
        "A Policy of more than 2048 characters is accepted.";
    PolicyLengthInBytes, "policy-length-in-bytes",
        "The length of Policy is measured in UTF-8 bytes instead of characters.";
    PolicyLengthOffByOne, "policy-length-off-by-one",
        "A Policy of exactly 2048 characters is refused.";
    PolicyLineBreaksRefused, "policy-line-breaks-refused",
        "Policy may hold no tabs and line breaks.";
    PolicyNotElementsRefused, "policy-not-elements-refused",
        "A Policy with NotAction or NotResource is refused.";
    PolicyPrincipalAccepted, "policy-principal-accepted",
        "A Policy that names a Principal is accepted.";
    PolicyRequired, "policy-required",
        "Policy may not be left out.";
    PolicySingleStatementRefused, "policy-single-statement-refused",
        "A Policy whose Statement is an object instead of a list is refused.";
    PolicyTrailingTextIgnored, "policy-trailing-text-ignored",
        "Text behind the JSON of Policy is ignored.";
    PolicyVersion2008Refused, "policy-version-2008-refused",
        "A Policy of version 2008-10-17 is refused.";
    PolicyVersionRequired, "policy-version-required",
        "A Policy without Version is refused.";
    PolicyWhiteSpaceIgnored, "policy-white-space-ignored",
        "White space doesn't count towards the length of Policy.";
    PresignedExpiryIgnored, "presigned-expiry-ignored",
        "A presigned request may be sent at any time after it was signed.";
    PresignedRefused, "presigned-refused",
        "A signature in the query string of an STS request isn't looked at.";
    PrincipalAccountMissing, "principal-account-missing",
        "Requests of federated sessions carry no aws:PrincipalAccount.";
    PrincipalArnOfIssuer, "principal-arn-of-issuer",
        "In requests of federated sessions aws:PrincipalArn is the issuer's ARN.";
    PrincipalTypeUser, "principal-type-user",
        "In requests of federated sessions aws:PrincipalType is User.";
    QueryTokenIgnored, "query-token-ignored",
        "A session token in the query string isn't looked at.";
    RedirectWithoutQuery, "redirect-without-query",
        "A GET without an action loses its query string where it is redirected.";
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
    RequestIdOutsideMetadata, "request-id-outside-metadata",
        "RequestId stands beside the result instead of in ResponseMetadata.";
    RequestIdStatic, "request-id-static",
        "Every STS answer has the same RequestId.";
    ResourceGrantBeatsSessionDeny, "resource-grant-beats-session-deny",
        "Where a bucket policy lets a session in by its ARN, a Deny in its session policy is ignored.";
    ResourcePolicyAccountBypasses, "resource-policy-account-bypasses",
        "An Allow in a bucket policy for the account counts as if it named the federated user.";
    ResourcePolicyConditionsIgnored, "resource-policy-conditions-ignored",
        "Conditions in a bucket policy are ignored where a federated session asks.";
    ResourcePolicyDenyAccountIgnored, "resource-policy-deny-account-ignored",
        "A Deny in a bucket policy that names the account doesn't reach federated sessions.";
    ResourcePolicyDenyHitsEverySession, "resource-policy-deny-hits-every-session",
        "A Deny in a bucket policy that names one federated user hits them all.";
    ResourcePolicyDenyIgnored, "resource-policy-deny-ignored",
        "A Deny in a bucket policy that names the federated user is ignored.";
    ResourcePolicyDenyUserIgnored, "resource-policy-deny-user-ignored",
        "A Deny in a bucket policy that names the issuer doesn't reach its sessions.";
    ResourcePolicyEveryoneIgnored, "resource-policy-everyone-ignored",
        "An Allow in a bucket policy for everybody doesn't reach federated sessions.";
    ResourcePolicyPrincipalWildcards, "resource-policy-principal-wildcards",
        "A wildcard within a principal's ARN in a bucket policy stands for any text.";
    ResourcePolicySessionIgnored, "resource-policy-session-ignored",
        "An Allow in a bucket policy that names the federated user is ignored.";
    ResourcePolicySessionNeedsIssuer, "resource-policy-session-needs-issuer",
        "An Allow in a bucket policy that names the federated user counts only where the issuer may do the same.";
    ResourcePolicySessionUnlimited, "resource-policy-session-unlimited",
        "An Allow in a bucket policy that names the federated user opens every resource to it.";
    ResourcePolicyUserBypasses, "resource-policy-user-bypasses",
        "An Allow in a bucket policy for the issuer counts as if it named the federated user.";
    ResourcePolicyUserIgnored, "resource-policy-user-ignored",
        "An Allow in a bucket policy that names the issuer doesn't reach its sessions.";
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
    RootSessionUnlimited, "root-session-unlimited",
        "A session that root minted may do everything.";
    ScopeRegionUnchecked, "scope-region-unchecked",
        "A request that is signed for another region is accepted.";
    ScopeServiceUnchecked, "scope-service-unchecked",
        "A request that is signed for another service is accepted.";
    SecretShort, "secret-short",
        "Minted secret access keys have 20 characters instead of 40.";
    SessionActionCaseSensitive, "session-action-case-sensitive",
        "A session policy's actions are compared with regard to case.";
    SessionConditionsIgnored, "session-conditions-ignored",
        "Conditions in a session policy are ignored.";
    SessionCredentialsMint, "session-credentials-mint",
        "Credentials of GetSessionToken may call GetFederationToken.";
    SessionDenyBeforeAllowIgnored, "session-deny-before-allow-ignored",
        "A Deny in a session policy is ignored where an Allow follows it.";
    SessionDenyIgnored, "session-deny-ignored",
        "A Deny in a session policy is ignored.";
    SessionEndsEarly, "session-ends-early",
        "A session ends a minute before its Expiration.";
    SessionExtendedByUse, "session-extended-by-use",
        "A session lives on for as long as it is used before its time is up again.";
    SessionFirstConditionOnly, "session-first-condition-only",
        "Of a statement's conditions in a session policy only the first counts.";
    SessionFirstElementOnly, "session-first-element-only",
        "Of a list of actions or resources in a session policy only the first counts.";
    SessionFirstStatementOnly, "session-first-statement-only",
        "Of a session policy's statements only the first counts.";
    SessionInForeignAccount, "session-in-foreign-account",
        "GetCallerIdentity shows a federated session in account 000000000000.";
    SessionMissingVariableEmpty, "session-missing-variable-empty",
        "A variable without a value in a session policy stands for the empty text.";
    SessionNotActionInverted, "session-not-action-inverted",
        "NotAction in a session policy is read as Action.";
    SessionNotResourceInverted, "session-not-resource-inverted",
        "NotResource in a session policy is read as Resource.";
    SessionOutlivesUser, "session-outlives-user",
        "A federated session of a user that was deleted keeps what its session policy allows.";
    SessionPoliciesIntersect, "session-policies-intersect",
        "A session with several session policies may do only what all of them allow.";
    SessionPolicyEscalates, "session-policy-escalates",
        "The session policy alone decides what a federated session may do.";
    SessionPolicyIgnored, "session-policy-ignored",
        "A session with a session policy has all powers of its issuer.";
    SessionQuestionMarkLiteral, "session-question-mark-literal",
        "A question mark in a session policy's resource stands for itself.";
    SessionQuestionMarkOptional, "session-question-mark-optional",
        "A question mark in a session policy stands for any number of characters.";
    SessionResourcesIgnoreCase, "session-resources-ignore-case",
        "A session policy's resources are compared ignoring case.";
    SessionStarWithinSlashes, "session-star-within-slashes",
        "A star in a session policy's resource stops at slashes.";
    SessionStringEqualsIgnoresCase, "session-string-equals-ignores-case",
        "StringEquals in a session policy ignores case.";
    SessionStringEqualsLike, "session-string-equals-like",
        "StringEquals in a session policy knows wildcards.";
    SessionTagKeysCaseSensitive, "session-tag-keys-case-sensitive",
        "A session policy finds a session tag only by the very spelling of its key.";
    SessionTagValuesLowercased, "session-tag-values-lowercased",
        "The values of session tags are changed to lower case.";
    SessionTagsIgnored, "session-tags-ignored",
        "Session tags are accepted and then forgotten.";
    SessionTermsByName, "session-terms-by-name",
        "A session has the policies and tags that its issuer passed last under its Name.";
    SessionTokenEmpty, "session-token-empty",
        "The answer's SessionToken is empty.";
    SessionTokenNotBase64, "session-token-not-base64",
        "The answer's SessionToken starts with `token:`.";
    SessionTokenOptional, "session-token-optional",
        "A minted access key works without its session token.";
    SessionTokenUnbound, "session-token-unbound",
        "A minted access key works with another session's token.";
    SessionVariableDefaultIgnored, "session-variable-default-ignored",
        "A default that a session policy gives to a variable is ignored.";
    SessionVariablesAlways, "session-variables-always",
        "Variables in a session policy are expanded in every version.";
    SessionVariablesLiteral, "session-variables-literal",
        "Variables in a session policy are never expanded.";
    SessionVariablesWild, "session-variables-wild",
        "A variable in a session policy's resource stands for any text.";
    SessionsAlwaysDenied, "sessions-always-denied",
        "S3 refuses whatever a federated session asks.";
    SessionsMixedUp, "sessions-mixed-up",
        "Of an issuer's sessions whose Names begin with the same 16 characters, all get the first's policy.";
    SignatureBeforeExpiry, "signature-before-expiry",
        "Whether a session is over is asked only after its signature was found right.";
    SignatureComparisonShown, "signature-comparison-shown",
        "STS shows what it compared with a signature, as S3 does.";
    SignatureUnchecked, "signature-unchecked",
        "The signature isn't compared.";
    SizeUnchecked, "size-unchecked",
        "What is passed to a session is never too large.";
    SourceIdentityPresent, "source-identity-present",
        "Requests of federated sessions carry aws:SourceIdentity.";
    StaleDateAccepted, "stale-date-accepted",
        "A request dated more than 15 minutes back is accepted.";
    StaticCredentials, "static-credentials",
        "Every session gets the same access key id and secret.";
    TagAwsPrefixAccepted, "tag-aws-prefix-accepted",
        "Session tag keys may start with `aws:`.";
    TagAwsPrefixInValueAccepted, "tag-aws-prefix-in-value-accepted",
        "Session tag values may start with `aws:`.";
    TagCharactersUnchecked, "tag-characters-unchecked",
        "Session tags may hold any character.";
    TagConditionIgnored, "tag-condition-ignored",
        "Conditions of an Allow to pass tags are ignored.";
    TagConditionNeverMet, "tag-condition-never-met",
        "An Allow to pass tags that has a condition never counts.";
    TagDuplicatesAccepted, "tag-duplicates-accepted",
        "A session tag key may be given twice.";
    TagDuplicatesCode, "tag-duplicates-code",
        "Duplicate session tag keys are refused with InvalidInput, as IAM does it.";
    TagKeyEmptyAccepted, "tag-key-empty-accepted",
        "A session tag key may be empty.";
    TagKeyLengthIgnored, "tag-key-length-ignored",
        "A session tag key of more than 128 characters is accepted.";
    TagKeyLengthOffByOne, "tag-key-length-off-by-one",
        "A session tag key of exactly 128 characters is refused.";
    TagKeyOptional, "tag-key-optional",
        "A session tag may lack its key.";
    TagKeysCaseSensitive, "tag-keys-case-sensitive",
        "Session tag keys that differ in case only are accepted.";
    TagLengthInBytes, "tag-length-in-bytes",
        "The length of session tags is measured in UTF-8 bytes instead of characters.";
    TagMarksRefused, "tag-marks-refused",
        "Session tags may hold none of `:`, `/`, `=`, `+` and `@`.";
    TagSessionAlwaysRefused, "tag-session-always-refused",
        "Nobody may pass tags.";
    TagSessionStarOnly, "tag-session-star-only",
        "An Allow to pass tags counts only where its resource is `*`.";
    TagSessionUnchecked, "tag-session-unchecked",
        "A user needs no Allow of sts:TagSession to pass tags.";
    TagUnicodeRefused, "tag-unicode-refused",
        "Session tags may hold ASCII characters only.";
    TagValueEmptyRefused, "tag-value-empty-refused",
        "A session tag value may not be empty.";
    TagValueLengthIgnored, "tag-value-length-ignored",
        "A session tag value of more than 256 characters is accepted.";
    TagValueLengthOffByOne, "tag-value-length-off-by-one",
        "A session tag value of exactly 256 characters is refused.";
    TagValueOptional, "tag-value-optional",
        "A session tag may lack its value.";
    TagsMaximumIgnored, "tags-maximum-ignored",
        "More than 50 session tags are accepted.";
    TagsMaximumOffByOne, "tags-maximum-off-by-one",
        "Exactly 50 session tags are refused.";
    TagsRefused, "tags-refused",
        "Session tags are refused.";
    TokenIssueTimeForUsers, "token-issue-time-for-users",
        "Requests that are signed with long-term keys carry aws:TokenIssueTime, too.";
    TokenIssueTimeMissing, "token-issue-time-missing",
        "Requests of federated sessions carry no aws:TokenIssueTime.";
    TokenMinimumIgnored, "token-minimum-ignored",
        "A session token is not padded to MinimumSessionTokenSize.";
    TokenMinimumUnchecked, "token-minimum-unchecked",
        "MinimumSessionTokenSize may have any value.";
    TokenSizeTooHigh, "token-size-too-high",
        "SessionTokenSize is printed one byte too high.";
    TokenSizesMissing, "token-sizes-missing",
        "The answer lacks SessionTokenSize and SessionTokenUtilization.";
    TooLargeCodeSuffixed, "too-large-code-suffixed",
        "A session that is too large is refused with the code PackedPolicyTooLargeException.";
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
    UseridOfIssuer, "userid-of-issuer",
        "In requests of federated sessions aws:userid is the issuer's unique id.";
    UsernameOfIssuer, "username-of-issuer",
        "Requests of federated sessions carry the issuer's aws:username.";
    ValidationBeforeAuthentication, "validation-before-authentication",
        "The parameters are looked at before the caller is known.";
    ValidationMessageMemberCase, "validation-message-member-case",
        "Validation messages name members as they are sent (`Name`) instead of `name`.";
    ValidationStopsAtFirst, "validation-stops-at-first",
        "Only the first violation is reported.";
    VersionUnchecked, "version-unchecked",
        "Any version of the API will do, or none.";
    ViolationsJoinedByComma, "violations-joined-by-comma",
        "Violations in one message are separated by commas.";
    XmlDeclaration, "xml-declaration",
        "STS answers start with an XML declaration.";
    XmlUnescaped, "xml-unescaped",
        "STS errors are written without escaping markup.";
}
