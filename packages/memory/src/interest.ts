import type { FieldTest, Filter, Message, Subscription } from '@omnibus/core/transport';

/** What one subscription wants of a channel. */
export type Wish = Pick<Subscription, 'types' | 'filter'>;

/** All that comes. */
export const EVERYTHING: Wish = Object.freeze({ types: [], filter: undefined });

/**
 * What the group gets: every message that one of its wishes covers. Wishes are only ever added (a rolling deploy runs two
 * versions of one group), so it is a superset; the engine's own filter runs after it.
 */
export class Interest {
  private readonly wishes = new Map<string, Wish>();

  add(wish: Wish): void {
    this.wishes.set(nameOf(wish), wish);
  }

  has(wish: Wish): boolean {
    return this.wishes.has(nameOf(wish));
  }

  wants(message: Message): boolean {
    for (const wish of this.wishes.values()) if (covers(wish, message)) return true;
    return false;
  }

  toString(): string {
    return [...this.wishes.keys()].join(' or ');
  }
}

/** The same text for the same wish. */
export function nameOf({ types, filter }: Wish): string {
  const named = types.length === 0 ? 'all types' : [...types].sort().join(', ');
  return filter === undefined ? named : `${named} where ${JSON.stringify(filter)}`;
}

// no types = all; a foreign message may name none and passes
const covers = ({ types, filter }: Wish, message: Message): boolean =>
  (types.length === 0 || message.type === '' || types.includes(message.type)) &&
  (filter === undefined || passes(filter, message));

function passes(filter: Filter, message: Message): boolean {
  const tests = filter[message.type];
  if (tests === undefined || tests.length === 0) return true;
  const payload = payloadOf(message);
  return payload === undefined || tests.every((test) => holds(test, payload[test.field]));
}

const text = new TextDecoder();

/** The payload's fields; undefined where the broker cannot read them. */
function payloadOf({ contentType, body }: Message): Record<string, unknown> | undefined {
  if (!/[/+]json\b/.test(contentType)) return undefined;
  try {
    const payload: unknown = JSON.parse(text.decode(body));
    return typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // not for the broker to judge: the engine dead-letters what it cannot decode
  }
}

/** False only where it certainly does not hold: a schema may still fill in or convert what is absent or of another type. */
function holds({ op, value }: FieldTest, found: unknown): boolean {
  if (op === 'in') {
    const values = value as readonly unknown[];
    return values.every((one) => typeof one !== typeof found) || values.includes(found);
  }
  if (typeof found !== typeof value) return true;
  const actual = found as string | number;
  const wanted = value as string | number;
  switch (op) {
    case 'eq':
      return actual === wanted;
    case 'gt':
      return actual > wanted;
    case 'gte':
      return actual >= wanted;
    case 'lt':
      return actual < wanted;
    case 'lte':
      return actual <= wanted;
    case 'prefix':
      return String(actual).startsWith(String(wanted));
  }
}
