//! Closed sets of words: how each enum of the language is spelt in a file.

use crate::generate::Origin;
use crate::model::{
    AcceptedVerdict, Capability, Client, Evidence, Grade, Level, Measure, Presence, Principal,
    Role, Root, Service, SignatureLocation, TargetKind, Transport,
};

/// An enum whose values are spelt as one word each.
pub trait Word: Sized + Copy + PartialEq + 'static {
    /// What such a word is called in a message.
    const WHAT: &'static str;
    /// Every word with its value, in the order in which a message lists them.
    const ALL: &'static [(&'static str, Self)];

    /// The word for this value.
    #[must_use]
    fn word(self) -> &'static str;

    /// The value for a word.
    #[must_use]
    fn from_word(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
    }
}

/// Every word of a set.
pub(crate) fn words<W: Word>() -> Vec<&'static str> {
    W::ALL.iter().map(|(word, _)| *word).collect()
}

/// Spells out an enum; the `match` makes the compiler insist on every value.
macro_rules! words {
    ($type:ident, $what:literal, { $($word:literal => $value:ident),+ $(,)? }) => {
        impl Word for $type {
            const WHAT: &'static str = $what;
            const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$value)),+];

            fn word(self) -> &'static str {
                match self { $(Self::$value => $word),+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.word())
            }
        }
    };
}

words!(Level, "level", { "must" => Must, "should" => Should, "observe" => Observe });
words!(Transport, "transport", { "hyper" => Hyper, "aws-sdk" => AwsSdk });
words!(Measure, "measure", {
    "wrong" => Wrong, "errors" => Errors, "dropped" => Dropped, "p50" => P50, "p90" => P90,
    "p95" => P95, "p99" => P99, "p999" => P999, "rate" => Rate,
});
words!(Evidence, "evidence", {
    "documented" => Documented, "observed" => Observed, "inferred" => Inferred,
});
words!(Capability, "capability", {
    "iam.users" => IamUsers, "iam.policies" => IamPolicies, "iam.roles" => IamRoles,
    "iam.enforcement" => IamEnforcement, "sigv4" => Sigv4, "s3" => S3, "root" => Root,
    "clock.set" => ClockSet, "region.disabled" => RegionDisabled,
});
words!(Presence, "presence", { "present" => Present, "absent" => Absent, "unknown" => Unknown });
words!(Role, "role", {
    "probe" => Probe, "control" => Control, "liveness" => Liveness, "contrast" => Contrast,
});
words!(Service, "service", { "sts" => Sts, "iam" => Iam, "s3" => S3 });
words!(Client, "client", { "raw" => Raw, "sdk" => Sdk });
words!(Grade, "grade", { "ok" => Ok, "lenient" => Lenient });
words!(SignatureLocation, "place", { "header" => Header, "query" => Query });
words!(Root, "root", {
    "status" => Status, "headers" => Headers, "error" => Error, "result" => Result, "body" => Body,
});
words!(Origin, "model to draw cases from", {
    "name" => Name, "duration" => Duration, "policy-length" => PolicyLength, "tags" => Tags,
});
words!(AcceptedVerdict, "verdict of a baseline", {
    "fail" => Fail, "flaky" => Flaky, "inconclusive" => Inconclusive,
    "unsupported" => Unsupported,
});
words!(TargetKind, "kind of target", {
    "embedded" => Embedded, "emulator" => Emulator, "aws" => Aws,
});

impl std::fmt::Display for Principal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Root => formatter.write_str("root"),
            Self::Admin => formatter.write_str("admin"),
            Self::Anonymous => formatter.write_str("anonymous"),
            Self::User(name) => write!(formatter, "{name}"),
            Self::Session(name) => write!(formatter, "session.{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<W: Word + std::fmt::Debug>() {
        for (word, value) in W::ALL {
            assert_eq!(value.word(), *word);
            assert_eq!(W::from_word(word), Some(*value));
        }
    }

    #[test]
    fn every_value_has_its_own_word() {
        check::<Level>();
        check::<Evidence>();
        check::<Capability>();
        check::<Presence>();
        check::<Role>();
        check::<Service>();
        check::<Client>();
        check::<Grade>();
        check::<SignatureLocation>();
        check::<Root>();
        check::<Origin>();
        check::<AcceptedVerdict>();
        check::<TargetKind>();
    }
}
