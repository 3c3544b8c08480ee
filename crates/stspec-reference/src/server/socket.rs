//! A socket whose client has to read what it asked for, and gets time to read the last of it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::connection_slots::ConnectionActivity;

/// Longest wait for a client to stop sending a body that was refused.
const LINGER_TIMEOUT: Duration = Duration::from_secs(2);

/// Bytes that are thrown away at once in that time.
const LINGER_BUFFER_BYTES: usize = 16 * 1024;

/// A TCP stream that fails where an answer can't be written in time.
///
/// The time runs from the first write that has to wait for the client until everything written so
/// far has left. An answer that the socket's own buffer holds, as nearly all do, starts no timer.
pub(super) struct Socket {
    stream: TcpStream,
    activity: Arc<ConnectionActivity>,
    answer_write_timeout: Duration,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Socket {
    /// Wraps an accepted stream.
    pub(super) fn new(
        stream: TcpStream,
        activity: Arc<ConnectionActivity>,
        answer_write_timeout: Duration,
    ) -> Self {
        Self { stream, activity, answer_write_timeout, deadline: None }
    }

    /// Reads and drops what a client is still sending, until it stops or its time is up.
    ///
    /// Closing at once would reset the connection, and a reset takes from the client the refusal
    /// that it has not read yet.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut dropped = [0; LINGER_BUFFER_BYTES];
        loop {
            let expires =
                self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(LINGER_TIMEOUT)));
            if expires.as_mut().poll(context).is_ready() {
                return Poll::Ready(());
            }
            let mut buffer = ReadBuf::new(&mut dropped);
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(());
            }
        }
    }

    /// Turns waiting into failing once the deadline has passed.
    fn bounded<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            return written;
        }
        let timeout = self.answer_write_timeout;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.bounded(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.bounded(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes when its own buffer is empty: the answer has left, and the time stops.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.deadline = None;
        self.activity.flushed();
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        if self.activity.body_refused() {
            ready!(self.poll_linger(context));
        }
        Poll::Ready(Ok(()))
    }
}
