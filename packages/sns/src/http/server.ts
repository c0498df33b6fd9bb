import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Clock, MessagingError, textOf } from '@omnibus/core/transport';

/** Where to listen, where the application has no HTTP server of its own. */
export interface ListenOptions {
  /** Default: `0.0.0.0`, all addresses. */
  readonly host?: string;
  readonly port: number;
  /** Default: the path of the endpoint's `url`. */
  readonly path?: string;
  /** PEM text of the certificate. Default: plain HTTP, behind a proxy that ends TLS. */
  readonly cert?: string;
  /** PEM text of the private key of `cert`. */
  readonly key?: string;
}

export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** One path of a server that listens. */
interface Mounted {
  readonly port: number;
  /** Ends the path, and the server after its last one. */
  close(): Promise<void>;
}

/** The servers of one transport: endpoints with one host and port share one. */
export interface HttpServers {
  /** Throws CONNECTION where the port cannot be had, INVALID where the path is taken, CONFIG for a bad certificate or key. */
  mount(listen: ListenOptions & { readonly path: string }, listener: Listener): Promise<Mounted>;
}

interface Site {
  readonly server: Server;
  readonly paths: Map<string, Listener>;
  readonly listening: Promise<void>;
}

/* Bounds against those who open connections and say little; the bodies have a bound of their own. */
const MOST_CONNECTIONS = 1_024;
const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 30_000,
  maxHeaderSize: 16 * 1024,
};
const CLOSE_MS = 500;

/** No server at first. */
export function httpServers(clock: Clock): HttpServers {
  const sites = new Map<string, Site>();

  const open = ({ host = '0.0.0.0', port, cert, key }: ListenOptions): Site => {
    const paths = new Map<string, Listener>();
    const route: Listener = (request, response) => {
      const listener = paths.get((request.url ?? '').split('?', 1)[0] ?? '');
      if (listener !== undefined) return listener(request, response);
      response.writeHead(404, { connection: 'close' }).end();
    };
    const server = serverFor(cert, key, route);
    server.maxConnections = MOST_CONNECTIONS;
    const listening = new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject).on('error', () => {}); // of single connections; Node ends them
        resolve();
      });
    });
    return { server, paths, listening };
  };

  return {
    async mount(listen, listener) {
      const where = `${listen.host ?? '0.0.0.0'}:${listen.port}`;
      const site = sites.get(where) ?? open(listen);
      if (site.paths.has(listen.path)) throw new MessagingError('INVALID', `sns: two endpoints listen on ${where}${listen.path}`);
      if (listen.port !== 0) sites.set(where, site);
      site.paths.set(listen.path, listener);
      let closing: Promise<void> | undefined;
      const close = async (): Promise<void> => {
        site.paths.delete(listen.path);
        if (site.paths.size > 0) return;
        if (sites.get(where) === site) sites.delete(where);
        await shut(site.server, clock);
      };
      try {
        await site.listening;
      } catch (error) {
        site.paths.delete(listen.path);
        if (sites.get(where) === site) sites.delete(where);
        throw new MessagingError('CONNECTION', `sns: cannot listen on ${where}: ${textOf(error)}`, { cause: error });
      }
      const { port } = site.server.address() as AddressInfo;
      return { port, close: () => (closing ??= close()) };
    },
  };
}

/** Throws CONFIG for a certificate or a key that cannot be used. */
function serverFor(cert: string | undefined, key: string | undefined, route: Listener): Server {
  if (cert === undefined && key === undefined) return createServer(LIMITS, route);
  try {
    if (cert === undefined || key === undefined) throw new Error('one without the other');
    return createSecureServer({ ...LIMITS, cert, key }, route);
  } catch (error) {
    throw new MessagingError('CONFIG', `sns: cert and key of an endpoint cannot be used: ${textOf(error)}`, { cause: error });
  }
}

/** Lets the answers that are being written leave, and ends what does not within 500 ms. */
function shut(server: Server, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.timer(CLOSE_MS, () => server.closeAllConnections());
    server.close(() => {
      timer.cancel();
      resolve();
    });
    server.closeIdleConnections();
  });
}
