//! Values drawn from what the documentation says about a parameter, each with the model's judgement.
//!
//! Half of the draws lie on a boundary, and half are one step beyond one. The same seed draws the
//! same values for ever: the generator is written out in `dice`. Where the documentation leaves the
//! answer open (a tag that starts with `aws:`, a name with a plus sign or letters beyond ASCII, a
//! length that is kept in characters and not in bytes), nothing is drawn.

mod dice;
mod model;

use self::dice::Dice;
use self::model::{
    DURATION_SECONDS, NAME_CHARS, POLICY_CHARS, TAG_KEY_CHARS, TAG_VALUE_CHARS, TAGS_MAX,
    accepts_duration, accepts_name, accepts_policy_text, accepts_tags,
};

/// What cases are drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// `Name` of GetFederationToken.
    Name,
    /// `DurationSeconds` of GetFederationToken, for an IAM user.
    Duration,
    /// The length of `Policy` of GetFederationToken; every document is a good one.
    PolicyLength,
    /// `Tags` of GetFederationToken.
    Tags,
}

/// A drawn value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draw {
    /// The value.
    pub(crate) drawn: Drawn,
    /// Whether the model accepts it.
    pub(crate) valid: bool,
}

/// What was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Drawn {
    /// The text of one parameter.
    Text(String),
    /// Keys with their values.
    Tags(Vec<(String, String)>),
}

/// Draws `count` values, valid and invalid ones in turn.
pub(crate) fn draw(origin: Origin, seed: u64, count: usize) -> Vec<Draw> {
    let mut dice = Dice::new(seed);
    (0..count).map(|number| draw_one(origin, &mut dice, number % 2 == 0)).collect()
}

fn draw_one(origin: Origin, dice: &mut Dice, valid: bool) -> Draw {
    let drawn = match (origin, valid) {
        (Origin::Name, true) => Drawn::Text(legal_name(dice)),
        (Origin::Name, false) => Drawn::Text(illegal_name(dice)),
        (Origin::Duration, true) => Drawn::Text(legal_duration(dice).to_string()),
        (Origin::Duration, false) => Drawn::Text(illegal_duration(dice).to_string()),
        (Origin::PolicyLength, true) => Drawn::Text(legal_policy(dice)),
        (Origin::PolicyLength, false) => Drawn::Text(illegal_policy(dice)),
        (Origin::Tags, true) => Drawn::Tags(legal_tags(dice)),
        (Origin::Tags, false) => Drawn::Tags(illegal_tags(dice)),
    };
    let accepted = match (origin, &drawn) {
        (Origin::Name, Drawn::Text(text)) => accepts_name(text),
        (Origin::Duration, Drawn::Text(text)) => text.parse().is_ok_and(accepts_duration),
        (Origin::PolicyLength, Drawn::Text(text)) => accepts_policy_text(text),
        (_, Drawn::Tags(tags)) => accepts_tags(tags),
        (Origin::Tags, Drawn::Text(_)) => false,
    };
    assert_eq!(accepted, valid, "what is drawn is what the model makes of it: {drawn:?}");
    Draw { drawn, valid }
}

/// Marks that a name may hold beside letters and digits. The pattern has `+`, too; the sentence
/// beside it has not.
const NAME_MARKS: &str = "_=,.@-";

/// Characters of ASCII that neither a name nor a tag may hold; no `$`, which could start a template.
const FORBIDDEN: &str = "!\"#%&'()*;<>?[\\]^`|~";

const LETTERS_AND_DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn legal_name(dice: &mut Dice) -> String {
    let chars = dice.near(NAME_CHARS);
    let char = |_| {
        let mark = dice.below(3) == 0;
        dice.char_of(if mark { NAME_MARKS } else { LETTERS_AND_DIGITS })
    };
    (0..chars).map(char).collect()
}

fn illegal_name(dice: &mut Dice) -> String {
    match dice.below(4) {
        0 => {
            let chars = dice.below(NAME_CHARS.min);
            legal_name(dice).chars().take(chars).collect()
        }
        1 => {
            let more = NAME_CHARS.max + 1 + dice.small_or(NAME_CHARS.max);
            (0..more).map(|_| dice.char_of(LETTERS_AND_DIGITS)).collect()
        }
        _ => {
            let name = legal_name(dice);
            with_one_replaced(&name, FORBIDDEN, dice)
        }
    }
}

/// The text with one of its characters replaced by one of `others`.
fn with_one_replaced(text: &str, others: &str, dice: &mut Dice) -> String {
    let place = dice.below(text.chars().count());
    let other = dice.char_of(others);
    let replaced = |(index, char)| if index == place { other } else { char };
    text.chars().enumerate().map(replaced).collect()
}

fn legal_duration(dice: &mut Dice) -> i64 {
    let seconds = dice.near(DURATION_SECONDS);
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

/// Numbers of 32 bits: what does not fit them is refused in another way.
fn illegal_duration(dice: &mut Dice) -> i64 {
    let (min, max) = (DURATION_SECONDS.min, DURATION_SECONDS.max);
    let below = i64::try_from(min.saturating_sub(1 + dice.small_or(min))).unwrap_or(0);
    let above = i64::try_from(max + 1 + dice.small_or(1_000_000)).unwrap_or(i64::MAX);
    let far = [0, -1, -900, i64::from(i32::MIN), i64::from(i32::MAX)];
    match dice.below(5) {
        0 | 1 => below,
        2 | 3 => above,
        _ => far.get(dice.below(far.len())).copied().unwrap_or(0),
    }
}

/// Between the start and the end of a policy there is a text of any length.
const POLICY_START: &str = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\
    \"Action\":\"s3:GetObject\",\"Resource\":\"*\",\
    \"Condition\":{\"StringNotEquals\":{\"aws:UserAgent\":\"";
const POLICY_END: &str = "\"}}}]}";

/// Letters of two bytes in UTF-8 and one character each.
const LATIN: &str = "äöüßéèêñçøåÆÐÞþ¿";

/// Most letters beyond ASCII in a policy: too few to be large when packed.
const LATIN_MAX: usize = 8;

/// White space fills it up, as it takes no room when packed. It is short enough in bytes, too.
fn legal_policy(dice: &mut Dice) -> String {
    let fixed = POLICY_START.chars().count() + POLICY_END.chars().count();
    let wanted = dice.near(model::Bounds { min: fixed + LATIN_MAX, ..POLICY_CHARS });
    let letters = dice.below(LATIN_MAX + 1).min(POLICY_CHARS.max - wanted);
    let latin: String = (0..letters).map(|_| dice.char_of(LATIN)).collect();
    let padding: String = (fixed + letters..wanted).map(|_| dice.char_of("   \t\n")).collect();
    format!("{POLICY_START}{latin}{POLICY_END}{padding}")
}

/// No white space in it, so that it is too long whether or not that counts; or nothing at all.
fn illegal_policy(dice: &mut Dice) -> String {
    if dice.below(4) == 0 {
        return String::new();
    }
    let chars = POLICY_START.chars().count() + POLICY_END.chars().count();
    let wanted = POLICY_CHARS.max + 1 + dice.small_or(POLICY_CHARS.max);
    let filler: String = LETTERS_AND_DIGITS.chars().cycle().take(wanted - chars).collect();
    format!("{POLICY_START}{filler}{POLICY_END}")
}

/// Marks and further letters that tags may hold; no white space at either end of a text.
const TAG_CHARS: &str = "aZ09_.:/=+-@ éßЖ中";

/// Those of one byte in UTF-8, for texts whose length matters.
const TAG_CHARS_OF_ASCII: &str = "aZ09_.:/=+-@ ";

/// Most tags that a draw has apart from the most that there may be: all of them together stay small.
const TAGS_FEW: usize = 3;

/// Most characters of a key or a value that is not on its boundary.
const TAG_CHARS_FEW: usize = 12;

fn legal_tags(dice: &mut Dice) -> Vec<(String, String)> {
    match dice.below(4) {
        0 => vec![(ascii_tag_text(TAG_KEY_CHARS.max, dice), String::new())],
        1 => vec![(
            ascii_tag_text(TAG_KEY_CHARS.min, dice),
            ascii_tag_text(TAG_VALUE_CHARS.max, dice),
        )],
        2 => numbered_tags(TAGS_MAX),
        _ => (0..=dice.below(TAGS_FEW)).map(|number| small_tag(number, dice)).collect(),
    }
}

fn illegal_tags(dice: &mut Dice) -> Vec<(String, String)> {
    let mut tags: Vec<_> =
        (0..=dice.below(TAGS_FEW)).map(|number| small_tag(number, dice)).collect();
    let beyond = |max: usize, dice: &mut Dice| max + 1 + dice.small_or(TAG_CHARS_FEW);
    let chosen = dice.below(tags.len());
    let broken = match dice.below(6) {
        0 => return numbered_tags(beyond(TAGS_MAX, dice)),
        1 => (String::new(), "v".to_owned()),
        2 => (ascii_tag_text(beyond(TAG_KEY_CHARS.max, dice), dice), "v".to_owned()),
        3 => ("key".to_owned(), ascii_tag_text(beyond(TAG_VALUE_CHARS.max, dice), dice)),
        4 => {
            let (key, value) = small_tag(chosen, dice);
            (with_one_replaced(&key, FORBIDDEN, dice), value)
        }
        _ => {
            let (key, value) = small_tag(chosen, dice);
            (key, with_one_replaced(&format!("{value}v"), FORBIDDEN, dice))
        }
    };
    if let Some(tag) = tags.get_mut(chosen) {
        *tag = broken;
    }
    tags
}

/// As many tags as asked for, each as short as can be.
fn numbered_tags(count: usize) -> Vec<(String, String)> {
    (1..=count).map(|number| (format!("k{number}"), String::new())).collect()
}

/// A tag whose key differs from those of other numbers.
fn small_tag(number: usize, dice: &mut Dice) -> (String, String) {
    let key_chars = 1 + dice.below(TAG_CHARS_FEW);
    let key = format!("{number}{}", tag_text(key_chars, dice));
    let value_chars = dice.below(TAG_CHARS_FEW);
    (key, tag_text(value_chars, dice))
}

/// Text of so many characters of any script.
fn tag_text(chars: usize, dice: &mut Dice) -> String {
    text_of(TAG_CHARS, chars, dice)
}

/// Text of so many characters and as many bytes.
fn ascii_tag_text(chars: usize, dice: &mut Dice) -> String {
    text_of(TAG_CHARS_OF_ASCII, chars, dice)
}

/// Text of so many of these characters that begins and ends with a letter and never with `aws:`.
fn text_of(alphabet: &str, chars: usize, dice: &mut Dice) -> String {
    let inner = |index: usize| index > 0 && index + 1 < chars;
    (0..chars).map(|index| if inner(index) { dice.char_of(alphabet) } else { 't' }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ORIGINS: [Origin; 4] =
        [Origin::Name, Origin::Duration, Origin::PolicyLength, Origin::Tags];

    #[test]
    fn every_seed_draws_valid_and_invalid_values_in_turn() {
        for origin in ORIGINS {
            for seed in 0..200 {
                let valid: Vec<bool> = draw(origin, seed, 6).iter().map(|d| d.valid).collect();
                assert_eq!(valid, [true, false, true, false, true, false], "{origin:?} {seed}");
            }
        }
    }

    #[test]
    fn a_seed_draws_the_same_for_ever() {
        for origin in ORIGINS {
            assert_eq!(draw(origin, 7, 20), draw(origin, 7, 20));
            assert_ne!(draw(origin, 7, 20), draw(origin, 8, 20));
        }
        let seconds: Vec<Drawn> =
            draw(Origin::Duration, 1, 4).into_iter().map(|draw| draw.drawn).collect();
        let text = |text: &str| Drawn::Text(text.to_owned());
        assert_eq!(seconds, ["129600", "338", "129600", "129601"].map(text));
    }

    #[track_caller]
    fn check_reached(origin: Origin, measure: fn(&Drawn) -> usize, expected: &[usize]) {
        let reached: BTreeSet<usize> =
            draw(origin, 20_260_914, 200).iter().map(|draw| measure(&draw.drawn)).collect();
        let missing: Vec<&usize> = expected.iter().filter(|size| !reached.contains(size)).collect();
        assert!(missing.is_empty(), "{missing:?} of {reached:?}");
    }

    fn chars(drawn: &Drawn) -> usize {
        match drawn {
            Drawn::Text(text) => text.chars().count(),
            Drawn::Tags(tags) => tags.len(),
        }
    }

    #[test]
    fn draws_lie_on_and_just_beyond_the_boundaries() {
        check_reached(Origin::Name, chars, &[0, 1, 2, 32, 33]);
        check_reached(Origin::PolicyLength, chars, &[0, 2047, 2048, 2049]);
        check_reached(Origin::Tags, chars, &[1, 50, 51]);
        let seconds = |drawn: &Drawn| match drawn {
            Drawn::Text(text) => text.parse().unwrap_or(usize::MAX),
            Drawn::Tags(_) => 0,
        };
        check_reached(Origin::Duration, seconds, &[899, 900, 129_600, 129_601]);
        let key = |drawn: &Drawn| match drawn {
            Drawn::Tags(tags) => tags.iter().map(|tag| tag.0.chars().count()).max().unwrap(),
            Drawn::Text(_) => 0,
        };
        check_reached(Origin::Tags, key, &[1, 128, 129]);
        let value = |drawn: &Drawn| match drawn {
            Drawn::Tags(tags) => tags.iter().map(|tag| tag.1.chars().count()).max().unwrap(),
            Drawn::Text(_) => 0,
        };
        check_reached(Origin::Tags, value, &[0, 256, 257]);
    }

    #[test]
    fn lengths_are_legal_or_not_in_characters_and_in_bytes_alike() {
        for draw in draw(Origin::PolicyLength, 5, 400).into_iter().filter(|draw| draw.valid) {
            let Drawn::Text(text) = &draw.drawn else { continue };
            assert!(text.len() <= POLICY_CHARS.max, "{draw:?}");
        }
        for draw in draw(Origin::Tags, 5, 400).into_iter().filter(|draw| draw.valid) {
            let Drawn::Tags(tags) = &draw.drawn else { continue };
            let fit = |(key, value): &(String, String)| {
                key.len() <= TAG_KEY_CHARS.max && value.len() <= TAG_VALUE_CHARS.max
            };
            assert!(tags.iter().all(fit), "{draw:?}");
        }
    }

    #[test]
    fn nothing_that_is_drawn_looks_like_a_template() {
        for origin in ORIGINS {
            for draw in draw(origin, 3, 200) {
                assert!(!format!("{:?}", draw.drawn).contains('$'), "{draw:?}");
            }
        }
    }
}
