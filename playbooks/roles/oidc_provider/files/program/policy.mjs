// Who may have which scope, and for which audience (WLCG Token Profile 1.3, sections 2.1.1 and 2.2.1).
export const OPEN_SCOPES = ['openid', 'offline_access', 'profile', 'email', 'entitlements'];

// Paths are normalised: nothing empty between slashes, no dots to follow, not even escaped ones.
const PATH = String.raw`\/(?!\S*%2[Ee])(?:(?!\.{1,2}(?:\/|$))[^\s\/]+(?:\/|$))*`;
const OF_MEMBERS = new RegExp(
  String.raw`^(?:compute\.(?:read|create|modify|cancel)|storage\.(?:read|create|modify|stage):${PATH})$`,
);

const OF_MONITORS = /^compute\.(?:read|create|modify|cancel)$/;

const OF_GROUPS = /^wlcg\.groups(?::(\/\S+))?$/;

export const words = (text) => (text ?? '').split(' ').filter(Boolean);

export const isCapability = (scope) => OF_MEMBERS.test(scope) || OF_GROUPS.test(scope);

// Storage and compute scopes, and the VO's groups, are for holders of an entitlement of the VO; who watches the sites
// (the VO `ops`) runs jobs, no more; what is not known is for nobody.
export function maySee(scope, { entitlements, vo, monitors, groups }) {
  const holdsOne = (several) => entitlements.some((entitlement) => several.includes(entitlement));
  if (OPEN_SCOPES.includes(scope)) return true;
  if (!holdsOne(vo)) return holdsOne(monitors) && OF_MONITORS.test(scope);
  const [asked, group] = OF_GROUPS.exec(scope) ?? [];
  return asked ? !group || groups.includes(group) : OF_MEMBERS.test(scope);
}

// The groups that these scopes ask for, in their order and each once, then those that are told of every member
// (section 3.1); undefined where no scope asks for groups.
export function groupsOf(scopes, defaults) {
  const asked = scopes.map((scope) => OF_GROUPS.exec(scope)).filter(Boolean);
  return asked.length ? [...new Set([...asked.flatMap(([, group]) => group ?? []), ...defaults])] : undefined;
}

// An audience as tokens name it: without a slash at its end, without the default port (section 2.1.1).
export function normalised(audience) {
  return audience.replace(/^(https:\/\/[^/:]+):443(?=\/|$)/, '$1').replace(/\/$/, '');
}

export function isAudience(audience, patterns) {
  return patterns.some((pattern) => new RegExp(pattern).test(audience));
}
