import type { ConsumerDraft } from './draft.js';
import { FROMS, isFrom } from './from.js';

/** What the types forbid and plain JavaScript can say: a group where there is none, none where there has to be one, a beginning that is none. */
export function groupProblems({ owner, channel, options }: Omit<ConsumerDraft, 'handlers'>): readonly string[] {
  const { kind, name } = channel;
  const { group, from } = options;
  const problems: string[] = [];
  if (kind === 'queue' && group !== undefined)
    problems.push(`${owner} names a group, but queue "${name}" has none, as its consumers share its messages: leave it out`);
  if (kind !== 'queue' && (group === undefined || group === ''))
    problems.push(`${owner} reads ${kind} "${name}" for no group: say { group: 'shipping' }, or { group: perInstance }`);
  if (kind === 'stream' ? !isFrom(from) : from !== undefined)
    problems.push(
      kind === 'stream'
        ? `${owner} does not say where a new group of stream "${name}" begins: from is ${FROMS}`
        : `${owner} says from, but only a stream has a beginning, and "${name}" is a ${kind}: leave it out`,
    );
  return problems;
}

/** Numbers with which nothing would ever be handled. Those of the configuration are checked with it. */
export function numberProblems({ owner, options, handlers }: ConsumerDraft): readonly string[] {
  const problems: string[] = [];
  const atLeast = (least: number, of: string, said: Readonly<Record<string, number | undefined>>): void => {
    for (const [name, value] of Object.entries(said))
      if (value !== undefined && !(least === 0 ? value >= 0 : Number.isInteger(value) && value >= least))
        problems.push(`${of}: ${name} is ${value}; it must be ${least === 0 ? '0 or more ms' : 'a whole number, 1 or more'}`);
  };
  const { concurrency, window, handlerTimeoutMs } = options;
  atLeast(1, owner, { concurrency, window });
  atLeast(0, owner, { handlerTimeoutMs });
  for (const { name, options: each } of handlers) {
    atLeast(1, name, { batch: each.batch });
    atLeast(0, name, { timeoutMs: each.timeoutMs, waitMs: 'waitMs' in each ? each.waitMs : undefined });
  }
  return problems;
}
