//! Servers to run against, and folders of scenarios to run.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use serde_json::Value;

/// `stspec serve` on a free port, ended when dropped.
pub(crate) struct Served {
    process: Child,
    line: Value,
}

impl Served {
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut process = stspec(&[&["serve"], args].concat())
            .stdout(Stdio::piped())
            .spawn()
            .expect("stspec starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("stdout");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        Self { process, line: serde_json::from_str(&line).expect("one JSON line") }
    }

    fn text(&self, place: &str) -> &str {
        self.line.pointer(place).and_then(Value::as_str).expect("a text")
    }

    pub(crate) fn endpoint(&self) -> &str {
        self.text("/endpoint")
    }

    /// Runs stspec as the root user, with a folder for its state.
    pub(crate) fn ask(&self, args: &[&str], state: &Path) -> Output {
        stspec(args)
            .env("STSPEC_STATE_DIR", state.join("state"))
            .env("AWS_ACCESS_KEY_ID", self.text("/root/access_key_id"))
            .env("AWS_SECRET_ACCESS_KEY", self.text("/root/secret_access_key"))
            .current_dir(state)
            .output()
            .expect("stspec starts")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may be gone already; either way it is waited for.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn stspec(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stspec"));
    command.args(args).env("NO_COLOR", "1");
    for variable in [
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_SESSION_TOKEN",
        "GITHUB_ACTIONS",
        "GITHUB_STEP_SUMMARY",
        "STSPEC_ROOT_ACCESS_KEY_ID",
        "STSPEC_ROOT_SECRET_ACCESS_KEY",
    ] {
        command.env_remove(variable);
    }
    command
}

/// All that was said.
pub(crate) fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[track_caller]
pub(crate) fn check(output: &Output, code: i32, words: &[&str]) {
    let said = text(output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    for words in words {
        assert!(said.contains(words), "`{words}` is missing from:\n{said}");
    }
}

/// A place in the repository.
pub(crate) fn lands(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Copies some shipped rules, and all accounts, into a folder.
pub(crate) fn scenarios(folder: &Path, rules: &[&str]) {
    let shipped = lands("scenarios");
    let mut files: Vec<String> = rules.iter().map(|rule| format!("rules/{rule}.yaml")).collect();
    for entry in fs::read_dir(shipped.join("accounts")).expect("shipped accounts") {
        let name = entry.expect("an entry").file_name();
        files.push(format!("accounts/{}", name.to_string_lossy()));
    }
    for file in files {
        put(&folder.join(&file), &fs::read_to_string(shipped.join(&file)).expect("a shipped file"));
    }
}

/// Writes a file into a folder that may be missing.
pub(crate) fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(path, text).expect("a file");
}

/// The URL of an IAM that can't make anything and has nothing; it ends with the test process.
pub(crate) fn refusing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || refuse(stream));
        }
    });
    url
}

fn refuse(mut stream: TcpStream) {
    let mut request = String::new();
    let mut part = [0; 4096];
    // One request a connection. Its action may come in a part of its own, or never.
    while !request.contains("&Version=") {
        match stream.read(&mut part) {
            Ok(0) | Err(_) => return,
            Ok(read) => {
                let read = part.get(..read).expect("a part of it");
                request += &String::from_utf8_lossy(read);
            }
        }
    }
    let (status, body) = if request.contains("Action=Create") {
        ("501 Not Implemented", "")
    } else {
        let body = "<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>";
        ("404 Not Found", body)
    };
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    // Whoever does not want the answer any more needs none.
    let _ = stream.write_all((head + body).as_bytes());
}
