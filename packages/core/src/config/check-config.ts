import { MessagingError } from '../transport/errors.js';
import { type Check, checkFields } from './check.js';
import { configError, type Problem } from './problem.js';
import { checkRules } from './rules.js';
import type { CheckedConfig } from './schema.js';
import { markSource, originOf, type Source } from './source.js';
import { CONFIG } from './spec.js';

const NOTHING: Readonly<Record<string, never>> = Object.freeze(Object.create(null) as Record<string, never>);

/**
 * Checks a whole configuration, fills in its defaults and freezes it. What is checked already comes out equal. Options of the
 * transports are left as they stand: `resolveTransport` checks those that are used. Throws one CONFIG error with all problems;
 * `before` are problems that were found on the way here.
 */
export function checkConfig(
  config: object,
  source: Source | undefined = isGiven(config) ? originOf(config)?.source : undefined,
  before: readonly Problem[] = [],
): CheckedConfig {
  if (!isGiven(config))
    throw new MessagingError(
      'CONFIG',
      'There is no configuration: give what `await loadConfig()` gives, or an object as defineConfig takes it',
    );
  const check: Check = { problems: [...before], variables: source?.variables };
  const checked = checkFields(CONFIG, config, [], check) as Partial<CheckedConfig>;
  checkRules(checked, check);
  if (check.problems.length > 0) throw configError(firstOfEachPath(check.problems), source);
  const whole = { ...checked, channels: checked.channels ?? NOTHING, consumers: checked.consumers ?? NOTHING } as CheckedConfig;
  return Object.freeze(source === undefined ? whole : withSource(whole, source));
}

/** Plain JavaScript forgets the configuration, or the `await` before it. */
const isGiven = (config: unknown): boolean => typeof config === 'object' && config !== null && !(config instanceof Promise);

function withSource(config: CheckedConfig, source: Source): CheckedConfig {
  const transports = Object.create(null) as Record<string, CheckedConfig['transports'][string]>;
  for (const [name, definition] of Object.entries(config.transports))
    transports[name] = Object.freeze(markSource({ ...definition }, source, ['transports', name]));
  return markSource({ ...config, transports: Object.freeze(transports) }, source, []);
}

function firstOfEachPath(problems: readonly Problem[]): readonly Problem[] {
  const byPath = new Map<string, Problem>();
  for (const problem of problems) {
    const key = JSON.stringify(problem.path);
    if (!byPath.has(key)) byPath.set(key, problem);
  }
  return [...byPath.values()];
}
