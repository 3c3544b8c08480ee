//! Brings an exchange into a form that is the same on every run: placeholders replace volatile
//! values and keep their properties.
//!
//! A placeholder is named by what the value is (`<akid ASIA 20>`) or where it comes from
//! (`<account>`), and never by a number, so that one new value does not rename those after it.

mod form;
mod tree;
mod values;
mod volatile;

use crate::observation::{Content, Observation, Observed};

pub use tree::Tree;
pub use values::NamedValue;

/// Headers that a normalised answer keeps; the others depend on the host, not on the API.
///
/// Source: `docs/evidence/get-federation-token.md`, RSP-CT, RSP-REQID, RSP-EXTREQID and
/// WIRE-NOACTION.
pub const HEADERS_KEPT: [&str; 8] = [
    "content-type",
    "date",
    "location",
    "x-amz-id-2",
    "x-amz-request-id",
    "x-amz-sts-extended-request-id",
    "x-amzn-errortype",
    "x-amzn-requestid",
];

/// A request and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The request.
    pub request: Request,
    /// The answer.
    pub answer: Answer,
}

/// The request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who signed, as the step spells it: `federator`, `session.bare`.
    pub principal: String,
    /// What was called, as the step spells it: `sts.GetFederationToken`.
    pub call: String,
    /// The parameters as they were sent, in order: `Tags.member.1.Key`.
    pub params: Vec<(String, String)>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// There was an answer.
    Given {
        /// The HTTP status.
        status: u16,
        /// The headers in [`HEADERS_KEPT`], sorted by name.
        headers: Vec<(String, String)>,
        /// The body.
        body: Document,
    },
    /// There was none, for this reason.
    Missing(String),
}

/// A normalised body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// Nothing.
    Empty,
    /// Text that is not a tree.
    Text(String),
    /// A tree.
    Tree {
        /// The root's name; empty for a JSON object with several members.
        root: String,
        /// The root's namespace.
        namespace: Option<String>,
        /// Its content.
        content: Tree,
    },
}

/// Normalises a request and what came back for it.
///
/// `values` are values of this run with the placeholders that replace them. Of two values that start
/// at the same position, the longer one is replaced.
#[must_use]
pub fn normalise(request: &Request, observed: &Observed, values: &[NamedValue]) -> Exchange {
    let values = values::sorted(values);
    let answer = match observed {
        Observed::NoAnswer(reason) => Answer::Missing(volatile::text(reason, &values)),
        Observed::Answer(observation) => {
            let context = volatile::Context {
                date: observation.date(),
                duration_seconds: duration_seconds(request),
                values: &values,
            };
            answer(observation, &context)
        }
    };
    let params = request
        .params
        .iter()
        .map(|(name, value)| (name.clone(), volatile::text(value, &values)))
        .collect();
    let request = Request { params, ..request.clone() };
    Exchange { request, answer }
}

/// Normalises text on its own, such as what a deviation observed.
#[must_use]
pub(crate) fn normalise_text(text: &str, values: &[NamedValue]) -> String {
    volatile::text(text, &values::sorted(values))
}

fn duration_seconds(request: &Request) -> Option<i64> {
    let (_, value) = request.params.iter().find(|(name, _)| name == "DurationSeconds")?;
    value.parse().ok()
}

fn answer(observation: &Observation, context: &volatile::Context<'_>) -> Answer {
    let mut headers: Vec<(String, String)> = observation
        .headers
        .iter()
        .filter(|(name, _)| HEADERS_KEPT.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), volatile::value(name, value, context)))
        .collect();
    headers.sort();
    let body = match &observation.body.content {
        Content::Empty => Document::Empty,
        Content::Text | Content::Malformed(_) => {
            Document::Text(volatile::text(&observation.body.text, context.values))
        }
        Content::Xml(root) | Content::Json(root) => Document::Tree {
            root: root.name.clone(),
            namespace: root.namespace.clone(),
            content: tree::build(root, context),
        },
    };
    Answer::Given { status: observation.status, headers, body }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINTED: &str = r#"<GetFederationTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetFederationTokenResult>
    <Credentials>
      <SessionToken>IQoJb3JpZ2luX2Vj//+AbCd==</SessionToken>
      <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY</SecretAccessKey>
      <Expiration>2026-11-21T20:14:59Z</Expiration>
      <AccessKeyId>ASIAQWERTYUIOPASDFGH</AccessKeyId>
    </Credentials>
    <FederatedUser>
      <Arn>arn:aws:sts::123456789012:federated-user/stspec</Arn>
    </FederatedUser>
    <PackedPolicySize>0</PackedPolicySize>
  </GetFederationTokenResult>
  <ResponseMetadata><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ResponseMetadata>
</GetFederationTokenResponse>"#;

    fn request() -> Request {
        Request {
            principal: "federator".into(),
            call: "sts.GetFederationToken".into(),
            params: vec![
                ("Name".into(), "stspec".into()),
                ("DurationSeconds".into(), "900".into()),
                ("Policy".into(), r#"{"Resource":"arn:aws:s3:::stspec-7k2f/*"}"#.into()),
            ],
        }
    }

    fn values() -> Vec<NamedValue> {
        let values =
            [("123456789012", "<account>"), ("stspec-7k2f", "<bucket>"), ("7k2f", "<run>")];
        values.map(|(value, placeholder)| NamedValue::new(value, placeholder)).to_vec()
    }

    fn observed(body: &str) -> Observed {
        let headers = [
            ("X-Amzn-RequestId", "c6104cbe-af31-11e0-8154-cbc7ccf896c7"),
            ("Date", "Sat, 21 Nov 2026 20:00:00 GMT"),
            ("Content-Type", "text/xml"),
            ("Content-Length", "1234"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Observed::Answer(Observation::new(200, headers, body.as_bytes(), 1234))
    }

    fn map(members: &[(&str, Tree)]) -> Tree {
        Tree::Map(members.iter().map(|(name, tree)| ((*name).to_owned(), tree.clone())).collect())
    }

    fn leaf(text: &str) -> Tree {
        Tree::Text(text.into())
    }

    #[test]
    fn a_whole_exchange_keeps_its_properties_and_loses_its_volatile_values() {
        let exchange = normalise(&request(), &observed(MINTED), &values());
        let policy = r#"{"Resource":"arn:aws:s3:::<bucket>/*"}"#;
        assert_eq!(exchange.request.params.last().map(|(_, value)| value.as_str()), Some(policy));
        let headers = [
            ("content-type", "text/xml"),
            ("date", "<date>"),
            ("x-amzn-requestid", "<request-id uuid>"),
        ];
        let credentials = map(&[
            ("AccessKeyId", leaf("<akid ASIA 20>")),
            ("Expiration", leaf("<expires +900s>")),
            ("SecretAccessKey", leaf("<secret base64 40>")),
            ("SessionToken", leaf("<token base64>")),
        ]);
        let user = map(&[("Arn", leaf("arn:aws:sts::<account>:federated-user/stspec"))]);
        let result = map(&[
            ("Credentials", credentials),
            ("FederatedUser", user),
            ("PackedPolicySize", leaf("0")),
        ]);
        let content = map(&[
            ("GetFederationTokenResult", result),
            ("ResponseMetadata", map(&[("RequestId", leaf("<request-id uuid>"))])),
        ]);
        let expected = Answer::Given {
            status: 200,
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            body: Document::Tree {
                root: "GetFederationTokenResponse".into(),
                namespace: Some("https://sts.amazonaws.com/doc/2011-06-15/".into()),
                content,
            },
        };
        assert_eq!(exchange.answer, expected);
    }

    #[test]
    fn another_run_with_other_values_has_the_same_normal_form() {
        let other = MINTED
            .replace("IQoJb3JpZ2luX2Vj//+AbCd==", "FwoGZXIvYXdzEJr//////////wEaDKLMNO/p")
            .replace("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", &"aB3/".repeat(10))
            .replace("2026-11-21T20:14:59Z", "2026-11-21T20:15:00Z")
            .replace("ASIAQWERTYUIOPASDFGH", "ASIA234567ABCDEFGHIJ")
            .replace(
                "c6104cbe-af31-11e0-8154-cbc7ccf896c7",
                "00000000-1111-2222-3333-444444444444",
            );
        assert_ne!(other, MINTED);
        let normal = |body: &str| normalise(&request(), &observed(body), &values());
        assert_eq!(normal(&other), normal(MINTED));
    }

    #[test]
    fn a_lost_property_changes_the_normal_form() {
        let normal = |body: &str| normalise(&request(), &observed(body), &values());
        for (from, to) in [
            ("ASIAQWERTYUIOPASDFGH", "AKIAQWERTYUIOPASDFGH"),
            ("ASIAQWERTYUIOPASDFGH", "ASIAQWERTYUIOPASDFG"),
            ("wJalrXUtnFEMI/", "wJalrXUtnFEMI"),
            ("//+AbCd==", "//+AbCd?"),
            ("20:14:59Z", "20:14:58Z"),
            ("c6104cbe-af31-11e0-8154-cbc7ccf896c7", "c6104cbe"),
            ("123456789012", "210987654321"),
        ] {
            assert_ne!(normal(&MINTED.replace(from, to)), normal(MINTED), "{from} → {to}");
        }
    }

    #[test]
    fn what_is_not_a_tree_is_kept_as_text() {
        let document = |body: &str| match normalise(&request(), &observed(body), &values()).answer {
            Answer::Given { body, .. } => body,
            Answer::Missing(reason) => Document::Text(reason),
        };
        assert_eq!(document(""), Document::Empty);
        assert_eq!(document("in 7k2f"), Document::Text("in <run>".into()));
        assert_eq!(document("<A>"), Document::Text("<A>".into()));
    }

    #[test]
    fn a_missing_answer_keeps_its_reason() {
        let observed = Observed::NoAnswer("stspec-7k2f refused the connection".into());
        let expected = Answer::Missing("<bucket> refused the connection".into());
        assert_eq!(normalise(&request(), &observed, &values()).answer, expected);
    }
}
