//! When somebody wants the process to end: Ctrl-C, a polite `kill`, a closed terminal.

use std::future::Future;

/// Listens from now on; the future resolves at the first wish to end.
///
/// Listening starts with the call and not when the future is first polled, so that nothing is made on a
/// target before. Under `nohup` a closed terminal ends the process all the same.
#[cfg(unix)]
pub(crate) fn interruption() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let mut listening: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    async move {
        let first = listening.iter_mut().map(|signal| Box::pin(signal.recv()));
        if first.len() == 0 {
            std::future::pending::<()>().await;
        }
        futures::future::select_all(first).await;
    }
}

/// Listens for Ctrl-C, the only wish to end that there is everywhere.
#[cfg(not(unix))]
pub(crate) fn interruption() -> impl Future<Output = ()> {
    async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
