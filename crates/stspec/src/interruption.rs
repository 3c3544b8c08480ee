//! When somebody wants the process to end: Ctrl-C, a polite `kill`, a closed terminal.

use std::future::Future;

use futures::{Stream, StreamExt};

/// Listens from now on; the future resolves at the first wish to end.
pub(crate) fn interruption() -> impl Future<Output = ()> {
    let mut wishes = Box::pin(interruptions());
    async move {
        if wishes.next().await.is_none() {
            std::future::pending::<()>().await;
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
