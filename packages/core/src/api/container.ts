import type { ConsumerClass } from './decorators.js';

/** What finds the object behind a class and holds the producers. An inversify 8 Container is one as it stands. */
export interface ContainerLike {
  getAsync<T>(id: new (...args: never[]) => T): Promise<T>;
  isBound(id: symbol | (new (...args: never[]) => unknown)): boolean;
  bind(id: symbol | (new (...args: never[]) => unknown)): {
    toConstantValue(value: unknown): unknown;
    toSelf(): { inSingletonScope(): unknown; inTransientScope(): unknown };
  };
  unbindAsync(id: symbol | (new (...args: never[]) => unknown)): Promise<void>;
}

/** Gives the object whose method handles a message. */
export type Instance = () => Promise<object> | object;

type Newable = new (...args: never[]) => object;

/** How a class's objects are had: one for all messages, resolved once, or one a message. */
export interface Resolver {
  /** Binds the class where the application has not; `unbind` takes that back, so that no object of a stopped app is had again. */
  bind(): void;
  unbind(): Promise<void>;
  /** Resolves what can be resolved before anything is connected; its errors name missing dependencies. */
  prepare(): Promise<void>;
  readonly instance: Instance;
}

export function resolver(cls: ConsumerClass, scope: 'singleton' | 'message', container: ContainerLike | undefined): Resolver {
  const newable = cls as unknown as Newable;
  let object: object | undefined;
  if (container === undefined) {
    const make = (): object => (object ??= new newable());
    return { bind() {}, unbind: async () => {}, prepare: async () => void make(), instance: make };
  }
  let bound = false;
  return {
    bind() {
      if (container.isBound(newable)) return;
      const binding = container.bind(newable).toSelf();
      if (scope === 'singleton') binding.inSingletonScope();
      else binding.inTransientScope();
      bound = true;
    },
    async unbind() {
      if (bound) await container.unbindAsync(newable);
      bound = false;
    },
    async prepare() {
      const made = await container.getAsync(newable);
      if (scope === 'singleton') object = made;
    },
    instance: () => object ?? container.getAsync(newable),
  };
}
