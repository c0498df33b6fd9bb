/** `host:port` of every broker that is named. */
export function brokersOf(url: readonly string[]): readonly string[] {
  return url
    .flatMap((each) => each.split(','))
    .map((each) =>
      each
        .trim()
        .replace(/^kafka:\/\//, '')
        .replace(/\/$/, ''),
    )
    .filter((each) => each !== '');
}
