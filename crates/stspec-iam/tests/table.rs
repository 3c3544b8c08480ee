//! The decision table of `docs/evidence/iam.md`, IAM-TABLE-01 to IAM-TABLE-10, row by row, and the
//! callers beside it.

use stspec_iam::{
    Category, Context, Decision, Effect, Issuer, LabelledPolicy, Policies, Policy, PolicyKind,
    Principal, Reason, Request, evaluate, trust_allows,
};

use Category::{Boundary, Identity, Resource, Session};

const ACCOUNT: &str = "123456789012";
const OTHER_ACCOUNT: &str = "999999999999";
const SESSION: &str = "arn:aws:sts::123456789012:federated-user/Carol";
const ISSUER: &str = "arn:aws:iam::123456789012:user/broker";
const ROLE: &str = "arn:aws:iam::123456789012:role/app";
const ROLE_SESSION: &str = "arn:aws:sts::123456789012:assumed-role/app/one";
const ROOT: &str = "arn:aws:iam::123456789012:root";
const OBJECT: &str = "arn:aws:s3:::bucket/key";

const ALLOW: &str = r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}"#;
const DENY: &str = r#"{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}"#;
const SILENT: &str = r#"{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}"#;

fn federated() -> Principal {
    let issuer = Issuer::User { arn: ISSUER.into() };
    Principal::Federated { account: ACCOUNT.into(), arn: SESSION.into(), issuer }
}

fn federated_by_root() -> Principal {
    Principal::Federated {
        account: ACCOUNT.into(),
        arn: SESSION.into(),
        issuer: Issuer::Root { arn: ROOT.into() },
    }
}

fn user() -> Principal {
    Principal::User { account: ACCOUNT.into(), arn: ISSUER.into() }
}

fn role_session() -> Principal {
    Principal::AssumedRole {
        account: ACCOUNT.into(),
        session_arn: ROLE_SESSION.into(),
        role_arn: ROLE.into(),
    }
}

fn root() -> Principal {
    Principal::Root { account: ACCOUNT.into(), arn: ROOT.into() }
}

/// A caller, a resource policy and the resource's owner; the rest is varied by the checks.
struct Scene {
    caller: Principal,
    resource: Option<String>,
    owner: Option<&'static str>,
}

/// The caller's side: one statement per category.
#[derive(Clone, Copy, Debug)]
struct Own {
    identity: &'static str,
    boundary: Option<&'static str>,
    session: Option<&'static str>,
}

const NO_POLICY: Option<String> = None;
const NOTHING: Own = Own { identity: SILENT, boundary: None, session: None };

fn scene(caller: Principal, resource: impl Into<Option<String>>) -> Scene {
    Scene { caller, resource: resource.into(), owner: Some(ACCOUNT) }
}

fn from_another_account(caller: Principal, resource: impl Into<Option<String>>) -> Scene {
    Scene { caller, resource: resource.into(), owner: Some(OTHER_ACCOUNT) }
}

fn grant(principal: &str) -> String {
    statement("Allow", &format!(r#""Principal": {{"AWS": "{principal}"}}"#), "{}")
}

fn deny(principal: &str) -> String {
    statement("Deny", &format!(r#""Principal": {{"AWS": "{principal}"}}"#), "{}")
}

fn grant_if_principal_is(arn: &str) -> String {
    let condition = format!(r#"{{"ArnEquals": {{"aws:PrincipalArn": "{arn}"}}}}"#);
    statement("Allow", r#""Principal": "*""#, &condition)
}

fn deny_all_but(principals: &[&str]) -> String {
    statement("Deny", &format!(r#""NotPrincipal": {{"AWS": {principals:?}}}"#), "{}")
}

fn statement(effect: &str, principal: &str, condition: &str) -> String {
    format!(
        r#"{{"Effect": "{effect}", {principal}, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::bucket/*", "Condition": {condition}}}"#
    )
}

#[track_caller]
fn parse(statement: &str, kind: PolicyKind) -> Policy {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#);
    Policy::parse(&text, kind).expect("a policy")
}

#[track_caller]
fn decide(scene: &Scene, own: Own) -> Decision {
    let identity = parse(own.identity, PolicyKind::Identity);
    let boundary = own.boundary.map(|text| parse(text, PolicyKind::Identity));
    let session = own.session.map(|text| parse(text, PolicyKind::Session));
    let resource = scene.resource.as_deref().map(|text| parse(text, PolicyKind::Resource));
    let policies = Policies {
        identity: vec![LabelledPolicy::new("identity", &identity)],
        boundary: boundary.as_ref().map(|policy| LabelledPolicy::new("boundary", policy)),
        session: session.as_ref().map(|policy| vec![LabelledPolicy::new("session", policy)]),
        resource: resource.as_ref().map(|policy| LabelledPolicy::new("bucket", policy)),
    };
    let context = Context::of(&scene.caller);
    let request = Request {
        principal: &scene.caller,
        action: "s3:GetObject",
        resource: OBJECT,
        resource_account: scene.owner,
        context: &context,
    };
    let decision = evaluate(&request, &policies);
    let light = stspec_iam::decide(&request, &policies);
    assert_eq!(light.reason(), decision.reason());
    assert_eq!(light.because(), decision.because());
    assert!(light.matched().is_empty(), "nothing is collected");
    decision
}

fn every_own_side() -> Vec<Own> {
    let mut sides = Vec::new();
    for identity in [ALLOW, SILENT] {
        for boundary in [None, Some(ALLOW), Some(SILENT)] {
            for session in [None, Some(ALLOW), Some(SILENT)] {
                sides.push(Own { identity, boundary, session });
            }
        }
    }
    sides
}

/// Tries all combinations of what the caller's own policies may say: the request passes exactly if
/// each category that limits allows it.
#[track_caller]
fn check_row(scene: &Scene, limits: &[Category]) {
    let session_required = matches!(scene.caller, Principal::Federated { .. });
    for own in every_own_side() {
        let allows = |category: &Category| match category {
            Identity => own.identity == ALLOW,
            Boundary => own.boundary != Some(SILENT),
            Session => own.session.map_or(!session_required, |session| session == ALLOW),
            Resource => false,
        };
        let decision = decide(scene, own);
        assert_eq!(decision.allowed(), limits.iter().all(allows), "{own:?}: {decision:?}");
    }
}

/// Denied whatever the caller's own policies say.
#[track_caller]
fn check_denied(scene: &Scene, expected: Reason) {
    for own in every_own_side() {
        let decision = decide(scene, own);
        assert!(!decision.allowed(), "{own:?}");
    }
    let own = Own { identity: ALLOW, boundary: Some(ALLOW), session: Some(ALLOW) };
    assert_eq!(decide(scene, own).reason(), expected);
}

/// The column "with no session policy", for an issuer who may.
#[track_caller]
fn check_without_session_policy(scene: &Scene, allowed: bool) {
    let own = Own { identity: ALLOW, boundary: None, session: None };
    assert_eq!(decide(scene, own).allowed(), allowed);
}

const EVERYTHING: &[Category] = &[Identity, Boundary, Session];

#[test]
fn row_1_without_a_grant_identity_boundary_and_session_limit() {
    let scene = scene(federated(), NO_POLICY);
    check_row(&scene, EVERYTHING);
    check_without_session_policy(&scene, false);
}

#[test]
fn row_2_a_grant_to_the_session_is_not_limited() {
    let scene = scene(federated(), grant(SESSION));
    check_row(&scene, &[]);
    check_without_session_policy(&scene, true);
}

#[test]
fn row_3_a_grant_to_the_issuer_is_limited_by_boundary_and_session() {
    let scene = scene(federated(), grant(ISSUER));
    check_row(&scene, &[Boundary, Session]);
    check_without_session_policy(&scene, false);
}

#[test]
fn row_4_a_grant_to_the_account_only_delegates() {
    for account in [ACCOUNT, ROOT] {
        let scene = scene(federated(), grant(account));
        check_row(&scene, EVERYTHING);
        check_without_session_policy(&scene, false);
    }
}

#[test]
fn row_5_a_grant_to_everybody_is_not_limited() {
    let scene = scene(federated(), grant("*"));
    check_row(&scene, &[]);
    check_without_session_policy(&scene, true);
}

#[test]
fn row_6_a_grant_to_everybody_on_condition_of_the_session_is_not_limited() {
    let scene = scene(federated(), grant_if_principal_is(SESSION));
    check_row(&scene, &[]);
    check_without_session_policy(&scene, true);
}

#[test]
fn row_7_a_grant_to_everybody_on_condition_of_the_issuer_does_not_match() {
    let scene = scene(federated(), grant_if_principal_is(ISSUER));
    check_row(&scene, EVERYTHING);
    check_without_session_policy(&scene, false);
}

#[test]
fn row_8_across_accounts_both_sides_have_to_allow() {
    for principal in [SESSION, ISSUER, ACCOUNT, ROOT, "*"] {
        let scene = from_another_account(federated(), grant(principal));
        check_row(&scene, EVERYTHING);
        check_without_session_policy(&scene, false);
    }
    let ungranted = from_another_account(federated(), NO_POLICY);
    check_denied(&ungranted, Reason::ImplicitDeny(Resource));
}

#[test]
fn row_9_a_deny_by_any_name_of_the_caller_wins() {
    for principal in [SESSION, ISSUER, ACCOUNT, ROOT, "*"] {
        check_denied(&scene(federated(), deny(principal)), Reason::ExplicitDeny(Resource));
    }
    let elsewhere = "arn:aws:sts::123456789012:federated-user/Dave";
    let both = [deny(SESSION), deny(elsewhere)].join(",");
    check_denied(&scene(federated(), both), Reason::ExplicitDeny(Resource));
    check_row(&scene(federated(), deny(elsewhere)), EVERYTHING);
}

#[test]
fn row_10_a_deny_with_not_principal_always_hits_a_caller_with_a_boundary() {
    let scene = scene(federated(), deny_all_but(&[SESSION, ISSUER, ROOT]));
    let own = Own { identity: ALLOW, boundary: Some(ALLOW), session: Some(ALLOW) };
    assert_eq!(decide(&scene, own).reason(), Reason::ExplicitDeny(Resource));
    let unbounded = Own { boundary: None, ..own };
    assert!(decide(&scene, unbounded).allowed());
}

#[test]
fn a_deny_with_not_principal_spares_only_a_caller_listed_in_every_layer() {
    let own = Own { identity: ALLOW, boundary: None, session: Some(ALLOW) };
    let lists: &[(&[&str], bool)] = &[
        (&[SESSION, ISSUER, ACCOUNT], true),
        (&["*"], true),
        (&[SESSION, ISSUER], false),
        (&[SESSION, ACCOUNT], false),
        (&[ISSUER, ACCOUNT], false),
        (&[ACCOUNT], false),
    ];
    for (list, spared) in lists {
        let decision = decide(&scene(federated(), deny_all_but(list)), own);
        assert_eq!(decision.allowed(), *spared, "{list:?}");
    }
    assert!(decide(&scene(user(), deny_all_but(&[ISSUER, ROOT])), own).allowed());
    assert!(decide(&scene(root(), deny_all_but(&[ROOT])), own).allowed());
}

#[test]
fn an_allow_with_not_principal_grants_to_everybody_else() {
    let all_but = |principal: &str| {
        statement("Allow", &format!(r#""NotPrincipal": {{"AWS": "{principal}"}}"#), "{}")
    };
    check_row(&scene(federated(), all_but("arn:aws:iam::123456789012:user/mallory")), &[]);
    for listed in [SESSION, ISSUER, ACCOUNT] {
        check_row(&scene(federated(), all_but(listed)), EVERYTHING);
    }
}

#[test]
fn an_explicit_deny_wins_in_every_category() {
    let granted = scene(federated(), grant(SESSION));
    let may = Own { identity: ALLOW, boundary: Some(ALLOW), session: Some(ALLOW) };
    let denials = [
        (Own { identity: DENY, ..may }, Identity),
        (Own { boundary: Some(DENY), ..may }, Boundary),
        (Own { session: Some(DENY), ..may }, Session),
    ];
    for (own, category) in denials {
        assert_eq!(decide(&granted, own).reason(), Reason::ExplicitDeny(category));
    }
    assert!(decide(&granted, may).allowed());
}

#[test]
fn of_several_grants_the_least_limited_counts() {
    let both = format!("{},{}", grant(ACCOUNT), grant(SESSION));
    check_row(&scene(federated(), both), &[]);
    let reversed = format!("{},{}", grant(SESSION), grant(ACCOUNT));
    check_row(&scene(federated(), reversed), &[]);
    let one_list = format!(r#""Principal": {{"AWS": ["{ACCOUNT}", "{ISSUER}"]}}"#);
    check_row(&scene(federated(), statement("Allow", &one_list, "{}")), &[Boundary, Session]);
}

#[test]
fn inline_and_managed_session_policies_count_as_one() {
    let (caller, allow, silent) =
        (federated(), parse(ALLOW, PolicyKind::Session), parse(SILENT, PolicyKind::Session));
    let context = Context::of(&caller);
    let request = Request {
        principal: &caller,
        action: "s3:GetObject",
        resource: OBJECT,
        resource_account: None,
        context: &context,
    };
    let identity = vec![LabelledPolicy::new("identity", &allow)];
    let decide = |session| {
        let policies =
            Policies { identity: identity.clone(), session: Some(session), ..Policies::default() };
        evaluate(&request, &policies).allowed()
    };
    assert!(decide(vec![
        LabelledPolicy::new("inline", &silent),
        LabelledPolicy::new("managed", &allow)
    ]));
    assert!(!decide(vec![
        LabelledPolicy::new("inline", &silent),
        LabelledPolicy::new("managed", &silent)
    ]));
    assert!(!decide(Vec::new()));
}

#[test]
fn a_user_is_limited_by_identity_and_boundary() {
    check_row(&scene(user(), NO_POLICY), EVERYTHING);
    check_row(&scene(user(), grant(ISSUER)), &[]);
    check_row(&scene(user(), grant(ACCOUNT)), EVERYTHING);
    check_without_session_policy(&scene(user(), NO_POLICY), true);
}

#[test]
fn a_get_session_token_session_acts_as_its_issuer() {
    let issuer = Issuer::User { arn: ISSUER.into() };
    let of_user = Principal::SessionToken { account: ACCOUNT.into(), issuer };
    check_row(&scene(of_user.clone(), NO_POLICY), EVERYTHING);
    check_row(&scene(of_user.clone(), grant(ISSUER)), &[]);
    check_without_session_policy(&scene(of_user, NO_POLICY), true);
    let of_root = Principal::SessionToken {
        account: ACCOUNT.into(),
        issuer: Issuer::Root { arn: ROOT.into() },
    };
    assert!(decide(&scene(of_root, NO_POLICY), NOTHING).allowed());
}

#[test]
fn a_role_session_keeps_the_powers_of_its_role_without_a_session_policy() {
    check_row(&scene(role_session(), NO_POLICY), EVERYTHING);
    check_without_session_policy(&scene(role_session(), NO_POLICY), true);
}

#[test]
fn a_grant_to_a_role_is_limited_by_session_policies_and_one_to_its_session_is_not() {
    check_row(&scene(role_session(), grant(ROLE)), &[Boundary, Session]);
    check_row(&scene(role_session(), grant(ROLE_SESSION)), &[]);
    check_row(&scene(role_session(), grant(ACCOUNT)), EVERYTHING);
}

#[test]
fn root_needs_no_identity_policy_at_home() {
    assert!(decide(&scene(root(), NO_POLICY), NOTHING).allowed());
    check_denied(&scene(root(), deny(ACCOUNT)), Reason::ExplicitDeny(Resource));
    let abroad = from_another_account(root(), NO_POLICY);
    assert_eq!(decide(&abroad, NOTHING).reason(), Reason::ImplicitDeny(Resource));
    assert!(decide(&from_another_account(root(), grant(ACCOUNT)), NOTHING).allowed());
}

#[test]
fn a_session_of_root_has_only_what_its_session_policy_grants() {
    check_row(&scene(federated_by_root(), NO_POLICY), &[Boundary, Session]);
    check_without_session_policy(&scene(federated_by_root(), NO_POLICY), false);
    check_row(&scene(federated_by_root(), grant(SESSION)), &[]);
    check_row(&scene(federated_by_root(), grant(ROOT)), &[Boundary, Session]);
}

#[test]
fn an_anonymous_request_has_only_what_the_resource_grants_to_everybody() {
    let decide = |resource, owner| {
        let scene = Scene { caller: Principal::Anonymous, resource, owner };
        decide(&scene, Own { identity: ALLOW, ..NOTHING })
    };
    for owner in [Some(ACCOUNT), None] {
        assert!(decide(Some(grant("*")), owner).allowed());
        assert!(!decide(Some(grant(ACCOUNT)), owner).allowed());
        assert_eq!(decide(None, owner).reason(), Reason::ImplicitDeny(Resource));
        let spared = deny_all_but(&[SESSION]);
        let both = format!("{},{spared}", grant("*"));
        assert_eq!(decide(Some(both), owner).reason(), Reason::ExplicitDeny(Resource));
    }
}

#[test]
fn a_session_of_the_same_name_in_another_account_is_somebody_else() {
    let foreign = "arn:aws:sts::999999999999:federated-user/Carol";
    check_row(&scene(federated(), grant(foreign)), EVERYTHING);
    check_row(&scene(federated(), grant(OTHER_ACCOUNT)), EVERYTHING);
}

#[test]
fn a_denial_says_which_category_made_it() {
    let may = Own { identity: ALLOW, boundary: Some(ALLOW), session: Some(ALLOW) };
    let home = scene(federated(), NO_POLICY);
    let because = |scene: &Scene, own| decide(scene, own).because();
    let cases = [
        (Own { identity: SILENT, ..may }, "because no identity-based policy allows the X action"),
        (
            Own { boundary: Some(SILENT), ..may },
            "because no permissions boundary allows the X action",
        ),
        (Own { session: Some(SILENT), ..may }, "because no session policy allows the X action"),
        (Own { session: None, ..may }, "because no session policy allows the X action"),
        (Own { identity: DENY, ..may }, "with an explicit deny in an identity-based policy"),
        (Own { boundary: Some(DENY), ..may }, "with an explicit deny in a permissions boundary"),
        (Own { session: Some(DENY), ..may }, "with an explicit deny in a session policy"),
    ];
    for (own, expected) in cases {
        assert_eq!(because(&home, own), Some(expected.replace('X', "s3:GetObject")));
    }
    assert_eq!(because(&home, may), None);
    assert_eq!(
        because(&from_another_account(federated(), NO_POLICY), may).as_deref(),
        Some("because no resource-based policy allows the s3:GetObject action"),
    );
    assert_eq!(
        because(&scene(federated(), deny("*")), may).as_deref(),
        Some("with an explicit deny in a resource-based policy"),
    );
}

#[test]
fn a_decision_names_the_statements_that_matched() {
    let bucket = format!(
        r#"{}, {{"Sid": "carol", "Effect": "Allow", "Principal": {{"AWS": "{SESSION}"}},
            "Action": "s3:*", "Resource": "*"}}"#,
        grant("arn:aws:iam::123456789012:user/nobody"),
    );
    let own = Own { identity: SILENT, boundary: None, session: Some(DENY) };
    let decision = decide(&scene(federated(), bucket), own);
    let [session, resource] = decision.matched() else { panic!("{decision:?}") };
    assert_eq!((session.category, session.effect, session.index), (Session, Effect::Deny, 0));
    assert_eq!((session.label.as_str(), session.sid.as_deref()), ("session", None));
    assert_eq!((resource.category, resource.effect, resource.index), (Resource, Effect::Allow, 1));
    assert_eq!((resource.label.as_str(), resource.sid.as_deref()), ("bucket", Some("carol")));
}

fn trust(principal: &str) -> Policy {
    let text = format!(
        r#"{{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}}, "Action": "sts:AssumeRole"}}"#
    );
    parse(&text, PolicyKind::Trust)
}

#[test]
fn a_trust_policy_names_who_may_assume_the_role() {
    let allows = |policy: &Policy, principal: &Principal| {
        trust_allows(policy, principal, &Context::of(principal))
    };
    assert!(allows(&trust(ISSUER), &user()));
    assert!(allows(&trust(ACCOUNT), &user()));
    assert!(!allows(&trust(OTHER_ACCOUNT), &user()));
    assert!(!allows(&trust(ISSUER), &root()));
    let tagging = format!(
        r#"{{"Effect": "Allow", "Principal": {{"AWS": "{ISSUER}"}}, "Action": "sts:TagSession"}}"#
    );
    assert!(!allows(&parse(&tagging, PolicyKind::Trust), &user()));
    let denied = format!(
        r#"{{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}},
           {{"Effect": "Deny", "Principal": {{"AWS": "{ISSUER}"}}, "Action": "*"}}"#
    );
    assert!(!allows(&parse(&denied, PolicyKind::Trust), &user()));
}

#[test]
fn a_role_is_assumed_only_if_its_trust_policy_allows() {
    let any = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
    let decide = |trust: &Policy, identity: &str, owner| {
        let identity = parse(identity, PolicyKind::Identity);
        let caller = user();
        let context = Context::of(&caller);
        let request = Request {
            principal: &caller,
            action: "sts:AssumeRole",
            resource: ROLE,
            resource_account: Some(owner),
            context: &context,
        };
        let policies = Policies {
            identity: vec![LabelledPolicy::new("identity", &identity)],
            resource: Some(LabelledPolicy::new("trust", trust)),
            ..Policies::default()
        };
        evaluate(&request, &policies).reason()
    };
    assert_eq!(decide(&trust(ISSUER), SILENT, ACCOUNT), Reason::Allowed);
    assert_eq!(decide(&trust(ACCOUNT), any, ACCOUNT), Reason::Allowed);
    assert_eq!(decide(&trust(ACCOUNT), SILENT, ACCOUNT), Reason::ImplicitDeny(Identity));
    assert_eq!(decide(&trust(SESSION), any, ACCOUNT), Reason::ImplicitDeny(Resource));
    assert_eq!(decide(&trust(ISSUER), SILENT, OTHER_ACCOUNT), Reason::ImplicitDeny(Identity));
    assert_eq!(decide(&trust(ISSUER), any, OTHER_ACCOUNT), Reason::Allowed);
}
