import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fetchJars, type JarSet, jarsOf } from '../src/maven.js';

const set: JarSet = { name: 'some', artifacts: ['org.some:some-server_2.13:1.2.3', 'org.other:other:4'] };
let folder = '';

/** A Maven that does what the script says; $OUT is the folder that the jars belong in, $POM what is asked for. */
async function mavenThat(script: string): Promise<void> {
  const arguments_ = 'for a in "$@"; do case $a in -DoutputDirectory=*) OUT=${a#*=};; */pom.xml) POM=$a;; esac; done';
  await writeFile(join(folder, 'mvn'), `#!/bin/sh\n${arguments_}\n${script}\n`);
  await chmod(join(folder, 'mvn'), 0o755);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'omnibus-maven-'));
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  vi.stubEnv('PATH', `${folder}:/bin`);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

it('fetches what is asked for, once, into a folder of its own', async () => {
  await mavenThat(`cp $POM $OUT/kept; echo x >> ${folder}/runs`);
  expect(jarsOf(set)).toBeUndefined();
  await Promise.all([fetchJars(set), fetchJars(set)]);
  await fetchJars(set);
  const jars = jarsOf(set)!;
  expect(await readdir(jars)).toEqual(['kept']);
  expect(await readFile(join(folder, 'runs'), 'utf8')).toBe('x\nx\n'); // the two that did not know of each other
  const asked = '<groupId>org.some</groupId><artifactId>some-server_2.13</artifactId><version>1.2.3</version>';
  expect(await readFile(join(jars, 'kept'), 'utf8')).toContain(asked);
  expect(jarsOf({ ...set, artifacts: ['org.some:some-server_2.13:1.2.4'] })).toBeUndefined();
  expect(await readdir(join(folder, 'cache/omnibus/jars'))).toHaveLength(1);
});

it('leaves nothing that looks complete when it fails, and can be tried again', async () => {
  await mavenThat('touch $OUT/half; echo no such artifact >&2; exit 1');
  await expect(fetchJars(set)).rejects.toThrow('no such artifact');
  expect(jarsOf(set)).toBeUndefined();
  expect(await readdir(join(folder, 'cache/omnibus/jars'))).toEqual([]);
  await mavenThat('touch $OUT/whole');
  await fetchJars(set);
  expect(existsSync(join(jarsOf(set)!, 'whole'))).toBe(true);
});

it('says what to install where there is no Maven', async () => {
  vi.stubEnv('PATH', '/nowhere');
  await expect(fetchJars(set)).rejects.toThrow('the jars of some need Maven: apt-get install maven');
});
