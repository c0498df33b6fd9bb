import { type App, type Channel, type Config, createApp, MessagingError, type Producer } from '@omnibus/core';
import type { Clock } from '@omnibus/core/transport';

/** Other services, as far as the app under test can tell: one for each channel that the test sends to, on the same brokers. */
export interface Outsider {
  producer<C extends Channel>(channel: C): Promise<Producer<C>>;
  stop(): Promise<void>;
}

/** They share the configuration's transports and what it says of their channel; they consume nothing. */
export function outsider({ consumers: _, ...config }: Config, clock: Clock): Outsider {
  const apps = new Map<string, Promise<App>>();
  let stopped = false;
  const start = async (channel: Channel): Promise<App> => {
    const own = config.channels?.[channel.name];
    const channels = own === undefined ? {} : { [channel.name]: own };
    const app = await createApp({ config: { ...config, name: 'test', channels }, producers: [channel], clock });
    await app.start();
    return app;
  };
  return {
    async producer(channel) {
      if (stopped) throw new MessagingError('CLOSED', `channel "${channel.name}": the test app has stopped`);
      const app = apps.get(channel.name) ?? start(channel);
      apps.set(channel.name, app);
      return (await app).producer(channel);
    },
    async stop() {
      stopped = true;
      const started = await Promise.allSettled(apps.values());
      await Promise.all(started.flatMap((each) => (each.status === 'fulfilled' ? [each.value.stop()] : [])));
    },
  };
}
