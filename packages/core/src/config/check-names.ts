import { nearMiss } from './near-miss.js';
import { didYouMean, type Problem } from './problem.js';
import type { Config } from './schema.js';

/**
 * Names in the configuration that no code uses: most probably misspelt, and then without effect. `channels` are the names of
 * all channels of the application, dead-letter and retry channels included; `consumers` those of its consumers, as `channel`
 * or `channel/group`. The key `orders` is good for every group of `orders`. Channels that the configuration itself names as
 * dead-letter channels are used.
 */
export function checkNames(config: Config, channels: readonly string[], consumers: readonly string[]): readonly Problem[] {
  const used = new Set(channels);
  for (const { deadLetter, groups } of Object.values(config.channels ?? {})) {
    for (const name of [deadLetter, ...Object.values(groups ?? {}).map((group) => group.deadLetter)])
      if (name !== undefined) used.add(name);
  }
  const consumed = new Set(consumers.flatMap((name) => [name, name.split('/')[0]!]));
  return [
    ...unused('channels', 'channel', Object.keys(config.channels ?? {}), used),
    ...unused('consumers', 'consumer', Object.keys(config.consumers ?? {}), consumed),
  ];
}

function unused(key: string, what: string, names: readonly string[], used: ReadonlySet<string>): readonly Problem[] {
  return names
    .filter((name) => !used.has(name))
    .map((name) => ({
      path: [key, name],
      message: `is a ${what} that no code has`,
      fix: didYouMean(
        nearMiss(name, used),
        used.size === 0 ? `There is no ${what} at all.` : `There are: ${[...used].join(', ')}.`,
      ),
    }));
}
