//! The kinds of diagnostics, each with a number, a title and an explanation.

use std::fmt;

use super::Severity;

/// Spells out the codes: variant, number, severity, title, explanation.
macro_rules! codes {
    ($($variant:ident $number:literal $severity:ident $title:literal $explanation:literal)+) => {
        /// A kind of diagnostic; `stspec explain STS002` prints its explanation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $variant,)+
        }

        impl Code {
            /// Every code in the order of its number.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as it is printed, such as `STS002`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $number),+ }
            }

            /// Whether a file with this fault loads nevertheless.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity),+ }
            }

            /// What the fault is, in a few words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// Why it is a fault and how to mend it, in a few sentences.
            #[must_use]
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $explanation),+ }
            }
        }
    };
}

codes! {
    Syntax "STS001" Error "not the YAML that stspec reads"
    "The file could not be read as YAML, so nothing else in it was looked at. Each file holds one \
     document, whose top is a mapping. Anchors, aliases and tags are not part of the language, \
     because a reader should see what a step sends without following references. A file may be at \
     most 256 KiB long."

    UnknownKey "STS002" Error "unknown key"
    "The format is closed: a key that stspec does not know is a fault and never ignored, because \
     an ignored misspelling turns an expectation off without a word. The help names the nearest \
     known key; `scenarios/rule.schema.json` lets an editor complete them."

    DuplicateKey "STS003" Error "the same key twice"
    "A mapping holds the same key twice. Most YAML readers keep the last one silently, so half of \
     what was written would not be checked. Merge the two or remove one."

    MissingKey "STS004" Error "a required key is missing"
    "The mapping lacks a key without which it means nothing. `stspec new RULE` writes a rule that \
     has them all."

    WrongType "STS005" Error "a value of the wrong kind"
    "Text, a number, a list or a mapping stands where another kind is wanted. The message says \
     which."

    QuoteIt "STS006" Error "text that YAML reads as something else"
    "YAML reads `900` as a number and `no` as false; other readers disagree about the details. \
     Where the wire carries text, the file has to say text: `\"900\"`, `\"no\"`. The number of \
     leading zeros or a trailing `.0` may be the very thing under test."

    BadName "STS007" Error "a malformed name"
    "Names of users, buckets, sessions, steps, cases and files are kebab-case and at most 40 \
     characters long, because they become parts of check ids and of resource names on the target. \
     A rule id is such names joined by `/`. A scenario's name is one line of text. The words \
     `root`, `admin`, `anonymous`, `session`, `step`, `case`, `target` and `run` are taken."

    UnknownWord "STS008" Error "not one of the allowed words"
    "The value comes from a closed set, and this word is not in it. The help lists the set or \
     names the nearest word."

    UnknownOperation "STS009" Error "an operation that scenarios can't call"
    "A call is `service.Operation` as the API reference spells it: every operation of `sts`, and \
     those of `iam` and `s3` that arranging and checking need."

    UnknownCapability "STS010" Error "unknown capability"
    "`requires:` and a target's `capabilities:` share one list: `iam.users`, `iam.policies`, \
     `iam.roles`, `iam.enforcement`, `sigv4`, `s3`, `root`, `clock.set` and `region.disabled`. \
     Without a capability a rule is `unsupported`, so a misspelt one \
     would hide the rule for ever."

    BadMatcher "STS011" Error "not one matcher"
    "An expectation is a value, which means equality, or a mapping with exactly one of `eq`, \
     `ne`, `in`, `matches`, `starts_with`, `ends_with`, `absent`, `present`, `len`, `lt`, `lte`, \
     `gt`, `gte`, `expires_in`, `distinct`."

    BadValue "STS012" Error "a value outside of what is allowed"
    "The value has the right type and makes no sense: a number out of range, a date that does not \
     exist, a duration without its unit (`900s`, `15m`, `1h`), an empty text, an end before its \
     start."

    BadPattern "STS013" Error "a pattern that does not compile"
    "`matches:` takes a regular expression of the `regex` crate, which knows no look-around and \
     no back-references. It has to match from end to end. Single quotes keep backslashes as they \
     are."

    BadPath "STS014" Error "an expectation that looks nowhere"
    "An expectation's path starts with `status`, `headers`, `error`, `result` or `body`, with \
     dots between the segments: `result.Credentials.Expiration`, `headers.content-type`, \
     `error.code`."

    BadReference "STS015" Error "a reference to nothing"
    "`${...}` may refer to policies, users, roles and buckets of the scenario's account \
     (`${federator.arn}`, `${bucket}`), to earlier steps and, in expectations, to the step itself \
     (`${step.mint.result.Credentials.Expiration}`), to captured sessions \
     (`${session.bare.access_key_id}`), to the target (`${target.account}`), to the run \
     (`${run.id}`), in a scenario with `copies:` to the copy (`${copy}`, `${copy.next}`), in a \
     numbered list to the member's number (`${n}`) and, in a table, to the case's own keys \
     (`${case.seconds}`). Within an account a document may refer to what is made before it: \
     buckets, then policies, users and roles, then the policies inside of users and roles, and \
     last those of buckets. Whatever has a colon in it is a policy variable of IAM and stays as it \
     is. Wire oddities, patterns and signing mistakes other than `region:` take no references."

    UnknownAccount "STS016" Error "an account that does not exist"
    "`account:` names a file below `scenarios/accounts`, without its extension."

    UnknownPrincipal "STS017" Error "a principal that does not exist"
    "`as:` is `root`, `admin`, `anonymous`, a user of the scenario's account, or `session.NAME` for \
     credentials that an earlier step captured. A scenario without `account:` has no users."

    UnknownSession "STS018" Error "a session that was not captured before"
    "A step captures credentials with `session: NAME`; only later steps of the same scenario may \
     use them. Sessions do not travel between scenarios."

    UnknownFault "STS019" Error "a fault that the reference does not have"
    "`faults:` lists the deliberate mistakes of the reference server under which this rule has to \
     fail. `stspec list faults` shows those there are; a new one is written in the reference \
     first."

    MisplacedFile "STS020" Error "a file whose name and content disagree"
    "There is one string per thing: the rule `a/b` is the file `scenarios/rules/a/b.yaml`, the \
     account `c` is `scenarios/accounts/c.yaml`, and likewise for targets and profiles. Move the \
     file or correct the name in it."

    DuplicateId "STS021" Error "the same id twice"
    "Steps and cases are unique within their scenario, scenarios within their rule (compared as \
     they appear in check ids, in lower case with `-` for all else), sessions within their \
     scenario, policies, users, roles and buckets within their account. Otherwise two checks would share one id."

    InferredMust "STS022" Error "a must that rests on a guess"
    "A must says that AWS documents the behaviour or that somebody recorded it. What we only \
     concluded is `should` or `observe`, until there is evidence."

    NoSource "STS023" Error "a rule without a source"
    "Every rule says where its fact is written down, or from which facts it was concluded: a page \
     of documentation, the service model, an observation, or a manual of an SDK."

    MustWithoutFault "STS024" Error "a must that no fault proves"
    "A must has to be able to fail: `faults:` names at least one deliberate mistake of the \
     reference under which it does. A test that can't fail shows nothing."

    TableOrSteps "STS025" Error "both table and steps, or neither"
    "A scenario is either a `table:` of independent calls or a list of `steps:` in order. Split \
     it in two where both are wanted."

    NoExpectation "STS026" Error "nothing is expected"
    "A step says what its answer must be like, in `expect:` or in the alternatives of `accept:`. \
     Only in a rule with `level: observe` may a step just look."

    UnusedKey "STS027" Error "a case key that nothing uses"
    "A case may have keys of its own, for `${case.KEY}` in the table or in the case. One that \
     nothing refers to is a misspelling or a leftover."

    RefusalWithoutControl "STS028" Error "a refusal without a control"
    "A target that refuses everything would pass this probe. Put a step with `role: control` \
     before it that is accepted: the issuer can, the same call signed well works. If the control \
     fails, the probe is inconclusive and not passed."

    RefusalWithoutLiveness "STS029" Error "a refused session that nobody saw alive"
    "A target that never recognised the session's credentials would pass this probe. Add a step \
     with `role: liveness` in which the same session calls sts.GetCallerIdentity, without \
     deliberate mistakes, and expects status 200 and the session's own ARN in result.Arn: a target \
     that shows everybody the same identity recognised nobody."

    AllowanceWithoutContrast "STS030" Error "an allowance without a contrast"
    "In a rule about enforcement, a target that allows everything would pass this probe. Add a \
     step with `role: contrast` or `role: control` that expects a refusal."

    RefusalWithoutNeighbour "STS031" Error "a table that only refuses"
    "A target that refuses everything would pass these cases. Add a case next to them that \
     expects status 200."

    BareAcceptance "STS032" Error "an acceptance that looks at the status only"
    "A server that always answers 200 would pass this probe. Look at something in the answer as \
     well: `result.…`, `body.…`, or `error: {absent: true}` together with a result."

    UnknownFile "STS033" Error "a file in no known place"
    "YAML files below `scenarios` are `catalog.yaml` or stand in `rules`, `accounts`, `targets` or \
     `profiles`, and end in `.yaml`. A file elsewhere would never be read."

    NoCredentials "STS034" Error "a session from a call that issues none"
    "`session:` keeps the credentials of the answer, and this operation answers without any. \
     AssumeRole and its siblings, GetFederationToken, GetSessionToken and GetDelegatedAccessToken \
     issue credentials."

    NoProbe "STS035" Error "a scenario without a probe"
    "Only probes are scored. A scenario of controls alone checks nothing of the rule."

    SdkCannot "STS036" Error "something that an SDK can't be made to send"
    "`client: sdk` sends well-formed requests with `aws-sdk-sts`: GetCallerIdentity, \
     GetFederationToken and GetSessionToken, each with its own parameters once. Deliberate mistakes, oddities on the wire and other \
     calls need `client: raw`; in a profile, the transport hyper."

    UnusedAccount "STS037" Warning "an account that nothing uses"
    "No scenario and no profile names this account. It would still be maintained by everybody who \
     greps for its users."

    AdminBeyondControl "STS038" Error "the administrator outside of a control"
    "`as: admin` is whoever provisions the target, with powers that differ from target to target, \
     so nothing can be concluded from what it may do. It arranges: such a step has `role: control`. \
     A profile has no use for it."

    ChangeOfSharedAccount "STS039" Error "a change of an account that others share"
    "Scenarios run side by side on accounts that were made once, so a step that changes one (its \
     users, roles, policies, keys, tags or bucket policies, as opposed to objects) would change \
     what the others see, even as a probe that should be refused: some target will not refuse it. \
     With `fresh: true` the scenario has the account to itself. A load never has: its calls use what the \
     account holds, as nothing would put back what each turn changed."

    UncountedResource "STS040" Error "something made that nobody would remove"
    "What a step makes with CreateUser, CreateRole, CreatePolicy or CreateBucket is removed after \
     the run only if its name tells that it is ours: `stspec-${run.id}-` and a rest."

    UnknownPolicy "STS041" Error "a managed policy that does not exist"
    "`attach:` and `boundary:` name a managed policy of the same account (`policies:` at its top), or \
     any other by its ARN."

    UnknownRule "STS042" Warning "a rule that does not exist"
    "A fact of `catalog.yaml` names a rule of which there is no file below `scenarios/rules`, so \
     nothing checks what it says. Runs go on without it; `stspec catalog coverage` counts the fact \
     as a gap."

    RulesOrExclusion "STS043" Error "both rules and an exclusion, or neither"
    "A fact of the catalogue names the rules that check it in `rules:`, or says in `excluded:` why \
     none can: it concerns a console, advises the reader, or needs a second AWS account. A fact \
     with neither would look covered."

    ForeignChange "STS044" Error "a change of something that may be somebody else's"
    "On an account that others use, too, rules and loads change only what they made: a call of IAM, or of S3, \
     its buckets and their objects, that changes something names a thing of the scenario's account, what an earlier step made, \
     or `stspec-${run.id}-` and a rest. Without a name it would change whoever calls, and with another \
     action, method, path or body (`send:`) than the operation's nobody could tell what it changes."
}

impl Code {
    /// The code for a text such as `STS002`, in either case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(text))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_run_without_gaps() {
        for (index, code) in Code::ALL.iter().enumerate() {
            assert_eq!(code.as_str(), format!("STS{:03}", index + 1));
            assert_eq!(Code::parse(&code.as_str().to_lowercase()), Some(*code));
        }
        assert_eq!(Code::parse("STS000"), None);
    }

    #[test]
    fn every_code_is_explained() {
        for code in Code::ALL {
            assert!(!code.title().ends_with('.'), "{code}");
            assert!(code.explanation().ends_with('.'), "{code}");
            assert!(code.explanation().len() > code.title().len(), "{code}");
        }
    }
}
