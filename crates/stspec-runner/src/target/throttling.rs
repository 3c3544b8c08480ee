//! Answers that only say "not so fast": they are waited out and sent again, and never judged.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use stspec_scenario::Service;
use stspec_verdict::{Observation, Observed, Throttled};

use crate::event::{Events, RunEvent};
use crate::wire::circuit_breaker::CircuitBreaker;
use crate::wire::text_at;

/// Error codes by which AWS asks for slower requests.
///
/// Source: aws-runtime 1.10.2, `retries::classifiers::THROTTLING_ERRORS`, without those that stand for
/// something else than a rate: `LimitExceededException`, a quota, and the codes of EC2, `DynamoDB` and
/// Route 53.
const CODES: [&str; 9] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "SlowDown",
];

/// The first wait, before jitter; each further one is twice as long.
///
/// Source: ours; a bucket of a few requests a second has one again after it.
const WAIT_FIRST: Duration = Duration::from_millis(200);

/// The longest single wait, before jitter.
///
/// Source: ours; AWS's SDKs wait up to 20 s, for clients that nobody is waiting for.
const WAIT_LONGEST: Duration = Duration::from_secs(5);

/// How long a request is held up altogether before its check is given up.
///
/// Source: ours. At the 5 requests a second that a run sends at most on AWS, all that it has under way
/// would have been answered several times over.
pub(crate) const WAIT_TOTAL_MAX: Duration = Duration::from_mins(1);

/// A request that was throttled until nobody waited any longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ThrottledOut {
    /// Who throttled it, how long, and with which words.
    pub(crate) reason: String,
}

/// What throttling cost a run so far; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Throttling {
    answers: Arc<AtomicU64>,
    waited_ms: Arc<AtomicU64>,
    /// Services that held up request after request are not asked again.
    breaker: Arc<CircuitBreaker>,
    events: Events,
}

impl Throttling {
    /// Starts with nothing throttled.
    pub(crate) fn new(events: Events) -> Self {
        Self { answers: Arc::default(), waited_ms: Arc::default(), breaker: Arc::default(), events }
    }

    /// How many answers were waited out, and how long that took, all requests together.
    pub(crate) fn total(&self) -> Throttled {
        Throttled {
            answers: self.answers.load(Ordering::Relaxed),
            waited_ms: self.waited_ms.load(Ordering::Relaxed),
        }
    }

    /// Whether a service throttled so many requests to the end that no further one is worth its wait.
    pub(crate) fn has_given_up(&self, service: Service) -> bool {
        self.breaker.is_open(service)
    }

    /// Asks services again that held up requests to the end a while ago.
    pub(crate) fn reset(&self) {
        self.breaker.reset();
    }

    /// Sends until the answer is not "not so fast"; `send` signs afresh each time.
    pub(crate) async fn outlast<E: From<ThrottledOut>>(
        &self,
        service: Service,
        mut send: impl AsyncFnMut() -> Result<Observed, E>,
    ) -> Result<Observed, E> {
        let (mut waited, mut step) = (Duration::ZERO, WAIT_FIRST);
        loop {
            let observed = send().await?;
            let Some(words) = throttled(&observed, service) else {
                self.breaker.answered(service);
                return Ok(observed);
            };
            self.answers.fetch_add(1, Ordering::Relaxed);
            let wait = jittered(step).max(words.retry_after.unwrap_or_default());
            if waited.saturating_add(wait) > WAIT_TOTAL_MAX {
                self.breaker.missed(service);
                let (code, seconds) = (words.code, waited.as_secs());
                let reason = format!("{service} answered {code} for {seconds} s");
                return Err(ThrottledOut { reason }.into());
            }
            let event = RunEvent::Throttled { service, code: words.code, wait };
            self.events.emit(&event);
            tokio::time::sleep(wait).await;
            self.waited_ms.fetch_add(millis(wait), Ordering::Relaxed);
            waited += wait;
            step = WAIT_LONGEST.min(step * 2);
        }
    }
}

/// What a throttling answer says.
#[derive(Debug, PartialEq, Eq)]
struct Words {
    code: String,
    retry_after: Option<Duration>,
}

/// What an answer says, where it is a throttling one.
fn throttled(observed: &Observed, service: Service) -> Option<Words> {
    let Observed::Answer(answer) = observed else { return None };
    if answer.status < 400 {
        return None;
    }
    let code = text_at(answer, "error.code");
    // The answer to HEAD has no body, and S3 answers 503 to say SlowDown.
    let bare = service == Service::S3 && answer.status == 503 && code.is_none();
    let code = code.or_else(|| bare.then(|| "503".to_owned()))?;
    let is_throttling = bare || CODES.contains(&code.as_str());
    is_throttling.then(|| Words { code, retry_after: retry_after(answer) })
}

/// How long the answer asks to wait.
///
/// Source: RFC 9110, section 10.2.3, in seconds; aws-runtime 1.10.2, `retries::classifiers`,
/// `x-amz-retry-after` in milliseconds.
fn retry_after(answer: &Observation) -> Option<Duration> {
    let number = |path: &str| text_at(answer, path)?.trim().parse().ok();
    let seconds = || number("headers.retry-after").map(Duration::from_secs);
    number("headers.x-amz-retry-after").map(Duration::from_millis).or_else(seconds)
}

/// Between half of a wait and all of it, so that those who were refused together do not come back
/// together.
fn jittered(wait: Duration) -> Duration {
    let half = wait / 2;
    half + Duration::from_millis(fastrand::u64(0..=millis(half)))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, code: &str, headers: &[(&str, &str)]) -> Observed {
        let mut headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        headers.push(("content-type".into(), "text/xml".into()));
        let body = format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
        let body = if code.is_empty() { String::new() } else { body };
        Observed::Answer(Observation::new(status, headers, body.as_bytes(), 0))
    }

    #[track_caller]
    fn check(observed: &Observed, service: Service, code: Option<&str>) {
        let words = throttled(observed, service);
        assert_eq!(words.map(|words| words.code).as_deref(), code);
    }

    #[test]
    fn only_codes_about_a_rate_are_throttling() {
        check(&answer(400, "Throttling", &[]), Service::Sts, Some("Throttling"));
        check(
            &answer(429, "TooManyRequestsException", &[]),
            Service::Iam,
            Some("TooManyRequestsException"),
        );
        check(&answer(503, "SlowDown", &[]), Service::S3, Some("SlowDown"));
        check(&answer(503, "", &[]), Service::S3, Some("503"));
        check(&answer(503, "", &[]), Service::Sts, None);
        check(&answer(500, "", &[]), Service::S3, None);
        check(&answer(200, "Throttling", &[]), Service::Sts, None);
        check(&answer(409, "LimitExceeded", &[]), Service::Iam, None);
        check(&answer(503, "ServiceUnavailable", &[]), Service::S3, None);
        check(&answer(403, "AccessDenied", &[]), Service::Sts, None);
        check(&Observed::NoAnswer("gone".into()), Service::Sts, None);
    }

    #[test]
    fn an_answer_may_say_how_long_to_wait() {
        let wait = |headers: &[(&str, &str)]| {
            throttled(&answer(400, "Throttling", headers), Service::Sts).unwrap().retry_after
        };
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[("retry-after", "2")]), Some(Duration::from_secs(2)));
        assert_eq!(wait(&[("retry-after", "Sat, 21 Nov 2026 20:52:28 GMT")]), None);
        let both = [("retry-after", "2"), ("x-amz-retry-after", "1500")];
        assert_eq!(wait(&both), Some(Duration::from_millis(1500)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_throttled_is_sent_again_until_it_is_answered() {
        let (throttling, mut sent) = (Throttling::new(Events::ignored()), 0);
        let observed: Result<Observed, ThrottledOut> = throttling
            .outlast(Service::Sts, async || {
                sent += 1;
                Ok(if sent < 4 { answer(400, "Throttling", &[]) } else { answer(403, "No", &[]) })
            })
            .await;
        check(&observed.unwrap(), Service::Sts, None);
        let total = throttling.total();
        assert_eq!((sent, total.answers), (4, 3));
        // 200, 400 and 800 ms, each at least half and at most whole.
        assert!((700..=1400).contains(&total.waited_ms), "{total:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_longer_than_the_bound_and_then_says_why() {
        let throttling = Throttling::new(Events::ignored());
        for _ in 0..8 {
            assert!(!throttling.has_given_up(Service::Sts));
            let throttled_out: Result<Observed, ThrottledOut> =
                throttling.outlast(Service::Sts, async || Ok(answer(400, "Throttling", &[]))).await;
            let reason = throttled_out.unwrap_err().reason;
            assert!(reason.starts_with("sts answered Throttling for 5"), "{reason}");
        }
        assert!(throttling.has_given_up(Service::Sts) && !throttling.has_given_up(Service::S3));
        assert!(throttling.total().waited_ms <= 8 * 60_000);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_the_answer_asks_for_is_kept() {
        let (throttling, mut sent) = (Throttling::new(Events::ignored()), 0);
        let observed: Result<Observed, ThrottledOut> = throttling
            .outlast(Service::S3, async || {
                sent += 1;
                Ok(if sent == 1 {
                    answer(503, "SlowDown", &[("retry-after", "7")])
                } else {
                    answer(404, "NoSuchKey", &[])
                })
            })
            .await;
        assert!(observed.is_ok());
        assert_eq!(throttling.total(), Throttled { answers: 1, waited_ms: 7000 });
    }
}
