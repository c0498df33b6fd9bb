import { type App, type Channel, createApp, type TransportDefinition } from '@omnibus/core';

/** A running app with one transport: a consumer where a handler is given, and the producers of these channels. */
export async function startApp(transport: TransportDefinition, channels: readonly Channel[], handler?: object): Promise<App> {
  const app = await createApp({
    config: { name: 'bench', transports: { [transport.use]: transport }, default: transport.use },
    producers: channels,
  });
  if (handler !== undefined) app.attach(handler);
  await app.start();
  return app;
}
