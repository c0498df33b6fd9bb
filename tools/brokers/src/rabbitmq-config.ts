import { join } from 'node:path';
import { MEMORY_LIMIT } from './rabbitmq-admin.js';

/** What a suite needs of its RabbitMQ. A broker of the environment serves only those who need nothing but `heartbeatSeconds`. */
export interface RabbitMqOptions {
  /** The heartbeat that the URL asks for, in whole seconds as AMQP counts it; default: the client library's own. */
  readonly heartbeatSeconds?: number;
  /** How long a delivery may stay unacknowledged; default the broker's 30 min. Looked at every quarter of it, not every minute. */
  readonly consumerTimeoutMs?: number;
  /** The HTTP API at `managementUrl`; default false, it adds 5 s to a graceful stop. */
  readonly management?: boolean;
  /**
   * A TLS listener with throw-away certificates: only the server proves itself, or the client must too (`mutual`), and may then log in by
   * its certificate as the user `client`, who has to be added first. Default none.
   */
  readonly tls?: 'server' | 'mutual';
}

/** What was asked for, and where the node listens and finds its certificates. */
export interface RabbitMqSettings extends RabbitMqOptions {
  readonly host: string;
  readonly amqpPort: number;
  readonly tlsPort: number;
  readonly managementPort: number;
  /** Holds ca.pem, server.pem and server.key when `tls` is asked for. */
  readonly folder: string;
}

/** A node's files: rabbitmq.conf, advanced.config, enabled_plugins. */
export function rabbitMqFiles(settings: RabbitMqSettings): readonly { readonly name: string; readonly content: string }[] {
  return [
    { name: 'rabbitmq.conf', content: conf(settings) },
    { name: 'advanced.config', content: advancedConfig(settings) },
    { name: 'enabled_plugins', content: `[${plugins(settings).join(',')}].\n` },
  ];
}

/** All that a native node and its rabbitmqctl read from the environment, so that nothing of this machine's own RabbitMQ is touched. */
export function rabbitMqEnvironment(
  settings: RabbitMqSettings,
  distributionPort: number,
  epmdPort: number,
): Record<string, string> {
  const { folder, amqpPort } = settings;
  return {
    RABBITMQ_NODENAME: `omnibus${amqpPort}@localhost`,
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_DIST_PORT: String(distributionPort),
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    // Loopback only, and schedulers that sleep instead of spinning: the cores belong to the tests.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none',
    RABBITMQ_CTL_ERL_ARGS: '-start_epmd false', // rabbitmqctl would start one that nobody ends
    RUNNING_UNDER_SYSTEMD: 'true', // the script becomes the VM, instead of keeping a shell above it
  };
}

/**
 * A shell line, 5 s at most, that ends the epmd of a node that was killed: it makes itself a daemon outside the node's process
 * group, and refuses to end while it has not noticed that its node is gone.
 */
export function endOfEpmd(port: number): string {
  const step = `epmd -port ${port} -kill >/dev/null 2>&1; tries=$((tries + 1)); sleep 0.05`;
  return `tries=0; while epmd -port ${port} -names >/dev/null 2>&1 && [ $tries -lt 100 ]; do ${step}; done`;
}

function plugins({ management, tls }: RabbitMqSettings): readonly string[] {
  return [...(management === true ? ['rabbitmq_management'] : []), ...(tls === 'mutual' ? ['rabbitmq_auth_mechanism_ssl'] : [])];
}

function conf({ host, amqpPort, tls, tlsPort, folder, management, managementPort, consumerTimeoutMs }: RabbitMqSettings): string {
  const lines = [
    `listeners.tcp.1 = ${host}:${amqpPort}`,
    'loopback_users = none',
    'log.console = true',
    'log.file = false',
    `vm_memory_high_watermark.absolute = ${MEMORY_LIMIT}`,
    'disk_free_limit.absolute = 50MB',
  ];
  if (tls !== undefined) {
    lines.push(
      `listeners.ssl.1 = ${host}:${tlsPort}`,
      `ssl_options.cacertfile = ${folder}/ca.pem`,
      `ssl_options.certfile = ${folder}/server.pem`,
      `ssl_options.keyfile = ${folder}/server.key`,
      `ssl_options.verify = ${tls === 'mutual' ? 'verify_peer' : 'verify_none'}`,
      `ssl_options.fail_if_no_peer_cert = ${tls === 'mutual'}`,
    );
  }
  if (tls === 'mutual') {
    const mechanisms = ['PLAIN', 'AMQPLAIN', 'EXTERNAL'].map((name, index) => `auth_mechanisms.${index + 1} = ${name}`);
    lines.push(...mechanisms, 'ssl_cert_login_from = common_name');
  }
  if (management === true) lines.push(`management.tcp.ip = ${host}`, `management.tcp.port = ${managementPort}`);
  if (consumerTimeoutMs !== undefined) lines.push(`consumer_timeout = ${consumerTimeoutMs}`);
  return `${lines.join('\n')}\n`;
}

/** A channel looks for consumers past their timeout at every tick, which is once a minute unless it is told otherwise. */
function advancedConfig({ consumerTimeoutMs }: RabbitMqSettings): string {
  if (consumerTimeoutMs === undefined) return '[].\n';
  const tickMs = Math.max(100, Math.min(60_000, Math.ceil(consumerTimeoutMs / 4)));
  return `[{rabbit, [{channel_tick_interval, ${tickMs}}]}].\n`;
}
