//! The safeguards of targets on AWS, tried on the reference: a target file of the kind `aws` names it.

use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use serde_json::json;

use crate::client::{Served, check, ended, long_term, run, stspec, text};
use crate::emulator::emulator;
use crate::folders::scenarios;
use crate::wiretap::Wiretap;

/// The account of the server.
const ACCOUNT: &str = "424242424242";

/// An account of somebody else.
const OTHER_ACCOUNT: &str = "111122223333";

/// A rule with one user, and without steps that make anything.
const RULE: &str = "get-federation-token/duration/minimum";

/// What the target's file says of the target that has everything.
const DECLARED: &str =
    "capabilities: {iam.users: present, iam.enforcement: present, sigv4: present, s3: present}";

/// How long a test waits for what must come.
const DEADLINE: Duration = Duration::from_mins(1);

/// A server in another region than the first, the way to it, and a scenarios folder with a target
/// `cloud` of the kind `aws` that goes it.
struct Cloud {
    served: Served,
    proxy: Wiretap,
    folder: tempfile::TempDir,
}

impl Cloud {
    /// `lines` are further lines of the target's file.
    fn start(lines: &str) -> Self {
        Self::of_kind("aws", lines)
    }

    /// The same with another kind of target.
    fn of_kind(kind: &str, lines: &str) -> Self {
        let served = Served::start(&["--account", ACCOUNT, "--region", "eu-central-1"]);
        let proxy = Wiretap::between(served.endpoint());
        let text = format!(
            "target: cloud\nsays: An account.\nkind: {kind}\nregion: eu-central-1\npartition: aws\n\
             endpoint: {}\n{lines}\n",
            proxy.endpoint()
        );
        let taken = ["accounts", "rules", "profiles"];
        let folder = scenarios(&taken, &[("targets/cloud.yaml", &text)]);
        Self { served, proxy, folder }
    }

    /// Holds a plan against the requests that came, and returns how many they were.
    #[track_caller]
    fn as_planned(&self, plan: &Output) -> usize {
        let requests = self.proxy.requests();
        let planned = format!("; {requests} requests with what makes and removes accounts");
        assert!(text(plan).contains(&planned), "{requests} requests, not as in\n{}", text(plan));
        requests
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
    let asked = cloud.proxy.sent().matches("Action=GetCallerIdentity").count();
    assert_eq!((asked, cloud.served.inventory()), (commands.len(), before));
}

#[test]
fn a_listed_account_is_checked_at_no_more_than_the_limit_and_left_as_it_was() {
    let lines = format!("accounts: []\nlimits: {{requests_per_second: 5}}\n{DECLARED}");
    let cloud = Cloud::start(&lines);
    let before = cloud.served.inventory();
    let on = ["--target", "cloud", "--allow-account", ACCOUNT];
    let plan = cloud.ask(&[&["run", RULE, "--plan", "--settle", "0s"], &on[..]].concat());
    check(&plan, 0, &["accounts that may be touched: 424242424242", "5 a second"]);
    assert_eq!(cloud.proxy.requests(), 0);
    let began = now();
    // Without the time that changes take, so that nothing but the limit makes it last.
    let ran = cloud.ask(&[&["run", RULE, "--jobs", "8", "--settle", "0s"], &on[..]].concat());
    let lasted = now() - began;
    check(&ran, 0, &["must    1/1", "created 2 · removed 2"]);
    let requests = cloud.as_planned(&plan);
    let shortest = Duration::from_millis(200) * u32::try_from(requests - 1).expect("a few");
    assert!(requests > 10 && lasted >= shortest, "{requests} requests in {lasted:?}");
    assert_eq!(cloud.served.inventory(), before);
    // IAM is signed for the one region that the partition's is in.
    let sent = cloud.proxy.sent();
    assert!(sent.contains("/us-east-1/iam/aws4_request") && !sent.contains("/eu-central-1/iam/"));
    assert!(sent.contains("/eu-central-1/sts/aws4_request") && !sent.contains("/us-east-1/sts/"));
}

#[test]
fn a_plan_tells_every_request_whatever_the_targets_file_declares() {
    let asking = "user stspec-RUN-declared-powerless, with an access key and 0 inline policies";
    let check = |lines: &str, asks: bool| {
        let cloud = Cloud::of_kind("emulator", lines);
        let on = ["run", "get-federation-token/duration", "--target", "cloud"];
        let plan = cloud.ask(&[&on[..], &["--plan"]].concat());
        assert_eq!(text(&plan).contains(asking), asks, "{lines}\n{}", text(&plan));
        check(&cloud.ask(&on), 0, &["must    "]);
        cloud.as_planned(&plan);
    };
    check("", false);
    check(DECLARED, true);
    check("settle: 0s\ncapabilities: {iam.users: present, clock.set: absent}", true);
    check("settle: 1s\ncapabilities: {iam.users: present}", true);
    // What nobody needs is not asked for.
    check("capabilities: {s3: present, sigv4: present}", false);
}

#[test]
fn what_a_killed_run_left_is_swept_in_its_own_account_only() {
    let cloud = Cloud::start("accounts: []");
    let before = cloud.served.inventory();
    let args = ["run", "get-federation-token/permissions", "--target", "cloud"];
    let args = cloud.with_scenarios(&[&args[..], &["--allow-account", ACCOUNT]].concat());
    let mut run = cloud.served.client(&args);
    run.env("STSPEC_STATE_DIR", cloud.state());
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
    let folder = cloud.folder.path().display();
    let remedy =
        format!("stspec sweep --target cloud --scenarios {folder} --allow-account {ACCOUNT}");
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
    let mut command = stspec(&args);
    command.env("AWS_ACCESS_KEY_ID", "AKIASTSPECADMINISTRA");
    command.env("AWS_SECRET_ACCESS_KEY", "administrator/secret");
    check(&ended(&mut command), 5, &["unsupported   get-federation-token/caller/root"]);
}

#[test]
fn the_plan_of_aws_needs_neither_credentials_nor_a_network() {
    let plan = |args: &[&str]| run(&[&["run", RULE, "--plan", "--target", "aws"], args].concat());
    let of_china = [
        "sts  https://sts.cn-north-1.amazonaws.com.cn",
        "iam  https://iam.cn-north-1.amazonaws.com.cn",
        "s3   https://s3.cn-north-1.amazonaws.com.cn",
        "accounts that may be touched: none",
        "user stspec-RUN-federator-federator, with an access key",
        "user stspec-RUN-declared-powerless, with an access key",
        "2 access keys of IAM users",
        "2  iam.CreateUser",
        "of GetFederationToken for 15 min",
        "5 a second",
    ];
    check(&plan(&["--region", "cn-north-1"]), 0, &of_china);
    check(&plan(&["--region", "mars-north-1"]), 2, &["is no region of AWS"]);
    check(&plan(&["--allow-account", "1234-5678-9012"]), 2, &["write 123456789012"]);
    check(&plan(&["--allow-account", "12345678901"]), 2, &["no account id of 12 digits"]);
}

#[test]
fn a_plan_names_the_sts_of_a_disabled_region() {
    let target = "target: mine\nsays: An account.\nkind: aws\nregion: us-east-1\npartition: aws\n\
                  disabled_region: eu-west-3\naccounts: []\nlimits: {requests_per_second: 5}\n";
    let folder = scenarios(&["accounts", "rules"], &[("targets/mine.yaml", target)]);
    let folder = folder.path().to_string_lossy().into_owned();
    let rule = "get-federation-token/regions";
    let plan = run(&["--scenarios", &folder, "run", rule, "--plan", "--target", "mine"]);
    let url = "sts  https://sts.eu-west-3.amazonaws.com, of the disabled region eu-west-3";
    check(&plan, 0, &["sts  https://sts.us-east-1.amazonaws.com", url]);
}

/// What a run on AWS says with these variables and no credentials among them.
fn without_credentials(folder: &std::path::Path, variables: &[(&str, &str)]) -> Output {
    let args = ["run", RULE, "--target", "aws", "--allow-account", ACCOUNT];
    ended(stspec(&args).env("HOME", folder).envs(variables.iter().copied()))
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

/// Root's keys of a server, as a program hands them out whose credentials are about to end. Each time it
/// is asked it says so in a file beside it; from the second time on it hands out the `later` ones.
fn program(folder: &std::path::Path, first: &Credentials, later: &Credentials) -> String {
    let json = |credentials: &Credentials| {
        let soon = jiff::Timestamp::try_from(crate::client::now()).expect("a time")
            + jiff::SignedDuration::from_mins(4);
        json!({"Version": 1, "AccessKeyId": credentials.access_key_id(),
            "SecretAccessKey": credentials.secret_access_key(), "Expiration": soon.to_string()})
    };
    let (log, script) = (folder.join("asked"), folder.join("program.sh"));
    let log = log.display();
    let text = format!(
        "if [ -e '{log}' ]; then given='{}'; else given='{}'; fi\n\
         echo asked >> '{log}'\necho \"$given\"\n",
        json(later),
        json(first)
    );
    std::fs::write(&script, text).expect("a file");
    let config = folder.join("config");
    let profile = format!("[default]\ncredential_process = sh {}\n", script.display());
    std::fs::write(&config, profile).expect("a file");
    config.display().to_string()
}

/// A run with the credentials of such a program, and how often the program was asked.
fn run_with_program(served: &Served, later: &Credentials) -> (Output, usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let config = program(folder.path(), &served.root(), later);
    let mut command = stspec(&["run", RULE, "--endpoint", served.endpoint()]);
    command.env("AWS_CONFIG_FILE", config).env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    let output = ended(command.env("STSPEC_STATE_DIR", folder.path().join("state")));
    let asked = std::fs::read_to_string(folder.path().join("asked")).expect("it was asked");
    (output, asked.lines().count())
}

#[test]
fn credentials_that_are_about_to_expire_are_refreshed_once_and_not_those_of_another_account() {
    let served = Served::start(&[]);
    let (output, asked) = run_with_program(&served, &served.root());
    check(&output, 0, &["removed 1"]);
    assert!(!text(&output).contains("about to expire"), "{}", text(&output));
    assert_eq!(asked, 2);
    let strangers = long_term("AKIAOFSOMEBODYELSE00", "secret");
    let (output, asked) = run_with_program(&served, &strangers);
    check(
        &output,
        0,
        &["removed 1", "the credentials are about to expire and could not be refreshed"],
    );
    assert_eq!(asked, 2);
}

#[test]
fn the_root_user_of_another_account_takes_no_part() {
    let asked = AtomicUsize::new(0);
    let who = |arn, account| -> &'static str {
        format!(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{arn}</Arn>\
             <Account>{account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
        )
        .leak()
    };
    let answers = [
        who("arn:aws:iam::424242424242:user/administrator", ACCOUNT),
        who("arn:aws:iam::111122223333:root", OTHER_ACCOUNT),
    ];
    let endpoint = emulator(move |action| match action {
        "GetCallerIdentity" => {
            ("200 OK", answers[asked.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1)])
        }
        _ => ("404 Not Found", ""),
    });
    let mut command = stspec(&["run", RULE, "--endpoint", &endpoint]);
    command.env("AWS_ACCESS_KEY_ID", "AKIAOFTHEADMINISTRAT");
    command.env("AWS_SECRET_ACCESS_KEY", "secret");
    command.env("STSPEC_ROOT_ACCESS_KEY_ID", "AKIAOFANOTHERSROOT00");
    command.env("STSPEC_ROOT_SECRET_ACCESS_KEY", "secret");
    let words = [
        "`AKIAOFANOTHERSROOT00` is the root user of account 111122223333",
        "the other credentials are of account 424242424242",
    ];
    check(&ended(&mut command), 2, &words);
}
