//! The keys of every mapping in the language: what the reader accepts and the JSON Schema says.

mod catalog;
mod files;
mod rule;

pub(crate) use self::catalog::{CATALOG, FACT, TOPIC};
pub(crate) use self::files::{
    ACCOUNT, BASELINE, BUCKET, CALL_TURN, ENDPOINTS, IAM_ROLE, KEY_PAIR, KNEE, KNOWN_DEVIATION,
    LIMITS, LOAD_CALL, LOAD_SHAPE, PROFILE, RATE_MAX, REQUESTS_MAX, REQUESTS_PER_SECOND_MAX, STAGE,
    START, START_CREDENTIALS, STEPS_TURN, TARGET, THRESHOLDS, USER, USERS_MAX, WEIGHT_MAX,
};
pub(crate) use self::rule::{
    ADVANCE, ADVANCE_SECONDS_MAX, ALL, ALTERNATIVE, CASE, CHARS_MAX, COPIES_MAX,
    EXPIRES_SECONDS_MAX, GENERATE, GENERATED_EXPECT, GENERATED_MAX, HOLD_MAX, JSON, LEN, MANUALS,
    MATCHER, NUMBERED, NUMBERED_MAX, REPEAT, RULE, SCENARIO, SEND, SIGN, SOURCE_MANUAL,
    SOURCE_MODEL, SOURCE_OBSERVED, SOURCE_PAGE, STEP, TABLE,
};

/// A mapping of the language.
#[derive(Debug)]
pub(crate) struct Keys {
    /// What the mapping is, with its article, as messages call it; unique.
    pub(crate) what: &'static str,
    /// Its keys in the order in which files have them.
    pub(crate) known: &'static [Key],
    /// What further keys may hold; `None` closes the mapping.
    pub(crate) open: Option<&'static Shape>,
}

/// A key of a mapping.
#[derive(Debug)]
pub(crate) struct Key {
    /// As it stands in a file.
    pub(crate) name: &'static str,
    /// Whether the mapping means nothing without it.
    pub(crate) required: bool,
    /// What it is for, in half a sentence.
    pub(crate) says: &'static str,
    /// What it may hold.
    pub(crate) shape: Shape,
}

/// What a value may be.
#[derive(Debug)]
pub(crate) enum Shape {
    /// Text.
    Text,
    /// Text, or an integer that is taken as text.
    TextOrInteger,
    /// Text that matches a pattern.
    Pattern(&'static str),
    /// An integer within bounds.
    Integer {
        /// At least.
        min: i64,
        /// At most.
        max: i64,
    },
    /// `true` and nothing else.
    True,
    /// One of these words.
    Words(fn() -> Vec<String>),
    /// Any document.
    Json,
    /// Null, which takes something away.
    Null,
    /// A list.
    List(&'static Shape),
    /// A mapping with known keys.
    Keys(&'static Keys),
    /// A mapping whose keys the author chooses.
    Map(&'static Shape),
    /// One of several shapes.
    Any(&'static [Shape]),
    /// A shape by name, so that it can hold itself.
    Named(&'static str, &'static Shape),
}

const fn required(name: &'static str, says: &'static str, shape: Shape) -> Key {
    Key { name, required: true, says, shape }
}

const fn optional(name: &'static str, says: &'static str, shape: Shape) -> Key {
    Key { name, required: false, says, shape }
}

const fn closed(what: &'static str, known: &'static [Key]) -> Keys {
    Keys { what, known, open: None }
}

/// Kebab-case, as in [`crate::Name`].
const NAME: Shape = Shape::Pattern("^[a-z0-9]+(-[a-z0-9]+)*$");

impl Keys {
    /// The names of all keys.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.known.iter().map(|key| key.name)
    }

    /// Whether there is such a key.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.names().any(|key| key == name)
    }
}
