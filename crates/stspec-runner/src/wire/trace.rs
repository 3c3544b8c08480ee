//! Keeps every exchange of a run, for whoever asked for a trace.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use stspec_verdict::{TracedAnswer, TracedExchange};
use tokio::time::Instant;

use crate::wire::transport::{RawAnswer, WireRequest};

/// Where exchanges are kept until the run is over: what was a secret is known only then.
///
/// Clones share what is kept.
#[derive(Clone)]
pub(crate) struct Trace {
    began: Instant,
    exchanges: Arc<Mutex<Vec<TracedExchange>>>,
}

impl Trace {
    /// Begins now.
    pub(crate) fn begin() -> Self {
        Self { began: Instant::now(), exchanges: Arc::default() }
    }

    /// Keeps an exchange that is over.
    pub(crate) fn keep(
        &self,
        request: &WireRequest,
        sent: Instant,
        answer: &Result<RawAnswer, String>,
    ) {
        let headers = request.headers.iter().map(|(name, value)| (name.clone(), value.clone()));
        let exchange = TracedExchange {
            about: request.about.clone(),
            at_us: micros(sent.saturating_duration_since(self.began)),
            duration_us: micros(sent.elapsed()),
            method: request.method.to_string(),
            url: request.url.clone(),
            headers: headers.collect(),
            body: request.body.to_vec(),
            answer: match answer {
                Ok((status, headers, body)) => Ok(TracedAnswer {
                    status: *status,
                    headers: headers.clone(),
                    body: body.clone(),
                }),
                Err(reason) => Err(reason.clone()),
            },
        };
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
    }

    /// Everything that was kept, in the order in which it was sent.
    pub(crate) fn take(&self) -> Vec<TracedExchange> {
        let mut exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        let mut exchanges = std::mem::take(&mut *exchanges);
        exchanges.sort_by_key(|exchange| exchange.at_us);
        exchanges
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Exchanges hold secrets.
        formatter.debug_struct("Trace").finish_non_exhaustive()
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
