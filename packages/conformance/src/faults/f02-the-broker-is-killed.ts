import type { BrokerFault } from './fault.js';
import { outlive, resumed } from './outlive.js';
import { type Running, steady } from './steady.js';

/** SIGKILL in the middle of the run: what was confirmed is on its disk. */
export const theBrokerIsKilled: BrokerFault = {
  id: 'F2',
  title: 'nothing that was confirmed is lost when the broker is killed',
  does: 'the broker gets SIGKILL at half of the run, while sends are under way, and is started again',
  breaks: 'the broker',
  ordered: true,
  run: async (field) => {
    const { broker, deadlineMs } = field;
    const killAndStart = async (): Promise<void> => {
      await broker.kill();
      await broker.restart();
    };
    const took: number[] = [];
    const kill = async (run: Running): Promise<void> => {
      took.push(await outlive(run, killAndStart, deadlineMs));
    };
    const outcome = await steady(field, {
      ordered: true,
      at: [
        [1 / 10, () => broker.settle()],
        [1 / 2, kill],
      ],
    });
    return { ...outcome, notes: [resumed(took)] };
  },
};
