// The AWS SDK for JavaScript against `stspec serve`: `node client.mjs sdk-js`.
//
// `cargo xtask clients` sets the root user's credentials, the region and AWS_ENDPOINT_URL in the
// environment; everything else about the clients is their default.

import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

import * as iam from "@aws-sdk/client-iam";
import * as s3 from "@aws-sdk/client-s3";
import * as sts from "@aws-sdk/client-sts";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const CLIENT = process.argv[2];
const USER = `${CLIENT}-issuer`;
const BUCKET = `stspec-${CLIENT}`;
const BUCKET_ARN = `arn:aws:s3:::${BUCKET}`;
const REGION = process.env.AWS_REGION;

// A name that has to be percent-encoded in a path, and differently in a signature.
const ALLOWED_KEY = "team-a/für alle+1.txt";
const OTHER_KEY = "team-b/secret.txt";
const STREAMED_KEY = "team-a/streamed.bin";
const ALLOWED_BODY = "open to the session\n";
const OTHER_BODY = "not open";
const STREAMED_BODY = Buffer.alloc(76_800, Uint8Array.from({ length: 256 }, (_, byte) => byte));

/** Shortest session and the default; source: STS API Reference, GetFederationToken. */
const [SECONDS_MIN, SECONDS_DEFAULT] = [900, 43_200];
/** How far the Expiration of an answer may be from what the client's clock says it is. */
const SECONDS_OFF_MAX = 30;

const READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const MALFORMED_NAME_MESSAGE =
  "1 validation error detected: Value 'two words' at 'name' failed to satisfy constraint: " +
  "Member must satisfy regular expression pattern: [\\w+=,.@-]*";

const allow = (Action, ...Resource) => ({ Effect: "Allow", Action, Resource });
const policy = (...Statement) => JSON.stringify({ Version: "2012-10-17", Statement });

const ISSUER_POLICY = policy(
  allow("sts:*", "*"),
  allow("iam:GetUser", "*"),
  allow("s3:*", BUCKET_ARN, `${BUCKET_ARN}/*`),
);
const ONE_OBJECT = policy(
  allow("s3:GetObject", `${BUCKET_ARN}/${ALLOWED_KEY}`),
  allow("iam:*", "*"),
  allow("sts:*", "*"),
);
const OWN_FOLDER = policy(allow("s3:GetObject", `${BUCKET_ARN}/\${aws:PrincipalTag/team}/*`));
const ALL_OF_S3 = policy(allow("s3:*", "*"));

/** One client per service for a principal; without credentials, those of the environment. */
function clientsOf(answer) {
  const config = answer && {
    credentials: {
      accessKeyId: answer.AccessKeyId,
      secretAccessKey: answer.SecretAccessKey,
      sessionToken: answer.SessionToken,
    },
  };
  return {
    iam: new iam.IAMClient({ ...config }),
    s3: new s3.S3Client({ ...config }),
    sts: new sts.STSClient({ ...config }),
  };
}

/** Runs a check, reports it, and returns its value; those that build on a failed one fail as well. */
async function check(name, run) {
  try {
    const value = await run();
    console.log(`pass\t${name}`);
    return value;
  } catch (error) {
    const place = /client\.mjs:\d+/.exec(error.stack)?.[0] ?? "outside of client.mjs";
    const why = `${error.name}: ${error.message} (${place})`.replaceAll(/\s+/g, " ");
    console.log(`fail\t${name}\t${why}`);
    return undefined;
  }
}

/** Fails unless the call is refused with this status and code; returns the error. */
async function refused(status, code, call) {
  const error = await call.then(() => undefined, (error) => error);
  assert.ok(error, "it was not refused");
  assert.deepEqual([error.$metadata?.httpStatusCode, error.name], [status, code], error.message);
  return error;
}

const federated = (name) => `arn:aws:sts::${account}:federated-user/${name}`;

/** A federation token, its answer judged; as clients of the session. */
async function mint(issuer, Name, more) {
  const answer = await issuer.sts.send(new sts.GetFederationTokenCommand({ Name, ...more }));
  const { Credentials, FederatedUser, PackedPolicySize } = answer;
  assert.deepEqual(FederatedUser, { FederatedUserId: `${account}:${Name}`, Arn: federated(Name) });
  assert.match(Credentials.AccessKeyId, /^ASIA[A-Z0-9]{16}$/);
  assert.ok(PackedPolicySize >= 0 && PackedPolicySize <= 100, `PackedPolicySize ${PackedPolicySize}`);
  assert.match(answer.$metadata.requestId, /^[0-9a-f-]{36}$/);
  const seconds = (Credentials.Expiration - Date.now()) / 1000;
  const off = Math.abs(seconds - (more?.DurationSeconds ?? SECONDS_DEFAULT));
  assert.ok(off <= SECONDS_OFF_MAX, `Expiration is ${off} s off`);
  return clientsOf(Credentials);
}

const read = (Key) => new s3.GetObjectCommand({ Bucket: BUCKET, Key });

async function bodyOf(clients, Key) {
  const answer = await clients.s3.send(read(Key));
  return Buffer.from(await answer.Body.transformToByteArray());
}

const textOf = async (clients, Key) => (await bodyOf(clients, Key)).toString();

const identify = (clients) => clients.sts.send(new sts.GetCallerIdentityCommand({}));

/** The status and the body that a plain GET is answered with. */
async function fetched(url) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  return [answer.status, await answer.text()];
}

const root = clientsOf();
const account = (await identify(root)).Account;

const brief = await check("mint a session that ends soon", async () => {
  const lagging = new sts.STSClient({ endpoint: process.env.STSPEC_LAGGING_ENDPOINT });
  const { Credentials } = await lagging.send(
    new sts.GetFederationTokenCommand({
      Name: "brief",
      DurationSeconds: SECONDS_MIN,
      Policy: ALL_OF_S3,
    }),
  );
  const session = clientsOf(Credentials);
  assert.equal((await identify(session)).Arn, federated("brief"));
  await session.s3.send(new s3.ListBucketsCommand({}));
  assert.ok(Credentials.Expiration > Date.now(), "the session ended before it was tried");
  return { session, end: Credentials.Expiration };
});

const issuer = await check("create a user with a key and a policy", async () => {
  const names = { UserName: USER, PolicyName: "issuer" };
  const { User } = await root.iam.send(new iam.CreateUserCommand({ UserName: USER }));
  assert.equal(User.Arn, `arn:aws:iam::${account}:user/${USER}`);
  await root.iam.send(new iam.PutUserPolicyCommand({ ...names, PolicyDocument: ISSUER_POLICY }));
  const { PolicyDocument } = await root.iam.send(new iam.GetUserPolicyCommand(names));
  assert.equal(decodeURIComponent(PolicyDocument), ISSUER_POLICY);
  const { AccessKey } = await root.iam.send(new iam.CreateAccessKeyCommand({ UserName: USER }));
  assert.match(AccessKey.AccessKeyId, /^AKIA[A-Z0-9]{16}$/);
  const users = [];
  for await (const page of iam.paginateListUsers({ client: root.iam }, {})) {
    users.push(...page.Users.map((user) => user.UserName));
  }
  assert.deepEqual(users, [USER]);
  return clientsOf(AccessKey);
});

await check("create a bucket with objects", async () => {
  const CreateBucketConfiguration = { LocationConstraint: REGION };
  await root.s3.send(new s3.CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration }));
  const located = await root.s3.send(new s3.GetBucketLocationCommand({ Bucket: BUCKET }));
  assert.equal(located.LocationConstraint, REGION);
  for (const [Key, Body] of [[ALLOWED_KEY, ALLOWED_BODY], [OTHER_KEY, OTHER_BODY]]) {
    await root.s3.send(new s3.PutObjectCommand({ Bucket: BUCKET, Key, Body }));
  }
  assert.equal(await textOf(root, ALLOWED_KEY), ALLOWED_BODY);
  const { Contents } = await root.s3.send(new s3.ListObjectsV2Command({ Bucket: BUCKET }));
  assert.deepEqual(Contents.map((one) => one.Key), [ALLOWED_KEY, OTHER_KEY]);
});

await check("put an object from a stream", async () => {
  const Body = Readable.from([STREAMED_BODY.subarray(0, 1000), STREAMED_BODY.subarray(1000)]);
  const ContentLength = STREAMED_BODY.length;
  const put = new s3.PutObjectCommand({ Bucket: BUCKET, Key: STREAMED_KEY, Body, ContentLength });
  await issuer.s3.send(put);
  assert.deepEqual(await bodyOf(issuer, STREAMED_KEY), STREAMED_BODY);
});

await check("identify the user", async () => {
  const { Account, Arn, UserId } = await identify(issuer);
  assert.deepEqual([Account, Arn], [account, `arn:aws:iam::${account}:user/${USER}`]);
  const { User } = await issuer.iam.send(new iam.GetUserCommand({}));
  assert.equal(User.UserId, UserId);
});

await check("refuse a malformed name", async () => {
  const call = issuer.sts.send(new sts.GetFederationTokenCommand({ Name: "two words" }));
  const error = await refused(400, "ValidationError", call);
  assert.equal(error.message, MALFORMED_NAME_MESSAGE);
});

await check("refuse a malformed policy", async () => {
  const request = new sts.GetFederationTokenCommand({ Name: "bad", Policy: "no policy" });
  const error = await refused(400, "MalformedPolicyDocumentException", issuer.sts.send(request));
  assert.ok(error instanceof sts.MalformedPolicyDocumentException);
});

const bare = await check("mint without a policy", () => mint(issuer, "bare"));

const scoped = await check("mint with a policy", () =>
  mint(issuer, "scoped", { Policy: ONE_OBJECT, DurationSeconds: 3600 }),
);

const tagged = await check("mint with tags", () =>
  mint(issuer, "tagged", { Policy: OWN_FOLDER, Tags: [{ Key: "team", Value: "team-b" }] }),
);

await check("mint with a managed policy", async () => {
  const reader = await mint(issuer, "reader", { PolicyArns: [{ arn: READ_ONLY }] });
  assert.equal(await textOf(reader, OTHER_KEY), OTHER_BODY);
  const removal = new s3.DeleteObjectCommand({ Bucket: BUCKET, Key: OTHER_KEY });
  await refused(403, "AccessDenied", reader.s3.send(removal));
});

await check("identify the session", async () => {
  for (const [name, session] of [["bare", bare], ["scoped", scoped]]) {
    const { Arn, UserId } = await identify(session);
    assert.deepEqual([Arn, UserId], [federated(name), `${account}:${name}`]);
  }
});

await check("read what the session policy allows", async () => {
  assert.equal(await textOf(scoped, ALLOWED_KEY), ALLOWED_BODY);
});

await check("refuse what the session policy leaves out", async () => {
  const error = await refused(403, "AccessDenied", scoped.s3.send(read(OTHER_KEY)));
  assert.ok(error.message.includes(federated("scoped")), error.message);
  assert.ok(error.message.includes("s3:GetObject"), error.message);
  const put = new s3.PutObjectCommand({ Bucket: BUCKET, Key: ALLOWED_KEY, Body: "mine" });
  await refused(403, "AccessDenied", scoped.s3.send(put));
  assert.equal(await textOf(issuer, OTHER_KEY), OTHER_BODY);
});

await check("refuse a session without a policy", () =>
  refused(403, "AccessDenied", bare.s3.send(read(ALLOWED_KEY))),
);

await check("read by session tag", async () => {
  assert.equal(await textOf(tagged, OTHER_KEY), OTHER_BODY);
  await refused(403, "AccessDenied", tagged.s3.send(read(ALLOWED_KEY)));
});

await check("refuse the session at IAM", () =>
  refused(403, "InvalidClientTokenId", scoped.iam.send(new iam.GetUserCommand({ UserName: USER }))),
);

await check("refuse the session another token", async () => {
  const call = scoped.sts.send(new sts.GetFederationTokenCommand({ Name: "again" }));
  const error = await refused(403, "AccessDenied", call);
  assert.equal(error.message, "Cannot call GetFederationToken with session credentials");
});

await check("presign a read", async () => {
  const open = await getSignedUrl(scoped.s3, read(ALLOWED_KEY));
  assert.deepEqual(await fetched(open), [200, ALLOWED_BODY]);
  const [status, body] = await fetched(await getSignedUrl(scoped.s3, read(OTHER_KEY)));
  assert.equal(status, 403);
  assert.match(body, /<Code>AccessDenied<\/Code>/);
});

await check("refuse a presigned read past its end", async () => {
  const url = await getSignedUrl(scoped.s3, read(ALLOWED_KEY), { expiresIn: 1 });
  await sleep(2_100);
  const [status, body] = await fetched(url);
  assert.equal(status, 403);
  assert.match(body, /<Code>AccessDenied<\/Code>\s*<Message>Request has expired<\/Message>/);
});

await check("refuse the session past its end", async () => {
  const { session, end } = brief;
  await sleep(Math.max(0, end - Date.now()) + 1_000);
  await refused(403, "ExpiredToken", identify(session));
  await refused(403, "ExpiredToken", session.iam.send(new iam.GetUserCommand({})));
  await refused(400, "ExpiredToken", session.s3.send(new s3.ListBucketsCommand({})));
});

await check("delete everything", async () => {
  const { Contents } = await root.s3.send(new s3.ListObjectsV2Command({ Bucket: BUCKET }));
  const Objects = Contents.map(({ Key }) => ({ Key }));
  const removal = new s3.DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } });
  const { Deleted } = await root.s3.send(removal);
  const keys = Deleted.map((one) => one.Key).sort();
  assert.deepEqual(keys, [ALLOWED_KEY, OTHER_KEY, STREAMED_KEY].sort());
  await root.s3.send(new s3.DeleteBucketCommand({ Bucket: BUCKET }));
  const { AccessKeyMetadata } = await root.iam.send(new iam.ListAccessKeysCommand({ UserName: USER }));
  for (const { AccessKeyId } of AccessKeyMetadata) {
    await root.iam.send(new iam.DeleteAccessKeyCommand({ UserName: USER, AccessKeyId }));
  }
  const named = { UserName: USER, PolicyName: "issuer" };
  await root.iam.send(new iam.DeleteUserPolicyCommand(named));
  await root.iam.send(new iam.DeleteUserCommand({ UserName: USER }));
  assert.deepEqual((await root.s3.send(new s3.ListBucketsCommand({}))).Buckets ?? [], []);
  assert.deepEqual((await root.iam.send(new iam.ListUsersCommand({}))).Users ?? [], []);
  const gone = root.iam.send(new iam.GetUserCommand({ UserName: USER }));
  await refused(404, "NoSuchEntityException", gone);
});

await check("refuse the session without its user", () =>
  refused(403, "InvalidClientTokenId", identify(scoped)),
);
