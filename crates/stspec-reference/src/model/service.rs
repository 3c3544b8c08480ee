//! The services that one server offers.

/// The service that authenticates, as it stands in a credential scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// STS, which is regional.
    Sts,
    /// IAM, which is global: clients sign it for whatever region they are set to.
    Iam,
    /// S3, where each bucket has a region; the reference takes any.
    S3,
}

impl Service {
    /// The name in a credential scope.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Iam => "iam",
            Self::S3 => "s3",
        }
    }
}
