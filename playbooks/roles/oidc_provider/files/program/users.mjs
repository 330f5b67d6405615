// The users of the AAI, in a file that is read anew on every use: a suspension works at once.
import fs from 'node:fs';
import { scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(scrypt);

export class Users {
  constructor(path) {
    this.path = path;
  }

  // The user of that name or subject, unless suspended.
  find(nameOrSubject) {
    return JSON.parse(fs.readFileSync(this.path, 'utf8')).find(
      (user) =>
        (user.name === nameOrSubject || user.subject === nameOrSubject) && !user.suspended,
    );
  }

  // The user of that name, where the password is right.
  async authenticate(name, password) {
    const user = this.find(name);
    if (!user || user.name !== name || !password) return undefined;
    const [salt, hash] = user.password.split(':').map((part) => Buffer.from(part, 'hex'));
    const derived = await derive(password, salt, hash.length);
    return timingSafeEqual(derived, hash) ? user : undefined;
  }
}

// What is said of a user in tokens, beside the subject.
export function claimsOf(user) {
  return {
    preferred_username: user.name,
    name: user.title,
    email: user.email,
    voperson_id: user.subject,
    eduperson_entitlement: user.entitlements,
    entitlements: user.entitlements,
    eduperson_assurance: user.assurance,
  };
}
