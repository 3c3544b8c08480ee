//! Whatever carries the calls: the target is sent the same.

use stspec_verdict::Verdict;

use crate::run;
use crate::server::Server;

/// Ten turns of one user: it mints with all that a mint can have, and asks who the session is.
fn profile(transport: &str) -> String {
    format!(
        r#"
profile: carried
says: Minting with tags and policies, and asking who the session is.
account: minter
shape: {{users: [{{to: 1}}]}}
requests: 10
transport: {transport}
calls:
  - steps:
      - id: mint
        call: sts.GetFederationToken
        as: minter
        params:
          Name: load
          DurationSeconds: "900"
          Policy: {{json: {{Version: "2012-10-17", Statement: []}}}}
          PolicyArns: [{{arn: "arn:aws:iam::aws:policy/ReadOnlyAccess"}}]
          Tags: [{{Key: team, Value: blue}}, {{Key: role, Value: ""}}]
        expect: {{status: 200}}
        session: s
      - {{id: identity, call: sts.GetCallerIdentity, as: session.s, expect: {{status: 200}}}}
"#
    )
}

async fn check(transport: &str) {
    let (run, seen) = run(&profile(transport), Server::default()).await;
    assert_eq!(run.unwrap().record.verdict(), Verdict::Pass);
    let form = [
        "Action=GetFederationToken",
        "DurationSeconds=900",
        "Name=load",
        "Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D",
        "PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess",
        "Tags.member.1.Key=team",
        "Tags.member.1.Value=blue",
        "Tags.member.2.Key=role",
        "Tags.member.2.Value=",
        "Version=2011-06-15",
    ];
    let forms: Vec<Vec<String>> = seen.mint_forms.into_iter().collect();
    assert_eq!(forms, [form]);
    let minted = |number: u64| format!("ASIAMINTED{number:010}");
    let sessions: Vec<String> =
        seen.asked_by.into_iter().filter(|id| id.starts_with("ASIA")).collect();
    assert_eq!(sessions, (1..=10).map(minted).collect::<Vec<_>>());
}

#[tokio::test]
async fn hyper_carries_every_parameter_and_each_session() {
    check("hyper").await;
}

#[tokio::test]
async fn the_sdk_carries_every_parameter_and_each_session() {
    check("aws-sdk").await;
}
