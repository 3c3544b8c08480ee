//! How many requests a second are answered: off unless asked for.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::account::InvalidConfig;
use crate::model::service::Service;

/// A number of requests a second, for each service of the account.
///
/// IAM and STS have a bucket of tokens each, which is refilled every second; how large AWS's are is
/// not documented (AWS Support, quoted in hashicorp/terraform-provider-aws#44853). Here a second's
/// worth may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle(NonZeroU32);

impl FromStr for Throttle {
    type Err = InvalidConfig;

    /// Reads `5/s`.
    fn from_str(text: &str) -> Result<Self, InvalidConfig> {
        let number = text.strip_suffix("/s").and_then(|number| number.parse().ok());
        number.map(Self).ok_or_else(|| InvalidConfig::Throttle(text.to_owned()))
    }
}

impl fmt::Display for Throttle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/s", self.0)
    }
}

/// The buckets of the services.
#[derive(Debug)]
pub(crate) struct Buckets {
    /// How much of a second one request takes.
    cost: Duration,
    sts: Mutex<Bucket>,
    iam: Mutex<Bucket>,
    s3: Mutex<Bucket>,
}

/// What is left of a second, and since when.
#[derive(Debug)]
struct Bucket {
    left: Duration,
    at: Instant,
}

/// What a full bucket holds.
const FULL: Duration = Duration::from_secs(1);

impl Buckets {
    /// Full ones.
    pub(crate) fn new(throttle: Throttle, now: Instant) -> Self {
        let full = || Mutex::new(Bucket { left: FULL, at: now });
        Self { cost: FULL / throttle.0.get(), sts: full(), iam: full(), s3: full() }
    }

    /// Whether a service answers one more request now.
    pub(crate) fn take(&self, service: Service, now: Instant) -> bool {
        let bucket = match service {
            Service::Sts => &self.sts,
            Service::Iam => &self.iam,
            Service::S3 => &self.s3,
        };
        let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.left = FULL.min(bucket.left + now.saturating_duration_since(bucket.at));
        bucket.at = bucket.at.max(now);
        match bucket.left.checked_sub(self.cost) {
            Some(left) => {
                bucket.left = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(buckets: &Buckets, service: Service, now: Instant, tries: usize) -> usize {
        (0..tries).filter(|_| buckets.take(service, now)).count()
    }

    #[test]
    fn a_rate_is_a_number_a_second() {
        assert_eq!("5/s".parse::<Throttle>().unwrap().to_string(), "5/s");
        for text in ["5", "0/s", "-1/s", "5/m", "/s", "", "5/s "] {
            assert!(text.parse::<Throttle>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_seconds_worth_is_answered_at_once_and_then_as_fast_as_it_refills() {
        let now = Instant::now();
        let buckets = Buckets::new("5/s".parse().unwrap(), now);
        assert_eq!(taken(&buckets, Service::Sts, now, 20), 5);
        assert_eq!(taken(&buckets, Service::Sts, now + Duration::from_millis(199), 20), 0);
        assert_eq!(taken(&buckets, Service::Sts, now + Duration::from_millis(400), 20), 2);
        assert_eq!(taken(&buckets, Service::Sts, now + Duration::from_mins(9), 20), 5);
    }

    #[test]
    fn each_service_has_a_bucket_of_its_own() {
        let now = Instant::now();
        let buckets = Buckets::new("1/s".parse().unwrap(), now);
        for service in [Service::Sts, Service::Iam, Service::S3] {
            assert_eq!(taken(&buckets, service, now, 3), 1);
        }
    }
}
