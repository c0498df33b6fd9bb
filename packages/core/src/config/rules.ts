import type { Check } from './check.js';
import { show } from './describe.js';
import { nearMiss } from './near-miss.js';
import { didYouMean, quoted } from './problem.js';
import type { CheckedConfig } from './schema.js';
import type { Path } from './source.js';

const TEXT = { type: 'string', description: '' } as const;

/** What one key must know of another. Runs on checked values; where a problem is known already, at a path or below it, none is added. */
export function checkRules(config: Partial<CheckedConfig>, check: Check): void {
  const report = (path: Path, message: string, fix: string): void => {
    const known = check.problems.some((problem) => path.every((key, index) => problem.path[index] === key));
    if (!known) check.problems.push({ path, message, fix });
  };
  const names = Object.keys(config.transports ?? {});
  if (config.transports !== undefined && names.length === 0)
    report(['transports'], 'names no transport', 'One is needed, for example local: { use: memory }.');

  for (const [name, definition] of Object.entries<unknown>(config.transports ?? {})) {
    const use =
      typeof definition === 'object' && definition !== null && !Array.isArray(definition)
        ? (definition as { readonly use?: unknown }).use
        : undefined;
    if (typeof use !== 'string' || use === '')
      report(['transports', name], 'does not say what it is', 'Add its kind, for example use: rabbitmq.');
  }
  const nameOfTransport = (path: Path, value: string | undefined): void => {
    if (value === undefined || names.length === 0 || names.includes(value)) return;
    const message = `must name one of the transports, but is ${show(TEXT, value, check.variables?.(path))}`;
    report(path, message, didYouMean(nearMiss(value, names), `Transports: ${quoted(names)}.`));
  };
  nameOfTransport(['default'], config.default);
  for (const [name, channel] of Object.entries(config.channels ?? {})) {
    nameOfTransport(['channels', name, 'transport'], channel.transport);
    const { foreign } = channel;
    if (foreign !== undefined && foreign.type === undefined && foreign.from === undefined) {
      report(
        ['channels', name, 'foreign'],
        'does not say how a message gets its type',
        'Give type, or from: { header } or { field }.',
      );
    }
  }
  for (const [name, { retry }] of Object.entries(config.consumers ?? {})) {
    if (retry?.firstMs !== undefined && retry.maxMs !== undefined && retry.firstMs > retry.maxMs) {
      report(
        ['consumers', name, 'retry'],
        `begins with ${retry.firstMs} ms, which is more than its maxMs of ${retry.maxMs}`,
        'Raise maxMs or lower firstMs.',
      );
    }
  }
}
