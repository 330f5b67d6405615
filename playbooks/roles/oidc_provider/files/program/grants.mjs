// The grants that the library leaves to its user: password (RFC 6749, 4.3) and token exchange (RFC 8693).
import { errors } from 'oidc-provider';

import { resourceServer } from './configuration.mjs';
import { OPEN_SCOPES, maySee, words } from './policy.mjs';
import { verifier } from './structured-tokens.mjs';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

export function addGrants(provider, { settings, keys, users }) {
  const verify = verifier({ keys, issuer: settings.issuer });

  async function issue(ctx, { user, scopes, grantType, offline }) {
    const { client, params } = ctx.oidc;
    const granted = scopes.filter((scope) => maySee(scope, { ...settings, entitlements: user.entitlements }));
    if (!granted.length) throw new errors.InvalidScope('none of these scopes is granted', scopes.join(' '));
    const scope = granted.join(' ');
    const audience = params.resource ?? settings.default_audience;

    const server = new provider.ResourceServer(audience, resourceServer(ctx, audience, settings));
    const grant = new provider.Grant({ accountId: user.subject, clientId: client.clientId });
    grant.addOIDCScope(granted.filter((one) => OPEN_SCOPES.includes(one)).join(' '));
    grant.addResourceScope(audience, scope);
    const shared = { accountId: user.subject, client, grantId: await grant.save(), gty: grantType, scope };

    const token = new provider.AccessToken(shared);
    token.resourceServer = server;
    ctx.oidc.entity('AccessToken', token);
    ctx.body = { access_token: await token.save(), expires_in: token.expiration, token_type: 'Bearer', scope };
    if (offline && granted.includes('offline_access') && client.grantTypeAllowed('refresh_token')) {
      const now = Math.floor(Date.now() / 1000);
      const refresh = new provider.RefreshToken({ ...shared, resource: [audience], rotations: 0, authTime: now });
      ctx.body.refresh_token = await refresh.save();
    }
  }

  provider.registerGrantType(
    'password',
    async (ctx) => {
      const { username, password, scope } = ctx.oidc.params;
      const user = await users.authenticate(username, password);
      if (!user) throw new errors.InvalidGrant('wrong user name or password');
      const scopes = words(scope ?? 'openid');
      await issue(ctx, { user, scopes, grantType: 'password', offline: true });
    },
    ['username', 'password', 'scope', 'resource'],
  );

  provider.registerGrantType(
    EXCHANGE,
    async (ctx) => {
      const { subject_token: token, subject_token_type: type, scope } = ctx.oidc.params;
      if (!token || !type) throw new errors.InvalidRequest('subject_token and subject_token_type are required');
      if (type !== ACCESS_TOKEN) throw new errors.InvalidRequest('only access tokens are exchanged');
      const subject = await verify(token);
      const record = subject && (await provider.AccessToken.find(subject.jti));
      const user = record && users.find(record.accountId);
      if (!user) throw new errors.InvalidGrant('the subject token is invalid, revoked, or of a suspended user');
      // An exchange never widens what the subject token allows (RFC 8693, section 5).
      const held = words(subject.scope);
      const scopes = words(scope ?? subject.scope);
      const more = scopes.filter((one) => !held.includes(one));
      if (more.length) throw new errors.InvalidScope('the subject token does not hold it', more.join(' '));
      await issue(ctx, { user, scopes, grantType: EXCHANGE, offline: false });
      ctx.body.issued_token_type = ACCESS_TOKEN;
    },
    ['subject_token', 'subject_token_type', 'requested_token_type', 'scope', 'resource', 'audience'],
  );
}
