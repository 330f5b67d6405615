// The provider's state in Valkey (or Redis): sessions, grants, refresh tokens and codes outlive a restart.
// The interface is the library's `Adapter`, one for each model (AccessToken, Grant, Session ...).
import { Redis } from 'ioredis';

const OF_A_GRANT = new Set(['AccessToken', 'AuthorizationCode', 'DeviceCode', 'RefreshToken']);

export function openStore(path) {
  const client = new Redis({ path, keyPrefix: 'aai:' });
  client.on('error', (error) => console.error('store', error.message));

  return class Store {
    constructor(model) {
      this.model = model;
    }

    key(id) {
      return `${this.model}:${id}`;
    }

    async upsert(id, payload, expiresIn) {
      const key = this.key(id);
      const work = client.multi().hset(key, 'payload', JSON.stringify(payload));
      if (expiresIn) work.expire(key, expiresIn);
      const references = [];
      if (payload.userCode) references.push(`userCode:${payload.userCode}`);
      if (payload.uid) references.push(`uid:${payload.uid}`);
      for (const reference of references) {
        work.set(reference, id);
        if (expiresIn) work.expire(reference, expiresIn);
      }
      if (payload.grantId && OF_A_GRANT.has(this.model)) {
        const members = `grant:${payload.grantId}`;
        work.sadd(members, key);
        // As long as the longest-lived of them: `GT` keeps a later end, `NX` sets the first one.
        if (expiresIn) work.expire(members, expiresIn, 'NX').expire(members, expiresIn, 'GT');
      }
      await work.exec();
    }

    async find(id) {
      const { payload, consumed } = await client.hgetall(this.key(id));
      if (!payload) return undefined;
      return { ...JSON.parse(payload), ...(consumed ? { consumed: Number(consumed) } : {}) };
    }

    async findByUserCode(userCode) {
      return this.find(await client.get(`userCode:${userCode}`));
    }

    async findByUid(uid) {
      return this.find(await client.get(`uid:${uid}`));
    }

    async consume(id) {
      await client.hset(this.key(id), 'consumed', Math.floor(Date.now() / 1000));
    }

    async destroy(id) {
      await client.del(this.key(id));
    }

    async revokeByGrantId(grantId) {
      const members = `grant:${grantId}`;
      await client.del(members, ...(await client.smembers(members)));
    }
  };
}
