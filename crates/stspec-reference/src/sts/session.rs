//! What the operations that mint share: what a call passes to its session, how long the session
//! lasts, how large it is, and its credentials.

pub(crate) mod duration;
pub(crate) mod mfa;
pub(crate) mod mint;
pub(crate) mod packed_size;
pub(crate) mod parameters;
pub(crate) mod policy;
pub(crate) mod size;

use crate::model::caller::SessionParameters;
use crate::sts::StsCall;
use crate::sts::error::StsError;

use parameters::ParameterRules;
use policy::PolicyRules;
use size::{Size, SizeRules};

/// What AWS documents of the parameters that a call passes to its session.
#[derive(Default)]
pub(crate) struct Rules {
    /// The shapes of the parameters.
    pub(crate) parameters: ParameterRules,
    /// Which session policies can be used.
    pub(crate) policy: PolicyRules,
    /// How large a session may be.
    pub(crate) size: SizeRules,
}

impl Rules {
    /// Checks the session parameters of a caller who may mint: tags, policies, then their size.
    pub(crate) fn check(
        &self,
        call: &StsCall<'_>,
        parameters: &SessionParameters,
    ) -> Result<Size, StsError> {
        let tags = &self.parameters.tags;
        (tags.check)(tags, &parameters.tags)?;
        self.policy.check(call, parameters)?;
        self.size.measure(parameters, call.state.revision)
    }
}
