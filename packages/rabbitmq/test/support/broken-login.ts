import { randomUUID } from 'node:crypto';
import { FaultProxy, type RabbitMqAdmin } from '@omnibus/brokers';
import type { Login } from '@omnibus/conformance';
import type { TransportDefinition } from '@omnibus/core';

/** A user of its own. RabbitMQ asks for the password when a link is opened and never again, so refusing ends the links too. */
export async function brokenLogin(
  url: string,
  admin: RabbitMqAdmin,
  definitionOf: (url: string) => TransportDefinition,
): Promise<Login> {
  const user = `faults-${randomUUID()}`;
  const password = randomUUID();
  const vhost = decodeURIComponent(new URL(url).pathname.slice(1)) || '/';
  const add = async (): Promise<void> => {
    await admin.run('add_user', user, password);
    await admin.run('set_permissions', '-p', vhost, user, '.*', '.*', '.*');
  };
  await add();
  const proxy = await FaultProxy.inFrontOf(url);
  const own = new URL(proxy.url(url));
  own.username = user;
  own.password = password;
  return {
    definition: () => definitionOf(own.href),
    secrets: [password],
    async refuse() {
      await admin.run('delete_user', user);
      proxy.cutAll();
    },
    renew: add,
    async [Symbol.asyncDispose]() {
      await proxy.close();
      await admin.run('delete_user', user);
    },
  };
}
