import { describe, expect, it } from 'vitest';
import { Note } from '../src/messages.js';
import { prove } from '../src/prove.js';
import type { Scenario } from '../src/scenario.js';
import type { World } from '../src/world/world.js';
import { harnessWithout } from './paper.js';

/** Starts a consumer, which makes the demands that every consumer makes. */
async function consume(world: World): Promise<void> {
  const Notes = world.queue('notes', { messages: [Note] });
  const service = await world.service();
  service.consumer(Notes).handle(Note, () => {});
  await world.start(service);
}

const scenario = (over: Partial<Scenario> = {}): Scenario => ({ check: 99, title: 'it works', run: consume, ...over });

describe('a scenario', () => {
  it('is native where nothing had to be emulated', async () => {
    expect(await prove(scenario(), harnessWithout())).toEqual({ check: 99, state: 'native', notes: [] });
    expect((await prove(scenario({ feature: 'retryDelay' }), harnessWithout())).state).toBe('native');
  });

  it('is emulated where the plan says so, and says how without what is different in every run', async () => {
    const { state, notes } = await prove(scenario({ feature: 'retryDelay' }), harnessWithout('retry', 'retryDelay'));
    expect(state).toBe('emulated');
    expect(notes).toEqual([expect.stringMatching(/^a confirmed copy to a parking channel of \{channel\},/)]);
  });

  it('is refused where the plan refuses what it is about', async () => {
    const { state, notes } = await prove(scenario({ feature: 'durable' }), harnessWithout('durable'));
    expect(state).toBe('refused');
    expect(notes[0]).toMatch(/survive a restart/);
  });

  it('is refused where the transport does not carry its kind of channel', async () => {
    const run = async (world: World): Promise<void> => {
      const Notes = world.topic('notes', { messages: [Note] });
      expect(world.carries('topic')).toBe(false);
      await world.start(await world.service({ producers: [Notes] }));
    };
    expect((await prove(scenario({ kind: 'topic', run }), harnessWithout())).state).toBe('refused');
  });

  it('fails where the plan refuses what every transport must do', async () => {
    const harness = harnessWithout('durable');
    await expect(prove(scenario(), harness)).rejects.toThrow(/refuses what every transport must do/);
    await expect(prove(scenario({ feature: 'durable', mandatory: true }), harness)).rejects.toThrow(/must do/);
  });

  it('fails where nobody demanded what it is about', async () => {
    await expect(prove(scenario({ feature: 'priority' }), harnessWithout())).rejects.toThrow(/no service in it demanded/);
  });

  it('is not proven where the harness lacks a control', async () => {
    const run = async (world: World): Promise<void> => void world.control('holdSends');
    const result = await prove(scenario({ run }), harnessWithout());
    expect(result).toEqual({ check: 99, state: 'not proven', notes: ["the harness has no control 'holdSends'"] });
  });

  it('keeps what it notes for the ledger', async () => {
    const run = async (world: World): Promise<void> => world.note('five of six');
    expect((await prove(scenario({ run }), harnessWithout())).notes).toEqual(['five of six']);
  });

  it('ends at its deadline, and says what it waited for', async () => {
    const waits = async (world: World): Promise<void> => {
      await world.handled(Note).reaches(1);
    };
    await expect(prove(scenario({ run: waits }), harnessWithout())).rejects.toThrow(/runs of the handler reaches 1; seen: 0/);
    const hangs = (): Promise<void> => new Promise(() => {});
    await expect(prove(scenario({ run: hangs }), harnessWithout())).rejects.toThrow(/"it works" did not end within 300 ms/);
  });

  it('fails where something is left open', async () => {
    const run = async (world: World): Promise<void> => {
      const Notes = world.queue('notes', { messages: [Note] });
      const service = await world.service({ producers: [Notes] });
      await world.start(service);
      service.stop = async () => {};
    };
    await expect(prove(scenario({ run }), harnessWithout())).rejects.toThrow(/left open/);
  });

  it('opens its gates when it is over', async () => {
    let opened = false;
    const run = async (world: World): Promise<void> => {
      void world.gate().opened.then(() => {
        opened = true;
      });
    };
    await prove(scenario({ run }), harnessWithout());
    expect(opened).toBe(true);
  });
});
