// Fetches what the recipes of this package run and no package manager of this repository brings: the jars of brokers on the JVM.
import { elasticMqJars } from './elasticmq.js';
import { kafkaJars } from './kafka.js';
import { fetchJars, jarsOf } from './maven.js';

for (const set of [elasticMqJars, kafkaJars]) {
  if (jarsOf(set) === undefined) console.log(`fetching ${set.artifacts.join(', ')}`);
  await fetchJars(set);
}
