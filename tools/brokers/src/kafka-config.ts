/** What a suite needs of its Kafka. A broker of the environment serves only those who need nothing. */
export interface KafkaOptions {
  /** Brokers of the cluster, each also a controller; default 1. With 3, topics have three replicas of which two must answer. */
  readonly nodes?: 1 | 3;
  /** A TLS listener with throw-away certificates: only the server proves itself, or the client must too (`mutual`). Default none. */
  readonly tls?: 'server' | 'mutual';
  /** A listener that asks for a login: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER (unsigned tokens). Default false. */
  readonly sasl?: boolean;
  /** ACLs hold; without any, everybody may do everything. Default false. */
  readonly acls?: boolean;
  /**
   * Further listeners, each advertised at a port of its own where nothing listens: a client that goes there through a proxy stays behind
   * it, whichever broker it is sent to. Default 0; one node only.
   */
  readonly links?: number;
  /** Lines of server.properties on top. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** Where one node listens. */
export interface KafkaNode {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly tlsPort: number;
  readonly saslPort: number;
  readonly links: readonly KafkaLink[];
}

/** A listener, and the port that clients are told. */
export interface KafkaLink {
  readonly port: number;
  readonly advertisedPort: number;
}

/** The login that every mechanism of the SASL listener takes. */
export const LOGIN = { username: 'omnibus', password: 'kafka-secret' } as const;

/** server.properties of one node of a cluster; its folder holds ca.pem and server-both.pem where `tls` is asked for. */
export function kafkaProperties(node: KafkaNode, cluster: readonly KafkaNode[], folder: string, options: KafkaOptions): string {
  const { tls, sasl, acls, settings } = options;
  const replicas = Math.min(3, cluster.length);
  const listeners: [name: string, protocol: string, port: number, advertised: number | undefined][] = [
    ['PLAINTEXT', 'PLAINTEXT', node.port, node.port],
    ['CONTROLLER', 'PLAINTEXT', node.controllerPort, undefined],
    ...(tls === undefined ? [] : [['SSL', 'SSL', node.tlsPort, node.tlsPort] as [string, string, number, number]]),
    ...(sasl === true ? [['LOGIN', 'SASL_PLAINTEXT', node.saslPort, node.saslPort] as [string, string, number, number]] : []),
    ...node.links.map(
      ({ port, advertisedPort }, index) =>
        [`LINK${index}`, 'PLAINTEXT', port, advertisedPort] as [string, string, number, number],
    ),
  ];
  const at = (name: string, port: number): string => `${name}://127.0.0.1:${port}`;
  return lines({
    'process.roles': 'broker,controller',
    'node.id': node.id,
    listeners: listeners.map(([name, , port]) => at(name, port)).join(','),
    'advertised.listeners': listeners
      .flatMap(([name, , , advertised]) => (advertised === undefined ? [] : at(name, advertised)))
      .join(','),
    'listener.security.protocol.map': listeners.map(([name, protocol]) => `${name}:${protocol}`).join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': cluster.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(','),
    'log.dirs': `${folder}/data`,
    'auto.create.topics.enable': 'false',
    'group.initial.rebalance.delay.ms': 0,
    'default.replication.factor': replicas,
    'min.insync.replicas': Math.max(1, replicas - 1),
    'offsets.topic.num.partitions': 4,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': Math.max(1, replicas - 1),
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': Math.max(1, replicas - 1),
    // a killed broker is missed, and may come back, after this long
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    // small, as several brokers share one machine
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 2 * 1024 * 1024,
    ...(tls === undefined
      ? {}
      : {
          'ssl.keystore.type': 'PEM',
          'ssl.keystore.location': `${folder}/server-both.pem`,
          'ssl.truststore.type': 'PEM',
          'ssl.truststore.location': `${folder}/ca.pem`,
          'ssl.client.auth': tls === 'mutual' ? 'required' : 'none',
        }),
    ...(sasl === true ? login() : {}),
    ...(acls === true
      ? {
          'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
          'allow.everyone.if.no.acl.found': 'true',
        }
      : {}),
    ...settings,
  });
}

function login(): Record<string, string> {
  const module = (name: string): string => `org.apache.kafka.common.security.${name}`;
  const { username, password } = LOGIN;
  return {
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    'listener.name.login.plain.sasl.jaas.config': `${module('plain.PlainLoginModule')} required user_${username}="${password}";`,
    'listener.name.login.scram-sha-256.sasl.jaas.config': `${module('scram.ScramLoginModule')} required;`,
    'listener.name.login.scram-sha-512.sasl.jaas.config': `${module('scram.ScramLoginModule')} required;`,
    'listener.name.login.oauthbearer.sasl.jaas.config': `${module('oauthbearer.OAuthBearerLoginModule')} required unsecuredLoginStringClaim_sub="${username}";`,
  };
}

const lines = (properties: Readonly<Record<string, string | number>>): string =>
  `${Object.entries(properties)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
