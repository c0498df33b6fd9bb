import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';

const ANSWER_MS = 1_500;

/**
 * Says why no Docker engine can be used, or undefined when one answers. A `docker` command proves nothing: it is there without an
 * engine too, so the engine itself is asked (`GET /_ping` of the Docker Engine API), for 1.5 s at most.
 */
export async function whyNoDockerEngine(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const host = environment['DOCKER_HOST'] ?? '';
  const places =
    host !== ''
      ? [host]
      : usualSockets(environment)
          .filter((path) => existsSync(path))
          .map((path) => `unix://${path}`);
  if (places.length === 0) return 'no Docker engine: DOCKER_HOST is not set and there is no Docker socket';
  const answers = await Promise.all(places.map((place) => ping(place).catch(() => false)));
  return answers.includes(true) ? undefined : `no Docker engine answers at ${places.join(', ')}`;
}

function usualSockets(environment: NodeJS.ProcessEnv): readonly string[] {
  if (process.platform === 'win32') return ['//./pipe/docker_engine'];
  const runtime = environment['XDG_RUNTIME_DIR'];
  return [
    '/var/run/docker.sock',
    ...(runtime === undefined ? [] : [join(runtime, 'docker.sock')]),
    join(homedir(), '.docker/run/docker.sock'),
  ];
}

function ping(place: string): Promise<boolean> {
  const socketPath = /^(?:unix|npipe):\/\/(.+)$/.exec(place)?.[1];
  return new Promise((resolve, reject) => {
    if (socketPath !== undefined) {
      const asked = request({ socketPath, path: '/_ping', timeout: ANSWER_MS, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      });
      asked
        .on('timeout', () => asked.destroy(new Error('no answer')))
        .on('error', reject)
        .end();
    } else {
      // Over TCP the engine often wants client certificates, which Testcontainers reads itself: an open port is enough here.
      const { hostname, port } = new URL(place);
      const socket = connect({ host: hostname, port: Number(port || 2375), timeout: ANSWER_MS }, () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('timeout', () => socket.destroy(new Error('no answer'))).on('error', reject);
    }
  });
}
