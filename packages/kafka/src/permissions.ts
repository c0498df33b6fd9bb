import type { Permission, RedrivePaths, Sending, Topology } from '@omnibus/core/transport';
import type { ResolvedOptions } from './options.js';
import { groupOf, topicsOf } from './topology.js';

/** Names that one operation is allowed on, of topics or of groups. */
interface Allowed {
  readonly operation: string;
  readonly topics?: readonly string[];
  readonly groups?: readonly string[];
}

/** How the reply topics of a service that asks begin. Which services those are nobody knows here, and ACLs have no pattern for all of them. */
const REPLIES = '<service>.replies.';

/**
 * ACLs for what a topology needs, as lines of arguments for `kafka-acls.sh --add`. Write and Read bring Describe with them. What is
 * temporary is named by the prefix that all instances share. Kafka docs, "Authorization and ACLs", "Protocols with operations and resources".
 */
export function kafkaPermissions(
  topology: Topology,
  sending: Sending,
  redrives: RedrivePaths,
  options: ResolvedOptions,
  instance: string,
): readonly Permission[] {
  const { subscriptions } = topology;
  const topics = [...topicsOf(topology, options)];
  const all = topics.map(([topic]) => topic);
  const sent = sending.channels.map(({ address }) => address);
  const read = subscriptions.map(({ channel }) => channel.address);
  const temporary = subscriptions.filter((each) => each.temporary);
  const role = (name: Permission['role'], ...needs: readonly Allowed[]): readonly Permission[] => {
    const lines = needs.flatMap((need) => linesOf(need, instance));
    return lines.length === 0 ? [] : [{ role: name, text: lines.join('\n') }];
  };
  return [
    ...role('produce', { operation: 'Write', topics: sending.replies ? [...sent, REPLIES] : sent }),
    ...role('consume', { operation: 'Read', topics: read, groups: subscriptions.map(groupOf) }),
    ...role(
      'provision',
      { operation: 'Create', topics: all },
      { operation: 'Describe', topics: all.filter((topic) => !sent.includes(topic) && !read.includes(topic)) },
      // asked of what is there already, where the options say how it shall be
      { operation: 'DescribeConfigs', topics: topics.filter(([, said]) => Object.keys(said).length > 0).map(([topic]) => topic) },
      {
        operation: 'Delete',
        topics: temporary.filter(({ channel }) => channel.temporary).map(({ channel }) => channel.address),
        groups: temporary.map(groupOf),
      },
    ),
    ...role(
      'redrive',
      { operation: 'Read', topics: redrives.from.map(({ address }) => address), groups: redrives.from.map(groupOf) },
      { operation: 'Write', topics: redrives.to.map(({ address }) => address) },
    ),
  ];
}

/** One line for exact names, one for prefixes. */
function linesOf({ operation, topics = [], groups = [] }: Allowed, instance: string): readonly string[] {
  const line = (isPrefix: boolean): readonly string[] => {
    const words = (flag: string, names: readonly string[]): readonly string[] => {
      const patterns = names.map((name) => patternOf(name, instance)).filter((pattern) => pattern.isPrefix === isPrefix);
      return [...new Set(patterns.map(({ text }) => text))].toSorted().flatMap((text) => [flag, quoted(text)]);
    };
    const resources = [...words('--topic', topics), ...words('--group', groups)];
    const kind = isPrefix ? ['--resource-pattern-type', 'prefixed'] : [];
    return resources.length === 0 ? [] : [['--operation', operation, ...kind, ...resources].join(' ')];
  };
  return [...line(false), ...line(true)];
}

/** Names of this instance's own stand for those of all instances. */
function patternOf(name: string, instance: string): { readonly text: string; readonly isPrefix: boolean } {
  if (name === REPLIES) return { text: name, isPrefix: true };
  const at = name.indexOf(instance);
  return at < 0 ? { text: name, isPrefix: false } : { text: name.slice(0, at), isPrefix: true };
}

/** As a shell takes it. */
const quoted = (name: string): string => (/^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`);
