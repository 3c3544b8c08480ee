//! The known word that looks most like an unknown one.

/// The candidate most similar to `text`, unless none is similar; ties go to the first.
pub(crate) fn nearest<'a>(
    text: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    ranked(text, candidates).into_iter().next()
}

/// The candidates similar to `text`, most similar first, ties in the order given.
pub(crate) fn ranked<'a>(
    text: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a str> {
    let lower = text.to_lowercase();
    let mut scored: Vec<(f64, &str)> = candidates
        .into_iter()
        .map(|candidate| (similarity(&lower, &candidate.to_lowercase()), candidate))
        .filter(|&(similarity, _)| similarity >= SIMILARITY_MIN)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().map(|(_, candidate)| candidate).collect()
}

/// All paths, the one first whose end, from some `/` on, is most similar to `text`.
pub(crate) fn closest_paths<'a>(
    text: &str,
    paths: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a str> {
    let lower = text.to_lowercase();
    let mut scored: Vec<(f64, &str)> =
        paths.into_iter().map(|path| (similarity_to_an_end(&lower, path), path)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().map(|(_, path)| path).collect()
}

fn similarity_to_an_end(text: &str, path: &str) -> f64 {
    let rest = path.match_indices('/').filter_map(|(at, _)| path.get(at + 1..));
    std::iter::once(path).chain(rest).map(|end| similarity(text, end)).fold(0.0, f64::max)
}

/// How alike two words are, from 0 to 1: the share of letters that need no change.
fn similarity(a: &str, b: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(a, b)
}

/// Below this similarity a suggestion confuses more than it helps.
///
/// Source: ours, by trying misspellings of the keys of this language.
const SIMILARITY_MIN: f64 = 0.55;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_its_word() {
        let keys = ["rule", "says", "level", "evidence", "sources"];
        assert_eq!(nearest("evidnece", keys), Some("evidence"));
        assert_eq!(nearest("source", keys), Some("sources"));
        assert_eq!(nearest("Level", keys), Some("level"));
        assert_eq!(nearest("zzz", keys), None);
        assert_eq!(nearest("hint", ["client", "id"]), None);
    }

    #[test]
    fn a_path_is_found_by_its_end() {
        let paths = ["token/name/pattern", "token/duration/minimum", "token/name/minimum"];
        assert_eq!(
            closest_paths("minimun", paths)[..2],
            ["token/duration/minimum", "token/name/minimum"]
        );
        assert_eq!(closest_paths("name/minimun", paths)[0], "token/name/minimum");
        assert_eq!(closest_paths("zzz", paths).len(), 3);
    }
}
