//! When somebody wants the process to end: Ctrl-C, a polite `kill`, a closed terminal.

use std::future::Future;
use std::pin::pin;

use futures::{Stream, StreamExt};
use stspec_runner::Cancellation;
use tokio_util::sync::CancellationToken;

use crate::output;

/// Listens from now on; the future resolves at the first wish to end.
pub(crate) fn interruption() -> impl Future<Output = ()> {
    let mut wishes = Box::pin(interruptions());
    async move {
        if wishes.next().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

/// What the first Ctrl-C is answered.
const CLEANING_UP: &str =
    "interrupted: cleaning up; press Ctrl-C again to leave the rest to `stspec sweep`";

/// Does a run's work; the first interruption cancels the work, the second one cancels cleaning up, too.
///
/// Listening starts with the call.
pub(crate) fn cancelled_by_interruptions<T>(
    cancellation: &Cancellation,
    work: impl Future<Output = T>,
) -> impl Future<Output = T> {
    let mut interruptions = Box::pin(interruptions());
    let listening = async move {
        if interruptions.next().await.is_some() {
            output::note(CLEANING_UP);
            cancellation.work.cancel();
        }
        if interruptions.next().await.is_some() {
            cancellation.clean_up.cancel();
        }
        std::future::pending::<T>().await
    };
    async move {
        tokio::select! {
            done = work => done,
            done = listening => done,
        }
    }
}

/// Does work with a token that the first interruption cancels.
pub(crate) async fn cancelled_by_interruption<T, F: Future<Output = T>>(
    work: impl FnOnce(CancellationToken) -> F,
) -> T {
    let (interrupted, cancelled) = (interruption(), CancellationToken::new());
    let mut working = pin!(work(cancelled.clone()));
    tokio::select! {
        done = &mut working => done,
        () = interrupted => {
            cancelled.cancel();
            working.await
        }
    }
}

/// Listens from now on; the stream has an item for each wish to end.
///
/// Listening starts with the call and not when the stream is first polled, so that nothing is made on a
/// target before. Under `nohup` a closed terminal ends the process all the same.
#[cfg(unix)]
pub(crate) fn interruptions() -> impl Stream<Item = ()> {
    use std::task::Poll;
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let mut listening: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    futures::stream::poll_fn(move |context| {
        let wished = listening.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
        if wished { Poll::Ready(Some(())) } else { Poll::Pending }
    })
}

/// Listens for Ctrl-C, the only wish to end that there is everywhere.
#[cfg(not(unix))]
pub(crate) fn interruptions() -> impl Stream<Item = ()> {
    futures::stream::unfold((), |()| async { Some((tokio::signal::ctrl_c().await.ok()?, ())) })
}
