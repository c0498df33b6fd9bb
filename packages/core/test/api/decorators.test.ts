import { describe, expect, it, vi } from 'vitest';
import { Consumer, Handle } from '../../src/api/decorators.js';
import { CONSUMER, getOwn, HANDLERS, type HandlerEntry, listOf } from '../../src/api/metadata.js';
import { OrderCancelled, OrderPlaced, Orders, ParcelBooked, Parcels, tc39 } from './contracts.js';

const handlersOf = (cls: object) =>
  listOf<HandlerEntry>(cls, HANDLERS).map(({ name, message }) => `${String(name)} ${message.name}`);

describe('@Consumer', () => {
  it('notes the channel and the options on the class', () => {
    @Consumer(Orders, { group: 'shipping', concurrency: 4 })
    class Shipping {}
    expect(getOwn(Shipping, CONSUMER)).toEqual({ channel: Orders, options: { group: 'shipping', concurrency: 4 } });
  });

  it('needs no options on a queue', () => {
    @Consumer(Parcels)
    class Depot {}
    expect(getOwn(Depot, CONSUMER)).toEqual({ channel: Parcels, options: {} });
  });

  it('is refused twice on one class', () => {
    class Shipping {}
    Consumer(Parcels)(Shipping);
    expect(() => Consumer(Orders, { group: 'shipping' })(Shipping)).toThrow('Shipping has two @Consumer decorators');
  });

  it('is not inherited, and a subclass may have its own', () => {
    @Consumer(Parcels)
    class Depot {}
    class Small extends Depot {}
    expect(getOwn(Small, CONSUMER)).toBeUndefined();
    expect(() => Consumer(Orders, { group: 'small' })(Small)).not.toThrow();
    expect(getOwn(Depot, CONSUMER)).toEqual({ channel: Parcels, options: {} });
  });

  it('names the compiler option where it is called in the TC39 way', () => {
    const consumer = Consumer(Parcels) as (...args: unknown[]) => void;
    expect(() => consumer(class {}, tc39('class', 'Depot'))).toThrow(/^@Consumer: .*experimentalDecorators/);
  });
});

describe('@Handle', () => {
  it('notes the message, the method and the options on the class', () => {
    class Shipping {
      @Handle(OrderPlaced, { where: { total: { gte: 100 } } })
      ship() {}
    }
    expect(listOf(Shipping, HANDLERS)).toEqual([
      { message: OrderPlaced, name: 'ship', options: { where: { total: { gte: 100 } } } },
    ]);
  });

  it('is stacked for several messages', () => {
    class Shipping {
      @Handle(OrderPlaced)
      @Handle(OrderCancelled)
      any() {}
    }
    expect(handlersOf(Shipping).sort()).toEqual(['any order.cancelled', 'any order.placed']);
  });

  it('takes a method whose name is a symbol', () => {
    const name = Symbol('ship');
    class Shipping {
      @Handle(OrderPlaced) [name]() {}
    }
    expect(handlersOf(Shipping)).toEqual(['Symbol(ship) order.placed']);
  });

  it('leaves the method as it is', () => {
    const ship = vi.fn();
    class Shipping {
      ship() {
        ship();
      }
    }
    const before = Shipping.prototype.ship;
    Handle(OrderPlaced)(Shipping.prototype, 'ship', { value: before });
    expect(Shipping.prototype.ship).toBe(before);
  });

  it('refuses a static method', () => {
    class Shipping {}
    expect(() => Handle(OrderPlaced)(Shipping as never, 'ship', { value() {} })).toThrow('@Handle: Shipping.ship is static');
    expect(listOf(Shipping, HANDLERS)).toEqual([]);
  });

  it('refuses an accessor', () => {
    class Shipping {}
    expect(() => Handle(OrderPlaced)(Shipping.prototype, 'ship', { get: () => () => undefined })).toThrow(
      '@Handle: Shipping.ship is not a method',
    );
  });

  it('names the compiler option where it is called in the TC39 way', () => {
    const handle = Handle(OrderPlaced) as (...args: unknown[]) => void;
    expect(() => handle(() => undefined, tc39('method', 'ship'))).toThrow(/^@Handle: .*experimentalDecorators/);
  });
});

describe('a subclass', () => {
  class Base {
    @Handle(OrderPlaced) ship() {}
    @Handle(OrderCancelled) undo() {}
  }

  it('inherits handlers', () => {
    class Sub extends Base {
      @Handle(ParcelBooked) booked() {}
    }
    expect(handlersOf(Sub)).toEqual(['ship order.placed', 'undo order.cancelled', 'booked parcel.booked']);
  });

  it('overrides a method without saying @Handle again', () => {
    class Sub extends Base {
      override ship() {}
    }
    expect(handlersOf(Sub)).toEqual(['ship order.placed', 'undo order.cancelled']);
  });

  it('does not double a handler by saying @Handle again', () => {
    class Sub extends Base {
      @Handle(OrderPlaced, { timeoutMs: 1_000 }) override ship() {}
    }
    expect(handlersOf(Sub)).toEqual(['undo order.cancelled', 'ship order.placed']);
    expect(listOf<HandlerEntry>(Sub, HANDLERS).at(-1)?.options).toEqual({ timeoutMs: 1_000 });
  });

  it('gives a method other messages', () => {
    class Sub extends Base {
      @Handle(ParcelBooked) override ship() {}
    }
    expect(handlersOf(Sub)).toEqual(['undo order.cancelled', 'ship parcel.booked']);
  });

  it('changes nothing for its parent', () => {
    class Sub extends Base {
      @Handle(ParcelBooked) override ship() {}
    }
    expect(handlersOf(Sub)).toHaveLength(2);
    expect(handlersOf(Base)).toEqual(['ship order.placed', 'undo order.cancelled']);
  });
});
