import { expect, it } from 'vitest';
import type { RabbitMq } from '../src/rabbitmq.js';
import { RabbitMqAdmin } from '../src/rabbitmq-admin.js';
import type { NotRun } from '../src/recipe.js';
import { hold } from '../src/shared.js';

/** Finds a broker that is none, and counts. */
class Finder {
  found = 0;
  disposed = 0;

  readonly find = async (): Promise<RabbitMq> => {
    this.found += 1;
    const dispose = async (): Promise<void> => {
      this.disposed += 1;
    };
    return {
      available: true,
      name: 'rabbitmq',
      url: `amqp://here/${this.found}`,
      how: 'native',
      version: '3.10.8',
      control: undefined,
      admin: new RabbitMqAdmin({ container: 'abc' }),
      tls: undefined,
      managementUrl: undefined,
      dispose,
      [Symbol.asyncDispose]: dispose,
    };
  };
}

it('starts a broker once for all who hold it, as plain data, and disposes of it when the last lets go', async () => {
  const finder = new Finder();
  const [one, two] = await Promise.all([hold('rabbitmq', {}, finder.find), hold('rabbitmq', {}, finder.find)]);
  expect(structuredClone(one.found)).toEqual({ ...one.found, url: 'amqp://here/1', access: { container: 'abc' } });
  expect(two.found).toEqual(one.found);
  await one.letGo();
  expect(finder).toMatchObject({ found: 1, disposed: 0 });
  await two.letGo();
  expect(finder).toMatchObject({ found: 1, disposed: 1 });
  const three = await hold('rabbitmq', {}, finder.find);
  expect(three.found).toMatchObject({ url: 'amqp://here/2' });
  await three.letGo();
});

it('starts another one for other options', async () => {
  const finder = new Finder();
  const held = await Promise.all([hold('rabbitmq', {}, finder.find), hold('rabbitmq', { management: true }, finder.find)]);
  expect(held.map(({ found }) => found.available && found.url)).toEqual(['amqp://here/1', 'amqp://here/2']);
  await Promise.all(held.map((each) => each.letGo()));
  expect(finder.disposed).toBe(2);
});

it('passes on why there is none, and tries again after a failure', async () => {
  const none: NotRun = { available: false, name: 'rabbitmq', reason: 'it is not installed' };
  const held = await hold('rabbitmq', {}, async () => none);
  expect(held.found).toBe(none);
  await held.letGo();
  await expect(hold('rabbitmq', {}, () => Promise.reject(new Error('it crashed')))).rejects.toThrow('it crashed');
  await (await hold('rabbitmq', {}, new Finder().find)).letGo();
});
