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
}
