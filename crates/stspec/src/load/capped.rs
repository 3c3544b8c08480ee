//! What a load may not exceed, and whether a profile can be made within it.

use stspec_load::Caps;
use stspec_measure::Share;
use stspec_scenario::{LoadShape, Profile, Target};

use crate::error::Problem;

/// Caps that go with a profile.
pub(super) struct Capped(pub(super) Caps);

impl Capped {
    /// An open shape has to stay below what is let through here, and not just reach it: what it is late with could
    /// never be made up for, and the wait would look like the target's. A closed one is slowed down.
    ///
    /// The target's limit is that of one shard.
    pub(super) fn of(
        profile: &Profile,
        target: &Target,
        caps: Caps,
        share: Share,
    ) -> Result<Self, Problem> {
        let asked = match &profile.shape {
            LoadShape::Users(_) => None,
            LoadShape::Rate(rate) => rate.stages.iter().map(|stage| stage.to).max(),
            LoadShape::Knee(knee) => Some(knee.to),
        };
        let Some(asked) = asked else { return Ok(Self(caps)) };
        let asks = format!("profile `{}` asks for {asked} turns a second", profile.name);
        let fewer =
            "an open shape has to stay below, or it never makes up for what it is late with";
        if let Some(cap) = caps.rate.filter(|cap| asked >= *cap) {
            return Err(Problem::Usage(format!(
                "{asks}, and {cap} are allowed here; {fewer}; raise --max-rate or choose another profile"
            )));
        }
        let Requests { requests, turns } = Requests::of(profile);
        let needed = u64::from(asked) * requests;
        let of_shard = target.requests_per_second();
        match of_shard.map(|limit| limit.saturating_mul(share.of())) {
            Some(limit) if needed >= u64::from(limit) * turns => Err(Problem::Usage(format!(
                "{asks}, which come to {} requests, and target `{}` is sent {limit} at most; {fewer}; raise \
                 `limits.requests_per_second` in its file or choose another profile",
                needed.div_ceil(turns),
                target.name,
            ))),
            _ => Ok(Self(caps)),
        }
    }
}

/// How many requests so many turns of a profile are.
struct Requests {
    requests: u64,
    turns: u64,
}

impl Requests {
    /// In one round of the mix.
    fn of(profile: &Profile) -> Self {
        let mut of = Self { requests: 0, turns: 0 };
        for turn in &profile.iterations {
            let calls = u64::try_from(turn.calls.len()).unwrap_or(u64::MAX);
            of.requests += u64::from(turn.weight).saturating_mul(calls);
            of.turns += u64::from(turn.weight);
        }
        of
    }
}

/// What each of several loads may not exceed, where the sides of a comparison are allowed different amounts: the
/// smaller of each, with the turns in total divided among all loads.
pub(super) fn each_of(loads: u32, sides: [Caps; 2]) -> Result<Caps, Problem> {
    let [one, other] = sides;
    let total = [one.total, other.total].into_iter().flatten().min();
    let share = total.map(|total| total / u64::from(loads.max(1)));
    if let (Some(total), Some(0)) = (total, share) {
        return Err(Problem::Usage(format!(
            "{total} turns are allowed for {loads} loads, less than one for each; raise --max-requests or lower \
             --rounds"
        )));
    }
    let rate = [one.rate, other.rate].into_iter().flatten().min();
    Ok(Caps { rate, total: share })
}

#[cfg(test)]
mod tests {
    use stspec_scenario::{Library, ReadContext};

    use super::*;

    /// Checks what is said of a profile of this shape, whose turns are of one call in one case and of three in
    /// another, on a target that is sent so many requests a second.
    #[track_caller]
    fn check(shape: &str, limit: u32, rate: Option<u32>, refused: Option<&str>) {
        let call = |id| {
            format!(
                "{{id: {id}, call: sts.GetCallerIdentity, as: anonymous, expect: {{status: 403}}}}"
            )
        };
        let [a, b, c, d] = ["a", "b", "c", "d"].map(call);
        let profile = format!(
            "profile: p\nsays: It asks.\naccount: nobody\nshape: {shape}\ncalls:\n  - {a}\n  - steps: [{b}, {c}, {d}]\n"
        );
        let target = format!(
            "target: t\nsays: It is limited.\nkind: emulator\nendpoints: {{sts: 'http://127.0.0.1:9', iam: \
             'http://127.0.0.1:9'}}\nregion: us-east-1\npartition: aws\ncapabilities: {{iam.users: present}}\nlimits: {{requests_per_second: {limit}}}\n"
        );
        let files = [
            ("profiles/p.yaml".to_owned(), profile),
            ("targets/t.yaml".to_owned(), target),
            ("accounts/nobody.yaml".to_owned(), "account: nobody\nsays: Empty.\n".to_owned()),
        ];
        let (library, diagnostics) = Library::load(files, &ReadContext::default());
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let target = library.target("t").expect("it is there");
        let profile = library.profile("p").expect("it is there");
        let caps = Caps { rate, total: None };
        let capped = Capped::of(profile, target, caps, Share::WHOLE).map(|Capped(caps)| caps);
        match (capped, refused) {
            (Ok(allowed), None) => assert_eq!(allowed, caps),
            (Err(error), Some(words)) => assert!(error.to_string().contains(words), "{error}"),
            (capped, refused) => panic!("{shape} at {limit}: {capped:?}, not {refused:?}"),
        }
    }

    #[test]
    fn an_open_shape_stays_below_its_cap() {
        let rate = "{rate: [{to: 3, hold: 1s}, {to: 10, hold: 1s}]}";
        check(rate, 1_000, Some(11), None);
        check(rate, 1_000, Some(10), Some("asks for 10 turns a second, and 10 are allowed here"));
        let knee = "{knee: {from: 1, to: 10, hold: 1s}}";
        check(knee, 1_000, Some(10), Some("raise --max-rate or choose another profile"));
    }

    #[test]
    fn an_open_shape_stays_below_the_limit_of_its_target_with_all_requests_of_its_turns() {
        let rate = "{rate: [{to: 10, hold: 1s}]}";
        check(rate, 21, None, None);
        let words = "asks for 10 turns a second, which come to 20 requests, and target `t` is sent 20 at most";
        check(rate, 20, None, Some(words));
        check(rate, 20, Some(100), Some(words));
    }

    #[test]
    fn a_closed_shape_is_slowed_down() {
        check("{users: [{to: 100, hold: 1s}]}", 1, Some(1), None);
    }

    #[test]
    fn both_sides_of_a_comparison_get_the_same() {
        let caps = |rate, total| Caps { rate, total };
        let each = |one, other| each_of(6, [one, other]).map_err(|error| error.to_string());
        let aws = caps(Some(5), Some(10_000));
        assert_eq!(each(Caps::default(), aws), Ok(caps(Some(5), Some(1_666))));
        assert_eq!(each(caps(Some(4), None), aws), Ok(caps(Some(4), Some(1_666))));
        assert_eq!(each(Caps::default(), Caps::default()), Ok(Caps::default()));
        let few = each(caps(None, Some(5)), aws).expect_err("no turn for each");
        assert!(few.contains("5 turns are allowed for 6 loads"), "{few}");
    }
}
