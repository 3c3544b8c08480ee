//! The keys of the catalogue of facts.

use super::rule::{RULE_ID, SOURCE, names};
use super::{Keys, NAME, Shape, closed, optional, required};
use crate::model::Evidence;

/// The file `scenarios/catalog.yaml`.
pub(crate) static CATALOG: Keys = closed(
    "a catalogue",
    &[
        required("catalog", "the operation, as the API reference spells it", Shape::Text),
        required("says", "what the catalogue covers", Shape::Text),
        required("topics", "the facts by subject", Shape::List(&TOPIC_SHAPE)),
    ],
);

/// A subject of the catalogue.
pub(crate) static TOPIC: Keys = closed(
    "a topic",
    &[
        required("topic", "the subject", Shape::Text),
        required("facts", "what is known of it", Shape::List(&FACT_SHAPE)),
    ],
);

/// A fact of the catalogue.
pub(crate) static FACT: Keys = closed(
    "a fact",
    &[
        required("id", "unique within the catalogue", NAME),
        required("says", "the fact in our own words", Shape::Text),
        required("evidence", "what we know it from", Shape::Words(names::<Evidence>)),
        required("sources", "where it is written down", Shape::List(&SOURCE)),
        optional("rules", "the rules that check it", Shape::List(&RULE_ID)),
        optional("excluded", "why no rule checks it", Shape::Text),
    ],
);

static TOPIC_SHAPE: Shape = Shape::Keys(&TOPIC);
static FACT_SHAPE: Shape = Shape::Keys(&FACT);
