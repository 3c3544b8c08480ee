"""The AWS CLI against `stspec serve`: `python cli.py aws-cli`."""

import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from scene import *

#: The CLI beside this Python, so that another one on the PATH is never taken for it.
AWS = pathlib.Path(sys.executable).parent / "aws"
#: Longest that one command may take, in seconds.
SECONDS_MAX = 60
#: Exit code of a command that the service refused, in version 1 of the CLI; measured with 1.46.3.
REFUSED = 255


class Refused(Exception):
    """What the CLI says when the service refuses."""

    def __init__(self, said):
        super().__init__(said)
        found = re.search(r"An error occurred \((.+?)\) when calling the \w+ operation: (.*)", said)
        self.code, self.message = found.groups() if found else (None, said)


def aws(who, *words, stdin=None, text=False):
    """Runs a command as somebody; returns its JSON, or its text."""
    ran = subprocess.run(
        [AWS, *words], env=os.environ | who, input=stdin, capture_output=True, timeout=SECONDS_MAX
    )
    said = ran.stderr.decode().strip()
    if ran.returncode == REFUSED:
        raise Refused(said)
    assert ran.returncode == 0, f"`aws {' '.join(map(str, words))}` exits with {ran.returncode}: {said}"
    if text:
        return ran.stdout
    return json.loads(ran.stdout) if ran.stdout.strip() else None


def refused(code, who, *words):
    """Fails unless the command is refused with this code; returns its message."""
    try:
        aws(who, *words)
    except Refused as error:
        equal(error.code, code)
        return error.message
    raise AssertionError(f"`aws {' '.join(map(str, words))}` was not refused")


def who(credentials):
    """The environment that makes somebody of credentials from an answer of IAM or STS."""
    environment = {
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
    }
    if "SessionToken" in credentials:
        environment["AWS_SESSION_TOKEN"] = credentials["SessionToken"]
    return environment


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def mint(issuer, name, *words, seconds=SECONDS_DEFAULT):
    """A federation token, its answer judged; as the environment of the session."""
    answer = aws(issuer, "sts", "get-federation-token", "--name", name, *words)
    equal(answer["FederatedUser"], {"FederatedUserId": f"{account}:{name}", "Arn": federated(name)})
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA"), answer
    lasts(end_of(answer), seconds, now())
    assert 0 <= answer["PackedPolicySize"] <= 100, answer
    return who(answer["Credentials"])


def end_of(answer):
    return datetime.datetime.fromisoformat(answer["Credentials"]["Expiration"])


def federated(name):
    return f"arn:aws:sts::{account}:federated-user/{name}"


def identify(who, *words):
    return aws(who, "sts", "get-caller-identity", *words)


def body_of(who, key):
    """The object as `aws s3 cp` prints it."""
    return aws(who, "s3", "cp", f"s3://{BUCKET}/{key}", "-", text=True)


def get_object(key):
    """The words that read an object; its body goes nowhere."""
    return ["s3api", "get-object", "--bucket", BUCKET, "--key", key, os.devnull]


root = {}
account = identify(root)["Account"]


@check("mint a session that ends soon")
def brief():
    answer = aws(
        {"AWS_ENDPOINT_URL": LAGGING_ENDPOINT},
        *("sts", "get-federation-token", "--name", "brief"),
        *("--duration-seconds", str(SECONDS_MIN), "--policy", json.dumps(ALL_OF_S3)),
    )
    session, end = who(answer["Credentials"]), end_of(answer)
    equal(identify(session)["Arn"], federated("brief"))
    assert end > now(), f"the session ended at {end}, before it was tried"
    return session, end


@check("create a user with a key and a policy")
def issuer():
    named = ["--user-name", USER]
    user = aws(root, "iam", "create-user", *named)["User"]
    equal(user["Arn"], f"arn:aws:iam::{account}:user/{USER}")
    named_policy = [*named, "--policy-name", "issuer"]
    document = json.dumps(ISSUER_POLICY)
    aws(root, "iam", "put-user-policy", *named_policy, "--policy-document", document)
    found = aws(root, "iam", "get-user-policy", *named_policy)["PolicyDocument"]
    equal(found, ISSUER_POLICY)
    key = aws(root, "iam", "create-access-key", *named)["AccessKey"]
    assert key["AccessKeyId"].startswith("AKIA"), key
    equal([user["UserName"] for user in aws(root, "iam", "list-users")["Users"]], [USER])
    return who(key)


@check("create a bucket with objects")
def objects():
    aws(root, "s3", "mb", f"s3://{BUCKET}", text=True)
    located = aws(root, "s3api", "get-bucket-location", "--bucket", BUCKET)
    equal(located["LocationConstraint"], REGION)
    with tempfile.TemporaryDirectory() as folder:
        for key, body in ((ALLOWED_KEY, ALLOWED_BODY), (OTHER_KEY, b"not open")):
            file = pathlib.Path(folder, "body")
            file.write_bytes(body)
            aws(root, "s3api", "put-object", "--bucket", BUCKET, "--key", key, "--body", file)
    equal(body_of(root, ALLOWED_KEY), ALLOWED_BODY)
    listed = aws(root, "s3api", "list-objects-v2", "--bucket", BUCKET)["Contents"]
    equal([one["Key"] for one in listed], [ALLOWED_KEY, OTHER_KEY])


@check("put an object from a stream")
def streamed():
    place = f"s3://{BUCKET}/{STREAMED_KEY}"
    aws(issuer, "s3", "cp", "-", place, stdin=STREAMED_BODY, text=True)
    equal(body_of(issuer, STREAMED_KEY), STREAMED_BODY)


@check("identify the user")
def user_identity():
    identity = identify(issuer)
    equal((identity["Account"], identity["Arn"]), (account, f"arn:aws:iam::{account}:user/{USER}"))
    equal(aws(issuer, "iam", "get-user")["User"]["UserId"], identity["UserId"])


@check("refuse a malformed name")
def malformed_name():
    words = ["sts", "get-federation-token", "--name", "two words"]
    equal(refused("ValidationError", issuer, *words), MALFORMED_NAME_MESSAGE)


@check("refuse a malformed policy")
def malformed_policy():
    words = ["sts", "get-federation-token", "--name", "bad", "--policy", "no policy"]
    refused("MalformedPolicyDocument", issuer, *words)


@check("mint without a policy")
def bare():
    return mint(issuer, "bare")


@check("mint with a policy")
def scoped():
    words = ["--policy", json.dumps(ONE_OBJECT), "--duration-seconds", "3600"]
    return mint(issuer, "scoped", *words, seconds=3600)


@check("mint with tags")
def tagged():
    words = ["--policy", json.dumps(OWN_FOLDER), "--tags", "Key=team,Value=team-b"]
    return mint(issuer, "tagged", *words)


@check("mint with a managed policy")
def reader():
    session = mint(issuer, "reader", "--policy-arns", f"arn={READ_ONLY}")
    equal(body_of(session, OTHER_KEY), b"not open")
    removal = ["s3api", "delete-object", "--bucket", BUCKET, "--key", OTHER_KEY]
    refused("AccessDenied", session, *removal)


@check("identify the session")
def session_identity():
    for name, session in (("bare", bare), ("scoped", scoped)):
        identity = identify(session)
        equal((identity["Arn"], identity["UserId"]), (federated(name), f"{account}:{name}"))


@check("read what the session policy allows")
def allowed():
    equal(body_of(scoped, ALLOWED_KEY), ALLOWED_BODY)


@check("refuse what the session policy leaves out")
def left_out():
    message = refused("AccessDenied", scoped, *get_object(OTHER_KEY))
    assert federated("scoped") in message and "s3:GetObject" in message, message
    put = ["s3api", "put-object", "--bucket", BUCKET, "--key", ALLOWED_KEY]
    refused("AccessDenied", scoped, *put)
    equal(body_of(issuer, OTHER_KEY), b"not open")


@check("refuse a session without a policy")
def no_policy():
    refused("AccessDenied", bare, *get_object(ALLOWED_KEY))


@check("read by session tag")
def by_tag():
    equal(body_of(tagged, OTHER_KEY), b"not open")
    refused("AccessDenied", tagged, *get_object(ALLOWED_KEY))


@check("refuse the session at IAM")
def at_iam():
    refused("InvalidClientTokenId", scoped, "iam", "get-user", "--user-name", USER)


@check("refuse the session another token")
def another_token():
    message = refused("AccessDenied", scoped, "sts", "get-federation-token", "--name", "again")
    equal(message, SESSION_CREDENTIALS_MESSAGE)


def presign(who, key, *words):
    """The URL that `aws s3 presign` prints."""
    return aws(who, "s3", "presign", f"s3://{BUCKET}/{key}", *words, text=True).decode().strip()


@check("presign a read")
def presigned():
    equal(fetch(presign(scoped, ALLOWED_KEY)), (200, ALLOWED_BODY))
    status, body = fetch(presign(scoped, OTHER_KEY))
    assert status == 403 and b"<Code>AccessDenied</Code>" in body, body


@check("refuse a presigned read past its end")
def presigned_past():
    url = presign(scoped, ALLOWED_KEY, "--expires-in", "1")
    time.sleep(2.1)
    status, body = fetch(url)
    assert status == 403 and b"<Message>Request has expired</Message>" in body, body


@check("refuse the session past its end")
def past():
    session, end = brief
    time.sleep(max(0, (end - now()).total_seconds()) + 1)
    for words in (["sts", "get-caller-identity"], ["iam", "get-user"], ["s3api", "list-buckets"]):
        refused("ExpiredToken", session, *words)


@check("delete everything")
def deleted():
    named = ["--user-name", USER]
    aws(root, "s3", "rb", "--force", f"s3://{BUCKET}", text=True)
    for key in aws(root, "iam", "list-access-keys", *named)["AccessKeyMetadata"]:
        aws(root, "iam", "delete-access-key", *named, "--access-key-id", key["AccessKeyId"])
    aws(root, "iam", "delete-user-policy", *named, "--policy-name", "issuer")
    aws(root, "iam", "delete-user", *named)
    equal(aws(root, "s3api", "list-buckets")["Buckets"], [])
    equal(aws(root, "iam", "list-users")["Users"], [])
    refused("NoSuchEntity", root, "iam", "get-user", *named)


@check("refuse the session without its user")
def without_user():
    refused("InvalidClientTokenId", scoped, "sts", "get-caller-identity")
