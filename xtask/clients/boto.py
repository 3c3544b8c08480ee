"""boto3 against `stspec serve`: `python boto.py boto3`."""

import datetime
import io
import json
import time

import boto3
from botocore.exceptions import ClientError

from scene import *


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def session_of(credentials):
    """A boto3 session with credentials from an answer of IAM or STS."""
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
    )


def refused(status, code, call, **params):
    """Fails unless the call is refused with this status and code; returns its message."""
    try:
        call(**params)
    except ClientError as error:
        answer = error.response
        equal((answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]), (status, code))
        return answer["Error"]["Message"]
    raise AssertionError(f"{call.__name__} was not refused")


def mint(issuer, name, **params):
    """A federation token, its answer judged; as a boto3 session."""
    answer = issuer.client("sts").get_federation_token(Name=name, **params)
    equal(answer["FederatedUser"], {"FederatedUserId": f"{account}:{name}", "Arn": federated(name)})
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA"), answer
    lasts(answer["Credentials"]["Expiration"], params.get("DurationSeconds", SECONDS_DEFAULT), now())
    assert 0 <= answer["PackedPolicySize"] <= 100, answer
    assert len(answer["ResponseMetadata"]["RequestId"]) == 36, answer
    return session_of(answer["Credentials"])


def federated(name):
    return f"arn:aws:sts::{account}:federated-user/{name}"


def body_of(session, key):
    return session.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()


root = boto3.Session()
account = root.client("sts").get_caller_identity()["Account"]


@check("mint a session that ends soon")
def brief():
    lagging = root.client("sts", endpoint_url=LAGGING_ENDPOINT)
    answer = lagging.get_federation_token(
        Name="brief", DurationSeconds=SECONDS_MIN, Policy=json.dumps(ALL_OF_S3)
    )
    session, end = session_of(answer["Credentials"]), answer["Credentials"]["Expiration"]
    equal(session.client("sts").get_caller_identity()["Arn"], federated("brief"))
    session.client("s3").list_buckets()
    assert end > now(), f"the session ended at {end}, before it was tried"
    return session, end


@check("create a user with a key and a policy")
def issuer():
    iam = root.client("iam")
    user = iam.create_user(UserName=USER)["User"]
    equal(user["Arn"], f"arn:aws:iam::{account}:user/{USER}")
    iam.put_user_policy(UserName=USER, PolicyName="issuer", PolicyDocument=json.dumps(ISSUER_POLICY))
    equal(iam.get_user_policy(UserName=USER, PolicyName="issuer")["PolicyDocument"], ISSUER_POLICY)
    key = iam.create_access_key(UserName=USER)["AccessKey"]
    assert key["AccessKeyId"].startswith("AKIA"), key
    pages = iam.get_paginator("list_users").paginate()
    equal([user["UserName"] for page in pages for user in page["Users"]], [USER])
    return session_of(key)


@check("create a bucket with objects")
def objects():
    s3 = root.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    equal(s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"], REGION)
    s3.put_object(Bucket=BUCKET, Key=ALLOWED_KEY, Body=ALLOWED_BODY)
    s3.put_object(Bucket=BUCKET, Key=OTHER_KEY, Body=b"not open")
    equal(body_of(root, ALLOWED_KEY), ALLOWED_BODY)
    listed = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    equal([one["Key"] for one in listed], [ALLOWED_KEY, OTHER_KEY])


@check("put an object from a stream")
def streamed():
    issuer.client("s3").upload_fileobj(io.BytesIO(STREAMED_BODY), BUCKET, STREAMED_KEY)
    equal(body_of(issuer, STREAMED_KEY), STREAMED_BODY)


@check("identify the user")
def user_identity():
    identity = issuer.client("sts").get_caller_identity()
    equal((identity["Account"], identity["Arn"]), (account, f"arn:aws:iam::{account}:user/{USER}"))
    equal(issuer.client("iam").get_user()["User"]["UserId"], identity["UserId"])


@check("refuse a malformed name")
def malformed_name():
    call = issuer.client("sts").get_federation_token
    equal(refused(400, "ValidationError", call, Name="two words"), MALFORMED_NAME_MESSAGE)


@check("refuse a malformed policy")
def malformed_policy():
    sts = issuer.client("sts")
    try:
        sts.get_federation_token(Name="bad", Policy="no policy")
    except sts.exceptions.MalformedPolicyDocumentException as error:
        equal(error.response["ResponseMetadata"]["HTTPStatusCode"], 400)
    else:
        raise AssertionError("it was accepted")


@check("mint without a policy")
def bare():
    return mint(issuer, "bare")


@check("mint with a policy")
def scoped():
    return mint(issuer, "scoped", Policy=json.dumps(ONE_OBJECT), DurationSeconds=3600)


@check("mint with tags")
def tagged():
    return mint(issuer, "tagged", Policy=json.dumps(OWN_FOLDER), Tags=[{"Key": "team", "Value": "team-b"}])


@check("mint with a managed policy")
def reader():
    session = mint(issuer, "reader", PolicyArns=[{"arn": READ_ONLY}])
    equal(body_of(session, OTHER_KEY), b"not open")
    refused(403, "AccessDenied", session.client("s3").delete_object, Bucket=BUCKET, Key=OTHER_KEY)
    return session


@check("identify the session")
def session_identity():
    for name, session in (("bare", bare), ("scoped", scoped)):
        identity = session.client("sts").get_caller_identity()
        equal((identity["Arn"], identity["UserId"]), (federated(name), f"{account}:{name}"))


@check("read what the session policy allows")
def allowed():
    equal(body_of(scoped, ALLOWED_KEY), ALLOWED_BODY)


@check("refuse what the session policy leaves out")
def left_out():
    s3 = scoped.client("s3")
    message = refused(403, "AccessDenied", s3.get_object, Bucket=BUCKET, Key=OTHER_KEY)
    assert federated("scoped") in message and "s3:GetObject" in message, message
    refused(403, "AccessDenied", s3.put_object, Bucket=BUCKET, Key=ALLOWED_KEY, Body=b"mine")
    equal(body_of(issuer, OTHER_KEY), b"not open")


@check("refuse a session without a policy")
def no_policy():
    refused(403, "AccessDenied", bare.client("s3").get_object, Bucket=BUCKET, Key=ALLOWED_KEY)


@check("read by session tag")
def by_tag():
    equal(body_of(tagged, OTHER_KEY), b"not open")
    refused(403, "AccessDenied", tagged.client("s3").get_object, Bucket=BUCKET, Key=ALLOWED_KEY)


@check("refuse the session at IAM")
def at_iam():
    refused(403, "InvalidClientTokenId", scoped.client("iam").get_user, UserName=USER)


@check("refuse the session another token")
def another_token():
    message = refused(403, "AccessDenied", scoped.client("sts").get_federation_token, Name="again")
    equal(message, SESSION_CREDENTIALS_MESSAGE)


@check("presign a read")
def presigned():
    sign = scoped.client("s3").generate_presigned_url
    equal(fetch(sign("get_object", {"Bucket": BUCKET, "Key": ALLOWED_KEY})), (200, ALLOWED_BODY))
    status, body = fetch(sign("get_object", {"Bucket": BUCKET, "Key": OTHER_KEY}))
    assert status == 403 and b"<Code>AccessDenied</Code>" in body, body


@check("refuse a presigned read past its end")
def presigned_past():
    url = scoped.client("s3").generate_presigned_url(
        "get_object", {"Bucket": BUCKET, "Key": ALLOWED_KEY}, ExpiresIn=1
    )
    time.sleep(2.1)
    status, body = fetch(url)
    assert status == 403 and b"<Message>Request has expired</Message>" in body, body


@check("refuse the session past its end")
def past():
    session, end = brief
    time.sleep(max(0, (end - now()).total_seconds()) + 1)
    refused(403, "ExpiredToken", session.client("sts").get_caller_identity)
    refused(403, "ExpiredToken", session.client("iam").get_user)
    refused(400, "ExpiredToken", session.client("s3").list_buckets)


@check("delete everything")
def deleted():
    s3, iam = root.client("s3"), root.client("iam")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    gone = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in keys]})
    equal(sorted(one["Key"] for one in gone["Deleted"]), sorted([ALLOWED_KEY, OTHER_KEY, STREAMED_KEY]))
    s3.delete_bucket(Bucket=BUCKET)
    for key in iam.list_access_keys(UserName=USER)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=USER, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=USER, PolicyName="issuer")
    iam.delete_user(UserName=USER)
    equal(s3.list_buckets()["Buckets"], [])
    equal(iam.list_users()["Users"], [])
    refused(404, "NoSuchEntity", iam.get_user, UserName=USER)


@check("refuse the session without its user")
def without_user():
    refused(403, "InvalidClientTokenId", scoped.client("sts").get_caller_identity)
