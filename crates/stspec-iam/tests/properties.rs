//! What holds for all documents and all requests.

use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};
use stspec_iam::{
    Context, Issuer, LabelledPolicy, Policies, Policy, PolicyKind, Principal, Reason, Request,
    evaluate,
};

const KINDS: [PolicyKind; 4] =
    [PolicyKind::Identity, PolicyKind::Session, PolicyKind::Resource, PolicyKind::Trust];
const ACCOUNT: &str = "123456789012";
const ROOT: &str = "arn:aws:iam::123456789012:root";
const USER: &str = "arn:aws:iam::123456789012:user/u";
const SESSION: &str = "arn:aws:sts::123456789012:federated-user/u";

fn any_effect() -> impl Strategy<Value = &'static str> {
    select(vec!["Allow", "Allow", "Deny"])
}

fn any_condition() -> impl Strategy<Value = Value> {
    let operators = vec![
        "StringEquals",
        "StringNotLike",
        "ForAllValues:StringLike",
        "ForAnyValue:StringNotEquals",
        "StringEqualsIfExists",
        "ArnNotLike",
    ];
    let values = prop::collection::vec(select(vec!["a", "*", "${x:other}", "b"]), 0..3);
    prop_oneof![
        2 => Just(json!({})),
        1 => (select(operators), values).prop_map(|(operator, values)| json!({operator: {"x:k": values}})),
    ]
}

/// A statement without a principal, about three actions and three resources.
fn any_statement() -> impl Strategy<Value = Value> {
    let actions = vec!["*", "s3:*", "s3:GetObject", "s3:Put*"];
    let resources = vec!["*", "arn:aws:s3:::a/*", "arn:aws:s3:::b/${x:k}", "arn:aws:s3:::?/k"];
    let action_name = select(vec!["Action", "Action", "NotAction"]);
    let resource_name = select(vec!["Resource", "Resource", "NotResource"]);
    (
        any_effect(),
        (action_name, prop::collection::vec(select(actions), 1..3)),
        (resource_name, prop::collection::vec(select(resources), 1..3)),
        any_condition(),
    )
        .prop_map(|(effect, (action, actions), (resource, resources), condition)| {
            json!({"Effect": effect, action: actions, resource: resources, "Condition": condition})
        })
}

fn any_identity_policy() -> impl Strategy<Value = Policy> {
    prop::collection::vec(any_statement(), 1..4)
        .prop_map(|statements| document(&statements, PolicyKind::Identity))
}

fn any_resource_policy() -> impl Strategy<Value = Policy> {
    let principals = vec!["*", ACCOUNT, USER, SESSION, "arn:aws:iam::999999999999:user/x"];
    let principal_name = select(vec!["Principal", "Principal", "NotPrincipal"]);
    let statement =
        (any_statement(), principal_name, prop::collection::vec(select(principals), 1..3))
            .prop_map(|(mut statement, name, principals)| {
                set(&mut statement, name, json!({"AWS": principals}));
                statement
            });
    prop::collection::vec(statement, 1..4)
        .prop_map(|statements| document(&statements, PolicyKind::Resource))
}

fn set(object: &mut Value, key: &str, value: Value) {
    object.as_object_mut().expect("an object").insert(key.to_owned(), value);
}

fn document(statements: &[Value], kind: PolicyKind) -> Policy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Policy::parse(&text, kind).expect("a policy")
}

fn user() -> Principal {
    Principal::User { account: ACCOUNT.into(), arn: USER.into() }
}

fn any_principal() -> impl Strategy<Value = Principal> {
    let issuer = Issuer::User { arn: USER.into() };
    select(vec![
        user(),
        Principal::Root { account: ACCOUNT.into(), arn: ROOT.into() },
        Principal::Federated {
            account: ACCOUNT.into(),
            arn: SESSION.into(),
            issuer: issuer.clone(),
        },
        Principal::Federated {
            account: ACCOUNT.into(),
            arn: SESSION.into(),
            issuer: Issuer::Root { arn: ROOT.into() },
        },
        Principal::SessionToken { account: ACCOUNT.into(), issuer },
        Principal::AssumedRole {
            account: ACCOUNT.into(),
            session_arn: SESSION.into(),
            role_arn: USER.into(),
        },
        Principal::Anonymous,
    ])
}

/// Everything about a request but its principal.
#[derive(Debug, Clone)]
struct Asked {
    action: &'static str,
    resource: &'static str,
    owner: Option<&'static str>,
    key: Vec<&'static str>,
}

fn any_asked() -> impl Strategy<Value = Asked> {
    (
        select(vec!["s3:GetObject", "s3:PutObject", "iam:GetUser"]),
        select(vec!["arn:aws:s3:::a/k", "arn:aws:s3:::b/a", "*"]),
        select(vec![None, Some(ACCOUNT), Some("999999999999")]),
        prop::collection::vec(select(vec!["a", "b"]), 0..3),
    )
        .prop_map(|(action, resource, owner, key)| Asked { action, resource, owner, key })
}

fn reason(asked: &Asked, principal: &Principal, policies: &Policies) -> Reason {
    let mut context = Context::of(principal);
    context.insert_many("x:k", asked.key.iter().copied());
    let request = Request {
        principal,
        action: asked.action,
        resource: asked.resource,
        resource_account: asked.owner,
        context: &context,
    };
    evaluate(&request, policies).reason()
}

fn allowed(asked: &Asked, principal: &Principal, policies: &Policies) -> bool {
    reason(asked, principal, policies) == Reason::Allowed
}

fn labelled(policy: &Policy) -> LabelledPolicy<'_> {
    LabelledPolicy::new("policy", policy)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,200}") {
        for kind in KINDS {
            let _ = Policy::parse(&text, kind);
        }
    }

    #[test]
    fn no_damage_to_a_document_makes_the_parser_panic(
        statement in any_statement(),
        cut in any::<prop::sample::Index>(),
        insert in "[\\PC\"{}\\[\\],:$*]{0,6}",
    ) {
        let text = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        let mut characters: Vec<char> = text.chars().collect();
        let at = cut.index(characters.len());
        characters.splice(at..=at, insert.chars());
        let text: String = characters.into_iter().collect();
        for kind in KINDS {
            let _ = Policy::parse(&text, kind);
        }
    }

    #[test]
    fn no_pattern_or_value_makes_the_evaluator_panic(
        pattern in "[\\PC*?:${},']{0,30}",
        value in "[\\PC*?:]{0,30}",
        operator in select(vec!["StringLike", "StringEqualsIgnoreCase", "ArnLike"]),
    ) {
        let statement = json!({
            "Effect": "Allow", "Action": "*", "Resource": format!("arn:{pattern}"),
            "Condition": {operator: {"x:k": pattern}},
        });
        let policy = document(&[statement], PolicyKind::Identity);
        let mut context = Context::new();
        context.insert("x:k", value.as_str());
        let principal = user();
        let request = Request {
            principal: &principal,
            action: &value,
            resource: &value,
            resource_account: Some(&value),
            context: &context,
        };
        let policies = Policies { identity: vec![labelled(&policy)], ..Policies::default() };
        prop_assert!(!evaluate(&request, &policies).allowed(), "the resource is another account's");
    }

    #[test]
    fn a_deny_always_wins(
        asked in any_asked(),
        principal in any_principal(),
        identity in any_identity_policy(),
        session in prop::option::of(any_identity_policy()),
        resource in prop::option::of(any_resource_policy()),
        place in 0..4,
    ) {
        let all = json!({"Effect": "Deny", "Action": "*", "Resource": "*"});
        let mut all_of_anybody = all.clone();
        set(&mut all_of_anybody, "Principal", json!("*"));
        let deny = document(&[all], PolicyKind::Identity);
        let deny_in_resource = document(&[all_of_anybody], PolicyKind::Resource);
        let mut policies = Policies {
            identity: vec![labelled(&identity)],
            boundary: None,
            session: session.as_ref().map(|session| vec![labelled(session)]),
            resource: resource.as_ref().map(labelled),
        };
        match place {
            0 => policies.identity.push(labelled(&deny)),
            1 => policies.boundary = Some(labelled(&deny)),
            2 => policies.session.get_or_insert_default().push(labelled(&deny)),
            _ => policies.resource = Some(labelled(&deny_in_resource)),
        }
        let reason = reason(&asked, &principal, &policies);
        prop_assert!(matches!(reason, Reason::ExplicitDeny(_)), "{reason:?}");
    }

    #[test]
    fn a_session_policy_never_adds_to_what_the_issuer_may(
        asked in any_asked(),
        identity in any_identity_policy(),
        boundary in prop::option::of(any_identity_policy()),
        session in any_identity_policy(),
    ) {
        let federated = Principal::Federated {
            account: ACCOUNT.into(),
            arn: SESSION.into(),
            issuer: Issuer::User { arn: USER.into() },
        };
        let own = Policies {
            identity: vec![labelled(&identity)],
            boundary: boundary.as_ref().map(labelled),
            session: None,
            resource: None,
        };
        let scoped = Policies { session: Some(vec![labelled(&session)]), ..own.clone() };
        prop_assert!(!allowed(&asked, &federated, &own), "no session policy, no permissions");
        prop_assert!(!allowed(&asked, &federated, &scoped) || allowed(&asked, &user(), &own));
    }

    #[test]
    fn a_session_policy_never_widens_other_sessions_whatever_the_resource_grants(
        asked in any_asked(),
        principal in any_principal(),
        identity in any_identity_policy(),
        resource in prop::option::of(any_resource_policy()),
        session in any_identity_policy(),
    ) {
        prop_assume!(!matches!(principal, Principal::Federated { .. }));
        let own = Policies {
            identity: vec![labelled(&identity)],
            resource: resource.as_ref().map(labelled),
            ..Policies::default()
        };
        let scoped = Policies { session: Some(vec![labelled(&session)]), ..own.clone() };
        prop_assert!(!allowed(&asked, &principal, &scoped) || allowed(&asked, &principal, &own));
    }

    #[test]
    fn a_boundary_never_widens(
        asked in any_asked(),
        principal in any_principal(),
        identity in any_identity_policy(),
        session in prop::option::of(any_identity_policy()),
        resource in prop::option::of(any_resource_policy()),
        boundary in any_identity_policy(),
    ) {
        let own = Policies {
            identity: vec![labelled(&identity)],
            boundary: None,
            session: session.as_ref().map(|session| vec![labelled(session)]),
            resource: resource.as_ref().map(labelled),
        };
        let bounded = Policies { boundary: Some(labelled(&boundary)), ..own.clone() };
        prop_assert!(!allowed(&asked, &principal, &bounded) || allowed(&asked, &principal, &own));
    }
}
