//! The parameters of `GetFederationToken`.

use crate::model::account::Revision;
use crate::model::caller::{SessionOwner, SessionParameters};
use crate::sts;
use crate::sts::constraint::Violations;
use crate::sts::error::StsError;
use crate::sts::get_federation_token::rules::NameRule;
use crate::sts::session::size;
use crate::wire::request::Params;

/// A call whose parameters fit their shapes.
#[derive(Debug)]
pub(crate) struct Input {
    /// The federated user's name.
    pub(crate) name: String,
    /// What is passed to the session.
    pub(crate) parameters: SessionParameters,
    /// How long the session is to last.
    pub(crate) duration_seconds: Option<i32>,
    /// The least size of the session token.
    pub(crate) token_bytes_min: Option<usize>,
}

impl Input {
    /// Reads all parameters and reports every violation in one error.
    ///
    /// The order between members is unrecorded (`docs/evidence/get-federation-token.md`,
    /// VAL-ORDER-MEMBERS); it is decided here and nowhere else.
    pub(crate) fn read(
        params: &Params,
        rules: &sts::Rules,
        revision: Revision,
        owner: &SessionOwner,
    ) -> Result<Self, StsError> {
        let mut violations = Violations::new(&rules.violations);
        let rules = &rules.get_federation_token;
        let session = &rules.session;
        let duration_seconds = (rules.duration.read)(params.get("DurationSeconds"))?;
        let token_bytes_min = size::token_bytes_min(params, revision)?;
        let name = rules.name.read(params, &mut violations);
        let policy = session.parameters.policy.read(params, &mut violations);
        let policy_arns = session.parameters.policy_arns.read(params, &mut violations);
        rules.duration.check(duration_seconds, owner, &mut violations);
        let tags = session.parameters.tags.read(params, &mut violations);
        session.size.check_token_bytes_min(token_bytes_min, &mut violations);
        violations.into_result()?;
        let parameters = SessionParameters { policy, policy_arns, tags };
        session.parameters.check_counts(&parameters)?;
        let token_bytes_min = token_bytes_min.and_then(|size| usize::try_from(size).ok());
        Ok(Self { name, parameters, duration_seconds, token_bytes_min })
    }
}

impl NameRule {
    fn read(&self, params: &Params, violations: &mut Violations<'_>) -> String {
        match (params.get("Name"), self.default) {
            (Some(name), _) => {
                for shape in self.further_shapes.iter().chain([&self.shape]) {
                    violations.check_text(name, "name", shape);
                }
                name.to_owned()
            }
            (None, Some(default)) => default.to_owned(),
            (None, None) => {
                violations.missing("name");
                String::new()
            }
        }
    }
}
