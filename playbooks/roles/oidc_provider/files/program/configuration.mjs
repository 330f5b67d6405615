// The configuration of `oidc-provider`: what is offered, to whom, and what tokens say.
import { errors } from 'oidc-provider';

import { devicePages } from './pages.mjs';
import { OPEN_SCOPES, groupsOf, isAudience, isCapability, normalised, words } from './policy.mjs';
import { remember } from './structured-tokens.mjs';
import { claimsOf } from './users.mjs';

export function configuration({ settings, keys, users, adapter }) {
  return {
    adapter,
    clients: settings.clients,
    jwks: { keys },
    cookies: { keys: settings.cookie_keys },
    routes: { jwks: settings.keys_path },
    scopes: OPEN_SCOPES,
    claims: {
      openid: ['sub'],
      profile: ['preferred_username', 'name'],
      email: ['email'],
      entitlements: ['voperson_id', 'eduperson_entitlement', 'entitlements', 'eduperson_assurance'],
    },
    responseTypes: ['code'],
    pkce: { required: () => true },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    clientDefaults: { id_token_signed_response_alg: settings.algorithm },
    extraClientMetadata: { properties: ['subject', 'entitlements', 'token_lifetime'] },
    enabledJWA: { idTokenSigningAlgValues: [settings.algorithm] },

    findAccount: (ctx, subject) => {
      const user = users.find(subject);
      return user && { accountId: user.subject, claims: () => ({ sub: user.subject, ...claimsOf(user) }) };
    },
    extraTokenClaims: (ctx, token) => ({
      'wlcg.ver': '1.0',
      ...(token.accountId ? claimsOf(users.find(token.accountId)) : claimsOfRobot(token.client)),
    }),
    formats: {
      customizers: {
        jwt: async (ctx, token, jwt) => {
          jwt.payload.nbf = jwt.payload.iat;
          if (!token.accountId && token.client.subject) jwt.payload.sub = token.client.subject;
          const groups = groupsOf(words(token.scope), settings.default_groups);
          if (groups) jwt.payload['wlcg.groups'] = groups;
          await remember(token, jwt.payload);
        },
      },
    },

    ttl: {
      AccessToken: (ctx, token, client) => client.token_lifetime ?? settings.token_lifetime,
      ClientCredentials: settings.token_lifetime,
      IdToken: settings.token_lifetime,
      RefreshToken: settings.refresh_lifetime,
      Grant: settings.refresh_lifetime,
      Session: settings.refresh_lifetime,
      DeviceCode: 300,
      Interaction: 600,
    },
    expiresWithSession: () => false,
    issueRefreshToken: (ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
    rotateRefreshToken: true,

    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      // Tokens here name their audience, and the library's userinfo takes only tokens that name none.
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true, ...devicePages },
      revocation: { enabled: true, allowedPolicy: (ctx, client, token) => token.clientId === client.clientId },
      introspection: {
        enabled: true,
        // The tokens of a suspended user are inactive from that moment on.
        allowedPolicy: (ctx, client, token) => !token.accountId || Boolean(users.find(token.accountId)),
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, client, oneOf) => oneOf?.[0] ?? settings.default_audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, audience) => resourceServer(ctx, audience, settings),
      },
    },
  };
}

// Everything that was asked for, in this request or in the one that it continues, may be an audience's
// scope; whether the user gets it is decided where the user consents.
export function resourceServer(ctx, audience, settings) {
  if (!isAudience(audience, settings.audiences)) throw new errors.InvalidTarget();
  const { params, entities } = ctx.oidc;
  const sources = [params, entities.DeviceCode, entities.AuthorizationCode, entities.RefreshToken];
  const asked = sources.flatMap((source) => words(source?.scope)).filter(isCapability);
  return {
    scope: [...new Set([...OPEN_SCOPES, ...asked])].join(' '),
    audience: normalised(audience),
    accessTokenFormat: 'jwt',
    accessTokenTTL: settings.token_lifetime,
    jwt: { sign: { alg: settings.algorithm } },
  };
}

function claimsOfRobot(client) {
  const entitlements = client?.entitlements ?? [];
  return { voperson_id: client?.subject, eduperson_entitlement: entitlements, entitlements };
}
