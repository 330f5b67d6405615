// Who may have which scope, and for which audience (WLCG Token Profile 1.3, sections 2.1.1 and 2.2.1).
export const OPEN_SCOPES = ['openid', 'offline_access', 'profile', 'email', 'entitlements'];

// Paths are normalised: nothing empty between slashes, no dots to follow, not even escaped ones.
const PATH = String.raw`\/(?!\S*%2[Ee])(?:(?!\.{1,2}(?:\/|$))[^\s\/]+(?:\/|$))*`;
const OF_MEMBERS = new RegExp(
  String.raw`^(?:compute\.(?:read|create|modify|cancel)|storage\.(?:read|create|modify|stage):${PATH})$`,
);

export const words = (text) => (text ?? '').split(' ').filter(Boolean);

export const isCapability = (scope) => OF_MEMBERS.test(scope);

// Storage and compute scopes are for holders of an entitlement of the VO; what is not known is for nobody.
export function maySee(scope, { entitlements, vo }) {
  if (OPEN_SCOPES.includes(scope)) return true;
  return isCapability(scope) && entitlements.some((entitlement) => vo.includes(entitlement));
}

export function isAudience(audience, patterns) {
  return patterns.some((pattern) => new RegExp(pattern).test(audience));
}
