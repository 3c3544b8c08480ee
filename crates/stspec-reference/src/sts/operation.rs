//! The operations of STS 2011-06-15.

macro_rules! operations {
    ($($variant:ident)+) => {
        /// An STS operation; action names are case-sensitive.
        ///
        /// Source: botocore's service model of STS 2011-06-15.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Operation { $($variant),+ }

        impl Operation {
            /// The operation with this `Action`.
            pub(crate) fn named(action: &str) -> Option<Self> {
                $(if action == stringify!($variant) { return Some(Self::$variant); })+
                None
            }

            /// The same where a fault doesn't mind the case of letters.
            pub(crate) fn named_in_any_case(action: &str) -> Option<Self> {
                $(if action.eq_ignore_ascii_case(stringify!($variant)) {
                    return Some(Self::$variant);
                })+
                None
            }

            /// The `Action`.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),+ }
            }

            /// The action as policies write it.
            pub(crate) fn iam_action(self) -> &'static str {
                match self { $(Self::$variant => concat!("sts:", stringify!($variant))),+ }
            }

            /// The outer element of its answer.
            pub(crate) fn response_element(self) -> &'static str {
                match self { $(Self::$variant => concat!(stringify!($variant), "Response")),+ }
            }

            /// The element with its result.
            pub(crate) fn result_element(self) -> &'static str {
                match self { $(Self::$variant => concat!(stringify!($variant), "Result")),+ }
            }
        }
    };
}

operations! {
    AssumeRole
    AssumeRoleWithSAML
    AssumeRoleWithWebIdentity
    AssumeRoot
    DecodeAuthorizationMessage
    GetAccessKeyInfo
    GetCallerIdentity
    GetDelegatedAccessToken
    GetFederationToken
    GetSessionToken
    GetWebIdentityToken
}

impl Operation {
    /// Whether it is refused in a region where the account has switched STS off.
    ///
    /// Source: botocore's service model, which operations may fail with `RegionDisabledException`.
    pub(crate) fn needs_active_region(self) -> bool {
        matches!(
            self,
            Self::AssumeRole
                | Self::AssumeRoot
                | Self::GetDelegatedAccessToken
                | Self::GetFederationToken
                | Self::GetSessionToken
        )
    }

    /// Whether it is called without credentials of AWS.
    pub(crate) fn is_unsigned(self) -> bool {
        matches!(self, Self::AssumeRoleWithSAML | Self::AssumeRoleWithWebIdentity)
    }
}
