//! Judging an answer in one pass over its text, for the thousands that are as expected.
//!
//! The quick way can only say "accepted", and only where [`judge`](crate::judge()) would say so, too: by the
//! same matchers, on the same texts. Whatever is unusual about an answer, be it wrong or only written
//! in another way, is left to the long way, which also finds the words for what is wrong.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use stspec_scenario::{Path, Root};

use crate::matcher::{Subject, accepts};
use crate::observation::Found;
use crate::{Observation, ResolvedMatcher, ResolvedOutcome};

/// Most elements on the way to what is expected, counted once.
const BRANCHES_MAX: usize = 60;

/// Most different values of the body that are read.
const SLOTS_MAX: usize = 16;

/// Deepest nesting of an answer that is judged quickly; sessions take four.
const DEPTH_QUICK_MAX: usize = 16;

/// The root of the paths below `result`.
const RESULT: usize = 0;

/// The root of the paths below `error`.
const ERROR: usize = 1;

/// The position of the credentials in an answer that issues some.
const CREDENTIALS: [&str; 3] = ["AccessKeyId", "SecretAccessKey", "SessionToken"];

/// Expectations prepared for many answers.
#[derive(Debug, Clone)]
pub struct QuickJudge {
    statuses: Vec<u16>,
    branches: Vec<Branch>,
    expected: Vec<(usize, ResolvedMatcher)>,
    /// Where the credentials are kept, if any are looked for.
    credentials: Option<[usize; 3]>,
    counts_time: bool,
}

/// An element on the way to a value that is read.
#[derive(Debug, Clone)]
struct Branch {
    name: String,
    parent: usize,
    /// Where its text is kept.
    slot: Option<usize>,
}

/// The result of a quick look at an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuickVerdict<'a> {
    /// It is as expected, and these credentials were in it.
    Accepted(Option<Issued<'a>>),
    /// It is wrong, or unusual: [`judge`](crate::judge()) has to look at it.
    Unsure,
}

/// Credentials in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Issued<'a> {
    /// `ASIA…`.
    pub access_key_id: &'a str,
    /// The signing secret.
    pub secret_access_key: &'a str,
    /// What travels with each request that the credentials sign.
    pub session_token: &'a str,
}

impl QuickJudge {
    /// Prepares one outcome; `None` if it needs the full judge.
    ///
    /// `issues` says that the credentials in the answer are wanted.
    #[must_use]
    pub fn new(outcome: &ResolvedOutcome, issues: bool) -> Option<Self> {
        let mut quick = Self {
            statuses: Vec::new(),
            branches: vec![Branch::root(), Branch::root()],
            expected: Vec::new(),
            credentials: None,
            counts_time: false,
        };
        let mut slots = 0;
        for each in &outcome.expectations {
            quick.counts_time |= matches!(each.matcher, ResolvedMatcher::ExpiresIn(_));
            match (each.path.root(), &each.matcher) {
                (Root::Status, ResolvedMatcher::Eq(status)) => {
                    quick.statuses.push(status.parse().ok()?);
                }
                (Root::Result | Root::Error, matcher) => {
                    let (root, names) = root_and_names(&each.path)?;
                    let slot = quick.slot(root, &names, &mut slots)?;
                    quick.expected.push((slot, matcher.clone()));
                }
                _ => return None,
            }
        }
        if issues {
            let mut slot = |member| quick.slot(RESULT, &["Credentials", member], &mut slots);
            let [id, secret, token] = CREDENTIALS;
            quick.credentials = Some([slot(id)?, slot(secret)?, slot(token)?]);
        }
        let branches = &quick.branches;
        let is_parent = |branch: usize| branches.iter().any(|each| each.parent == branch);
        let inner = (0_usize..).zip(branches).any(|(n, each)| each.slot.is_some() && is_parent(n));
        let fits = branches.len() <= BRANCHES_MAX && slots <= SLOTS_MAX;
        (!quick.statuses.is_empty() && fits && !inner).then_some(quick)
    }

    /// Judges one answer by its status, its `Date` header and its body.
    #[must_use]
    pub fn judge<'a>(&self, status: u16, date: Option<&str>, body: &'a [u8]) -> QuickVerdict<'a> {
        if self.statuses.iter().any(|expected| *expected != status) {
            return QuickVerdict::Unsure;
        }
        if self.expected.is_empty() && self.credentials.is_none() {
            return QuickVerdict::Accepted(None);
        }
        self.judge_body(date, body).unwrap_or(QuickVerdict::Unsure)
    }

    fn judge_body<'a>(&self, date: Option<&str>, body: &'a [u8]) -> Option<QuickVerdict<'a>> {
        let texts = self.texts(std::str::from_utf8(body).ok()?)?;
        let date = date.filter(|_| self.counts_time).and_then(timestamp);
        let text = |slot: usize| texts.get(slot).copied().flatten();
        for (slot, matcher) in &self.expected {
            let found = text(*slot).map(|text| Found::Text(text.into()));
            if !accepts(matcher, &Subject { found: found.as_ref(), date }) {
                return None;
            }
        }
        let Some([id, secret, token]) = self.credentials else {
            return Some(QuickVerdict::Accepted(None));
        };
        Issued::of([text(id), text(secret), text(token)])
            .map(|issued| QuickVerdict::Accepted(Some(issued)))
    }

    /// The text in each slot; `None` for an answer that is not written plainly.
    fn texts<'a>(&self, text: &'a str) -> Option<[Option<&'a str>; SLOTS_MAX]> {
        let mut reader = Reader::from_str(text);
        let mut scan = Scan::new(self);
        loop {
            let after = usize::try_from(reader.buffer_position()).ok()?;
            match reader.read_event().ok()? {
                Event::Start(start) => scan.enter(start)?,
                Event::End(_) => scan.leave(),
                Event::Text(written) => {
                    scan.take(text.get(after..after.checked_add(written.len())?)?)?;
                }
                Event::Empty(start) => {
                    scan.enter(start)?;
                    scan.leave();
                }
                Event::Decl(_) if scan.depth == 0 && scan.root.is_none() => {}
                Event::Eof => return scan.finish(),
                _ => return None,
            }
        }
    }

    /// The slot of a path, added if it is new.
    fn slot(&mut self, root: usize, names: &[&str], slots: &mut usize) -> Option<usize> {
        let mut at = root;
        for name in names {
            at = if let Some(branch) = self.child(at, name) {
                branch
            } else {
                let name = (*name).to_owned();
                self.branches.push(Branch { name, parent: at, slot: None });
                self.branches.len() - 1
            };
        }
        let branch = self.branches.get_mut(at).filter(|_| at > ERROR)?;
        Some(*branch.slot.get_or_insert_with(|| {
            *slots += 1;
            *slots - 1
        }))
    }

    fn child(&self, parent: usize, name: &str) -> Option<usize> {
        self.branches.iter().position(|each| each.parent == parent && each.name == name)
    }
}

impl<'a> Issued<'a> {
    /// Finds the temporary credentials in an answer; none where a part of them is missing or empty.
    #[must_use]
    pub fn in_answer(answer: &'a Observation) -> Option<Self> {
        Self::of(CREDENTIALS.map(|member| {
            let path = Path::parse(&format!("result.Credentials.{member}")).ok()?;
            match answer.find(&path)? {
                Found::Text(Cow::Borrowed(text)) => Some(text),
                Found::Text(Cow::Owned(_)) | Found::Parent(_) => None,
            }
        }))
    }

    /// Credentials of their parts in the order of [`CREDENTIALS`].
    fn of(parts: [Option<&'a str>; 3]) -> Option<Self> {
        let [id, secret, token] = parts.map(|part| part.filter(|text| !text.is_empty()));
        Some(Self { access_key_id: id?, secret_access_key: secret?, session_token: token? })
    }
}

impl Branch {
    fn root() -> Self {
        Self { name: String::new(), parent: usize::MAX, slot: None }
    }
}

/// The root and the names of elements that a path leads through, if it is a plain one.
fn root_and_names(path: &Path) -> Option<(usize, Vec<&str>)> {
    let below = path.below_root();
    if below.iter().any(|name| name.starts_with(|first: char| first.is_ascii_digit())) {
        return None;
    }
    let names = below.iter().map(String::as_str);
    match path.root() {
        Root::Result => Some((RESULT, names.collect())),
        Root::Error => match names.collect::<Vec<_>>().as_slice() {
            ["code"] => Some((ERROR, vec!["Code"])),
            ["type"] => Some((ERROR, vec!["Type"])),
            _ => None,
        },
        _ => None,
    }
}

fn timestamp(date: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(date).ok()
}

/// A pass over the elements of an answer.
struct Scan<'j, 'a> {
    judge: &'j QuickJudge,
    texts: [Option<&'a str>; SLOTS_MAX],
    /// The branch of each open element, if it is on the way to a slot.
    open: [Option<usize>; DEPTH_QUICK_MAX],
    depth: usize,
    /// The branches that were met, one bit each.
    met: u64,
    root: Option<BytesStart<'a>>,
    is_over: bool,
}

impl<'j, 'a> Scan<'j, 'a> {
    fn new(judge: &'j QuickJudge) -> Self {
        Self {
            judge,
            texts: [None; SLOTS_MAX],
            open: [None; DEPTH_QUICK_MAX],
            depth: 0,
            met: 0,
            root: None,
            is_over: false,
        }
    }

    fn enter(&mut self, start: BytesStart<'a>) -> Option<()> {
        let name = start.name().0;
        if self.is_over || name.contains(':') || name == "__type" {
            return None;
        }
        if self.innermost_slot().is_some() {
            return None;
        }
        let branch = match self.depth {
            0 => root_branch(name),
            1 => match self.beneath_root(name) {
                Beneath::Branch(branch) => Some(branch),
                Beneath::OfRoot => self.child(name),
                Beneath::Nothing => None,
            },
            _ => self.child(name),
        };
        let is_plain =
            if self.depth == 0 { only_namespace(&start) } else { start.len() == name.len() };
        if !is_plain {
            return None;
        }
        if let Some(branch) = branch {
            let bit = 1_u64.checked_shl(u32::try_from(branch).ok()?)?;
            if self.met & bit != 0 {
                return None;
            }
            self.met |= bit;
        }
        if self.depth == 0 {
            self.root = Some(start);
        }
        *self.open.get_mut(self.depth)? = branch;
        self.depth += 1;
        if let Some(slot) = self.innermost_slot() {
            *self.texts.get_mut(slot)? = Some("");
        }
        Some(())
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.is_over = self.depth == 0;
    }

    fn take(&mut self, text: &'a str) -> Option<()> {
        if self.depth == 0 {
            let blank = text.bytes().all(|byte| byte.is_ascii_whitespace());
            return blank.then_some(());
        }
        let Some(slot) = self.innermost_slot() else { return Some(()) };
        if text.contains('\r') {
            return None;
        }
        *self.texts.get_mut(slot)? = Some(text);
        Some(())
    }

    fn finish(self) -> Option<[Option<&'a str>; SLOTS_MAX]> {
        // An envelope for errors without an error in it is read in another way.
        let is_envelope = self.root.as_ref().is_some_and(|root| root.name().0 == "ErrorResponse");
        let has_error = self.met & (1 << ERROR) != 0;
        (self.is_over && (!is_envelope || has_error)).then_some(self.texts)
    }

    fn innermost(&self) -> Option<usize> {
        self.open.get(self.depth.checked_sub(1)?).copied().flatten()
    }

    fn innermost_slot(&self) -> Option<usize> {
        self.judge.branches.get(self.innermost()?)?.slot
    }

    fn child(&self, name: &str) -> Option<usize> {
        self.judge.child(self.innermost()?, name)
    }

    /// What an element right below the root is.
    fn beneath_root(&self, name: &str) -> Beneath {
        let root = self.root.as_ref().map_or("", |root| root.name().0);
        match root.strip_suffix("Response") {
            Some("Error") if name == "Error" => Beneath::Branch(ERROR),
            Some("Error") => Beneath::Nothing,
            Some(operation) if name.strip_suffix("Result") == Some(operation) => {
                Beneath::Branch(RESULT)
            }
            Some(_) => Beneath::Nothing,
            None => Beneath::OfRoot,
        }
    }
}

/// What an element right below the root is.
enum Beneath {
    /// The beginning of results or of errors.
    Branch(usize),
    /// A member of a root that is such a beginning itself.
    OfRoot,
    /// Nothing that is looked at.
    Nothing,
}

/// What a root is by itself: an error or a result of S3, or an envelope of one.
fn root_branch(name: &str) -> Option<usize> {
    match name {
        "Error" => Some(ERROR),
        _ if name.ends_with("Response") => None,
        _ => Some(RESULT),
    }
}

/// Whether an element has no attribute but its namespace.
fn only_namespace(start: &BytesStart<'_>) -> bool {
    let attributes = start.attributes_raw().trim();
    let value = attributes.strip_prefix("xmlns=\"").and_then(|rest| rest.strip_suffix('"'));
    attributes.is_empty() || value.is_some_and(|value| !value.contains(['"', '&', '<']))
}

#[cfg(test)]
mod tests {
    use stspec_scenario::Grade;

    use super::*;
    use crate::{Observation, Observed, ResolvedExpectation, judge};

    const DATE: &str = "Sat, 21 Nov 2026 20:00:00 GMT";

    const MINTED: &str = "<?xml version=\"1.0\"?>\n\
<GetFederationTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n\
 <GetFederationTokenResult>\n\
  <Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s/+</SecretAccessKey>\
<SessionToken>t==</SessionToken><Expiration>2026-11-21T20:15:00Z</Expiration></Credentials>\n\
  <FederatedUser><Arn>arn:a</Arn><FederatedUserId>1:a</FederatedUserId></FederatedUser>\n\
  <PackedPolicySize>7</PackedPolicySize>\n\
 </GetFederationTokenResult>\n\
 <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>\n\
</GetFederationTokenResponse>\n";

    const REFUSED: &str = "<ErrorResponse xmlns=\"urn:x\"><Error><Type>Sender</Type>\
<Code>AccessDenied</Code><Message>No.</Message></Error><RequestId>r</RequestId></ErrorResponse>";

    const REFUSED_S3: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
<Error><Code>AccessDenied</Code><Message>No.</Message><Resource/></Error>";

    fn outcome(expectations: &[(&str, ResolvedMatcher)]) -> ResolvedOutcome {
        let expectation = |(path, matcher): &(&str, ResolvedMatcher)| ResolvedExpectation {
            path: Path::parse(path).unwrap(),
            matcher: matcher.clone(),
        };
        let expectations = expectations.iter().map(expectation).collect();
        ResolvedOutcome { grade: Grade::Ok, expectations }
    }

    fn eq(text: &str) -> ResolvedMatcher {
        ResolvedMatcher::Eq(text.to_owned())
    }

    fn minted() -> ResolvedOutcome {
        outcome(&[
            ("status", eq("200")),
            ("result.Credentials.AccessKeyId", ResolvedMatcher::StartsWith("ASIA".to_owned())),
            ("result.Credentials.Expiration", ResolvedMatcher::ExpiresIn(900)),
            ("result.FederatedUser.Arn", eq("arn:a")),
            ("result.PackedPolicySize", ResolvedMatcher::Gt(0)),
            ("result.Nothing", ResolvedMatcher::Absent),
        ])
    }

    fn refused() -> ResolvedOutcome {
        outcome(&[("status", eq("403")), ("error.code", eq("AccessDenied"))])
    }

    fn observation(status: u16, body: &[u8]) -> Observation {
        Observation::new(status, [("date".to_owned(), DATE.to_owned())], body, 0)
    }

    fn accepts_slowly(outcome: &ResolvedOutcome, status: u16, body: &[u8]) -> bool {
        let observed = Observed::Answer(observation(status, body));
        judge(std::slice::from_ref(outcome), &observed).is_accepted()
    }

    /// Checks an answer, and that the long way agrees.
    #[track_caller]
    fn check(outcome: &ResolvedOutcome, status: u16, body: &str, accepted: bool) {
        let quick = QuickJudge::new(outcome, false).expect("quick expectations");
        let quickly = quick.judge(status, Some(DATE), body.as_bytes());
        assert_eq!(quickly != QuickVerdict::Unsure, accepted, "{body}");
        assert!(!accepted || accepts_slowly(outcome, status, body.as_bytes()), "{body}");
    }

    /// Checks that a change to the usual answer is left to the long way.
    #[track_caller]
    fn check_unsure(from: &str, to: &str) {
        assert!(MINTED.contains(from), "{from}");
        check(&minted(), 200, &MINTED.replacen(from, to, 1), false);
    }

    #[test]
    fn usual_answers_are_accepted() {
        check(&minted(), 200, MINTED, true);
        check(&refused(), 403, REFUSED, true);
        check(&refused(), 403, REFUSED_S3, true);
        check(&outcome(&[("status", eq("200"))]), 200, "anything", true);
        check(
            &outcome(&[("status", eq("200")), ("result.Name", eq("b"))]),
            200,
            "<L><Name>b</Name></L>",
            true,
        );
    }

    #[test]
    fn wrong_answers_are_never_accepted() {
        check(&minted(), 201, MINTED, false);
        check(&minted(), 200, REFUSED, false);
        check(&refused(), 403, MINTED, false);
        check_unsure("20:15:00Z", "20:15:02Z");
        check_unsure("ASIA1", "AKIA1");
        check_unsure("arn:a", "arn:b");
        check_unsure("Size>7<", "Size>0<");
        check_unsure("<PackedPolicySize>7</PackedPolicySize>", "");
        check_unsure("<PackedPolicySize>7", "<Nothing/><PackedPolicySize>7");
        check_unsure("GetFederationTokenResult>", "GetSessionTokenResult>");
    }

    #[test]
    fn unusual_answers_are_left_to_the_long_way() {
        check_unsure("arn:a", "arn&#58;a");
        check_unsure("arn:a", "<![CDATA[arn:a]]>");
        check_unsure("arn:a", "<b>arn:a</b>");
        check_unsure("arn:a", "arn:a\r");
        check_unsure("<Arn>", "<Arn x=\"1\">");
        check_unsure("<Credentials>", "<Credentials/><Credentials>");
        check_unsure("<Arn>", "<Arn>arn:b</Arn><Arn>");
        check_unsure(" xmlns=", " xmlns:p=");
        check_unsure("</GetFederationTokenResponse>\n", "");
        check_unsure("</GetFederationTokenResponse>\n", "</GetFederationTokenResponse><x/>");
        check_unsure("</GetFederationTokenResponse>\n", "</GetFederationTokenResponse>x");
        check_unsure("<?xml version=\"1.0\"?>", "<!DOCTYPE a>");
        check_unsure("<FederatedUser>", "<!-- a -->");
        check(&refused(), 403, &REFUSED.replace("<Code>", "<__type>b</__type><Code>"), false);
    }

    #[test]
    fn credentials_are_handed_on() {
        let quick = QuickJudge::new(&minted(), true).unwrap();
        let issued =
            Issued { access_key_id: "ASIA1", secret_access_key: "s/+", session_token: "t==" };
        let quickly = quick.judge(200, Some(DATE), MINTED.as_bytes());
        assert_eq!(quickly, QuickVerdict::Accepted(Some(issued)));
        let without = MINTED.replace("SessionToken", "Token");
        assert_eq!(quick.judge(200, Some(DATE), without.as_bytes()), QuickVerdict::Unsure);
    }

    #[test]
    fn credentials_with_an_empty_part_are_none() {
        let quick = QuickJudge::new(&minted(), true).unwrap();
        for (from, to) in [
            ("<SecretAccessKey>s/+</SecretAccessKey>", "<SecretAccessKey></SecretAccessKey>"),
            ("<SessionToken>t==</SessionToken>", "<SessionToken></SessionToken>"),
            ("<SessionToken>t==</SessionToken>", "<SessionToken/>"),
        ] {
            let changed = MINTED.replace(from, to);
            assert_ne!(changed, MINTED);
            assert_eq!(
                quick.judge(200, Some(DATE), changed.as_bytes()),
                QuickVerdict::Unsure,
                "{to}"
            );
            assert_eq!(Issued::in_answer(&observation(200, changed.as_bytes())), None, "{to}");
        }
        let observation = observation(200, MINTED.as_bytes());
        let issued = Issued::in_answer(&observation).map(|issued| issued.session_token);
        assert_eq!(issued, Some("t=="));
    }

    #[test]
    fn expectations_that_take_the_long_way_are_not_prepared() {
        for path in ["headers.date", "body.root", "error.message", "result.Users.1.Name", "error"] {
            let outcome = outcome(&[("status", eq("200")), (path, ResolvedMatcher::Present)]);
            assert!(QuickJudge::new(&outcome, false).is_none(), "{path}");
        }
        let present = ResolvedMatcher::Present;
        let both = [("status", eq("200")), ("result.A", present.clone()), ("result.A.B", present)];
        assert!(QuickJudge::new(&outcome(&both), false).is_none());
        assert!(QuickJudge::new(&outcome(&[("status", ResolvedMatcher::Gt(1))]), false).is_none());
        assert!(QuickJudge::new(&outcome(&[]), false).is_none());
    }

    /// Every answer with one byte removed, doubled or replaced: what is accepted quickly is accepted
    /// slowly, and hands out the same credentials.
    #[test]
    fn the_quick_way_never_accepts_more_than_the_long_one() {
        // So short that one byte less leaves nothing of them.
        let short = MINTED.replace("s/+", "s").replace("t==", "t");
        for (outcome, status, body, issues) in [
            (minted(), 200, MINTED, false),
            (minted(), 200, short.as_str(), true),
            (refused(), 403, REFUSED, false),
            (refused(), 403, REFUSED_S3, false),
        ] {
            let quick = QuickJudge::new(&outcome, issues).unwrap();
            let mut accepted = 0;
            for changed in changes(body) {
                let QuickVerdict::Accepted(issued) = quick.judge(status, Some(DATE), &changed)
                else {
                    continue;
                };
                accepted += 1;
                let text = String::from_utf8_lossy(&changed);
                assert!(accepts_slowly(&outcome, status, &changed), "{text}");
                let observation = observation(status, &changed);
                assert_eq!(issues, issued.is_some(), "{text}");
                assert!(!issues || Issued::in_answer(&observation) == issued, "{text}");
            }
            assert!(accepted > body.len(), "blanks and other texts may change");
        }
    }

    /// A text with one byte removed, doubled or replaced, at every position.
    fn changes(body: &str) -> impl Iterator<Item = Vec<u8>> {
        let all = [&b""[..], b"<", b">", b"/", b"&", b" ", b"\"", b"a", b"\xff"];
        (0..body.len()).flat_map(move |position| {
            let (before, after) = body.as_bytes().split_at(position);
            let after = [after, after.get(1..).unwrap_or_default()];
            all.into_iter().flat_map(move |with| after.map(|after| [before, with, after].concat()))
        })
    }
}
