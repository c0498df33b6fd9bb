import { runCommand } from './command.js';
import { runInContainer } from './container.js';
import { until } from './deadline.js';

/** How to reach a node's rabbitmqctl. Plain data, so that it can be handed to another process. */
export type RabbitMqAccess =
  | { readonly command: string; readonly env: Readonly<Record<string, string>> }
  | { readonly container: string };

/** The memory high watermark that a node of ours starts with. */
export const MEMORY_LIMIT = '1GB';

const CALL_MS = 20_000;

/** Commands of rabbitmqctl against one node. Each takes about 0.5 s, at most 20 s, and throws with what rabbitmqctl said. */
export class RabbitMqAdmin {
  /** Give it to another process and make a `new RabbitMqAdmin(access)` there. */
  readonly access: RabbitMqAccess;

  constructor(access: RabbitMqAccess) {
    this.access = access;
  }

  /** Any command of rabbitmqctl, for example `run('delete_queue', 'orders')`; gives its standard output without headings. */
  run(...args: string[]): Promise<string> {
    const quiet = ['--quiet', ...args];
    return 'container' in this.access
      ? runInContainer(this.access.container, ['rabbitmqctl', ...quiet], CALL_MS)
      : runCommand(this.access.command, quiet, { env: this.access.env, timeoutMs: CALL_MS });
  }

  /** A list_* command with its columns, as objects: `list('queues', ['name', 'messages', 'consumers'])`. */
  async list(
    what: 'queues' | 'connections' | 'channels' | 'consumers' | 'exchanges' | 'bindings',
    columns: readonly string[],
  ): Promise<readonly Record<string, unknown>[]> {
    return JSON.parse(await this.run('--formatter=json', `list_${what}`, ...columns)) as Record<string, unknown>[];
  }

  /** Deletes a queue with what is in it. */
  async deleteQueue(name: string): Promise<void> {
    await this.run('delete_queue', name);
  }

  /** Closes every client's connection as an operator would: 320 CONNECTION_FORCED with this reason. */
  async closeAllConnections(reason: string): Promise<void> {
    await this.run('close_all_connections', reason);
  }

  /** A fraction of the machine's memory, or an absolute amount such as '512MB'; 0 raises the memory alarm at once. */
  async setMemoryHighWatermark(limit: number | string): Promise<void> {
    await this.run('set_vm_memory_high_watermark', ...(typeof limit === 'number' ? [String(limit)] : ['absolute', limit]));
  }

  /** How much disk must stay free, for example '50MB'; more than there is raises the disk alarm at its next check, within 10 s. */
  async setDiskFreeLimit(limit: string): Promise<void> {
    await this.run('set_disk_free_limit', limit);
  }

  /** Raises the memory alarm: whoever publishes from now on is told `connection.blocked` and is no longer read from. */
  async blockPublishers(): Promise<void> {
    await this.setMemoryHighWatermark(0);
    // the command returns before the alarm reaches the connections: a publish in between would be taken, and nobody told
    await until(20_000, 'the memory alarm', async () => {
      if (!(await this.eval('rabbit_alarm:get_alarms().')).includes('memory')) throw new Error('no memory alarm yet');
    });
  }

  /** Takes the memory alarm back. */
  unblockPublishers(): Promise<void> {
    return this.setMemoryHighWatermark(MEMORY_LIMIT);
  }

  /**
   * Writes to disk what was declared until now. RabbitMQ 3.x keeps declarations in the memory of its process for up to 2 s (the caches
   * of Erlang's disk_log and dets): a SIGKILL within that time can lose a durable queue, or leave a quorum queue that nothing can
   * read, together with confirmed messages. Call it between declaring and `kill`, unless that loss is what is tested.
   */
  async syncToDisk(): Promise<void> {
    await this.eval('mnesia:sync_log(), [ok = dets:sync(Table) || Table <- dets:all()].');
  }

  /** An Erlang expression on the node, for example `rabbit_misc:version().`; gives its value as Erlang prints it. */
  async eval(expression: string): Promise<string> {
    return (await this.run('eval', expression)).trim();
  }
}
