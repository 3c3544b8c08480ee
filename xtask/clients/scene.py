"""What boto3 and the AWS CLI are both asked to do: names, policies, and how a check is reported.

`cargo xtask clients` sets the root user's credentials, the region and `AWS_ENDPOINT_URL` in the
environment; everything else about the clients is their default.
"""

import os
import sys
import traceback
import urllib.error
import urllib.request

CLIENT = sys.argv[1]
USER = f"{CLIENT}-issuer"
BUCKET = f"stspec-{CLIENT}"
BUCKET_ARN = f"arn:aws:s3:::{BUCKET}"

# A name that has to be percent-encoded in a path, and differently in a signature.
ALLOWED_KEY = "team-a/für alle+1.txt"
OTHER_KEY = "team-b/secret.txt"
STREAMED_KEY = "team-a/streamed.bin"
ALLOWED_BODY = b"open to the session\n"
STREAMED_BODY = bytes(range(256)) * 300

REGION = os.environ["AWS_REGION"]
#: A server with the same key ring, whose clock lags so much that its shortest sessions soon end.
LAGGING_ENDPOINT = os.environ["STSPEC_LAGGING_ENDPOINT"]
#: Shortest session; source: STS API Reference, GetFederationToken, DurationSeconds.
SECONDS_MIN = 900
#: How long a session lasts by default; same source.
SECONDS_DEFAULT = 43_200
#: How far the Expiration of an answer may be from what the client's clock says it is.
SECONDS_OFF_MAX = 30
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"

MALFORMED_NAME_MESSAGE = (
    "1 validation error detected: Value 'two words' at 'name' failed to satisfy constraint: "
    "Member must satisfy regular expression pattern: [\\w+=,.@-]*"
)
SESSION_CREDENTIALS_MESSAGE = "Cannot call GetFederationToken with session credentials"


def policy(*statements):
    """A policy document with these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions, *resources):
    """A statement that allows actions on resources."""
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources)}


ISSUER_POLICY = policy(
    allow("sts:*", "*"), allow("iam:GetUser", "*"), allow("s3:*", BUCKET_ARN, f"{BUCKET_ARN}/*")
)
ONE_OBJECT = policy(
    allow("s3:GetObject", f"{BUCKET_ARN}/{ALLOWED_KEY}"), allow("iam:*", "*"), allow("sts:*", "*")
)
OWN_FOLDER = policy(allow("s3:GetObject", f"{BUCKET_ARN}/${{aws:PrincipalTag/team}}/*"))
ALL_OF_S3 = policy(allow("s3:*", "*"))


def check(name):
    """Runs the function below it at once, reports it as `name`, and puts its value in its place.

    A check whose function fails has the value `None`, so those that build on it fail as well.
    """

    def run(function):
        try:
            value = function()
        except Exception as error:  # Whatever goes wrong is what the check has found.
            where = traceback.extract_tb(error.__traceback__)[1]
            place = f"{where.name}, line {where.lineno}"
            why = " ".join(f"{type(error).__name__}: {error} ({place})".split())
            print("fail", name, why, sep="\t", flush=True)
            return None
        print("pass", name, sep="\t", flush=True)
        return value

    return run


def equal(actual, expected):
    """Fails unless both are the same."""
    assert actual == expected, f"{actual!r} is not {expected!r}"


def lasts(expiration, seconds, now):
    """Fails unless a session of `seconds` that was minted `now` ends at `expiration`."""
    off = abs((expiration - now).total_seconds() - seconds)
    assert off <= SECONDS_OFF_MAX, f"{expiration} is {off} s off"


def fetch(url):
    """The status and the body that a plain GET of `url` is answered with."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
