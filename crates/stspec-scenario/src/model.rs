//! The typed form of rule and account files: what the runner executes and the judge compares.

use serde_json::Value;

pub use self::baseline::{AcceptedDeviation, AcceptedVerdict, Baseline};
pub use self::path::{Path, Root};
pub use self::profile::{
    Iteration, Knee, Limit, LoadCall, LoadShape, Measure, Open, Profile, Rate, Stage, Threshold,
    Transport,
};
pub use self::target::{
    ACCOUNT_ID_DIGITS, AWS_REQUESTS_PER_SECOND_MAX, Endpoints, KeyPair, Limits, Presence, Start,
    StartCredentials, Target, TargetKind,
};
use crate::{Name, RuleId, ScenarioName, Template};

mod baseline;
mod path;
mod profile;
mod target;

/// One statement about the API under test, with the scenarios that check it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Where the file stands below `scenarios/rules`, without its extension.
    pub id: RuleId,
    /// The rule in our own words, one or two sentences.
    pub says: String,
    /// Background that `stspec explain` prints, such as a contradiction between pages.
    pub note: Option<String>,
    /// How binding the rule is.
    pub level: Level,
    /// What the expectation rests on.
    pub evidence: Evidence,
    /// Where the fact is written down; never empty.
    pub sources: Vec<Source>,
    /// First API revision the rule holds for.
    pub since: Option<jiff::civil::Date>,
    /// API revision from which the rule no longer holds.
    pub until: Option<jiff::civil::Date>,
    /// Capabilities without which the rule is `unsupported`.
    pub requires: Vec<Capability>,
    /// Faults of the reference under which this rule fails, by name.
    pub faults: Vec<String>,
    /// What is done to check the rule; never empty.
    pub scenarios: Vec<Scenario>,
}

/// How binding a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Documented by AWS or recorded on AWS for this very operation.
    Must,
    /// Expected from a sibling operation or from general documentation.
    Should,
    /// Recorded, never scored.
    Observe,
}

/// What an expectation rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// AWS documents it.
    Documented,
    /// Somebody recorded it on AWS.
    Observed,
    /// We concluded it; never a must.
    Inferred,
}

/// Where a fact is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A page of AWS documentation and the part of it that matters.
    Page {
        /// The page's name, such as `API_GetFederationToken`.
        page: String,
        /// The member, section or table on it.
        part: String,
    },
    /// A constraint of the service model, as `shape/constraint`.
    Model {
        /// Such as `durationSecondsType/min`.
        path: String,
        /// The recorded value.
        value: String,
    },
    /// An observation of real AWS by somebody.
    Observed {
        /// Who observed it and where it is written, such as `gh:99designs/aws-vault#350`.
        by: String,
        /// When, as far as known, such as `2019` or `2024-06-05`.
        when: Option<String>,
    },
    /// A statement of the 2011 API reference, as the manual of an SDK printed it.
    Manual {
        /// `go` (about 2016) or `dotnet` (about 2014).
        manual: String,
        /// The row in `docs/evidence/sdk-manuals.md`.
        part: String,
    },
}

/// Something that a target may or may not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// IAM users with access keys and inline policies can be made (`iam.users`).
    IamUsers,
    /// Managed policies can be made, attached to users and set as their boundary (`iam.policies`).
    IamPolicies,
    /// IAM roles can be made (`iam.roles`).
    IamRoles,
    /// Policies are evaluated (`iam.enforcement`).
    IamEnforcement,
    /// Request signatures are verified (`sigv4`).
    Sigv4,
    /// Buckets, objects and bucket policies (`s3`).
    S3,
    /// Credentials of the account's root user are at hand (`root`).
    Root,
    /// The target's clock can be moved (`clock.set`); the runner finds out by itself.
    ClockSet,
    /// There is a region in which STS is switched off (`region.disabled`).
    RegionDisabled,
}

/// One run of calls under one account.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Unique within the rule as a slug; check ids carry the slug.
    pub name: ScenarioName,
    /// The account whose principals and resources the steps use.
    pub account: Option<Name>,
    /// The account is made for this scenario alone, so that its steps may change it.
    pub fresh: bool,
    /// Capabilities needed on top of the rule's.
    pub requires: Vec<Capability>,
    /// How many copies of the steps are played at once, step by step together; at least 1.
    pub copies: u32,
    /// What keeps the scenario's probes honest.
    pub controls: Controls,
    /// The calls in order; a table's cases are steps too.
    pub steps: Vec<Step>,
}

impl Scenario {
    /// How much time passes while it is played, in seconds.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.steps.iter().map(|step| u64::from(step.after_seconds)).sum()
    }
}

/// What keeps probes honest: who vouches that a refusal means what it seems to mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Controls {
    /// `steps:`: every control, liveness and contrast step must hold.
    Steps,
    /// `table:`: a refusal counts once a neighbour was accepted; an acceptance stands by itself.
    Neighbours,
}

/// One API request by a named principal, with what is expected of the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Unique within the scenario; the last part of the check id.
    pub id: Name,
    /// How much time passes before it is sent, in seconds: what `advance:` before it says.
    pub after_seconds: u32,
    /// What the step is for.
    pub role: Role,
    /// Who signs the request.
    pub principal: Principal,
    /// Which operation.
    pub call: Call,
    /// What sends it.
    pub client: Client,
    /// Its parameters in file order.
    pub params: Vec<(String, Param)>,
    /// Deliberate mistakes in signing.
    pub sign: SigningOptions,
    /// Deliberate oddities on the wire.
    pub send: WireOptions,
    /// What the answer must be like: one of these alternatives, the first being `expect:`.
    pub outcomes: Vec<Outcome>,
    /// The name under which the answer's credentials are kept.
    pub session: Option<Name>,
    /// How many times a probe is sent; answers that disagree make it flaky. At least 1.
    pub hold: u32,
}

/// What a step is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Tests the rule; the only role that is scored.
    Probe,
    /// Shows that the arrangement works: the issuer can, the session is minted.
    Control,
    /// Shows that the credentials under test are recognised.
    Liveness,
    /// Shows that the opposite outcome is possible on this target.
    Contrast,
}

/// Who signs a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// The account's root user (`root`).
    Root,
    /// Who provisions (`admin`); only in controls.
    Admin,
    /// A user of the scenario's account (`federator`).
    User(Name),
    /// Credentials captured earlier in the scenario (`session.bare`).
    Session(Name),
    /// Nobody: the request is not signed (`anonymous`).
    Anonymous,
}

/// An operation of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// The service.
    pub service: Service,
    /// Its operation as the API reference spells it.
    pub operation: &'static str,
}

/// A service that scenarios may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Security Token Service, query protocol, version 2011-06-15.
    Sts,
    /// Identity and Access Management, query protocol, version 2010-05-08.
    Iam,
    /// Simple Storage Service, path style.
    S3,
}

/// What sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// A request built by hand, so that ill-formed values reach the target.
    Raw,
    /// `aws-sdk-sts` with default settings, retries off.
    Sdk,
}

/// The value of a request parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Param {
    /// Sent as it stands.
    Text(Template),
    /// `{json: …}`: serialised without white space; strings inside are templates.
    Json {
        /// The document.
        value: Value,
        /// `pad_to:` white space is appended up to this many characters.
        pad_to: Option<usize>,
    },
    /// `{text: …, times: N}`: the text, N times over.
    Repeat {
        /// What is repeated.
        text: Template,
        /// How often.
        times: usize,
    },
    /// `{all: […]}`: the same parameter name once per value.
    All(Vec<Template>),
    /// A list: `Name.member.1`, `Name.member.2` and so on.
    List(Vec<Param>),
    /// A structure: `Name.Member`.
    Struct(Vec<(String, Param)>),
}

/// Deliberate mistakes in signing; the default makes none.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each mistake is made or not, on its own")]
pub struct SigningOptions {
    /// The request carries no signature at all (`sign: none`).
    pub unsigned: bool,
    /// Signs with a secret that is not the principal's (`secret: wrong`).
    pub wrong_secret: bool,
    /// Signs under an access key id that does not exist (`access_key: unknown`).
    pub unknown_access_key: bool,
    /// Signs as if the clock were this many seconds off (`date: -16m`).
    pub date_offset_seconds: i64,
    /// Signs for another region.
    pub region: Option<Template>,
    /// Signs for another service.
    pub service: Option<String>,
    /// Which session token travels.
    pub token: Token,
    /// The body is changed after signing (`body: tampered`).
    pub tampered_body: bool,
    /// The signature leaves the body out and says so (`payload: unsigned`).
    pub unsigned_payload: bool,
    /// A signed header is changed after signing (`header: tampered`).
    pub tampered_header: bool,
    /// The query string is changed after signing (`query: tampered`).
    pub tampered_query: bool,
    /// Where the signature travels.
    pub location: SignatureLocation,
    /// How long a signature in the query string is good for (`expires: 60s`).
    pub expires_seconds: Option<u32>,
}

/// Which session token travels with a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Token {
    /// The principal's own, if it has one.
    #[default]
    Own,
    /// None, though the principal has one (`token: none`).
    Dropped,
    /// That of another session (`token: session.other`).
    Foreign(Name),
    /// Text that is no token (`token: garbage`).
    Garbage,
}

/// Where a signature travels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SignatureLocation {
    /// In the `Authorization` header.
    #[default]
    Header,
    /// In the query string, as in a presigned URL (`place: query`).
    Query,
}

impl SigningOptions {
    /// Signing as any client does it.
    #[must_use]
    pub const fn faultless() -> &'static Self {
        const FAULTLESS: &SigningOptions = &SigningOptions {
            unsigned: false,
            wrong_secret: false,
            unknown_access_key: false,
            date_offset_seconds: 0,
            region: None,
            service: None,
            token: Token::Own,
            tampered_body: false,
            unsigned_payload: false,
            tampered_header: false,
            tampered_query: false,
            location: SignatureLocation::Header,
            expires_seconds: None,
        };
        FAULTLESS
    }
}

/// Deliberate oddities on the wire; the default has none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WireOptions {
    /// The HTTP method; `GET` moves the parameters of a query call into the query string.
    pub method: Option<String>,
    /// Another path than the operation's.
    pub path: Option<String>,
    /// The body of a query call as it stands, instead of `Action`, `Version` and the parameters.
    pub body: Option<String>,
    /// The content type; `Some(None)` sends none (`content_type: none`).
    pub content_type: Option<Option<String>>,
    /// The `Action` parameter; `Some(None)` sends none (`action: none`).
    pub action: Option<Option<String>>,
    /// The `Version` parameter; `Some(None)` sends none (`version: none`).
    pub version: Option<Option<String>>,
    /// Further headers, signed with the rest.
    pub headers: Vec<(String, String)>,
}

impl WireOptions {
    /// Sending as any client does it.
    #[must_use]
    pub const fn usual() -> &'static Self {
        const USUAL: &WireOptions = &WireOptions {
            method: None,
            path: None,
            body: None,
            content_type: None,
            action: None,
            version: None,
            headers: Vec::new(),
        };
        USUAL
    }
}

/// One acceptable outcome: all of its expectations hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What this outcome is called in a report.
    pub grade: Grade,
    /// What must hold.
    pub expectations: Vec<Expectation>,
}

/// How good an accepted outcome is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// As documented.
    Ok,
    /// Allowed because the documentation leaves a choice.
    Lenient,
}

/// `path: matcher`.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// Where to look in the observation.
    pub path: Path,
    /// What to find there.
    pub matcher: Matcher,
}

/// What a value must be like. Values are text; numbers compare as decimal integers.
#[derive(Debug, Clone, PartialEq)]
pub enum Matcher {
    /// Equals.
    Eq(Template),
    /// Is there and differs.
    Ne(Template),
    /// Equals one of these.
    In(Vec<Template>),
    /// Matches this regular expression from end to end.
    Matches(String),
    /// Starts with.
    StartsWith(Template),
    /// Ends with.
    EndsWith(Template),
    /// Is not there.
    Absent,
    /// Is there and not empty, or has children.
    Present,
    /// Has this many characters.
    Len(Bounds),
    /// Is less than.
    Lt(i64),
    /// Is less than or equal to.
    Lte(i64),
    /// Is greater than.
    Gt(i64),
    /// Is greater than or equal to.
    Gte(i64),
    /// Is a time this many seconds after the answer's `Date` header, one second more or less.
    ExpiresIn(i64),
    /// Differs from each of these.
    Distinct(Vec<Template>),
}

/// An inclusive range of lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// At least.
    pub min: usize,
    /// At most.
    pub max: usize,
}

/// The principals, policies and resources that a target is provisioned with.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Its name; the file's stem.
    pub name: Name,
    /// What it is for.
    pub says: String,
    /// Customer managed policies, in file order.
    pub policies: Vec<ManagedPolicy>,
    /// IAM users, each with one access key, in file order.
    pub users: Vec<User>,
    /// IAM roles, in file order.
    pub roles: Vec<IamRole>,
    /// Buckets, in file order.
    pub buckets: Vec<Bucket>,
}

/// A customer managed policy.
#[derive(Debug, Clone, PartialEq)]
pub struct ManagedPolicy {
    /// The name that templates, `attach:` and `boundary:` use.
    pub name: Name,
    /// The document; strings inside are templates.
    pub document: Value,
}

/// A managed policy as a user names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyName {
    /// A policy of the account.
    Own(Name),
    /// Any policy by its ARN, such as one of AWS.
    Arn(Template),
}

/// An IAM user with one access key.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// The name that steps use; the target sees a name with the run id in it.
    pub name: Name,
    /// Inline policies by name; strings inside are templates.
    pub policies: Vec<(Name, Value)>,
    /// Managed policies that are attached.
    pub attach: Vec<PolicyName>,
    /// The managed policy that is the permissions boundary.
    pub boundary: Option<PolicyName>,
    /// Tags, values by key.
    pub tags: Vec<(String, Template)>,
}

/// An IAM role.
#[derive(Debug, Clone, PartialEq)]
pub struct IamRole {
    /// The name that templates use; the target sees a name with the run id in it.
    pub name: Name,
    /// The trust policy; strings inside are templates.
    pub trust: Value,
    /// Inline policies by name; strings inside are templates.
    pub policies: Vec<(Name, Value)>,
}

/// A bucket with objects and a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// The name that templates use; the target sees a name with the run id in it.
    pub name: Name,
    /// Objects by key, with their text.
    pub objects: Vec<(String, String)>,
    /// The bucket policy; strings inside are templates.
    pub policy: Option<Value>,
}
