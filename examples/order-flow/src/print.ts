import { type Ending, isMessagingError, type Plan, type Ruling } from '@omnibus/core';
import type { Ledger } from './ledger.js';

/** What is printed at the end of a run. */
export interface Result extends Ledger {
  readonly isOrderKept: boolean;
  readonly keys: number;
  readonly answered: number;
  readonly asked: number;
  readonly tookMs: number;
}

export function title(transport: string, how: string): void {
  console.log(`\n== ${transport} ==  omnibus.yaml: default: ${transport}${how}`);
}

export function line(text: string): void {
  console.log(`  ${text}`);
}

/** One line an endpoint for all that its broker does by itself, and one for everything else. `String(app.plan)` is the whole table. */
export function plan({ rulings }: Plan): void {
  const endpoints = [...new Set(rulings.map(({ endpoint }) => endpoint))];
  const width = Math.max(...endpoints.map((endpoint) => endpoint.length));
  line('plan');
  for (const endpoint of endpoints) {
    const own = rulings.filter((each) => each.endpoint === endpoint);
    const native = new Set(own.filter(({ ruling }) => ruling === 'native').map(({ feature }) => feature));
    const others = own
      .filter(({ ruling }) => ruling !== 'native')
      .map(({ feature, ruling, how }) => `${NAMES[ruling]}  ${feature}: ${how}`);
    const lines = [...(native.size === 0 ? [] : [`native    ${[...native].join(', ')}`]), ...new Set(others)];
    for (const [index, text] of lines.entries()) line(`  ${(index === 0 ? endpoint : '').padEnd(width)}  ${text}`);
  }
  const count = (wanted: Ruling['ruling']): number => rulings.filter(({ ruling }) => ruling === wanted).length;
  line(`  ${count('native')} native, ${count('emulate')} emulated, ${count('refuse')} refused`);
}

const NAMES = { native: 'native  ', emulate: 'emulated', refuse: 'REFUSED ' } as const;

export function failure(channel: string, type: string, { as, attempt, reason, error }: Ending): void {
  const why = error instanceof Error ? error.message : reason;
  line(`${as === 'dead' ? 'dead-lettered' : 'retried      '}  ${channel}  ${type}  attempt ${attempt}: ${why}`);
}

export function ledger({ sent, handled, retried, deadLettered, isOrderKept, keys, answered, asked, tookMs }: Result): void {
  line('ledger');
  const row = (name: string, value: string | number, more = ''): void =>
    line(`  ${name.padEnd(13)}  ${String(value).padStart(5)}  ${more}`.trimEnd());
  row('sent', sent);
  row('handled', handled);
  row('retried', retried);
  row('dead-lettered', deadLettered);
  row('order kept', isOrderKept ? 'yes' : 'NO', `over ${keys} keys`);
  row('request/reply', answered === asked ? 'ok' : 'NO', `${answered} of ${asked}`);
  row('took', `${(tookMs / 1_000).toFixed(1)} s`);
}

export function problem(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  console.error(`order-flow: ${isMessagingError(error) ? `${error.code}: ` : ''}${text}`);
}
