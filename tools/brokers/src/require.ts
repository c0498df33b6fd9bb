/**
 * Tells whether the environment variable OMNIBUS_REQUIRE names this broker (`all`, or a comma-separated list of names).
 * A required broker that is missing fails the run instead of being reported as not run.
 * @throws Error for a name that nobody knows, since a typing error there would require nothing
 */
export function isRequired(name: string, known: readonly string[], environment: NodeJS.ProcessEnv): boolean {
  const listed = (environment['OMNIBUS_REQUIRE'] ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const unknown = listed.filter((entry) => entry !== 'all' && !known.includes(entry));
  if (unknown.length > 0) throw new Error(`OMNIBUS_REQUIRE names '${unknown.join("', '")}'; known are: all, ${known.join(', ')}`);
  return listed.includes('all') || listed.includes(name);
}
