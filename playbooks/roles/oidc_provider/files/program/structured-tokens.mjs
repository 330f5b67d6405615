// Introspection and revocation of access tokens that are JWTs. The library keeps no record of those and
// refuses them at both endpoints; here each leaves a record under its `jti`, and a request that names a JWT
// is passed on with its `jti` instead, once the signature is found to be ours.
import { createLocalJWKSet, jwtVerify } from 'jose';

const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const OF_ONE_TOKEN = new Set(['/token/introspection', '/token/revocation']);

// Keep a record of a token that is about to be issued.
export async function remember(token, payload) {
  const record = Object.fromEntries(
    token.constructor.IN_PAYLOAD.filter((name) => token[name] !== undefined).map((name) => [name, token[name]]),
  );
  const { jti, iat, exp } = payload;
  await token.constructor.adapter.upsert(jti, { ...record, jti, iat, exp, kind: token.kind }, exp - iat);
}

// The payload of an access token of this issuer, or undefined where it is none, or expired.
export function verifier({ keys, issuer }) {
  const published = createLocalJWKSet({ keys: keys.map(({ d, p, q, dp, dq, qi, ...key }) => key) });
  return async (token) => {
    try {
      return (await jwtVerify(token, published, { issuer })).payload;
    } catch {
      return undefined;
    }
  };
}

export function acceptStructuredTokens(provider, { keys, issuer }) {
  const verify = verifier({ keys, issuer });
  provider.use(async (ctx, next) => {
    if (ctx.method === 'POST' && (ctx.path === '/token' || OF_ONE_TOKEN.has(ctx.path))) {
      const body = new URLSearchParams(await text(ctx.req));
      if (ctx.path === '/token') {
        // What Check-in and the WLCG profile call `audience` is `resource` in RFC 8707.
        if (body.has('audience') && !body.has('resource')) body.set('resource', body.get('audience'));
      } else if (JWT.test(body.get('token') ?? '')) {
        body.set('token', (await verify(body.get('token')))?.jti ?? 'unknown');
      }
      ctx.req.body = body.toString();
    }
    await next();
  });
}

async function text(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
