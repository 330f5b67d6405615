// The OpenID provider of an infrastructure: the certified library `oidc-provider`, with users, policy and
// state around it. Its settings are a file of JSON named by AAI_SETTINGS; the role's template explains it.
import fs from 'node:fs';
import https from 'node:https';

import Provider from 'oidc-provider';

import { configuration } from './configuration.mjs';
import { addGrants } from './grants.mjs';
import { addInteractions } from './interactions.mjs';
import { acceptStructuredTokens } from './structured-tokens.mjs';
import { openStore } from './store.mjs';
import { Users } from './users.mjs';

const settings = JSON.parse(fs.readFileSync(process.env.AAI_SETTINGS, 'utf8'));
const keys = JSON.parse(fs.readFileSync(settings.keys, 'utf8')).keys;
const users = new Users(settings.users);

const provider = new Provider(
  settings.issuer,
  configuration({ settings, keys, users, adapter: openStore(settings.store) }),
);
acceptStructuredTokens(provider, { keys, issuer: settings.issuer });
addGrants(provider, { settings, keys, users });
addInteractions(provider, { settings, users });

provider.on('server_error', (ctx, error) => console.error('server error', error));
for (const event of ['authorization.error', 'grant.error', 'introspection.error', 'revocation.error']) {
  provider.on(event, (ctx, error) => console.log(event, error.message, error.error_description ?? ''));
}

https
  .createServer(
    { cert: fs.readFileSync(settings.certificate), key: fs.readFileSync(settings.certificate_key) },
    provider.callback(),
  )
  .listen(settings.port, () => console.log('ready', settings.issuer));
