//! How long a silent service is still asked.

use std::sync::atomic::{AtomicU32, Ordering};

use stspec_scenario::Service;

/// After how many requests in a row without an answer a service is not asked again.
///
/// Source: ours; as many as scenarios are played at once, so that the first round of deadlines
/// settles it.
const MISSED_MAX: u32 = 8;

/// Counts the requests in a row that ended at their deadline, by service.
///
/// A server that never answers would otherwise hold a run for its deadline times all requests.
#[derive(Debug, Default)]
pub(crate) struct CircuitBreaker {
    sts: AtomicU32,
    iam: AtomicU32,
    s3: AtomicU32,
}

impl CircuitBreaker {
    /// Notes a request whose deadline passed.
    pub(crate) fn missed(&self, service: Service) {
        self.of(service).fetch_add(1, Ordering::Relaxed);
    }

    /// Notes an answer, whatever it says.
    pub(crate) fn answered(&self, service: Service) {
        self.of(service).store(0, Ordering::Relaxed);
    }

    /// Begins anew with every service.
    pub(crate) fn reset(&self) {
        for service in [Service::Sts, Service::Iam, Service::S3] {
            self.answered(service);
        }
    }

    /// Whether a service is not worth asking any more.
    pub(crate) fn is_open(&self, service: Service) -> bool {
        self.of(service).load(Ordering::Relaxed) >= MISSED_MAX
    }

    fn of(&self, service: Service) -> &AtomicU32 {
        match service {
            Service::Sts => &self.sts,
            Service::Iam => &self.iam,
            Service::S3 => &self.s3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_silence_without_a_break_ends_patience() {
        let breaker = CircuitBreaker::default();
        for _ in 1..MISSED_MAX {
            breaker.missed(Service::Sts);
        }
        assert!(!breaker.is_open(Service::Sts));
        breaker.answered(Service::Sts);
        breaker.missed(Service::Sts);
        assert!(!breaker.is_open(Service::Sts));
        for _ in 1..MISSED_MAX {
            breaker.missed(Service::Sts);
        }
        assert!(breaker.is_open(Service::Sts) && !breaker.is_open(Service::Iam));
        breaker.reset();
        assert!(!breaker.is_open(Service::Sts));
    }
}
