//! IAM policy documents and their evaluation, without HTTP, clocks or state.
//!
//! Start at [`evaluate`]: it takes one [`Request`] and the [`Policies`] that apply and returns a
//! [`Decision`] with the statements that made it. [`Policy::parse`] compiles a document once, so
//! that evaluating it often is cheap.
//!
//! ```
//! use stspec_iam::{Context, Issuer, LabelledPolicy, Policies, Policy, PolicyKind, Principal, Request};
//!
//! let policy = Policy::parse(
//!     r#"{"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}"#,
//!     PolicyKind::Identity,
//! )?;
//! let carol = Principal::Federated {
//!     account: "123456789012".into(),
//!     arn: "arn:aws:sts::123456789012:federated-user/Carol".into(),
//!     issuer: Issuer::User { arn: "arn:aws:iam::123456789012:user/broker".into() },
//! };
//! let context = Context::of(&carol);
//! let request = Request {
//!     principal: &carol,
//!     action: "s3:GetObject",
//!     resource: "arn:aws:s3:::bucket/key",
//!     resource_account: None,
//!     context: &context,
//! };
//! let policies =
//!     Policies { identity: vec![LabelledPolicy::new("broker", &policy)], ..Policies::default() };
//! let decision = stspec_iam::evaluate(&request, &policies);
//! assert_eq!(
//!     decision.because().as_deref(),
//!     Some("because no session policy allows the s3:GetObject action"),
//! );
//! # Ok::<(), stspec_iam::MalformedPolicy>(())
//! ```

mod evaluate;
mod trust;

mod compose;
mod decision;

mod context;
mod policies;
mod principal;
mod request;

mod policy;
mod policy_kind;
mod statement;

mod action;
mod condition;
mod principal_element;
mod resource;

mod pattern;
mod sense;
mod template;

mod error;
mod json;

pub use context::Context;
pub use decision::{Category, Decision, Matched, Reason};
pub use error::{GrammarError, MalformedPolicy};
pub use evaluate::{decide, evaluate};
pub use policies::{LabelledPolicy, Policies};
pub use policy::{DOCUMENT_CHARS_MAX, Policy};
pub use policy_kind::PolicyKind;
pub use principal::{Issuer, Principal};
pub use request::Request;
pub use statement::Effect;
pub use trust::trust_allows;
