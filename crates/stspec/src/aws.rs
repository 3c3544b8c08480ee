//! Where AWS is: the endpoints of a region, and which hosts are AWS's.

use stspec_scenario::Endpoints;

/// A group of regions with accounts, IAM and ARNs of its own.
#[derive(Debug, PartialEq, Eq)]
struct Partition {
    /// As in its ARNs.
    name: &'static str,
    /// How the names of its regions begin.
    region_prefixes: &'static [&'static str],
    /// What the names of its hosts end in.
    suffix: &'static str,
    /// The one host of its IAM.
    iam_host: &'static str,
    /// The region that requests to its IAM are signed for.
    iam_region: &'static str,
}

/// Every partition.
///
/// Source: botocore 1.43.106, `partitions.json` (names, suffixes, region patterns) and the rule set
/// `iam/2010-05-08/endpoint-rule-set-1.json` (hosts and signing regions of IAM).
const PARTITIONS: [Partition; 8] = [
    Partition {
        name: "aws",
        region_prefixes: &["us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"],
        suffix: "amazonaws.com",
        iam_host: "iam.amazonaws.com",
        iam_region: "us-east-1",
    },
    Partition {
        name: "aws-cn",
        region_prefixes: &["cn-"],
        suffix: "amazonaws.com.cn",
        iam_host: "iam.cn-north-1.amazonaws.com.cn",
        iam_region: "cn-north-1",
    },
    Partition {
        name: "aws-us-gov",
        region_prefixes: &["us-gov-"],
        suffix: "amazonaws.com",
        iam_host: "iam.us-gov.amazonaws.com",
        iam_region: "us-gov-west-1",
    },
    Partition {
        name: "aws-eusc",
        region_prefixes: &["eusc-"],
        suffix: "amazonaws.eu",
        iam_host: "iam.eusc-de-east-1.amazonaws.eu",
        iam_region: "eusc-de-east-1",
    },
    Partition {
        name: "aws-iso",
        region_prefixes: &["us-iso-"],
        suffix: "c2s.ic.gov",
        iam_host: "iam.us-iso-east-1.c2s.ic.gov",
        iam_region: "us-iso-east-1",
    },
    Partition {
        name: "aws-iso-b",
        region_prefixes: &["us-isob-"],
        suffix: "sc2s.sgov.gov",
        iam_host: "iam.us-isob-east-1.sc2s.sgov.gov",
        iam_region: "us-isob-east-1",
    },
    Partition {
        name: "aws-iso-e",
        region_prefixes: &["eu-isoe-"],
        suffix: "cloud.adc-e.uk",
        iam_host: "iam.eu-isoe-west-1.cloud.adc-e.uk",
        iam_region: "eu-isoe-west-1",
    },
    Partition {
        name: "aws-iso-f",
        region_prefixes: &["us-isof-"],
        suffix: "csp.hci.ic.gov",
        iam_host: "iam.us-isof-south-1.csp.hci.ic.gov",
        iam_region: "us-isof-south-1",
    },
];

/// Domains for hosts that speak IPv6, too, beside the partitions' own suffixes.
///
/// Source: botocore 1.43.106, `partitions.json`, `dualStackDnsSuffix`.
const DUAL_STACK_DOMAINS: [&str; 7] = [
    "api.aws",
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
    "api.aws.ic.gov",
    "api.aws.scloud",
    "api.cloud-aws.adc-e.uk",
    "api.aws.hci.ic.gov",
];

/// Where a region is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    /// The partition, as in ARNs.
    pub(crate) partition: &'static str,
    /// STS and S3 of the region, IAM of the partition.
    pub(crate) endpoints: Endpoints,
    /// The region that requests to IAM are signed for.
    pub(crate) iam_region: &'static str,
}

/// Where a region is; nothing for a name that no partition's regions have.
///
/// The global endpoint of STS is left alone: its sessions are not good everywhere, and AWS advises
/// against it.
pub(crate) fn location(region: &str) -> Option<Location> {
    let shaped = region
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    // `us-gov-west-1` begins as a region of the commercial partition does.
    let partition = PARTITIONS
        .iter()
        .flat_map(|partition| {
            partition.region_prefixes.iter().map(move |prefix| (prefix, partition))
        })
        .filter(|(prefix, _)| shaped && region.len() > prefix.len() && region.starts_with(**prefix))
        .max_by_key(|(prefix, _)| prefix.len())
        .map(|(_, partition)| partition)?;
    let Partition { suffix, iam_host, .. } = partition;
    Some(Location {
        partition: partition.name,
        endpoints: Endpoints {
            sts: format!("https://sts.{region}.{suffix}"),
            iam: Some(format!("https://{iam_host}")),
            s3: Some(format!("https://s3.{region}.{suffix}")),
        },
        iam_region: partition.iam_region,
    })
}

/// Whether a host, in lower case, is one of AWS.
pub(crate) fn is_aws(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let within = |domain: &str| {
        host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let suffixes = PARTITIONS.iter().map(|partition| partition.suffix);
    suffixes.chain(DUAL_STACK_DOMAINS).any(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Partition, STS, IAM with its region, S3.
    #[track_caller]
    fn check(region: &str, expected: (&str, &str, &str, &str, &str)) {
        let Location { partition, endpoints, iam_region } = location(region).expect("a region");
        let (iam, s3) = (endpoints.iam.expect("IAM"), endpoints.s3.expect("S3"));
        let found = (partition, endpoints.sts.as_str(), iam.as_str(), iam_region, s3.as_str());
        assert_eq!(found, expected);
    }

    #[test]
    fn endpoints_are_those_of_the_region_and_iam_of_the_partition() {
        check(
            "eu-central-1",
            (
                "aws",
                "https://sts.eu-central-1.amazonaws.com",
                "https://iam.amazonaws.com",
                "us-east-1",
                "https://s3.eu-central-1.amazonaws.com",
            ),
        );
        check(
            "cn-northwest-1",
            (
                "aws-cn",
                "https://sts.cn-northwest-1.amazonaws.com.cn",
                "https://iam.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
                "https://s3.cn-northwest-1.amazonaws.com.cn",
            ),
        );
        check(
            "us-gov-east-1",
            (
                "aws-us-gov",
                "https://sts.us-gov-east-1.amazonaws.com",
                "https://iam.us-gov.amazonaws.com",
                "us-gov-west-1",
                "https://s3.us-gov-east-1.amazonaws.com",
            ),
        );
    }

    #[test]
    fn every_partition_knows_the_region_of_its_own_iam() {
        for partition in &PARTITIONS {
            let location = location(partition.iam_region).expect("a region");
            assert_eq!(location.partition, partition.name);
        }
    }

    #[test]
    fn a_name_that_no_region_has_is_nowhere() {
        for region in ["", "eu-", "local", "EU-west-1", "eu-west-1.evil.example/", "xx-north-1"] {
            assert_eq!(location(region), None, "{region}");
        }
    }

    #[test]
    fn hosts_of_aws_are_known_by_their_domain() {
        for host in [
            "sts.amazonaws.com",
            "sts.amazonaws.com.",
            "api.aws",
            "x.sts.eu-west-1.api.aws",
            "sts.c2s.ic.gov",
        ] {
            assert!(is_aws(host), "{host}");
        }
        for host in ["notamazonaws.com", "amazonaws.com.example", "127.0.0.1", "aws"] {
            assert!(!is_aws(host), "{host}");
        }
    }
}
