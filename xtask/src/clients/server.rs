//! The two servers that a client calls; they end when dropped.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::REGION;
use crate::build::root;
use crate::error::Problem;
use crate::watch::{end, failed, start};

/// How far the lagging server's clock is behind, as `--clock-offset` takes it.
///
/// A session of 900 s, the shortest there is, that the lagging server mints ends 30 s later by the
/// honest server's clock. Clocks may differ by 15 minutes, so clients can still sign for the lagging one.
const LAG: &str = "-870s";

/// The keys of both servers, so that each accepts the other's sessions; no other server uses them.
const KEY_RING: &str = "xtask/clients/key-ring.json";

/// A server for the whole scene, and one for the session that ends soon.
pub(super) struct Servers {
    /// Its clock is right.
    pub(super) honest: Server,
    /// Its clock is behind.
    pub(super) lagging: Server,
}

impl Servers {
    /// Starts both on free ports, the honest one with these faults.
    pub(super) fn start(stspec: &Path, faults: &[String]) -> Result<Self, Problem> {
        let mut honest = serve(stspec);
        honest.args(faults.iter().flat_map(|fault| ["--fault", fault]));
        let mut lagging = serve(stspec);
        lagging.arg(format!("--clock-offset={LAG}"));
        Ok(Self { honest: Server::start(&mut honest)?, lagging: Server::start(&mut lagging)? })
    }
}

fn serve(stspec: &Path) -> Command {
    let mut command = Command::new(stspec);
    command.args(["serve", "--region", REGION, "--key-ring"]).arg(root().join(KEY_RING));
    command
}

/// A running `stspec serve`.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) endpoint: String,
    /// The access key id of its root user.
    pub(crate) root_access_key_id: String,
    /// The secret access key of its root user.
    pub(crate) root_secret_access_key: String,
}

impl Server {
    /// Starts one on a free port.
    pub(crate) fn alone(stspec: &Path) -> Result<Self, Problem> {
        Self::start(Command::new(stspec).arg("serve"))
    }

    /// Starts it and reads the line that it prints once it listens.
    pub(crate) fn start(command: &mut Command) -> Result<Self, Problem> {
        let child = start(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
        let empty = String::new;
        let mut server = Self {
            child,
            endpoint: empty(),
            root_access_key_id: empty(),
            root_secret_access_key: empty(),
        };
        let line = server.line();
        let text = |pointer: &str| {
            let text = line.pointer(pointer).and_then(Value::as_str);
            text.map(str::to_owned)
                .ok_or_else(|| failed(command, "ended before it listened; see its output above"))
        };
        server.endpoint = text("/endpoint")?;
        server.root_access_key_id = text("/root/access_key_id")?;
        server.root_secret_access_key = text("/root/secret_access_key")?;
        Ok(server)
    }

    /// Its first line, which is JSON; null if there is none.
    fn line(&mut self) -> Value {
        let Some(stdout) = &mut self.child.stdout else { return Value::Null };
        let mut line = String::new();
        match BufReader::new(stdout).read_line(&mut line) {
            Ok(_) => serde_json::from_str(&line).unwrap_or_default(),
            Err(_) => Value::Null,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
