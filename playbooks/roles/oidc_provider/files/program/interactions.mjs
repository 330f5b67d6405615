// Log-in and consent. Consent grants what the user may have and refuses the rest, so that nobody asks again.
import { consent, logIn } from './pages.mjs';
import { maySee } from './policy.mjs';

export function addInteractions(provider, { settings, users }) {
  provider.use(async (ctx, next) => {
    if (!/^\/interaction\/[\w-]+$/.test(ctx.path)) return next();
    const interaction = await provider.interactionDetails(ctx.req, ctx.res);
    const atLogIn = interaction.prompt.name === 'login';
    if (ctx.method === 'GET') {
      ctx.type = 'html';
      ctx.body = atLogIn ? logIn : consent;
      return undefined;
    }
    const result = atLogIn ? await logInWith(ctx) : await consentTo(interaction);
    if (!result) {
      ctx.status = 401;
      ctx.type = 'html';
      ctx.body = logIn;
      return undefined;
    }
    const merge = { mergeWithLastSubmission: true };
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result, merge));
    ctx.status = 303;
    return undefined;
  });

  async function logInWith(ctx) {
    const chunks = [];
    for await (const chunk of ctx.req) chunks.push(chunk);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const user = await users.authenticate(form.get('username'), form.get('password'));
    return user && { login: { accountId: user.subject } };
  }

  async function consentTo({ grantId, params, prompt, session }) {
    const user = users.find(session.accountId);
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = prompt.details;
    if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
    if (missingOIDCClaims) grant.addOIDCClaims(missingOIDCClaims);
    for (const [audience, scopes] of Object.entries(missingResourceScopes ?? {})) {
      const allowed = (scope) => maySee(scope, { ...settings, entitlements: user?.entitlements ?? [] });
      grant.addResourceScope(audience, scopes.filter(allowed).join(' '));
      grant.rejectResourceScope(audience, scopes.filter((scope) => !allowed(scope)).join(' '));
    }
    return { consent: { grantId: await grant.save() } };
  }
}
