//! The keys of rule files.

use super::{Keys, NAME, Shape, closed, optional, required};
use crate::generate::Origin;
use crate::model::{Capability, Client, Evidence, Grade, Level, Role, SignatureLocation};
use crate::operation::all_calls;
use crate::word::{Word, words};

/// A file below `scenarios/rules`.
pub(crate) static RULE: Keys = closed(
    "a rule",
    &[
        required("rule", "the file's path below scenarios/rules, without .yaml", RULE_ID),
        required("says", "the rule in our own words, one or two sentences", Shape::Text),
        optional("note", "background for `stspec explain`", Shape::Text),
        required("level", "how binding the rule is", Shape::Words(names::<Level>)),
        required("evidence", "what the expectation rests on", Shape::Words(names::<Evidence>)),
        required("sources", "where the fact is written down", Shape::List(&SOURCE)),
        optional("since", "first API revision the rule holds for", DATE),
        optional("until", "API revision from which it no longer holds", DATE),
        optional("requires", "capabilities without which it is unsupported", CAPABILITIES),
        optional("faults", "faults of the reference that make it fail", Shape::List(&NAME)),
        required("scenarios", "what is done to check it", Shape::List(&SCENARIO_SHAPE)),
    ],
);

/// One run of calls.
pub(crate) static SCENARIO: Keys = closed(
    "a scenario",
    &[
        required("name", "unique within the rule", Shape::Text),
        optional("account", "a file below scenarios/accounts", NAME),
        optional("fresh", "`true`: the account is made for this scenario alone", Shape::True),
        optional("requires", "capabilities on top of the rule's", CAPABILITIES),
        optional(
            "copies",
            "how many copies of it are played at once; ${copy} is the copy's number",
            Shape::Integer { min: 2, max: COPIES_MAX },
        ),
        optional("table", "independent calls that differ in little", Shape::Keys(&TABLE)),
        optional("steps", "calls in order", Shape::List(&STEP_SHAPE)),
    ],
);

/// One call.
pub(crate) static STEP: Keys = closed(
    "a step",
    &[
        required("id", "unique within the scenario", NAME),
        optional("role", "what the step is for; probe unless given", Shape::Words(names::<Role>)),
        required("as", AS_SAYS, Shape::Text),
        required("call", "service.Operation", Shape::Words(calls)),
        optional("client", "what sends it; raw unless given", Shape::Words(names::<Client>)),
        optional("params", "the request's parameters", Shape::Map(&PARAM)),
        optional("sign", "deliberate mistakes in signing", SIGN_SHAPE),
        optional("send", "deliberate oddities on the wire", Shape::Keys(&SEND)),
        optional("expect", "what the answer must be like", EXPECT),
        optional("accept", "graded alternatives", Shape::List(&ALTERNATIVE_SHAPE)),
        optional("session", "keeps the answer's credentials under this name", NAME),
        optional(
            "hold",
            "how many times a probe is sent",
            Shape::Integer { min: 1, max: HOLD_MAX },
        ),
    ],
);

/// Time that passes between two steps.
pub(crate) static ADVANCE: Keys = closed(
    "an advance of time",
    &[
        optional("id", "what readers call it", NAME),
        required("advance", "how much time passes", Shape::Pattern("^[0-9]+[smh]$")),
    ],
);

/// What the cases of a table share.
pub(crate) static TABLE: Keys = closed(
    "a table",
    &[
        optional("as", AS_SAYS, Shape::Text),
        required("call", "service.Operation", Shape::Words(calls)),
        optional("client", "what sends it; raw unless given", Shape::Words(names::<Client>)),
        optional("params", "parameters of every case", Shape::Map(&PARAM)),
        optional("sign", "deliberate mistakes in signing", SIGN_SHAPE),
        optional("send", "deliberate oddities on the wire", Shape::Keys(&SEND)),
        optional(
            "hold",
            "how many times a probe is sent",
            Shape::Integer { min: 1, max: HOLD_MAX },
        ),
        required("cases", "what differs", Shape::List(&CASE_SHAPE)),
        optional("generate", "further cases, drawn from a model", Shape::Keys(&GENERATE)),
    ],
);

/// Cases that are drawn from what the documentation says about a parameter.
pub(crate) static GENERATE: Keys = closed(
    "a generator",
    &[
        required("from", "which model", Shape::Words(names::<Origin>)),
        required("count", "how many cases", Shape::Integer { min: 2, max: GENERATED_MAX }),
        required(
            "seed",
            "what they are drawn with, unless `--seed` says otherwise",
            Shape::Integer { min: 0, max: i64::MAX },
        ),
        required("expect", "by whether the model accepts", Shape::Keys(&GENERATED_EXPECT)),
    ],
);

/// What the answers to generated cases must be like.
pub(crate) static GENERATED_EXPECT: Keys = closed(
    "an expectation of generated cases",
    &[
        required("valid", "of a case that the model accepts", EXPECT),
        required("invalid", "of a case that it does not", EXPECT),
    ],
);

/// What one case of a table has of its own; further keys are for `${case.KEY}`.
pub(crate) static CASE: Keys = Keys {
    what: "a case",
    known: &[
        required("id", "unique within the scenario", NAME),
        optional("role", "what the case is for; probe unless given", Shape::Words(names::<Role>)),
        optional("as", AS_SAYS, Shape::Text),
        optional("client", "what sends it", Shape::Words(names::<Client>)),
        optional("params", "overlay of the table's; null takes one away", Shape::Map(&OVERLAY)),
        optional("sign", "instead of the table's", SIGN_SHAPE),
        optional("send", "instead of the table's", Shape::Keys(&SEND)),
        optional("expect", "what the answer must be like", EXPECT),
        optional("accept", "graded alternatives", Shape::List(&ALTERNATIVE_SHAPE)),
        optional(
            "hold",
            "how many times a probe is sent",
            Shape::Integer { min: 1, max: HOLD_MAX },
        ),
    ],
    open: Some(&Shape::Text),
};

/// A page of documentation.
pub(crate) static SOURCE_PAGE: Keys = closed(
    "a page source",
    &[
        required("page", "the page's name, such as API_GetFederationToken", Shape::Text),
        required("part", "the member, section or table on it", Shape::Text),
    ],
);

/// A constraint of the service model.
pub(crate) static SOURCE_MODEL: Keys = closed(
    "a model source",
    &[
        required("model", "shape/constraint", Shape::Text),
        required("value", "the recorded value", Shape::TextOrInteger),
    ],
);

/// An observation of real AWS.
pub(crate) static SOURCE_OBSERVED: Keys = closed(
    "an observed source",
    &[
        required("observed", "who observed it and where it is written", Shape::Text),
        optional("when", "a year or a date", Shape::TextOrInteger),
    ],
);

/// A statement of the 2011 API reference, as the manual of an SDK printed it.
pub(crate) static SOURCE_MANUAL: Keys = closed(
    "a manual source",
    &[
        required("manual", "the SDK whose manual it is", Shape::Words(manuals)),
        required("part", "the row in docs/evidence/sdk-manuals.md", Shape::Text),
    ],
);

/// Mistakes in signing.
pub(crate) static SIGN: Keys = closed(
    "a signing mistake",
    &[
        optional("secret", "`wrong`: not the principal's", Shape::Pattern("^wrong$")),
        optional("access_key", "`unknown`: one that does not exist", Shape::Pattern("^unknown$")),
        optional("date", "how far the clock is off", Shape::Pattern("^-?[0-9]+[smh]$")),
        optional("region", "another region, as a template", Shape::Text),
        optional("service", "another service", Shape::Text),
        optional("token", "none, garbage or session.NAME", Shape::Text),
        optional("body", "`tampered`: changed after signing", Shape::Pattern("^tampered$")),
        optional("payload", "`unsigned`: the body is left out", Shape::Pattern("^unsigned$")),
        optional("header", "`tampered`: one of them changed", Shape::Pattern("^tampered$")),
        optional("query", "`tampered`: changed after signing", Shape::Pattern("^tampered$")),
        optional("place", "where the signature travels", Shape::Words(names::<SignatureLocation>)),
        optional(
            "expires",
            "how long a signature in the query is good for",
            Shape::Pattern("^[0-9]+[smh]$"),
        ),
    ],
);

/// Oddities on the wire.
pub(crate) static SEND: Keys = closed(
    "an oddity on the wire",
    &[
        optional("method", "the HTTP method", Shape::Pattern("^[A-Z]+$")),
        optional("path", "another path", Shape::Pattern("^/")),
        optional("body", "the whole body as it stands", Shape::Text),
        optional("content_type", "another content type, or none", Shape::Text),
        optional("action", "another Action, or none", Shape::Text),
        optional("version", "another Version, or none", Shape::Text),
        optional("headers", "further headers", Shape::Map(&Shape::Text)),
    ],
);

/// A graded alternative.
pub(crate) static ALTERNATIVE: Keys = closed(
    "an alternative",
    &[
        required("grade", "what a match is worth", Shape::Words(names::<Grade>)),
        required("expect", "what the answer must be like", EXPECT),
    ],
);

/// The matchers, of which a mapping has exactly one.
pub(crate) static MATCHER: Keys = closed(
    "a matcher",
    &[
        optional("eq", "equals", Shape::TextOrInteger),
        optional("ne", "is there and differs", Shape::TextOrInteger),
        optional("in", "equals one of these", Shape::List(&Shape::TextOrInteger)),
        optional("matches", "matches from end to end", Shape::Text),
        optional("starts_with", "starts with", Shape::Text),
        optional("ends_with", "ends with", Shape::Text),
        optional("absent", "is not there", Shape::True),
        optional("present", "is there and not empty", Shape::True),
        optional("len", "has this many characters", LEN_SHAPE),
        optional("lt", "is less than", ANY_INTEGER),
        optional("lte", "is at most", ANY_INTEGER),
        optional("gt", "is greater than", ANY_INTEGER),
        optional("gte", "is at least", ANY_INTEGER),
        optional(
            "expires_in",
            "is a time this long after the answer",
            Shape::Pattern("^[0-9]+[smh]$"),
        ),
        optional("distinct", "differs from each of these", Shape::List(&Shape::TextOrInteger)),
    ],
);

/// Bounds of a length.
pub(crate) static LEN: Keys = closed(
    "a length",
    &[optional("min", "at least", ANY_LENGTH), optional("max", "at most", ANY_LENGTH)],
);

/// A document as parameter.
pub(crate) static JSON: Keys = closed(
    "a json parameter",
    &[
        required("json", "the document, serialised without white space", Shape::Json),
        optional(
            "pad_to",
            "white space is appended up to this length",
            Shape::Integer { min: 1, max: CHARS_MAX },
        ),
    ],
);

/// Repeated text as parameter.
pub(crate) static REPEAT: Keys = closed(
    "a repeated parameter",
    &[
        required("text", "what is repeated", Shape::Text),
        required("times", "how often", Shape::Integer { min: 0, max: CHARS_MAX }),
    ],
);

/// Several values of one parameter name.
pub(crate) static ALL: Keys = closed(
    "a parameter sent more than once",
    &[required("all", "the values", Shape::List(&Shape::Text))],
);

/// A list of members that differ in their number.
pub(crate) static NUMBERED: Keys = closed(
    "a numbered list",
    &[
        required("count", "how many members", Shape::Integer { min: 0, max: NUMBERED_MAX }),
        required(
            "each",
            "a member, in which ${n} is its number from 1",
            Shape::Named("param", &PARAM_FORMS),
        ),
    ],
);

/// Most members of a numbered list.
///
/// Source: ours; twenty times the longest list that the service model allows (50 tags).
pub(crate) const NUMBERED_MAX: i64 = 1_000;

/// Most copies of a scenario.
///
/// Source: ours; each has a request on its way at the same time as the others.
pub(crate) const COPIES_MAX: i64 = 1_000;

/// Most generated cases of a table.
///
/// Source: ours; each is a request of every run.
pub(crate) const GENERATED_MAX: i64 = 200;

/// Most time that passes between two steps, in seconds.
///
/// Source: ours; the longest session (129,600 s) and its end fit in.
pub(crate) const ADVANCE_SECONDS_MAX: i64 = 48 * 60 * 60;

/// Longest that a signature in the query string is good for, in seconds.
///
/// Source: IAM User Guide, "Create a signed AWS API request", `X-Amz-Expires`: seven days.
pub(crate) const EXPIRES_SECONDS_MAX: i64 = 7 * 24 * 60 * 60;

/// Most times a probe is held.
///
/// Source: ours; each is a request.
pub(crate) const HOLD_MAX: i64 = 20;

/// Most characters that a parameter is repeated or padded to.
///
/// Source: ours; ten times the longest constraint of the service model (100,000).
pub(crate) const CHARS_MAX: i64 = 1_000_000;

pub(super) const RULE_ID: Shape = Shape::Pattern("^[a-z0-9]+([-/][a-z0-9]+)*$");
const DATE: Shape = Shape::Pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$");
const CAPABILITIES: Shape = Shape::List(&Shape::Words(names::<Capability>));
const AS_SAYS: &str = "root, admin, anonymous, a user of the account, or session.NAME";
const ANY_INTEGER: Shape = Shape::Integer { min: i64::MIN, max: i64::MAX };
const ANY_LENGTH: Shape = Shape::Integer { min: 0, max: CHARS_MAX };
const LEN_SHAPE: Shape = Shape::Any(&[ANY_LENGTH, Shape::Keys(&LEN)]);

/// The expectations of an answer, by path.
pub(crate) const EXPECT: Shape = Shape::Named("expect", &EXPECT_MAP);
static EXPECT_MAP: Shape = Shape::Map(&EXPECTED);
static EXPECTED: Shape = Shape::Any(&[Shape::TextOrInteger, Shape::Keys(&MATCHER)]);

/// A parameter's value.
pub(crate) static PARAM: Shape = Shape::Named("param", &PARAM_FORMS);
static PARAM_FORMS: Shape = Shape::Any(&[
    Shape::Text,
    Shape::Keys(&JSON),
    Shape::Keys(&REPEAT),
    Shape::Keys(&ALL),
    Shape::Keys(&NUMBERED),
    Shape::List(&PARAM),
    Shape::Map(&PARAM),
]);
static OVERLAY: Shape = Shape::Any(&[Shape::Null, Shape::Named("param", &PARAM_FORMS)]);

const SIGN_SHAPE: Shape = Shape::Any(&[Shape::Pattern("^none$"), Shape::Keys(&SIGN)]);

pub(super) static SOURCE: Shape = Shape::Any(&[
    Shape::Keys(&SOURCE_PAGE),
    Shape::Keys(&SOURCE_MODEL),
    Shape::Keys(&SOURCE_OBSERVED),
    Shape::Keys(&SOURCE_MANUAL),
]);
static SCENARIO_SHAPE: Shape = Shape::Keys(&SCENARIO);
static STEP_SHAPE: Shape = Shape::Any(&[Shape::Keys(&STEP), Shape::Keys(&ADVANCE)]);
static CASE_SHAPE: Shape = Shape::Keys(&CASE);
static ALTERNATIVE_SHAPE: Shape = Shape::Keys(&ALTERNATIVE);

/// The SDKs whose manuals are in `docs/evidence/sdk-manuals.md`.
pub(crate) const MANUALS: [&str; 2] = ["go", "dotnet"];

fn manuals() -> Vec<String> {
    MANUALS.map(str::to_owned).to_vec()
}

fn calls() -> Vec<String> {
    all_calls().map(|call| call.to_string()).collect()
}

/// The words of a set, for the schema.
pub(super) fn names<W: Word>() -> Vec<String> {
    words::<W>().into_iter().map(str::to_owned).collect()
}
