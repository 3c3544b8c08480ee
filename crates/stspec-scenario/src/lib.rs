//! The language of stspec: rules, accounts and targets as typed values.
//!
//! Text goes in, typed values and diagnostics come out; nothing here knows HTTP or a clock. The catalogue
//! of facts is part of it, with its coverage by rules and its drift from a service model.
//! Start at [`Library::load`], which reads every file, or at [`Rule`], which is what comes out.

mod catalog;
mod diagnostic;
mod drift;
mod error;
mod generate;
mod keys;
mod library;
mod model;
mod name;
mod nearest;
mod operation;
mod read;
mod schema;
mod service_model;
mod skeleton;
mod template;
mod word;
mod yaml;

pub use catalog::{Catalog, Coverage, CoverageRow, Fact, FactStatus, Topic, coverage};
pub use diagnostic::{Code, Colour, Diagnostic, Severity, Span, render};
pub use drift::{Change, ChangeKind, Drift, drift};
pub use error::{
    BadModel, BadName, BadPath, BadRuleId, BadTemplate, UnknownOperation, UnknownSelector,
    Unresolved,
};
pub use library::{Library, ReadContext};
pub use model::{
    ACCOUNT_ID_DIGITS, AWS_REQUESTS_PER_SECOND_MAX, AcceptedDeviation, AcceptedVerdict, Account,
    Baseline, Bounds, Bucket, Call, Capability, Client, Controls, Endpoints, Evidence, Expectation,
    Grade, IamRole, Iteration, KeyPair, Knee, Level, Limit, Limits, LoadCall, LoadShape,
    ManagedPolicy, Matcher, Measure, Open, Outcome, Param, Path, PolicyName, Presence, Principal,
    Profile, Rate, Role, Root, Rule, Scenario, Service, SignatureLocation, SigningOptions, Source,
    Stage, Start, StartCredentials, Step, Target, TargetKind, Threshold, Token, Transport, User,
    WireOptions,
};
pub use name::{NAME_CHARS_MAX, Name, RuleId, SCENARIO_NAME_CHARS_MAX, ScenarioName};
pub use operation::{IAM_OPERATIONS, S3_OPERATIONS, SDK_OPERATIONS, STS_OPERATIONS, operations};
pub use schema::rule_schema;
pub use service_model::{MODEL_BYTES_MAX, ServiceModel};
pub use skeleton::template_for_new_rule;
pub use template::{Member, Part, Placeholder, ReplicaFact, TargetFact, Template, resolve_json};
pub use word::Word;
