import type { CheckedConfig } from '../config/schema.js';
import type { Claims } from '../runtime/claims.js';
import type { ConsumerSpec, ProducerSpec } from '../runtime/specs.js';
import { type Afters, consumerSpec } from './consumer-spec.js';
import { type ConsumerDraft, nameOf } from './draft.js';
import { placing } from './placing.js';
import type { Producers } from './producers.js';

/** What an app's engine is made from. */
export interface AppSpecs {
  readonly consumers: readonly ConsumerSpec[];
  readonly producers: readonly ProducerSpec[];
}

interface AppParts {
  readonly drafts: readonly ConsumerDraft[];
  readonly config: CheckedConfig;
  readonly instance: string;
  readonly producers: Producers;
  readonly afters: Afters;
  readonly claims: Claims | undefined;
}

/** Everything declared, resolved: code, configuration and defaults are one. */
export function specsOf({ drafts, config, instance, producers, afters, claims }: AppParts): AppSpecs {
  const place = placing(config);
  const enabled = (draft: ConsumerDraft): boolean =>
    (config.consumers[nameOf(draft)]?.enabled ?? config.consumers[draft.channel.name]?.enabled) !== false;
  return {
    consumers: drafts.filter(enabled).map((draft) => consumerSpec(draft, config, place, instance, afters, claims)),
    producers: producers.all.map(({ channel, owner }) => ({
      owner,
      channel: place.channel(channel),
      requests: channel.kind === 'queue' && channel.messages.some(({ reply }) => reply !== undefined),
    })),
  };
}
