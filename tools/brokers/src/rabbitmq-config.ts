import type { RabbitMqOptions } from './rabbitmq.js';
import { MEMORY_LIMIT } from './rabbitmq-admin.js';

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
    { name: 'enabled_plugins', content: settings.management === true ? '[rabbitmq_management].\n' : '[].\n' },
  ];
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
