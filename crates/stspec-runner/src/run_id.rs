//! What runs are called, and how what they made is told from what others made.

/// How many characters of a run id are drawn: enough that two runs of a day do not meet.
const DRAWN_CHARS: usize = 6;

/// How many follow from those, so that a word of somebody else's is hardly ever taken for a run id: one
/// in 1,296 is.
const CHECK_CHARS: usize = 2;

/// Whether something on a target is called as runs call what they make: `stspec-RUN-…`.
pub(crate) fn is_named_by_a_run(name: &str) -> bool {
    let rest = name.strip_prefix("stspec-").and_then(|rest| rest.split_once('-'));
    rest.is_some_and(|(run_id, thing)| is_run_id(run_id) && !thing.is_empty())
}

fn is_run_id(text: &str) -> bool {
    let in_alphabet = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit();
    text.len() == DRAWN_CHARS + CHECK_CHARS
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(in_alphabet)
        && text.split_at_checked(DRAWN_CHARS).is_some_and(|(drawn, end)| end == derived(drawn))
}

/// Lower-case letters and digits, as bucket names allow, starting with a letter.
pub(crate) fn new_run_id() -> String {
    let mut id = String::from(fastrand::lowercase());
    while id.len() < DRAWN_CHARS {
        id.push(fastrand::digit(36));
    }
    id.push_str(&derived(&id));
    id
}

/// The characters that follow from those that were drawn: their hash by FNV-1a, in base 36.
fn derived(drawn: &str) -> String {
    let hash = drawn
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let digits = [hash / 36 % 36, hash % 36];
    digits.into_iter().filter_map(|digit| char::from_digit(digit, 36)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_makes_is_named_by_a_run() {
        for _ in 0..100 {
            assert!(is_named_by_a_run(&format!("stspec-{}-federator-bucket", new_run_id())));
        }
        // So that a sweep knows what earlier versions made.
        assert!(is_named_by_a_run("stspec-a1b2c3st-federator-bucket"));
    }

    #[test]
    fn a_name_that_only_resembles_a_runs_is_not_one() {
        for name in [
            "stspec",
            "stspec-",
            "stspec-a1b2c3st",
            "stspec-a1b2c3st-",
            "stspec-a1b2c3s-bucket",
            "stspec-a1b2c3ste-bucket",
            "stspec-1a2b3c4d-bucket",
            "stspec-A1b2c3st-bucket",
            "my-stspec-a1b2c3st-bucket",
            "stspeca1b2c3st-bucket",
            // What follows does not follow from what was drawn.
            "stspec-a1b2c3d4-bucket",
            "stspec-snapshot-archive",
            "stspec-artifact-store",
        ] {
            assert!(!is_named_by_a_run(name), "{name}");
        }
    }
}
