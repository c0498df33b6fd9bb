import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findExecutable, runCommand } from './command.js';

/** What a broker on the JVM is made of. */
export interface JarSet {
  readonly name: string;
  /** `group:artifact:version`, each with everything that it needs at run time. */
  readonly artifacts: readonly string[];
}

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const FETCH_MS = 300_000;

/** Where the jars of a set are, or undefined when they have not been fetched: `node tools/brokers/dist/main.js` does. */
export function jarsOf(set: JarSet): string | undefined {
  const folder = folderOf(set);
  return existsSync(folder) ? folder : undefined;
}

/** The java of JAVA_HOME, else that of PATH. */
export function findJava(): string | undefined {
  const home = process.env['JAVA_HOME'] ?? '';
  return findExecutable('java', home === '' ? [] : [join(home, 'bin')]);
}

/**
 * Fetches the jars by Maven, which checks their checksums, into the cache of this user (XDG_CACHE_HOME, else ~/.cache); from Maven
 * Central, or from what Maven's own settings name instead. The folder appears only when it is complete. Nothing happens if it is there.
 * @throws Error when Maven is not installed, cannot reach the repository or does not find an artifact
 */
export async function fetchJars(set: JarSet): Promise<void> {
  if (jarsOf(set) !== undefined) return;
  const maven = findExecutable('mvn', []);
  if (maven === undefined) throw new Error(`the jars of ${set.name} need Maven: apt-get install maven`);
  const partial = `${folderOf(set)}.${randomUUID()}`;
  await mkdir(partial, { recursive: true });
  try {
    const pom = join(partial, 'pom.xml');
    await writeFile(pom, pomOf(set));
    const args = ['-B', '-q', '--strict-checksums', '-f', pom, COPY, '-DincludeScope=runtime', `-DoutputDirectory=${partial}`];
    await runCommand(maven, args, { env: process.env as Record<string, string>, folder: partial, timeoutMs: FETCH_MS });
    await rm(pom);
    await rename(partial, folderOf(set)).catch((error: unknown) => {
      if (jarsOf(set) === undefined) throw error; // else another process was faster
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Another choice of artifacts is another folder. */
function folderOf({ name, artifacts }: JarSet): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const choice = createHash('sha256').update(artifacts.join(' ')).digest('hex').slice(0, 12);
  return join(cache, 'omnibus', 'jars', `${name}-${choice}`);
}

function pomOf({ name, artifacts }: JarSet): string {
  const dependencies = artifacts.map((artifact) => {
    const [group, id, version] = artifact.split(':');
    return `<dependency><groupId>${group}</groupId><artifactId>${id}</artifactId><version>${version}</version></dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>omnibus</groupId><artifactId>${name}</artifactId><version>1</version><packaging>pom</packaging><dependencies>${dependencies.join('')}</dependencies></project>`;
}
