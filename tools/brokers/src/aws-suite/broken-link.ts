import type { BrokenLink, Login, Refused } from '@omnibus/conformance';
import type { TransportDefinition } from '@omnibus/core';
import type { AwsCredentials } from '../aws-endpoint.js';
import { awsEntryErrors, awsErrors } from '../aws-errors.js';
import { AwsFaultProxy } from '../aws-fault-proxy.js';
import { type AwsInjection, awsFaults } from '../aws-faults.js';
import { FaultProxy } from '../fault-proxy.js';

const SENDS = ['PublishBatch', 'SendMessageBatch'];
const ACKS = ['DeleteMessageBatch'];

/** How a service reaches AWS by this URL. */
export type Define = (endpoint: string, credentials?: () => Promise<AwsCredentials>) => TransportDefinition;

/** A way to AWS by two proxies: one that breaks connections, behind it one that answers calls as AWS would. */
export async function brokenLink(url: string, define: Define): Promise<BrokenLink> {
  const calls = await AwsFaultProxy.inFrontOf(url);
  const connections = await FaultProxy.inFrontOf(calls.url);
  return {
    definition: () => define(connections.url(calls.url).replace(/\/$/, '')),
    cut() {
      const { open } = connections.counts;
      connections.cutAll();
      return open;
    },
    cutAfterNext: (direction) =>
      direction === 'up'
        ? calls.inject(SENDS, awsFaults.loseReply, { times: 1 }).met
        : calls.inject(ACKS, awsFaults.reset, { times: 1 }).met,
    halfOpen: () => connections.halfOpen(),
    throttle() {
      const refusing = awsFaults.error(awsErrors.throttled);
      return counted(
        calls.inject(SENDS, refusing),
        calls.inject(({ operation }) => !SENDS.includes(operation), refusing),
      );
    },
    failEntries(every) {
      let entries = 0;
      let failed = 0;
      const chosen = (): boolean => {
        const isChosen = ++entries % every === 0;
        if (isChosen) failed++;
        return isChosen;
      };
      const injection = calls.inject(SENDS, awsFaults.entries(awsEntryErrors.throttled, chosen));
      return () => {
        injection.remove();
        return { sends: failed, others: 0 };
      };
    },
    async [Symbol.asyncDispose]() {
      await connections.close();
      await calls.close();
    },
  };
}

const counted = (sends: AwsInjection, others: AwsInjection) => (): Refused => {
  sends.remove();
  others.remove();
  return { sends: sends.hits, others: others.hits };
};

const SECRET = 'a-secret-that-no-error-tells';

/** Two services' logins, by temporary credentials that a function gives: each service by a proxy of its own, which knows what has expired. */
export async function brokenLogin(url: string, define: Define): Promise<Login> {
  const services = await Promise.all([AwsFaultProxy.inFrontOf(url), AwsFaultProxy.inFrontOf(url)]);
  const asked = new Map<AwsFaultProxy, () => void>();
  const waiting = [...services];
  return {
    secrets: [SECRET],
    definition() {
      const proxy = waiting.shift()!;
      return define(proxy.url, async () => {
        asked.get(proxy)?.();
        return { accessKeyId: 'faults', secretAccessKey: SECRET, sessionToken: SECRET };
      });
    },
    async expire() {
      const expired = services.map((proxy) => {
        const injection = proxy.inject('*', awsFaults.error(awsErrors.expiredToken));
        asked.set(proxy, () => injection.remove());
        return injection.met;
      });
      await Promise.all(expired);
    },
    async refuse() {
      for (const proxy of services) proxy.inject('*', awsFaults.error(awsErrors.invalidClientTokenId));
    },
    async renew() {
      for (const proxy of services) proxy.heal();
    },
    async [Symbol.asyncDispose]() {
      for (const proxy of services) await proxy.close();
    },
  };
}
