//! `cargo xtask clients`: real AWS clients with their default settings against `stspec serve`.
//!
//! Each client plays the same scene, written in its own language in `xtask/clients/`: mint, use, get
//! refused, expire, clean up. Start at [`command`].

mod install;
mod report;
pub(crate) mod server;

pub(crate) use install::python_environment;
pub(crate) use server::Server;

use std::fs::File;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use crate::build;
use crate::error::Problem;
use crate::terminal::{complain, say};
use crate::watch::watch;
use install::{Kit, node, python};
use report::Report;
use server::Servers;

/// Longest that one client may take for the whole scene; the AWS CLI, the slowest, takes 40 s on two idle cores.
const CLIENT_LIMIT: Duration = Duration::from_mins(5);

/// Region of the clients and of the server.
///
/// Any but the oldest: for those, boto3 still presigns with version 2 of the signature, which later
/// regions never accepted and the reference does not support.
const REGION: &str = "eu-central-1";

/// A real client.
struct Client {
    name: &'static str,
    /// Its file in `xtask/clients/`.
    script: &'static str,
    kit: Kit,
}

const CLIENTS: [Client; 3] = [
    Client { name: "boto3", script: "boto.py", kit: Kit::Python },
    Client { name: "aws-cli", script: "cli.py", kit: Kit::Python },
    Client { name: "sdk-js", script: "client.mjs", kit: Kit::Node },
];

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    /// Names of clients; all of them if none is given.
    clients: Vec<String>,
    /// Faults that the server makes on purpose, to see that the clients notice.
    faults: Vec<String>,
}

/// Installs what is missing, starts a server for each client, lets it play the scene, and prints the count of
/// its checks as the last line.
pub(crate) fn command(args: impl Iterator<Item = String>) -> Result<ExitCode, Problem> {
    let options = read(args)?;
    let folder = build::target_folder()?.join("clients");
    let stspec = build::stspec()?;
    let mut reports = Vec::new();
    for client in chosen(&options) {
        let program = match client.kit {
            Kit::Python => python(&folder)?,
            Kit::Node => node(&folder)?,
        };
        let servers = Servers::start(&stspec, &options.faults)?;
        reports.push(play(client, &program, &servers, &folder)?);
    }
    say(&report::count(&reports));
    let is_green = reports.iter().all(Report::is_green);
    Ok(if is_green { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(mut args: impl Iterator<Item = String>) -> Result<Options, Problem> {
    let mut options = Options { clients: Vec::new(), faults: Vec::new() };
    while let Some(arg) = args.next() {
        if arg == "--fault" {
            let fault = args.next();
            options.faults.push(fault.ok_or_else(|| {
                Problem::Usage("`--fault` needs a name; see `stspec list faults`".to_owned())
            })?);
        } else if CLIENTS.iter().any(|client| client.name == arg) {
            options.clients.push(arg);
        } else {
            let names = CLIENTS.map(|client| client.name).join("`, `");
            return Err(Problem::Usage(format!("no client `{arg}`; there are `{names}`")));
        }
    }
    Ok(options)
}

fn chosen(options: &Options) -> impl Iterator<Item = &'static Client> {
    const ALL: &[Client] = &CLIENTS;
    let names = &options.clients;
    ALL.iter().filter(|client| names.is_empty() || names.iter().any(|name| name == client.name))
}

/// Runs a client's script and prints a line for each check as it is reported.
fn play(
    client: &Client,
    program: &install::Program,
    servers: &Servers,
    folder: &Path,
) -> Result<Report, Problem> {
    let log = folder.join(format!("{}.log", client.name));
    let stderr =
        File::create(&log).map_err(|source| Problem::File { path: log.clone(), source })?;
    let mut script = Command::new(&program.interpreter);
    script.args(program.args).arg(program.scripts.join(client.script)).arg(client.name);
    default_settings(&mut script, servers);
    let mut report = Report::new();
    let ended = watch(script.stderr(Stdio::from(stderr)), CLIENT_LIMIT, |line| {
        say(&report.take(line).to_string(client.name));
    });
    for check in report.missing() {
        say(&report::Line::NotRun(check.to_owned()).to_string(client.name));
    }
    match ended {
        Ok(status) if status.success() => report.end(),
        Ok(status) => {
            complain(&format!("{} ends with {status}; see `{}`", client.name, log.display()));
        }
        Err(problem) => complain(&problem.to_string()),
    }
    Ok(report)
}

/// Gives a client its endpoint, region and credentials, and hides every other setting of this machine.
fn default_settings(script: &mut Command, servers: &Servers) {
    for (name, _) in std::env::vars_os() {
        let upper = name.to_string_lossy().to_ascii_uppercase();
        if upper.starts_with("AWS_") || upper.ends_with("_PROXY") {
            script.env_remove(&name);
        }
    }
    script
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_REGION", REGION)
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_ENDPOINT_URL", &servers.honest.endpoint)
        .env("AWS_ACCESS_KEY_ID", &servers.honest.root_access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &servers.honest.root_secret_access_key)
        .env("STSPEC_LAGGING_ENDPOINT", &servers.lagging.endpoint);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[&str], clients: &[&str], faults: &[&str]) {
        let options = read(words.iter().map(|word| (*word).to_owned())).expect("a command line");
        let names: Vec<&str> = chosen(&options).map(|client| client.name).collect();
        assert_eq!(names, clients);
        assert_eq!(options.faults, faults);
    }

    #[test]
    fn all_clients_play_unless_some_are_chosen() {
        check(&[], &["boto3", "aws-cli", "sdk-js"], &[]);
        check(&["sdk-js"], &["sdk-js"], &[]);
        check(&["--fault", "null-echo", "boto3"], &["boto3"], &["null-echo"]);
    }

    #[test]
    fn a_misspelt_client_is_refused_with_a_list_of_all() {
        let problem = read(["boto".to_owned()].into_iter()).expect_err("a misspelt name");
        assert_eq!(problem.to_string(), "no client `boto`; there are `boto3`, `aws-cli`, `sdk-js`");
    }

    #[test]
    fn a_fault_needs_a_name() {
        assert!(read(["--fault".to_owned()].into_iter()).is_err());
    }
}
