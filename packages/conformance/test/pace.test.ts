import { describe, expect, it } from 'vitest';
import { createPace } from '../src/faults/pace.js';

describe('the pace of a run', () => {
  it('lets messages go up to its limit, and tells who waits that it was raised', async () => {
    const pace = createPace();
    pace.limit(2);
    expect([pace.free(1), pace.free(2)]).toEqual([true, false]);
    const changed = pace.changed();
    pace.limit(3);
    await changed;
    expect(pace.free(2)).toBe(true);
  });

  it('is held once no send is under way, and until it goes on', async () => {
    const pace = createPace();
    pace.begin();
    let isHeld = false;
    const held = pace.hold(10_000).then(() => {
      isHeld = true;
    });
    expect([pace.free(0), isHeld]).toEqual([false, false]);
    pace.end();
    await held;
    expect([pace.free(0), pace.ended]).toEqual([false, 1]);
    pace.goOn();
    expect(pace.free(0)).toBe(true);
  });

  it('says how many sends kept it from being held', async () => {
    const pace = createPace();
    pace.begin();
    await expect(pace.hold(1)).rejects.toThrow('1 sends were still under way after 1 ms');
  });

  it('is busy from the first send that begins', async () => {
    const pace = createPace();
    const busy = pace.busy();
    pace.begin();
    await busy;
    await pace.busy();
  });
});
