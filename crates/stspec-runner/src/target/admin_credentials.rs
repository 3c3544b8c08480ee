//! The administrator's credentials, which are had anew before they expire.

use std::fmt::Debug;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use futures::future::BoxFuture;
use tokio::sync::Mutex;

use crate::credentials::Credentials;

/// How long before their end credentials are had anew.
///
/// Source: ours; longer than any request is held up and any change is waited for.
const AHEAD: Duration = Duration::from_mins(5);

/// Between two attempts to have credentials anew, as whoever hands them out may ask somebody else.
const PAUSE: Duration = Duration::from_secs(30);

/// Hands out the administrator's credentials, again and again.
pub trait CredentialSource: Debug + Send + Sync {
    /// The credentials as they are now; fails in words.
    fn fetch(&self) -> BoxFuture<'_, Result<ExpiringCredentials, String>>;
}

/// Credentials, and when they end.
#[derive(Debug, Clone)]
pub struct ExpiringCredentials {
    /// What signs.
    pub credentials: Credentials,
    /// When they end; nothing for an access key.
    pub expires: Option<SystemTime>,
}

/// Who administers a target.
#[derive(Debug, Clone)]
pub struct Administrator {
    /// The credentials at first.
    pub provided: ExpiringCredentials,
    /// Where others are had from before those end; without one they are used to their end.
    pub source: Option<Arc<dyn CredentialSource>>,
}

impl Administrator {
    /// Somebody whose credentials stay.
    #[must_use]
    pub fn lasting(credentials: Credentials) -> Self {
        Self { provided: ExpiringCredentials { credentials, expires: None }, source: None }
    }
}

/// The administrator's credentials of the moment.
#[derive(Debug)]
pub(crate) struct Admin {
    now: RwLock<ExpiringCredentials>,
    source: Option<Arc<dyn CredentialSource>>,
    /// When others were asked for last; locked while they are.
    asked: Mutex<Option<SystemTime>>,
}

impl Admin {
    pub(crate) fn new(administrator: Administrator) -> Self {
        let Administrator { provided, source } = administrator;
        Self { now: RwLock::new(provided), source, asked: Mutex::new(None) }
    }

    /// As they are, even if they are about to end.
    pub(crate) fn credentials(&self) -> Credentials {
        self.now.read().unwrap_or_else(PoisonError::into_inner).credentials.clone()
    }

    /// Has them anew if they are about to end and `accept` finds nothing against the others. Says why
    /// they stay as they are where they should not.
    pub(crate) async fn renew(
        &self,
        time: SystemTime,
        accept: impl AsyncFnOnce(&Credentials) -> Result<(), String>,
    ) -> Result<(), String> {
        let Some(source) = self.source.as_ref().filter(|_| self.ends_soon(time)) else {
            return Ok(());
        };
        let mut asked = self.asked.lock().await;
        let too_soon = asked.is_some_and(|asked| time < asked + PAUSE);
        if too_soon || !self.ends_soon(time) {
            return Ok(());
        }
        *asked = Some(time);
        let provided = source.fetch().await?;
        accept(&provided.credentials).await?;
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = provided;
        Ok(())
    }

    fn ends_soon(&self, time: SystemTime) -> bool {
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
        now.expires.is_some_and(|expires| time + AHEAD >= expires)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Credentials that end an hour after the number in their name.
    #[derive(Debug, Default)]
    struct Hourly(AtomicU64);

    impl CredentialSource for Hourly {
        fn fetch(&self) -> BoxFuture<'_, Result<ExpiringCredentials, String>> {
            let hour = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            Box::pin(async move {
                if hour == 3 { Err("nobody is logged in".to_owned()) } else { Ok(of_hour(hour)) }
            })
        }
    }

    fn of_hour(hour: u64) -> ExpiringCredentials {
        let credentials = Credentials::long_term(format!("ASIA{hour}"), "secret");
        ExpiringCredentials { credentials, expires: Some(at(hour + 1, 0)) }
    }

    fn at(hour: u64, minute: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_mins(60 * hour + minute)
    }

    #[tokio::test]
    async fn credentials_are_had_anew_before_they_end_and_kept_where_the_others_are_no_good() {
        let administrator =
            Administrator { provided: of_hour(0), source: Some(Arc::new(Hourly::default())) };
        let admin = Admin::new(administrator);
        let check = async |time, refused: Option<&str>, said: Option<&str>, id: &str| {
            let accept = async |_: &Credentials| refused.map_or(Ok(()), |words| Err(words.into()));
            let told = admin.renew(time, accept).await.err();
            assert_eq!(told.as_deref(), said, "{time:?}");
            assert_eq!(admin.credentials().access_key_id, id, "{time:?}");
        };
        check(at(0, 54), None, None, "ASIA0").await;
        check(at(0, 55), None, None, "ASIA1").await;
        check(at(1, 54), None, None, "ASIA1").await;
        check(at(1, 56), Some("another account"), Some("another account"), "ASIA1").await;
        // Asked a moment ago.
        check(at(1, 56), None, None, "ASIA1").await;
        check(at(1, 57), None, Some("nobody is logged in"), "ASIA1").await;
        check(at(1, 58), None, None, "ASIA4").await;
    }
}
