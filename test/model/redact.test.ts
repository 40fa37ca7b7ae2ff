import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { redact, redactAll } from '../../src/model/redact.ts';

/** Each holds `canary` where the secret is. */
const secret: readonly string[] = [
  'password: canary',
  'password: canary battery staple canary',
  "  password: 'canary canary'",
  '-password: canary',
  '+  PASSWORD: "canary"',
  '+- db.passwd: canary',
  'DB_PASSWORD=canary',
  'export API_KEY=canary',
  'apiKey: canary',
  'api-key: 123canary',
  'clientSecret: canary',
  'client_secret=canary',
  'aws_secret_access_key = canary',
  'bearerToken: canary',
  'vault.example/token: canary',
  'secret: canary',
  'Authorization: Basic canary==',
  'Cookie: a=canary; b=canary',
  'note: Cookie: session=canary; other=canary',
  "note: 'Authorization: Bearer canary-canary-canary'",
  'note: Authorization: Bearer canarycanarycanarycanary',
  'note: Authorization: Token canary0123456789',
  'note: Authorization: Basic dXNlcjpcanarycanary',
  'note: the password: canary, which is old',
  'note: token: Canary0canary, which is old',
  'https://api.example/hook?token=canary&x=1',
  'https://u:canary@x/',
  '+https://u:canary@x/',
  '{"user":"a","password":"canary","b":1}',
  '{"apikey": "can\\"canary"}',
  'annotation: "{\\"password\\":\\"canary\\",\\"b\\":1}"',
  '{"a":"{\\\\\\"token\\\\\\":\\\\\\"canary\\\\\\"}"}',
  'password: |\n  canary\n  canary\nmode: STRICT',
  '+  token: >-\n+    canary\n+\n+    canary\n   mode: STRICT',
  '-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----',
];

/** By what they look like, wherever they stand. */
const tokens: readonly string[] = [
  `ghp_${'a1B2'.repeat(9)}`,
  `github_pat_11ABCDEFG0${'a1B2'.repeat(9)}`,
  `AIza${'Sy1-_'.repeat(7)}`,
  'xoxb-123456789012-abcdefghijkl',
  'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl',
];

const plain: readonly string[] = [
  'secretName: bookinfo-cert',
  'credentialName: bookinfo-credential',
  'imagePullSecrets:\n- name: registry',
  'volumes:\n- name: a\n  secret:\n    secretName: x',
  'secret:\n  optional: true',
  'tokenReview: x',
  'kind: TokenReview',
  'automountServiceAccountToken: false',
  'token: ""',
  'token: null',
  `password: $${'{PASSWORD}'}`,
  'password: $(DB_PASSWORD)',
  'password: { name: remote, key: password }',
  '"password": {"name":"remote"}',
  'tokenExpirationSeconds: 3600',
  'bearerTokenFile: /var/run/secrets/token',
  'mode: STRICT',
  '-    mode: DISABLE\n+    mode: ISTIO_MUTUAL',
  'host: reviews.bookinfo.svc.cluster.local',
  'privateKey: /etc/certs/key.pem',
  'image: quay.io/example/token:v1.2.3',
  'name: bookinfo-gateway-token-0123456789',
  'key: request.headers[authorization]',
  'headers:\n  cookie:\n    regex: ^(.*?;)?(user=jason)(;.*)?$',
  'httpCookie:\n  name: user\n  ttl: 0s',
  'Slack does not take my token: it is no longer good. Ask an admin.',
  'Token: the one that the worker has is not good any more.',
  'The token expired; token verification failed, as did basic authentication.',
  'bearer authentication is off, and a token bookinfo-gateway-certificates is there',
  'uid: 4f3c1f0a-0c6e-4a55-9a43-6b8a8b4b9f1d',
  `digest ${'0a1b2c3d'.repeat(8)}`,
  'http://prometheus:9090/graph',
  'AuthorizationPolicy bookinfo/deny-all',
  'Authorization policies: 3',
];

describe('what looks like a credential', () => {
  for (const text of secret) {
    it(`is taken out of ${JSON.stringify(text)}`, () => {
      const clean = redact(text);
      assert.ok(!/canary|dXNlcjpc/.test(clean), clean);
      assert.ok(clean.includes('[redacted]'));
      assert.equal(redact(clean), clean, 'and nothing more, a second time');
    });
  }

  for (const token of tokens) {
    const packed = Buffer.from(token).toString('base64');
    for (const text of [token, packed]) {
      it(`is taken out wherever it stands: ${text.slice(0, 16)}…`, () => {
        assert.equal(redact(`at: ${text} here`), 'at: [redacted] here');
      });
    }
  }

  it('leaves what stands around it', () => {
    assert.equal(redact('{"user":"a","password":"x","b":1}'), '{"user":"a","password":"[redacted]","b":1}');
    assert.equal(redact('  password: x\n  mode: STRICT'), '  password: [redacted]\n  mode: STRICT');
    assert.equal(redact('password: |\n  x\n  y\nmode: STRICT'), 'password: [redacted]\nmode: STRICT');
    assert.equal(redact('GET /?token=x&page=2'), 'GET /?token=[redacted]&page=2');
    assert.deepEqual(redactAll([{ text: 'token=x', n: 1, none: null }]), [
      { text: 'token=[redacted]', n: 1, none: null },
    ]);
  });

  it('takes no longer for a long word', () => {
    const begun = performance.now();
    redact(`${'a'.repeat(200_000)} ${'token-'.repeat(20_000)} ${'x.y/'.repeat(50_000)}`);
    assert.ok(performance.now() - begun < 2_000);
  });
});

describe('what is no secret', () => {
  for (const text of plain) {
    it(`stays: ${JSON.stringify(text)}`, () => {
      assert.equal(redact(text), text);
    });
  }
});
