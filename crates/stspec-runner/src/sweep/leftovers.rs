//! Finds on a target what no ledger tells of: by the path of IAM things and the names of buckets.

use stspec_scenario::Service;
use stspec_verdict::{Observation, Observed};

use super::{Candidate, SweepReport};
use crate::account::provisioned::PATH;
use crate::ledger::Resource;
use crate::run_id::is_named_by_a_run;
use crate::target::connection::Connection;
use crate::wire::text_at;

/// Most pages that are read of one listing.
///
/// Source: ours; a page holds 100 members where nobody asks for more (IAM API Reference, `MaxItems`),
/// and what runs leave is a handful.
const PAGES_MAX: usize = 100;

/// Most members that are read of one page.
///
/// Source: IAM API Reference, `MaxItems` (1,000); S3 User Guide, an account's quota of buckets
/// (10,000), which `ListBuckets` gives in one page.
const MEMBERS_MAX: usize = 10_000;

/// How a kind of IAM thing is listed.
struct Listing {
    call: &'static str,
    /// What narrows it to the account's own things.
    narrowed: &'static [(&'static str, &'static str)],
    /// The list's name in the answer.
    list: &'static str,
    /// The member that names a thing.
    name: &'static str,
    resource: fn(String) -> Resource,
}

/// Source: IAM API Reference, the operations' requests and answers.
const LISTINGS: [Listing; 3] = [
    Listing {
        call: "iam.ListUsers",
        narrowed: &[],
        list: "Users",
        name: "UserName",
        resource: |name| Resource::User { name },
    },
    Listing {
        call: "iam.ListRoles",
        narrowed: &[],
        list: "Roles",
        name: "RoleName",
        resource: |name| Resource::Role { name },
    },
    Listing {
        call: "iam.ListPolicies",
        narrowed: &[("Scope", "Local")],
        list: "Policies",
        name: "Arn",
        resource: |arn| Resource::Policy { arn },
    },
];

/// Everything on the target that runs alone could have made.
pub(super) async fn find(connection: &Connection, report: &mut SweepReport) -> Vec<Candidate> {
    let mut found = Vec::new();
    if connection.endpoint(Service::Iam).is_some() {
        for listing in &LISTINGS {
            match below_path(listing, connection).await {
                Ok(resources) => found.extend(resources),
                Err(obstacle) => obstacle.tell(report),
            }
        }
    }
    let why =
        format!("it is named `stspec-RUN-…`, as runs name theirs, and below the path `{PATH}`");
    let mut found: Vec<Candidate> =
        found.into_iter().map(|resource| Candidate { resource, why: why.clone() }).collect();
    if connection.endpoint(Service::S3).is_some() {
        match buckets(connection).await {
            Ok(buckets) => found.extend(buckets),
            Err(obstacle) => obstacle.tell(report),
        }
    }
    found
}

/// Why a listing is not, or not all, known.
enum Obstacle {
    /// The target has no such operation, and so nothing that it would list.
    NoSuchOperation(String),
    /// There may be something that was not seen.
    Unknown(String),
}

impl Obstacle {
    fn tell(self, report: &mut SweepReport) {
        match self {
            Self::NoSuchOperation(text) => report.notes.push(text),
            Self::Unknown(text) => report.doubts.push(text),
        }
    }
}

/// What stands below our path under a name of ours. The path of each is looked at, as not every target heeds a filter.
async fn below_path(listing: &Listing, connection: &Connection) -> Result<Vec<Resource>, Obstacle> {
    let mut found = Vec::new();
    let mut marker: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let mut pairs = vec![("PathPrefix", PATH)];
        pairs.extend(listing.narrowed);
        pairs.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let page = page(connection, listing.call, &pairs).await?;
        for position in 1..=MEMBERS_MAX {
            let member = |name: &str| {
                text_at(&page, &format!("result.{}.member.{position}.{name}", listing.list))
            };
            let Some(name) = member(listing.name) else { break };
            let is_below = member("Path").is_some_and(|path| path.starts_with(PATH));
            // Policies are named by their ARN, of which the name is the last part.
            if is_below && name.rsplit('/').next().is_some_and(is_named_by_a_run) {
                found.push((listing.resource)(name));
            }
        }
        marker = text_at(&page, "result.Marker").filter(|marker| !marker.is_empty());
        let goes_on = text_at(&page, "result.IsTruncated").is_some_and(|text| text == "true");
        if !goes_on || marker.is_none() {
            return Ok(found);
        }
    }
    Err(Obstacle::Unknown(format!("{} has more than {PAGES_MAX} pages", listing.call)))
}

async fn buckets(connection: &Connection) -> Result<Vec<Candidate>, Obstacle> {
    let page = page(connection, "s3.ListBuckets", &[]).await?;
    let names = (1..=MEMBERS_MAX)
        .map_while(|position| text_at(&page, &format!("result.Buckets.Bucket.{position}.Name")));
    let ours = names.filter(|name| is_named_by_a_run(name)).map(|name| Candidate {
        resource: Resource::Bucket { name },
        why: "it is named `stspec-RUN-…`, as runs name theirs".to_owned(),
    });
    Ok(ours.collect())
}

async fn page(
    connection: &Connection,
    call: &str,
    pairs: &[(&str, &str)],
) -> Result<Observation, Obstacle> {
    let observed = connection.administer(call, pairs).await;
    let told = format!("{call} answered {}", observed.summary());
    match observed {
        Observed::Answer(answer) if (200..300).contains(&answer.status) => Ok(answer),
        Observed::Answer(answer) if has_no_such_operation(&answer) => {
            Err(Obstacle::NoSuchOperation(told))
        }
        _ => Err(Obstacle::Unknown(told)),
    }
}

/// Error codes that say that there is no such operation at all.
///
/// Source: IAM API Reference, common errors (`InvalidAction`), S3 API Reference, error responses
/// (`NotImplemented`, `MethodNotAllowed`); the others are what emulators answered us.
const NO_SUCH_OPERATION: [&str; 5] = [
    "InvalidAction",
    "NotImplemented",
    "MethodNotAllowed",
    "UnknownOperation",
    "UnsupportedOperation",
];

/// Whether an answer says that the target has no such operation. Any other refusal leaves open what
/// there is.
fn has_no_such_operation(answer: &Observation) -> bool {
    match text_at(answer, "error.code") {
        Some(code) => NO_SUCH_OPERATION.contains(&code.as_str()),
        None => matches!(answer.status, 404 | 405 | 501),
    }
}
