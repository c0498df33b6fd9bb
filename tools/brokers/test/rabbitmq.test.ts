import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { startOwn } from '../src/broker.js';
import { until } from '../src/deadline.js';
import { FaultProxy } from '../src/fault-proxy.js';
import type { RabbitMq } from '../src/rabbitmq.js';
import { RabbitMqAdmin } from '../src/rabbitmq-admin.js';
import type { NotRun } from '../src/recipe.js';
import type { Shared } from '../src/shared.js';
import type {} from '../src/vitest-setup.js';
import { processesThatName } from './support/leftovers.js';

const shared = inject('rabbitmq');
const why = (found: Shared<RabbitMq> | RabbitMq | NotRun): string => (found.available ? '' : ` [not run: ${found.reason}]`);

interface Link {
  readonly connection: ChannelModel;
  readonly channel: ConfirmChannel;
  /** What the client says at the end of the link. */
  readonly failed: Promise<Error>;
}

const links: Link[] = [];

async function dial(url: string, options: object = {}): Promise<Link> {
  const connection = await connect(url, options);
  connection.on('error', () => {}); // `close` says it too, and an operator's close nowhere else
  const failed = new Promise<Error>((resolve) => connection.on('close', resolve));
  const channel = await connection.createConfirmChannel();
  channel.on('error', () => {});
  const link = { connection, channel, failed };
  links.push(link);
  return link;
}

async function publish({ channel }: Link, queue: string, text: string): Promise<void> {
  channel.sendToQueue(queue, Buffer.from(text), { persistent: true });
  await channel.waitForConfirms();
}

afterAll(async () => {
  await Promise.all(links.map(({ connection }) => connection.close().catch(() => {})));
});

describe.skipIf(!shared.available)(`the RabbitMQ of this run${why(shared)}`, () => {
  if (!shared.available) return it('is not run');

  it('says where it came from and which version it is', () => {
    expect(shared.how).toMatch(/^(environment|container|native)$/);
    expect(shared.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(shared).not.toHaveProperty('control');
  });

  it.skipIf(shared.access === undefined)('can be administered from a test [not where it is of the environment]', async () => {
    const admin = new RabbitMqAdmin(shared.access!);
    const link = await dial(shared.url);
    await link.channel.assertQueue('administered');
    await publish(link, 'administered', 'one');
    await until(10_000, 'the count is there', async () =>
      expect(await admin.list('queues', ['name', 'messages'])).toContainEqual({ name: 'administered', messages: 1 }),
    );
    await admin.deleteQueue('administered');
    expect((await admin.list('queues', ['name'])).map(({ name }) => name)).not.toContain('administered');
    expect(await admin.eval('rabbit_misc:version().')).toBe(`"${shared.version}"`);
    await expect(admin.run('delete_queue', 'nowhere')).rejects.toThrow(/not found|does not exist|not_found/i);
  });

  it('confirms a publish whose confirm is cut off: the sender hears nothing, the message is there', async () => {
    await using proxy = await FaultProxy.inFrontOf(shared.url);
    const straight = await dial(shared.url);
    await straight.channel.assertQueue('cut');
    const link = await dial(proxy.url(shared.url));
    const cut = proxy.cutWhen((direction, chunk) => direction === 'up' && chunk.includes('precious'));
    const confirmed = publish(link, 'cut', 'precious');
    await expect(confirmed).rejects.toThrow();
    await cut;
    const message = await until(10_000, 'the message is there', async () => {
      const got = await straight.channel.get('cut', { noAck: true });
      return got === false ? Promise.reject(new Error('not yet')) : got;
    });
    expect(message.content.toString()).toBe('precious');
    await straight.channel.deleteQueue('cut');
  });
});

const rabbit = await startOwn('rabbitmq', { heartbeatSeconds: 1, consumerTimeoutMs: 2_000, tls: 'mutual', management: true });

describe.skipIf(!rabbit.available)(`a RabbitMQ of one's own${why(rabbit)}`, () => {
  if (!rabbit.available) return it('is not run');
  const control = rabbit.control!;
  const admin = rabbit.admin!;

  it('is another one than that of the run', async () => {
    expect(rabbit.url).not.toBe(shared.available && shared.url);
    const link = await dial(rabbit.url);
    await link.channel.assertQueue('only here');
    expect(await admin.list('queues', ['name'])).toEqual([{ name: 'only here' }]);
    await link.channel.deleteQueue('only here');
  });

  it('speaks TLS with a client that proves itself, and with no other', async () => {
    const { url, ca, cert, key } = rabbit.tls!;
    const link = await dial(url, { ca, cert, key });
    expect((await link.channel.assertQueue('over tls', { exclusive: true })).queue).toBe('over tls');
    await expect(connect(url, { ca })).rejects.toThrow();
    await expect(connect(url, { cert, key })).rejects.toThrow(/self-signed certificate/);
  });

  it('answers at its management URL', async () => {
    const { origin, username, password } = new URL(rabbit.managementUrl!);
    const answer = await fetch(`${origin}/api/overview`, {
      headers: { authorization: `Basic ${btoa(`${username}:${password}`)}` },
    });
    expect(await answer.json()).toMatchObject({ rabbitmq_version: rabbit.version });
  });

  it('closes the channel of a consumer that does not acknowledge in time', async () => {
    const link = await dial(rabbit.url);
    await link.channel.assertQueue('slow');
    await link.channel.consume('slow', () => {});
    const closed = once(link.channel, 'error') as Promise<[Error]>;
    link.channel.sendToQueue('slow', Buffer.from('never acknowledged'));
    expect((await closed)[0].message).toMatch(/PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out/);
    await admin.deleteQueue('slow');
  });

  it('tells publishers that they are blocked, and that they are not any more', async () => {
    const link = await dial(rabbit.url);
    await link.channel.assertQueue('blocked');
    await admin.blockPublishers();
    const [blocked, unblocked] = [once(link.connection, 'blocked'), once(link.connection, 'unblocked')];
    const confirmed = publish(link, 'blocked', 'later');
    expect(await blocked).toEqual([expect.stringContaining('memory')]);
    await admin.unblockPublishers();
    await unblocked;
    await confirmed;
    await admin.setDiskFreeLimit('100000GB');
    await until(20_000, 'the disk alarm', async () => expect(await admin.eval('rabbit_alarm:get_alarms().')).toContain('disk'));
    await admin.setDiskFreeLimit('50MB');
    await until(20_000, 'the end of the disk alarm', async () =>
      expect(await admin.eval('rabbit_alarm:get_alarms().')).toBe('[]'),
    );
    await link.channel.deleteQueue('blocked');
  });

  it('closes all connections when it is told to', async () => {
    const link = await dial(rabbit.url);
    await admin.closeAllConnections('maintenance');
    expect((await link.failed).message).toMatch(/CONNECTION.FORCED.*maintenance/);
  });

  it('keeps a durable, confirmed message over SIGKILL and over a graceful restart, at the same URL', async () => {
    const first = await dial(rabbit.url);
    await first.channel.assertQueue('durable', { durable: true });
    await admin.syncToDisk();
    await publish(first, 'durable', 'money');
    await control.kill();
    await first.failed;
    await expect(connect(rabbit.url)).rejects.toThrow('ECONNREFUSED');
    await control.restart();
    const second = await dial(rabbit.url);
    expect(await second.channel.checkQueue('durable')).toMatchObject({ messageCount: 1 });
    await control.restart();
    const third = await dial(rabbit.url);
    const message = await third.channel.get('durable', { noAck: true });
    expect(message !== false && message.content.toString()).toBe('money');
    await third.channel.deleteQueue('durable');
  });

  it('does not answer while it is paused, which the heartbeat notices, and does when it is resumed', async () => {
    const link = await dial(rabbit.url);
    await control.pause();
    expect((await link.failed).message).toMatch(/heartbeat/i);
    await control.resume();
    await dial(rabbit.url);
  });

  it.skipIf(rabbit.how !== 'native')('leaves no process, no epmd and no directory [native only]', async () => {
    const directory = (admin.access as { env: Record<string, string> }).env['HOME']!;
    expect(processesThatName(directory).map((line) => line.split(' ')[1])).toEqual(expect.arrayContaining(['beam.smp', 'epmd']));
    await rabbit.dispose();
    await rabbit.dispose();
    expect(existsSync(directory)).toBe(false);
    await until(5_000, 'every process has ended', async () => expect(processesThatName(directory)).toEqual([]));
    await expect(control.restart()).rejects.toThrow('was disposed of');
  });

  afterAll(() => rabbit.dispose());
});
