//! Requests go to the endpoint that was named, and nowhere else.

use stspec_verdict::Verdict;

use crate::server::Server;
use crate::{MIX, run};

#[tokio::test]
async fn a_redirect_is_a_wrong_answer_that_is_not_followed() {
    let elsewhere = Server::default().start().await;
    let server = Server { redirect_to: Some(elsewhere.url), ..Server::default() };
    let (run, seen) = run(MIX, server).await;
    let record = run.unwrap().record;
    assert!(seen.mints() > 0);
    assert_eq!(record.totals().counts.wrong, seen.mints());
    assert_eq!(record.verdict(), Verdict::Fail);
    assert_eq!(elsewhere.sight.seen().requests.len(), 0);
}
