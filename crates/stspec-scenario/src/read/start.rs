//! How an emulator is installed and started: the key `start` of a target.

use std::collections::BTreeMap;

use super::target::read_url;
use super::{Fields, Reader};
use crate::diagnostic::Code;
use crate::keys::{KEY_PAIR, START, START_CREDENTIALS};
use crate::model::{KeyPair, Start, StartCredentials};
use crate::yaml::Node;

/// The start of an emulator.
pub(super) fn read_start(reader: &mut Reader<'_>, node: &Node) -> Option<Start> {
    let fields = reader.fields(node, &START)?;
    let pip = fields.get("pip").and_then(|node| read_packages(reader, node));
    let command = fields.get("command").and_then(|node| read_words(reader, node));
    let env = fields.get("env").map(|node| read_variables(reader, node));
    let ready = fields.get("ready").and_then(|node| read_url(reader, node));
    let credentials = fields.get("credentials").and_then(|node| read_credentials(reader, node));
    let root = fields.get("root").and_then(|node| read_key_pair(reader, node));
    Some(Start {
        pip: pip?,
        command: command?,
        env: env.unwrap_or_default(),
        ready: ready?,
        credentials: credentials?,
        root,
    })
}

/// Packages with exact versions, as a baseline holds for one version only.
fn read_packages(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<String>> {
    for item in reader.list(node)? {
        let Some(text) = reader.text(item) else { continue };
        let is_pinned = text
            .split_once("==")
            .is_some_and(|(name, version)| !name.is_empty() && is_version(version));
        if !is_pinned {
            let message = format!("`{text}` is no package with its version");
            let help = Some("write `name==version`".to_owned());
            reader.report(Code::BadValue, item.span, message, help);
        }
    }
    read_words(reader, node)
}

/// Whether a text is one version, and not a pattern such as `5.*`.
fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ".+!".contains(c))
}

/// A program with its arguments, or packages: at least one word.
fn read_words(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<String>> {
    let items = reader.list(node)?;
    if items.is_empty() {
        reader.report(Code::BadValue, node.span, "this list is empty", None);
    }
    Some(items.iter().filter_map(|item| reader.prose(item)).collect())
}

fn read_variables(reader: &mut Reader<'_>, node: &Node) -> BTreeMap<String, String> {
    let entries = reader.map(node).unwrap_or_default();
    let text = |reader: &mut Reader<'_>, node| reader.text(node).map(str::to_owned);
    entries
        .iter()
        .filter_map(|entry| Some((entry.key.clone(), text(reader, &entry.value)?)))
        .collect()
}

/// A key pair or a program that prints one, and not both.
fn read_credentials(reader: &mut Reader<'_>, node: &Node) -> Option<StartCredentials> {
    let fields = reader.fields(node, &START_CREDENTIALS)?;
    let is_pair = KEY_PAIR.names().any(|key| fields.get(key).is_some());
    match fields.get("process") {
        Some(process) if !is_pair => read_words(reader, process).map(StartCredentials::Process),
        None => {
            for key in KEY_PAIR.names() {
                reader.require(&fields, key, START_CREDENTIALS.what);
            }
            key_pair(reader, &fields).map(StartCredentials::Fixed)
        }
        Some(process) => {
            let message = "credentials are a key pair or a `process`, and these are both";
            reader.report(Code::BadValue, process.span, message, None);
            None
        }
    }
}

fn read_key_pair(reader: &mut Reader<'_>, node: &Node) -> Option<KeyPair> {
    let fields = reader.fields(node, &KEY_PAIR)?;
    key_pair(reader, &fields)
}

fn key_pair(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<KeyPair> {
    let mut text = |key| fields.get(key).and_then(|node| reader.prose(node));
    let (access_key_id, secret_access_key) = (text("access_key_id"), text("secret_access_key"));
    Some(KeyPair { access_key_id: access_key_id?, secret_access_key: secret_access_key? })
}
