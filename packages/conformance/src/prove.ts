import { ok } from 'node:assert/strict';
import type { Harness } from './harness.js';
import type { Result } from './result.js';
import type { Scenario } from './scenario.js';
import { createWorld, type OwnedWorld } from './world/create-world.js';
import { NotProven, Refused } from './world/endings.js';

/** Runs one scenario and ends all that it began. Resolves to what it proved. @throws Error what it disproved */
export async function prove(scenario: Scenario, harness: Harness): Promise<Result> {
  const owned = await createWorld(harness, scenario);
  try {
    const result = await outcome(scenario, owned);
    await owned.close();
    return result;
  } catch (error) {
    await owned.close().catch(() => {}); // what went wrong first is what counts
    throw withLog(error, owned);
  }
}

async function outcome(scenario: Scenario, owned: OwnedWorld): Promise<Result> {
  const { check, title } = scenario;
  try {
    await owned.watch.within(`"${title}"`, scenario.run(owned.world));
  } catch (error) {
    if (error instanceof Refused) return { check, state: 'refused', notes: [owned.stable(error.message)] };
    if (error instanceof NotProven) return { check, state: 'not proven', notes: [owned.stable(error.message)] };
    throw error;
  }
  return { check, state: stateOf(scenario, owned), notes: notesOf(scenario, owned) };
}

/** What the plan ruled on the demand that the scenario is about. */
function stateOf({ feature }: Scenario, { services }: OwnedWorld): Result['state'] {
  if (feature === undefined) return 'native';
  const rulings = services.rulings.filter((each) => each.feature === feature);
  ok(rulings.length > 0, `the scenario is about '${feature}', and no service in it demanded that`);
  return rulings.some(({ ruling }) => ruling === 'emulate') ? 'emulated' : 'native';
}

function notesOf({ feature }: Scenario, { services, notes, stable }: OwnedWorld): readonly string[] {
  const ways = services.rulings.filter((each) => each.feature === feature && each.ruling === 'emulate').map(({ how }) => how);
  return [...new Set([...ways, ...notes].map(stable))];
}

const LINES = 20;

/** The error, and what services logged before it. */
function withLog(error: unknown, { services: { logged } }: OwnedWorld): unknown {
  if (error instanceof Error && logged.length > 0)
    error.message += `\nThe services logged, at last:\n${logged.slice(-LINES).join('\n')}`;
  return error;
}
