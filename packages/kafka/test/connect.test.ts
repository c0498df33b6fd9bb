import { type Kafka, startOwn } from '@omnibus/brokers';
import { NONE, systemClock, type Transport } from '@omnibus/core/transport';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { kafka } from '../src/index.js';
import { DEFAULTS, type ResolvedOptions } from '../src/options.js';
import { CLIENTS, channel, note, subscription, take, topology } from './broker.js';

const found = await startOwn('kafka', { tls: 'mutual', sasl: true });
const notRun = found.available ? '' : ` [not run: ${found.reason}]`;

/** A token that the broker takes unsigned (RFC 7515, appendix A.5), as only test brokers do. */
function token(subject: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1_000);
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: now, exp: now + 600 })}.`;
}

function transport(options: Partial<ResolvedOptions>): Transport {
  const made = kafka.create({ ...DEFAULTS, ...options }, { service: 'tests', instance: 'connect', clock: systemClock });
  onTestFinished(() => made.close());
  return made;
}

/** Sends one message and gets it back. */
async function works(options: Partial<ResolvedOptions>): Promise<void> {
  const to = transport(options);
  const notes = channel();
  await to.connect();
  await to.provision(topology([notes]), 'create');
  expect(await (await to.sender(notes)).send([note({ id: 'there' })])).toBe(NONE);
  const [delivery] = await take(await to.receiver(subscription(notes)), 1);
  expect(delivery?.id).toBe('there');
}

afterAll(async () => {
  if (found.available) await found.dispose();
});

describe.skipIf(!found.available).each(CLIENTS)(`connecting to Kafka by %s${notRun}`, (client) => {
  const { tls, login, url } = (found.available ? found : {}) as Kafka;

  it('goes over TLS with a certificate of its own', async () => {
    const { at, ca, cert, key } = tls!;
    await works({ client, url: [at], ca, cert, key });
  });

  it('is told when the certificate of the broker is of nobody it trusts', async () => {
    const refused = transport({ client, url: [tls!.at], tls: true }).connect();
    await expect(refused).rejects.toMatchObject({
      code: 'CONNECTION',
      message: expect.stringMatching(/certificate|self-signed/i),
    });
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('logs in by %s', async (mechanism) => {
    const { at, username, password } = login!;
    await works({ client, url: [at], mechanism, username, password });
  });

  it('logs in by tokens, each asked for when it is needed', async () => {
    let asked = 0;
    const provide = async () => {
      asked++;
      return { token: token(login!.username) };
    };
    await works({ client, url: [login!.at], token: provide });
    expect(asked).toBeGreaterThan(1);
  });

  it('takes what signs tokens for MSK with IAM as it is', async () => {
    // the answer of generateAuthToken, as of aws-msk-iam-sasl-signer-js 1.0.3; AWS alone can check its signature
    const generateAuthToken = async (): Promise<{ token: string; expiryTime: number }> => ({
      token: token(login!.username),
      expiryTime: Date.now() + 900_000,
    });
    await works({ url: [login!.at], token: generateAuthToken });
  });

  it('is DENIED with a wrong password, which it does not show', async () => {
    const { at, username } = login!;
    const refused = transport({ client, url: [at], username, password: 'wr0ng-secret' }).connect();
    await expect(refused).rejects.toMatchObject({ code: 'DENIED', message: expect.not.stringContaining('wr0ng-secret') });
  });

  it('says CONNECTION where nobody listens, within its time', async () => {
    await expect(transport({ client, url: ['127.0.0.1:1'] }).connect()).rejects.toMatchObject({ code: 'CONNECTION' });
  });

  it('tells health, and is CLOSED in the end', async () => {
    const to = transport({ client, url: [new URL(url).host] });
    expect(await to.health()).toMatchObject({ ok: false });
    await to.connect();
    expect(await to.health()).toEqual({ ok: true, why: undefined });
    await to.close();
    await to.close();
    await expect(to.connect()).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(to.sender(channel())).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
