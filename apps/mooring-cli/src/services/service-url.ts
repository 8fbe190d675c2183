import { wrongUsage } from '../errors.ts';

/** The URL of a service, with a slash at its end. Of one that is refused nothing is said: it may hold a password. @throws CommandError */
export function serviceUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text.endsWith('/') ? text : `${text}/`) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (isPlain) return url;
  throw wrongUsage('The URL of a service is like http://127.0.0.1:8000, with neither a user nor a password in it.');
}
