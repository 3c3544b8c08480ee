//! The safeguards of targets on AWS, tried on the reference: a target file of the kind `aws` names it.

#[path = "../sweep/client.rs"]
mod client;
mod proxy;

use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use client::{Served, check, stspec, text};
use proxy::Proxy;
use serde_json::json;

/// The account of the server.
const ACCOUNT: &str = "424242424242";

/// An account of somebody else.
const OTHER_ACCOUNT: &str = "111122223333";

/// A rule with one user, and without steps that make anything.
const RULE: &str = "get-federation-token/duration/minimum";

/// How long a test waits for what must come.
const DEADLINE: Duration = Duration::from_mins(1);

/// A server in another region than the first, the way to it, and a scenarios folder with a target
/// `cloud` of the kind `aws` that goes it.
struct Cloud {
    served: Served,
    proxy: Proxy,
    folder: tempfile::TempDir,
}

impl Cloud {
    /// `lines` are further lines of the target's file.
    fn start(lines: &str) -> Self {
        let served = Served::start(&["--account", ACCOUNT, "--region", "eu-central-1"]);
        let proxy = Proxy::to(served.endpoint());
        let folder = tempfile::tempdir().expect("a folder");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
        for kind in ["accounts", "rules", "profiles"] {
            std::os::unix::fs::symlink(shipped.join(kind), folder.path().join(kind))
                .expect("a link");
        }
        std::fs::create_dir(folder.path().join("targets")).expect("a folder");
        let text = format!(
            "target: cloud\nsays: An account.\nkind: aws\nregion: eu-central-1\npartition: aws\n\
             endpoint: {}\n{lines}\n",
            proxy.endpoint()
        );
        std::fs::write(folder.path().join("targets/cloud.yaml"), text).expect("a file");
        Self { served, proxy, folder }
    }

    fn state(&self) -> std::path::PathBuf {
        self.folder.path().join("state")
    }

    /// The arguments, and before them this scenarios folder.
    fn with_scenarios<'a>(&'a self, args: &[&'a str]) -> Vec<&'a str> {
        let scenarios = self.folder.path().to_str().expect("UTF-8");
        [&["--scenarios", scenarios], args].concat()
    }

    /// What stspec says, with root's credentials.
    fn ask(&self, args: &[&str]) -> Output {
        self.served.ask(&self.with_scenarios(args), &self.state())
    }
}

#[expect(clippy::disallowed_methods, reason = "a test takes the time of other processes")]
fn now() -> Instant {
    Instant::now()
}

#[test]
fn without_a_list_nothing_is_even_asked_for() {
    let cloud = Cloud::start("accounts: []");
    for command in [
        &["run", RULE][..],
        &["load", "smoke", "--i-know-this-costs"],
        &["sweep", "--execute"],
        &["doctor"],
    ] {
        let output = cloud.ask(&[command, &["--target", "cloud"]].concat());
        check(&output, 2, &["lists no account that may be touched", "--allow-account"]);
    }
    assert_eq!(cloud.proxy.requests(), 0);
}

#[test]
fn credentials_of_another_account_are_refused_before_anything_is_made() {
    let cloud = Cloud::start(&format!("accounts: [\"{OTHER_ACCOUNT}\"]"));
    let before = cloud.served.inventory();
    let commands = [
        &["run", RULE][..],
        &["load", "smoke", "--i-know-this-costs"],
        &["sweep", "--execute"],
        &["doctor"],
    ];
    for command in commands {
        let output = cloud.ask(&[command, &["--target", "cloud"]].concat());
        let remedy = format!("--allow-account {ACCOUNT}");
        check(&output, 2, &["which target `cloud` may not touch", &remedy]);
    }
    // Each asked who the credentials are, and nothing else.
    assert_eq!(cloud.proxy.requests(), commands.len());
    let asked = cloud.proxy.text().matches("Action=GetCallerIdentity").count();
    assert_eq!((asked, cloud.served.inventory()), (commands.len(), before));
}

#[test]
fn a_listed_account_is_checked_at_no_more_than_the_limit_and_left_as_it_was() {
    let cloud = Cloud::start("accounts: []\nlimits: {requests_per_second: 5}");
    let before = cloud.served.inventory();
    let on = ["--target", "cloud", "--allow-account", ACCOUNT];
    let plan = cloud.ask(&[&["run", RULE, "--plan"], &on[..]].concat());
    check(&plan, 0, &["accounts that may be touched: 424242424242", "5 a second"]);
    assert_eq!(cloud.proxy.requests(), 0);
    let began = now();
    let ran = cloud.ask(&[&["run", RULE, "--jobs", "8"], &on[..]].concat());
    let lasted = now() - began;
    check(&ran, 0, &["must    1/1", "created 1 · removed 1"]);
    let requests = cloud.proxy.requests();
    let planned = format!("; {requests} requests with what makes and removes accounts");
    assert!(text(&plan).contains(&planned), "{requests} requests, not as in\n{}", text(&plan));
    let shortest = Duration::from_millis(200) * u32::try_from(requests - 1).expect("a few");
    assert!(requests > 10 && lasted >= shortest, "{requests} requests in {lasted:?}");
    assert_eq!(cloud.served.inventory(), before);
    // IAM is signed for the one region that the partition's is in.
    let sent = cloud.proxy.text();
    assert!(sent.contains("/us-east-1/iam/aws4_request") && !sent.contains("/eu-central-1/iam/"));
    assert!(sent.contains("/eu-central-1/sts/aws4_request") && !sent.contains("/us-east-1/sts/"));
}

#[test]
fn what_a_killed_run_left_is_swept_in_its_own_account_only() {
    let cloud = Cloud::start("accounts: []");
    let before = cloud.served.inventory();
    let args = ["run", "get-federation-token/permissions", "--target", "cloud"];
    let args = cloud.with_scenarios(&[&args[..], &["--allow-account", ACCOUNT]].concat());
    let mut run = cloud.served.client(&args, &cloud.state());
    let mut run = run.stdout(std::process::Stdio::null()).spawn().expect("stspec starts");
    let deadline = now() + DEADLINE;
    while cloud.served.inventory().len() < before.len() + 3 {
        assert!(now() < deadline, "no run began");
        std::thread::sleep(Duration::from_millis(50));
    }
    run.kill().expect("a process");
    run.wait().expect("it ended");
    let left = cloud.served.inventory();
    // The ledger names the target; the list is asked again.
    check(&cloud.ask(&["sweep", "--execute"]), 2, &["lists no account that may be touched"]);
    let refused = cloud.ask(&["sweep", "--execute", "--allow-account", OTHER_ACCOUNT]);
    check(&refused, 2, &["which target `cloud` may not touch"]);
    assert_eq!(cloud.served.inventory(), left);
    let looked = cloud.ask(&["sweep", "--allow-account", ACCOUNT]);
    let remedy = format!("stspec sweep --target cloud --allow-account {ACCOUNT}");
    check(&looked, 6, &["found ", &remedy]);
    check(&cloud.ask(&["sweep", "--execute", "--allow-account", ACCOUNT]), 0, &["removed "]);
    assert_eq!(cloud.served.inventory(), before);
}

#[test]
fn without_root_its_rules_are_unsupported() {
    let folder = tempfile::tempdir().expect("a folder");
    let everything = json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let seed = json!({"account": ACCOUNT, "users": [{"name": "administrator",
        "inline_policies": {"everything": everything},
        "access_keys": [{"id": "AKIASTSPECADMINISTRA", "secret": "administrator/secret"}]}]});
    let file = folder.path().join("seed.json");
    std::fs::write(&file, seed.to_string()).expect("a file");
    let served = Served::start(&["--seed", file.to_str().expect("UTF-8")]);
    let args = ["run", "get-federation-token/caller/root", "--endpoint", served.endpoint()];
    let mut command = stspec(&args, &folder.path().join("state"));
    command.env("AWS_ACCESS_KEY_ID", "AKIASTSPECADMINISTRA");
    command.env("AWS_SECRET_ACCESS_KEY", "administrator/secret");
    let output = command.output().expect("stspec starts");
    check(&output, 5, &["unsupported   get-federation-token/caller/root"]);
}

#[test]
fn the_plan_of_aws_needs_neither_credentials_nor_a_network() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = |args: &[&str]| {
        let args = [&["run", RULE, "--plan", "--target", "aws"], args].concat();
        stspec(&args, folder.path()).output().expect("stspec starts")
    };
    let of_china = [
        "sts  https://sts.cn-north-1.amazonaws.com.cn",
        "iam  https://iam.cn-north-1.amazonaws.com.cn",
        "s3   https://s3.cn-north-1.amazonaws.com.cn",
        "accounts that may be touched: none",
        "user stspec-RUN-federator-federator, with an access key",
        "1 access key of IAM users",
        "1  iam.CreateUser",
        "of GetFederationToken for 15 min",
        "5 a second",
    ];
    check(&plan(&["--region", "cn-north-1"]), 0, &of_china);
    check(&plan(&["--region", "mars-north-1"]), 2, &["is no region of AWS"]);
    check(&plan(&["--allow-account", "1234-5678-9012"]), 2, &["write 123456789012"]);
    check(&plan(&["--allow-account", "12345678901"]), 2, &["no account id of 12 digits"]);
}

/// What a run on AWS says with these variables and no credentials among them.
fn without_credentials(folder: &Path, variables: &[(&str, &str)]) -> Output {
    let args = ["run", RULE, "--target", "aws", "--allow-account", ACCOUNT];
    let mut command = stspec(&args, folder);
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    command.env("HOME", folder).envs(variables.iter().copied());
    command.output().expect("stspec starts")
}

#[test]
fn profiles_of_sso_and_web_identities_are_understood() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("config");
    let profile = "[profile work]\nsso_session = corp\nsso_account_id = 424242424242\n\
         sso_role_name = Admin\nregion = eu-central-1\n\n[sso-session corp]\n\
         sso_region = eu-central-1\nsso_start_url = https://127.0.0.1:1/start\n";
    std::fs::write(&config, profile).expect("a file");
    let config = config.to_str().expect("UTF-8");
    // Nobody logged in, so there is no token to begin with.
    let sso = [("AWS_CONFIG_FILE", config), ("AWS_PROFILE", "work")];
    let sso = without_credentials(folder.path(), &sso);
    check(&sso, 4, &["token"]);
    assert!(!text(&sso).contains("cargo feature"), "{}", text(&sso));
    let missing = folder.path().join("no-token");
    let web = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", missing.to_str().expect("UTF-8")),
        ("AWS_ROLE_ARN", "arn:aws:iam::424242424242:role/ci"),
    ];
    check(&without_credentials(folder.path(), &web), 4, &["No such file"]);
}
