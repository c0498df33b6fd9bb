import type { Channel } from './channels.js';
import { type ConsumerDraft, nameOf } from './draft.js';

/**
 * Every group gets every message, with the same id: a store that two groups share takes what one has handled for a duplicate of the
 * other's, and the other never handles it.
 */
export function sharedStores(drafts: readonly ConsumerDraft[]): readonly string[] {
  const first = new Map<object, Map<string, string>>(); // by store, then by channel: which consumer
  const problems: string[] = [];
  for (const draft of drafts) {
    const store = draft.options.idempotency?.store;
    if (store === undefined) continue;
    const users = first.get(store) ?? new Map<string, string>();
    first.set(store, users);
    const other = users.get(draft.channel.name);
    if (other === undefined) users.set(draft.channel.name, nameOf(draft));
    else
      problems.push(
        `${other} and ${nameOf(draft)} share one idempotency store, so what one has handled the other would take for a duplicate: give each a store of its own`,
      );
  }
  return problems;
}

/** Who says what of a channel. */
export interface Declared {
  readonly channel: Channel;
  readonly owner: string;
}

/**
 * Channels of one name are one channel of the broker, so one app may not have it as two kinds or with two sets of facts: what is sent
 * to the one would arrive as the other. The types that each carries may differ: who only reads needs to know less.
 */
export function contradictions(declared: readonly Declared[]): readonly string[] {
  const first = new Map<string, Declared>();
  const problems = new Set<string>();
  for (const each of declared) {
    const other = first.get(each.channel.name) ?? each;
    first.set(each.channel.name, other);
    const [here, there] = [facts(each.channel), facts(other.channel)];
    if (here !== there)
      problems.add(
        `"${each.channel.name}" is ${there} in ${other.owner} and ${here} in ${each.owner}: share one declaration, or give one of them another name`,
      );
  }
  return [...problems];
}

function facts({ kind, options }: Channel): string {
  const { ordered = false, maxDelayMs = 0, maxTtlMs = 0, priorities = 0 } = options;
  const said = Object.entries({ ordered, maxDelayMs, maxTtlMs, priorities }).filter(
    ([, value]) => value !== false && value !== 0,
  );
  return `a ${kind}${said.map(([name, value]) => `, ${name} ${value}`).join('')}`;
}
