//! How loads go while they last: a line on the terminal, an endpoint for Prometheus, goose's own view, and
//! their interruption.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use stspec_load::{EngineView, Progress, keep_ctrl_c};
use stspec_report::load::prometheus;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::create;
use crate::cli::LoadArgs;
use crate::environment::temporary_folder;
use crate::error::Problem;
use crate::interruption::interruption;
use crate::output;

/// Largest request that the endpoint reads, in bytes, and how long it waits for one.
const REQUEST_BYTES_MAX: usize = 8_192;
const REQUEST_DEADLINE: Duration = Duration::from_secs(5);

/// Who watches the loads of a command, and who may end them; there is one of it, however many loads there are.
pub(super) struct Watching {
    pub(super) exposition: Option<Exposition>,
    pub(super) view: EngineView,
    /// Cancelled when somebody interrupts the command.
    pub(super) cancel: CancellationToken,
}

impl Watching {
    /// Begins to listen where it was asked for, before anything is made on a target.
    pub(super) async fn of(args: &LoadArgs) -> Result<Self, Problem> {
        let mut exposition = None;
        if let Some(port) = args.prometheus {
            let served = Exposition::default();
            let address = served.serve(port).await?;
            output::note(&format!("metrics for Prometheus at http://{address}/metrics"));
            exposition = Some(served);
        }
        let view = view(args)?;
        // The engine's handler goes first, or it would displace ours.
        keep_ctrl_c();
        let (cancel, interrupted) = (CancellationToken::new(), interruption());
        let cancelling = cancel.clone();
        tokio::spawn(async move {
            interrupted.await;
            cancelling.cancel();
        });
        Ok(Self { exposition, view, cancel })
    }

    /// Whether all loads were interrupted.
    pub(super) fn is_stopped(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

/// What goose shows of its own. What is saved from its dashboard goes where temporary files go.
fn view(args: &LoadArgs) -> Result<EngineView, Problem> {
    let mut folder = None;
    if let Some(port) = args.dashboard {
        // goose finds out only when the account is made.
        std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .map_err(|error| taken(port, "goose's dashboard", &error))?;
        let saved = temporary_folder().join(format!("stspec-goose-{port}"));
        let shown = saved.display();
        output::note(&format!(
            "goose's dashboard at http://127.0.0.1:{port}/; what it saves goes to {shown}"
        ));
        folder = Some(saved);
    }
    args.goose_report.as_deref().map(create).transpose()?;
    Ok(EngineView { dashboard_port: args.dashboard, report: args.goose_report.clone(), folder })
}

fn taken(port: u16, what: &str, error: &std::io::Error) -> Problem {
    Problem::Usage(format!(
        "port {port} can't be listened on for {what}: {error}; choose another one"
    ))
}

/// The line on the terminal; nothing is drawn where stderr is none.
pub(super) fn line() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    let style = ProgressStyle::with_template("{spinner} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar
}

/// Draws how it goes.
pub(super) fn draw(bar: &ProgressBar, progress: &Progress) {
    bar.set_message(words(progress));
    bar.tick();
}

fn words(progress: &Progress) -> String {
    let Progress { elapsed, planned, level, last_second, record } = progress;
    let totals = record.totals();
    let counts = record.sent();
    let planned = planned.map_or(String::new(), |planned| format!(" of {} s", planned.as_secs()));
    let level = level.map_or(String::new(), |rate| format!(" at {rate}/s"));
    let time = |permille| match last_second.latency.quantile_us(permille) {
        Some(us) => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        None => "-".to_owned(),
    };
    let dropped =
        totals.offered.map_or(String::new(), |offered| format!(", {} dropped", offered.dropped));
    format!(
        "{} s{planned}{level}: {}/s, p50 {}, p99 {}; {} requests, {} errors, {} wrong{dropped}",
        elapsed.as_secs(),
        last_second.counts.answers(),
        time(500),
        time(990),
        counts.requests,
        counts.errors,
        counts.wrong,
    )
}

/// What the endpoint for Prometheus answers, once there is something.
#[derive(Debug, Clone, Default)]
pub(super) struct Exposition(Arc<Mutex<String>>);

impl Exposition {
    /// Answers with what is known now from here on.
    pub(super) fn set(&self, progress: &Progress) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = prometheus(&progress.record);
    }

    fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers `GET /metrics` on a port of 127.0.0.1 until the process ends.
    pub(super) async fn serve(&self, port: u16) -> Result<SocketAddr, Problem> {
        let unusable = |error: std::io::Error| taken(port, "Prometheus", &error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let exposition = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let exposition = exposition.clone();
                tokio::spawn(async move {
                    // Who hangs up or dawdles gets no answer.
                    let _unanswered = timeout(REQUEST_DEADLINE, answer(stream, &exposition)).await;
                });
            }
        });
        Ok(address)
    }
}

async fn answer(mut stream: TcpStream, exposition: &Exposition) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        if request.len() > REQUEST_BYTES_MAX || stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let is_wanted = request.starts_with(b"GET /metrics ") || request.starts_with(b"GET /metrics?");
    let (status, body) = if is_wanted {
        ("200 OK", exposition.text())
    } else {
        ("404 Not Found", "the metrics are at /metrics\n".to_owned())
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}
