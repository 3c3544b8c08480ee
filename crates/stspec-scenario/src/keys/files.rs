//! The keys of account, target and profile files.

use super::rule::{EXPECT, PARAM, names};
use super::{Keys, NAME, Shape, closed, optional, required};
use crate::model::{AcceptedVerdict, TargetKind, Transport};

/// A file below `scenarios/accounts`.
pub(crate) static ACCOUNT: Keys = closed(
    "an account",
    &[
        required("account", "the file's name without .yaml", NAME),
        required("says", "what it is for", Shape::Text),
        optional("policies", "customer managed policies by name", Shape::Map(&Shape::Json)),
        optional("users", "IAM users by name", Shape::Map(&USER_SHAPE)),
        optional("roles", "IAM roles by name", Shape::Map(&IAM_ROLE_SHAPE)),
        optional("buckets", "buckets by name", Shape::Map(&BUCKET_SHAPE)),
    ],
);

/// A user of an account.
pub(crate) static USER: Keys = closed(
    "a user",
    &[
        optional("policies", "inline policies by name", Shape::Map(&Shape::Json)),
        optional("attach", "managed policies, by name or ARN", Shape::List(&Shape::Text)),
        optional("boundary", "the permissions boundary, by name or ARN", Shape::Text),
        optional("tags", "values by key", Shape::Map(&Shape::Text)),
    ],
);

/// A role of an account.
pub(crate) static IAM_ROLE: Keys = closed(
    "a role",
    &[
        required("trust", "the trust policy", Shape::Json),
        optional("policies", "inline policies by name", Shape::Map(&Shape::Json)),
    ],
);

/// A bucket of an account.
pub(crate) static BUCKET: Keys = closed(
    "a bucket",
    &[
        optional("objects", "text by key", Shape::Map(&Shape::Text)),
        optional("policy", "the bucket policy", Shape::Json),
    ],
);

/// A file below `scenarios/targets`.
pub(crate) static TARGET: Keys = closed(
    "a target",
    &[
        required("target", "the file's name without .yaml", NAME),
        required("says", "what it is", Shape::Text),
        required("kind", "how it comes to be reachable", Shape::Words(names::<TargetKind>)),
        optional("endpoint", "one URL for every service", URL),
        optional("endpoints", "a URL per service", Shape::Keys(&ENDPOINTS)),
        required("region", "the region requests are signed for", Shape::Text),
        optional("iam_region", "the region IAM is signed for, if another", Shape::Text),
        required("partition", "the partition in ARNs", Shape::Text),
        optional("disabled_region", "where STS is switched off", Shape::Text),
        optional("accounts", "account ids that may be touched", Shape::List(&ACCOUNT_ID)),
        optional("limits", "how much may be asked of it", Shape::Keys(&LIMITS)),
        optional("capabilities", "present, absent or unknown, each", Shape::Map(&Shape::Text)),
        optional("settle", "how long changes of IAM take to be in effect", SETTLE),
        optional("start", "how an emulator is installed and started", Shape::Keys(&START)),
    ],
);

/// How much may be asked of a target.
pub(crate) static LIMITS: Keys = closed(
    "a target's limits",
    &[optional(
        "requests_per_second",
        "requests in a second, all services together",
        Shape::Integer { min: 1, max: REQUESTS_PER_SECOND_MAX },
    )],
);

/// How an emulator is installed and started.
pub(crate) static START: Keys = closed(
    "the start of an emulator",
    &[
        required("pip", "packages from PyPI, name==version", Shape::List(&Shape::Text)),
        required("command", "the program and its arguments", Shape::List(&Shape::Text)),
        optional("env", "environment variables by name", Shape::Map(&Shape::Text)),
        required("ready", "a URL that answers once the emulator does", URL),
        required("credentials", "who administers it", Shape::Keys(&START_CREDENTIALS)),
        optional("root", "its root user", Shape::Keys(&KEY_PAIR)),
    ],
);

/// Who administers an emulator: a key pair, or a program that prints one.
pub(crate) static START_CREDENTIALS: Keys = closed(
    "an emulator's credentials",
    &[
        optional("access_key_id", "the access key id", Shape::Text),
        optional("secret_access_key", "the secret access key", Shape::Text),
        optional("process", "a program that prints them as JSON", Shape::List(&Shape::Text)),
    ],
);

/// A long-term access key.
pub(crate) static KEY_PAIR: Keys = closed(
    "a key pair",
    &[
        required("access_key_id", "the access key id", Shape::Text),
        required("secret_access_key", "the secret access key", Shape::Text),
    ],
);

/// A file `snapshots/<target>/baseline.yaml`.
pub(crate) static BASELINE: Keys = closed(
    "a baseline",
    &[
        required("target", "the name of the folder it stands in", NAME),
        optional("of", "what was tested, with its version", Shape::Text),
        required("deviations", "the probes that do not pass", Shape::List(&KNOWN_DEVIATION_SHAPE)),
    ],
);

/// A known deviation of a baseline.
pub(crate) static KNOWN_DEVIATION: Keys = closed(
    "a known deviation",
    &[
        required("check", "the check's id", Shape::Text),
        required("verdict", "what it comes to", Shape::Words(names::<AcceptedVerdict>)),
        optional("fingerprint", "how it fails, as a hash", Shape::Text),
        optional("how", "how it fails, for the reader", Shape::Text),
        required("reason", "why it is accepted", Shape::Text),
        required("expires", "the day from which it is no longer accepted", Shape::Text),
    ],
);

/// The endpoints of a target.
pub(crate) static ENDPOINTS: Keys = closed(
    "a target's endpoints",
    &[
        required("sts", "where STS is", URL),
        optional("iam", "where IAM is", URL),
        optional("s3", "where S3 is", URL),
    ],
);

/// A file below `scenarios/profiles`.
pub(crate) static PROFILE: Keys = closed(
    "a profile",
    &[
        required("profile", "the file's name without .yaml", NAME),
        required("says", "what it is for", Shape::Text),
        required("account", "a file below scenarios/accounts", NAME),
        required("shape", "how the load changes over time", Shape::Keys(&LOAD_SHAPE)),
        optional("requests", "turns in total", Shape::Integer { min: 1, max: REQUESTS_MAX }),
        optional("warm_up", "how long answers don't count for latencies", Shape::Text),
        optional("transport", "how requests travel", Shape::Words(names::<Transport>)),
        optional(
            "seed",
            "what everything drawn is drawn with",
            Shape::Integer { min: 0, max: i64::MAX },
        ),
        optional("thresholds", "limits by measure", Shape::Keys(&THRESHOLDS)),
        optional("prepare", "what each user does first", Shape::List(&LOAD_CALL_SHAPE)),
        required("calls", "the turns to choose from", Shape::List(&TURN_SHAPE)),
    ],
);

/// How the load of a profile changes over time: one of its first three keys.
pub(crate) static LOAD_SHAPE: Keys = closed(
    "a shape",
    &[
        optional("users", "users at the same time, in stages", Shape::List(&STAGE_SHAPE)),
        optional("rate", "turns started per second, in stages", Shape::List(&STAGE_SHAPE)),
        optional("knee", "the rates between which the knee is searched", Shape::Keys(&KNEE)),
        optional(
            "connections",
            "users that wait for starts; 64 unless given",
            Shape::Integer { min: 1, max: USERS_MAX },
        ),
        optional("give_up", "how late a turn may start; 5s unless given", Shape::Text),
    ],
);

/// A stage of a shape.
pub(crate) static STAGE: Keys = closed(
    "a stage",
    &[
        required("to", "users, or starts per second", Shape::Integer { min: 1, max: RATE_MAX }),
        optional("over", "how long it takes to get there; 0s unless given", Shape::Text),
        optional("hold", "how long it stays there; 0s unless given", Shape::Text),
    ],
);

/// A search for the knee.
pub(crate) static KNEE: Keys = closed(
    "a knee",
    &[
        required("from", "the first rate", Shape::Integer { min: 1, max: RATE_MAX }),
        required("to", "the highest rate", Shape::Integer { min: 1, max: RATE_MAX }),
        required("hold", "how long each rate is held", Shape::Text),
        optional(
            "refine",
            "how often it is halved; 4 unless given",
            Shape::Integer { min: 0, max: 16 },
        ),
    ],
);

/// The limits of a profile: a count, `1%`, `50ms`, or for `rate` the least.
pub(crate) static THRESHOLDS: Keys = closed(
    "thresholds",
    &[
        optional("wrong", "most wrong answers; 0 unless given", Shape::TextOrInteger),
        optional("errors", "most requests without an answer; 0 unless given", Shape::TextOrInteger),
        optional("dropped", "most turns not started in time", Shape::TextOrInteger),
        optional("p50", "longest for half of the answers", Shape::Text),
        optional("p90", "longest for 90 % of the answers", Shape::Text),
        optional("p95", "longest for 95 % of the answers", Shape::Text),
        optional("p99", "longest for 99 % of the answers", Shape::Text),
        optional("p999", "longest for 99.9 % of the answers", Shape::Text),
        optional("rate", "fewest answers per second", Shape::TextOrInteger),
    ],
);

/// A call of a profile.
pub(crate) static LOAD_CALL: Keys = closed(
    "a call of a profile",
    &[
        required("id", "what reports call it", NAME),
        required("call", "service.Operation", Shape::Text),
        required("as", "root, anonymous, a user of the account or session.NAME", Shape::Text),
        optional("params", "the request's parameters", Shape::Map(&PARAM)),
        required("expect", "what each answer must be like", EXPECT),
        optional("session", "what the issued credentials are called", NAME),
    ],
);

/// A turn of one call.
pub(crate) static CALL_TURN: Keys = closed(
    "a turn of one call",
    &[
        required("id", "what reports call it", NAME),
        required("call", "service.Operation", Shape::Text),
        required("as", "root, anonymous, a user of the account or session.NAME", Shape::Text),
        optional("weight", WEIGHT_SAYS, WEIGHT),
        optional("params", "the request's parameters", Shape::Map(&PARAM)),
        required("expect", "what each answer must be like", EXPECT),
    ],
);

/// A turn of several calls.
pub(crate) static STEPS_TURN: Keys = closed(
    "a turn of several calls",
    &[
        required("steps", "calls in their order", Shape::List(&LOAD_CALL_SHAPE)),
        optional("weight", WEIGHT_SAYS, WEIGHT),
    ],
);

const WEIGHT_SAYS: &str = "how often in relation to others; 1 unless given";
const WEIGHT: Shape = Shape::Integer { min: 1, max: WEIGHT_MAX };

/// Most load users of a profile.
///
/// Source: ours; one machine's ports and memory.
pub(crate) const USERS_MAX: i64 = 10_000;

/// Most users, or starts per second, of a stage.
///
/// Source: ours; ten times what one machine of today starts.
pub(crate) const RATE_MAX: i64 = 1_000_000;

/// Most requests of a profile.
///
/// Source: ours, so that no profile runs for ever.
pub(crate) const REQUESTS_MAX: i64 = 100_000_000;

/// Largest limit of a target's requests in a second.
///
/// Source: ours; what is allowed more than this needs no limit.
pub(crate) const REQUESTS_PER_SECOND_MAX: i64 = 10_000;

/// Largest weight of a call.
///
/// Source: ours.
pub(crate) const WEIGHT_MAX: i64 = 1_000;

/// A length of time in whole seconds, minutes or hours.
const SETTLE: Shape = Shape::Pattern("^[0-9]+[smh]$");
const URL: Shape = Shape::Pattern("^https?://");
const ACCOUNT_ID: Shape = Shape::Pattern("^[0-9]{12}$");
static KNOWN_DEVIATION_SHAPE: Shape = Shape::Keys(&KNOWN_DEVIATION);
static USER_SHAPE: Shape = Shape::Keys(&USER);
static IAM_ROLE_SHAPE: Shape = Shape::Keys(&IAM_ROLE);
static BUCKET_SHAPE: Shape = Shape::Keys(&BUCKET);
static LOAD_CALL_SHAPE: Shape = Shape::Keys(&LOAD_CALL);
static STAGE_SHAPE: Shape = Shape::Keys(&STAGE);
static TURN_SHAPE: Shape = Shape::Any(&[Shape::Keys(&CALL_TURN), Shape::Keys(&STEPS_TURN)]);
