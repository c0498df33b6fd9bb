/** SNS's own hosts, and no others: a certificate or a confirmation from anywhere else proves nothing. */
const SNS_HOST = /^sns\.[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}\.amazonaws\.com(?:\.cn)?$/;

/** The URL where it is https on a host of SNS, on the usual port, without a login; undefined for any other text. */
export function snsUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isPlain = url.port === '' && url.username === '' && url.password === '' && url.hash === '';
  return url.protocol === 'https:' && isPlain && SNS_HOST.test(url.hostname) ? url : undefined;
}
