//! CONTRIBUTING.md lists files that exist, and commands that xtask has.

use std::path::Path;

/// What placeholders of paths are replaced by, below `crates` and elsewhere: an example of each.
const EXAMPLES: [(&str, &str, &str); 5] = [
    ("<operation>", "get_federation_token", "get-federation-token"),
    ("<topic>", "duration", "duration"),
    ("<rule>", "minimum", "minimum"),
    ("<matcher>", "starts_with", "starts-with"),
    ("<report>", "junit", "junit"),
];

/// The text between backticks that looks like a path of this repository.
fn paths(page: &str) -> Vec<String> {
    let quoted = page.split('`').skip(1).step_by(2);
    let is_path = |text: &&str| {
        let is_word = !text.contains(char::is_whitespace) && !text.contains("::");
        let extension = Path::new(text).extension();
        let is_file = extension.is_some_and(|extension| extension == "md" || extension == "toml");
        is_word && (text.contains('/') || is_file)
    };
    quoted.filter(is_path).map(filled).collect()
}

/// A path with examples in place of its placeholders.
fn filled(path: &str) -> String {
    let is_code = path.starts_with("crates/");
    let fill = |path: String, (placeholder, in_code, elsewhere): &(&str, &str, &str)| {
        path.replace(placeholder, if is_code { in_code } else { elsewhere })
    };
    EXAMPLES.iter().fold(path.to_owned(), fill)
}

/// Whether a path exists in the repository, or is the end of one: `faults/` alone names a room.
fn exists(path: &str) -> bool {
    let folders = ["..", "../crates/stspec-reference/src", "../scenarios/rules"];
    let exists = |folder: &&str| {
        let path = Path::new(folder).join(path);
        path.exists() || path.with_extension("yaml").exists()
    };
    folders.iter().any(exists)
}

#[test]
fn contributing_lists_files_that_exist() {
    let page = std::fs::read_to_string("../CONTRIBUTING.md").expect("the page");
    let paths = paths(&page);
    assert!(paths.len() > 30, "only {} paths are found", paths.len());
    let missing: Vec<&String> = paths.iter().filter(|path| !exists(path)).collect();
    assert!(missing.is_empty(), "CONTRIBUTING.md lists what does not exist: {missing:#?}");
}

#[test]
fn placeholders_become_examples() {
    let page =
        "See `crates/a/<operation>.rs`, `rules/<operation>/`, `cargo test a/b` and `README.md`.";
    let expected = ["crates/a/get_federation_token.rs", "rules/get-federation-token/", "README.md"];
    assert_eq!(paths(page), expected);
}

#[test]
fn a_path_that_does_not_exist_is_noticed() {
    assert!(exists("xtask/src/main.rs") && exists("README.md"));
    assert!(!exists("xtask/src/none.rs"));
}
