import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { FaultProxy, freePorts } from '@omnibus/brokers';
import { NONE, type Transport } from '@omnibus/core/transport';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { channel, containing, matching, message, subscription, unique } from './objects.js';
import { admin, broker, connected, consume, notRun, provision, take, transport, url } from './rabbit.js';

const at = (host: string): string => new URL(url).href.replace(new URL(url).host, host);

describe.skipIf(!broker.available)(`connecting to RabbitMQ${notRun}`, () => {
  it('is DENIED with a wrong password, which no error shows, and does not try for long', async () => {
    const made = transport({ username: 'guest', password: 'hunter2' });
    const error = await made.connect().then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
    expect(error).toMatchObject({
      code: 'DENIED',
      retryable: false,
      message: containing(`${new URL(url).host} (vhost '/')`),
    });
    expect(JSON.stringify([error!.message, error!.stack, String(error!.cause)])).not.toContain('hunter2');
  });

  it('is DENIED to a vhost that does not exist', async () => {
    const elsewhere = new URL(url);
    elsewhere.pathname = '/nowhere';
    const made = transport({ url: [elsewhere.href] });
    await expect(made.connect()).rejects.toMatchObject({ code: 'DENIED', message: containing("vhost 'nowhere'") });
  });

  it('says so where amqps:// meets a port without TLS', async () => {
    const made = transport({ url: [url.replace('amqp://', 'amqps://')] });
    const said = /cannot be reached by amqps:\/\/: it does not speak TLS. Use amqp:\/\/, or the port/;
    await expect(made.connect()).rejects.toMatchObject({ code: 'CONNECTION', message: matching(said) });
  });

  it('is CONNECTION where nobody listens, and may be tried again', async () => {
    const { port } = await freePorts('port');
    const made = transport({ url: [at(`127.0.0.1:${port}`)] });
    await expect(made.connect()).rejects.toMatchObject({
      code: 'CONNECTION',
      retryable: true,
      message: containing(`127.0.0.1:${port}`),
    });
    await expect(made.connect()).rejects.toMatchObject({ code: 'CONNECTION' });
  });

  it('goes on to the next host where one is dead or mute', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    onTestFinished(() => void vi.restoreAllMocks());
    const { dead } = await freePorts('dead');
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    onTestFinished(() => void mute.close());
    const hosts = [`127.0.0.1:${dead}`, `127.0.0.1:${(mute.address() as AddressInfo).port}`];
    const made = transport({ url: [...hosts.map(at), url], connectTimeoutMs: 2_000 });
    await made.connect();
    expect(await made.health()).toEqual({ ok: true, why: undefined });
    const never = transport({ url: hosts.map(at), connectTimeoutMs: 2_000 });
    await expect(never.connect()).rejects.toMatchObject({
      code: 'CONNECTION',
      message: matching(/ECONNREFUSED.*did not answer within 2000 ms/),
    });
  });

  it('ends at once when the transport is closed meanwhile', async () => {
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    onTestFinished(() => void mute.close());
    const made = transport({ url: [at(`127.0.0.1:${(mute.address() as AddressInfo).port}`)] });
    const connecting = made.connect();
    const asked = once(mute, 'connection');
    await asked;
    await Promise.all([made.close(), expect(connecting).rejects.toMatchObject({ code: 'CLOSED' })]);
  });

  it('opens what is lost and leaves alone what stands', async () => {
    const queue = channel('queue', unique('half'));
    await using proxy = await FaultProxy.inFrontOf(url);
    const made = await connected({ url: [proxy.url(url)] }, queue);
    const [sender, receiver] = [await made.sender(queue), await made.receiver(subscription(queue))];
    void proxy.cutWhen((direction, chunk) => direction === 'up' && chunk.includes('cut here'), 'before');
    await expect(sender.send([message({ body: Buffer.from('cut here') })])).rejects.toMatchObject({ outcome: 'unknown' });
    await Promise.all([made.connect(), made.connect()]);
    await made.connect();
    expect(proxy.counts.accepted).toBe(3);
    expect(await (await made.sender(queue)).send([message()])).toBe(NONE);
    expect(await take(receiver, 1)).toHaveLength(1);
  });

  it('shows who we are, in two connections', async ({ skip }) => {
    if (admin === undefined) return skip('rabbitmqctl does not reach this broker');
    const service = unique('shop');
    const made = transport({}, service);
    await made.connect();
    const names = async () =>
      (await admin!.list('connections', ['client_properties'])).flatMap(
        (one) => /"([^"]*)"\]?$/.exec(named(one, service) ?? '')?.[1] ?? [],
      );
    expect((await names()).sort()).toEqual([matching(/ consume$/), matching(/ publish$/)]);
    return undefined;
  });

  it('proves itself by a client certificate over TLS', async ({ skip }) => {
    if (!broker.available || broker.tls === undefined) return skip('this broker has no TLS listener');
    const { url: secure, ca, cert, key } = broker.tls;
    const queue = channel('queue', unique('secure'));
    const made = transport({ url: [secure], ca, cert, key });
    await made.connect();
    await provision(made, queue);
    expect(await (await made.sender(queue)).send([message()])).toBe(NONE);
    expect(await consume(await made.receiver(subscription(queue)), 1)).toHaveLength(1);
    await expect(transport({ url: [secure], ca }).connect()).rejects.toMatchObject({ code: 'CONNECTION' });
    await expect(transport({ url: [secure], cert, key }).connect()).rejects.toMatchObject({
      code: 'CONNECTION',
      message: containing('certificate'),
    });
    return undefined;
  });

  it('logs in by its client certificate, and is DENIED where the broker knows no such user', async ({ skip }) => {
    if (!broker.available || broker.tls === undefined || admin === undefined) return skip('this broker has no TLS listener');
    const { url: secure, ca, cert, key } = broker.tls;
    const bare = new URL(secure);
    bare.username = bare.password = '';
    const options = { url: [bare.href], ca, cert, key, login: 'certificate' } as const;
    await expect(transport(options).connect()).rejects.toMatchObject({ code: 'DENIED', retryable: false });
    await admin.run('add_user', 'client', unique('never-asked'));
    await admin.run('set_permissions', 'client', '.*', '.*', '.*');
    const made = transport(options);
    await made.connect();
    expect(await admin.list('connections', ['user', 'auth_mechanism'])).toContainEqual({
      user: 'client',
      auth_mechanism: 'EXTERNAL',
    });
    return undefined;
  });

  it('notices a link over which nothing comes any more by its heartbeats, and closes nonetheless', async () => {
    const queue = channel('queue', unique('half-open'));
    await using proxy = await FaultProxy.inFrontOf(url);
    const made = await connected({ url: [proxy.url(url)], heartbeatMs: 1_000 }, queue);
    const [sender, receiver] = [await made.sender(queue), await made.receiver(subscription(queue))];
    proxy.halfOpen();
    const sent = sender.send([message()]);
    await Promise.all([
      expect(sent).rejects.toMatchObject({
        code: 'CONNECTION',
        outcome: 'unknown',
        message: containing('Heartbeat timeout'),
      }),
      expect(receiver.receive(1, new AbortController().signal)).rejects.toMatchObject({ code: 'CONNECTION' }),
    ]);
    expect(await made.health()).toMatchObject({ ok: false, why: containing('Heartbeat timeout') });
    await made.close();
  });

  it('leaves no socket and no timer behind, whichever way it ends', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout/.test(name)).length;
    const queue = channel('queue', unique('leftovers'));
    const closed = async (made: Transport): Promise<void> => {
      await Promise.all([made.close(), made.close()]);
      await made.close();
    };
    const busy = await connected({}, queue);
    await Promise.all([busy.sender(queue), busy.receiver(subscription(queue)), busy.health()]);
    await closed(busy);
    await closed(transport());
    await using proxy = await FaultProxy.inFrontOf(url);
    const frozen = await connected({ url: [proxy.url(url)] }, queue);
    const receiver = await frozen.receiver(subscription(queue));
    proxy.halfOpen();
    await closed(frozen);
    await receiver.close();
    await proxy.close();
    expect(process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout/.test(name)).length).toBeLessThanOrEqual(before);
  });
});

/** The part of a connection's properties that holds its name. */
function named(connection: Readonly<Record<string, unknown>>, service: string): string | undefined {
  const properties = connection['client_properties'];
  const all = Array.isArray(properties) ? properties : Object.entries(properties as object);
  return all.map((one) => JSON.stringify(one)).find((one) => one.includes(service));
}
