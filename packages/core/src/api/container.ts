import type { ConsumerClass } from './decorators.js';

/** What finds the object behind a class and holds the producers. An inversify 8 Container is one as it stands. */
export interface ContainerLike {
  getAsync<T>(id: new (...args: never[]) => T): Promise<T>;
  isBound(id: symbol | (new (...args: never[]) => unknown)): boolean;
  bind(id: symbol | (new (...args: never[]) => unknown)): {
    toConstantValue(value: unknown): unknown;
    toSelf(): { inSingletonScope(): unknown; inTransientScope(): unknown };
  };
  unbindAsync(id: symbol): Promise<void>;
}

/** Gives the object whose method handles a message. */
export type Instance = () => Promise<object> | object;

type Newable = new (...args: never[]) => object;

/** How a class's objects are had: one for all messages, resolved once, or one a message. */
export interface Resolver {
  /** Resolves what can be resolved before anything is connected; its errors name missing dependencies. */
  prepare(): Promise<void>;
  readonly instance: Instance;
}

export function resolver(cls: ConsumerClass, scope: 'singleton' | 'message', container: ContainerLike | undefined): Resolver {
  const newable = cls as unknown as Newable;
  if (container === undefined) {
    const object = new newable();
    return { prepare: () => Promise.resolve(), instance: () => object };
  }
  if (!container.isBound(newable)) {
    const binding = container.bind(newable).toSelf();
    if (scope === 'singleton') binding.inSingletonScope();
    else binding.inTransientScope();
  }
  if (scope === 'message')
    return { prepare: async () => void (await container.getAsync(newable)), instance: () => container.getAsync(newable) };
  let object: object | undefined;
  return {
    prepare: async () => {
      object = await container.getAsync(newable);
    },
    instance: () => object ?? container.getAsync(newable),
  };
}
