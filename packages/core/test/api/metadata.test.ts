import { describe, expect, it } from 'vitest';
import { append, getOwn, instanceOnly, legacyOnly, listOf, methodOf, setOwn } from '../../src/api/metadata.js';
import { tc39 } from './contracts.js';

const KEY = Symbol('key');
const entry = (name: string | symbol, of: string) => ({ name, of });

describe('a list on a class', () => {
  it('is empty before anything was added', () => {
    expect(listOf(class {}, KEY)).toEqual([]);
  });

  it('keeps the order in which entries came, several of one name too', () => {
    class A {}
    append(A, KEY, entry('x', 'first'));
    append(A, KEY, entry('y', 'second'));
    append(A, KEY, entry('x', 'third'));
    expect(listOf(A, KEY)).toEqual([entry('x', 'first'), entry('y', 'second'), entry('x', 'third')]);
  });

  it('begins with the entries of its parents', () => {
    class A {}
    class B extends A {}
    class C extends B {}
    append(A, KEY, entry('a', 'A'));
    append(B, KEY, entry('b', 'B'));
    append(C, KEY, entry('c', 'C'));
    expect(listOf(C, KEY)).toEqual([entry('a', 'A'), entry('b', 'B'), entry('c', 'C')]);
  });

  it('sees what a parent adds later', () => {
    class A {}
    class B extends A {}
    append(B, KEY, entry('b', 'B'));
    append(A, KEY, entry('a', 'A'));
    expect(listOf(B, KEY)).toEqual([entry('a', 'A'), entry('b', 'B')]);
  });

  it('replaces all that its parents say under a name that it gives again', () => {
    const symbol = Symbol('method');
    class A {}
    class B extends A {}
    for (const name of ['x', 'x', 'y', symbol]) append(A, KEY, entry(name, 'A'));
    append(B, KEY, entry('x', 'B'));
    append(B, KEY, entry(symbol, 'B'));
    expect(listOf(B, KEY)).toEqual([entry('y', 'A'), entry('x', 'B'), entry(symbol, 'B')]);
  });

  it('leaves the lists of parents and siblings as they are', () => {
    class A {}
    class B extends A {}
    class C extends A {}
    append(A, KEY, entry('x', 'A'));
    append(B, KEY, entry('x', 'B'));
    expect(listOf(A, KEY)).toEqual([entry('x', 'A')]);
    expect(listOf(C, KEY)).toEqual([entry('x', 'A')]);
  });

  it('gives lists that later entries do not change', () => {
    class A {}
    append(A, KEY, entry('x', 'A'));
    const before = listOf(A, KEY);
    append(A, KEY, entry('y', 'A'));
    expect(before).toHaveLength(1);
  });
});

describe('a value on a class', () => {
  it('is its own: a subclass does not have it', () => {
    class A {}
    class B extends A {}
    setOwn(A, KEY, 1);
    expect([getOwn(A, KEY), getOwn(B, KEY)]).toEqual([1, undefined]);
  });

  it('shows in no enumeration of the class', () => {
    class A {}
    setOwn(A, KEY, 1);
    expect(Object.keys(A)).toEqual([]);
    expect(Object.assign({}, A)).toEqual({});
  });
});

describe('a decorator that is called in the TC39 way', () => {
  it.each(['class', 'method', 'field', 'accessor'])('names itself and the compiler option, on a %s', (kind) => {
    expect(() => legacyOnly('@Handle', 'a', tc39(kind, 'x'))).toThrow(/^@Handle: .*"experimentalDecorators": true/);
  });

  it('is not seen in the arguments of the legacy way', () => {
    class A {
      method() {}
    }
    for (const last of [0, undefined, Object.getOwnPropertyDescriptor(A.prototype, 'method')])
      expect(() => legacyOnly('@Handle', A.prototype, 'method', last)).not.toThrow();
  });
});

describe('a decorated member', () => {
  class Shipping {
    static stock() {}
    ship() {}
    get open() {
      return true;
    }
  }
  const descriptor = (name: keyof Shipping) => Object.getOwnPropertyDescriptor(Shipping.prototype, name);

  it('is the method itself', () => {
    expect(methodOf('@Handle', Shipping.prototype, 'ship', descriptor('ship'))).toBe(Shipping.prototype.ship);
  });

  it('is refused where it is static', () => {
    expect(() => instanceOnly('@Handle', Shipping, 'stock')).toThrow('@Handle: Shipping.stock is static');
    expect(() => methodOf('@Handle', Shipping, 'stock', { value: Shipping.stock })).toThrow('@Handle: Shipping.stock is static');
  });

  it('is refused where it is an accessor or a property', () => {
    expect(() => methodOf('@Handle', Shipping.prototype, 'open', descriptor('open'))).toThrow(
      '@Handle: Shipping.open is not a method',
    );
    expect(() => methodOf('@Handle', Shipping.prototype, 'field', undefined)).toThrow('@Handle: Shipping.field is not a method');
  });
});
